#!/usr/bin/env python3
"""Which tests the runner leaves to another day: none for ever, and about as many seconds each day.

Usage: runner_turns.py [BUILD_ROOT]
"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jobs  # noqa: E402
import runner  # noqa: E402
import tap  # noqa: E402


def tests(build, names, sanitized=False, suite=(), timeout=30, of='counters'):
    env = {'CONTEND_SANITIZED': '1'} if sanitized else {}
    return [runner.Test(build, '.', {'name': name, 'cmd': [f'/b/tests/{of}/test'], 'workdir': '.', 'env': env,
                                     'timeout': timeout, 'is_parallel': True, 'depends': [],
                                     'suite': list(suite)})
            for name in names]


# Of a day's eighteen minutes of a processor, what is left by the three builds, the tests with sanitizers
# and the many that take no two seconds.
DECLARED_S = 420
NAMES = ['one', 'two', 'three', 'four', 'five']
LONGER = ['model', 'litmus']
LAB = ['serve', 'page', 'log']
ALL = (tests('plain', NAMES) + tests('plain', LONGER, suite=['contend:turns'], timeout=300)
       + tests('asan', NAMES, True) + tests('asan', LAB, True, of='bench/serve')
       + tests('tsan', NAMES[:4], True) + tests('tsan', LAB[:2], True, of='bench/serve'))


def chosen(turn, build):
    return [t.name for t in runner.of_today(ALL, turn) if t.build == build]


def the_plain_build_runs_all():
    for turn in range(8):
        assert chosen(turn, 'plain')[:len(NAMES)] == NAMES, (turn, chosen(turn, 'plain'))


def the_long_ones_take_turns():
    for turn in range(8):
        days = [chosen(t, 'plain')[len(NAMES):] for t in (turn, turn + 1)]
        assert sorted(days[0] + days[1]) == sorted(LONGER) and all(days), days


def dear_ones_have_one_day_of_four_or_eight():
    """Each of them one, and no day has two while another has none."""
    for suite, days in (('seldom', 4), ('rarely', 8)):
        dear = tests('plain', ['litmus', 'mutation', 'lift', 'package'][:days], suite=[f'contend:{suite}'])
        for turn in range(days):
            chosen_on = [[t.name for t in runner.of_today(dear, turn + i)] for i in range(days)]
            assert sorted(sum(chosen_on, [])) == sorted(t.name for t in dear), chosen_on
            assert max(map(len, chosen_on)) == 1, chosen_on


def four_days_run_all_with_each_sanitizer():
    for build, names in (('asan', NAMES + LAB), ('tsan', NAMES[:4] + LAB[:2])):
        for turn in (20001, 20002):
            days = [chosen(turn + i, build) for i in range(4)]
            assert sorted(sum(days, [])) == sorted(names), (build, turn, days)


def a_test_has_the_other_sanitizer_on_another_day():
    for turn in range(8):
        today = set(chosen(turn, 'asan')) & set(chosen(turn, 'tsan'))
        assert not today, (turn, today)


def a_day_builds_the_lab_once():
    """For one sanitizer at most, and for the other only what the strategies' tests need."""
    for turn in range(8):
        of_lab = [{name in LAB for name in chosen(turn, build)} for build in ('asan', 'tsan')]
        assert of_lab in ([{True}, {False}], [{False}, {True}]), (turn, of_lab)


def days_have_about_the_same_to_do():
    """Whatever the tests take and in which order they are declared."""
    takes = (40, 20, 5, 31, 9, 12, 3, 22, 30, 4, 4, 5, 14, 8, 7, 21)
    mixed = []
    for i, (seconds, suite) in enumerate(zip(takes, 4 * ['turns', 'seldom', 'rarely', 'seldom'])):
        mixed += tests('plain', [f't{i}'], suite=[f'contend:{suite}'])
        mixed[-1].expected = seconds
    days = [sum(t.expected for t in runner.of_today(mixed, turn)) for turn in range(8)]
    assert max(days) < 1.2 * min(days), days


def no_day_of_this_build_is_dear(build):
    """By what its tests declare: one that is too dear for every day needs a suite with turns."""
    every = [t for t in runner.tests_of(f'plain={build}') if not t.is_long]
    days = [sum(t.declared for t in runner.of_today(every, turn)) for turn in range(8)]
    assert 0 < max(days) <= DECLARED_S and max(days) <= 1.2 * min(days), days


def a_test_is_told_how_many_turns_it_had():
    """So that a test on each fourth day that tries each fourth case tries another one then."""
    told = {}
    os.environ['CONTEND_ROTATION'] = '20787'
    for test in tests('asan', ['one'], True) + tests('plain', ['two'], suite=['contend:turns']) \
            + tests('plain', ['three']):
        test.command = ['sh', '-c', 'echo $CONTEND_ROTATION']
        test.run()
        told[test.name] = test.lines
    assert told == {'one': ['1299'], 'two': ['10393'], 'three': ['20787']}, told


def a_share_of_the_entries_meets_each_test():
    """With a sanitizer: tests/run changes the share only when each test has had its day with each."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run')) as f:
        share = re.search(r'share=\$\(\(CONTEND_ROTATION / (\d+) % (\d+) \+ 1\)\)/(\d+)', f.read())
    assert [int(n) for n in share.groups()] == [jobs.SANITIZED_PERIOD, jobs.SHARES, jobs.SHARES]


def a_test_without_a_turn_has_not_failed():
    said = subprocess.run([sys.executable, '-c', "import tap; c = tap.Cases(); c.run('a', None); c.finish()"],
                          env={**os.environ, 'CONTEND_ROTATION': '2', 'CONTEND_TURNS': '4'}, text=True,
                          stdout=subprocess.PIPE, check=True).stdout.split('\n')
    test = tests('plain', ['one'])[0]
    test.code = 0
    assert test.trouble(runner.Tap(said)) is None, said
    assert test.trouble(runner.Tap(['1..0'])) == 'reported no case'


def what_has_an_end_of_its_own_keeps_its_time():
    """Of ten minutes on two processors: the others share what it leaves, and it is not told when to end."""
    session = runner.Session(10, 2)
    whole = tests('plain', ['whole'], suite=['long', 'whole'], timeout=3000)[0]
    shared = tests('plain', ['one', 'two'], suite=['long'], timeout=900)
    whole.expected = 400.0
    session.give_shares([whole, *shared])
    assert whole.limit == 3000 and 'CONTEND_LONG_SECONDS' not in whole.environment(), whole.limit
    for test in shared:  # 0.97 of the ten minutes, less half of the 400 s
        assert 375 < test.share < 385 and 'CONTEND_LONG_SECONDS' in test.environment(), test.share
    session.give_shares([whole])
    whole.expected = 4000.0
    session.give_shares([whole, *shared])
    assert all(test.share == 0 for test in shared), [test.share for test in shared]


def main():
    cases = tap.Cases()
    cases.run('the plain build runs all tests every day', the_plain_build_runs_all)
    cases.run('but for the tests of the suite "turns"', the_long_ones_take_turns)
    for case in (dear_ones_have_one_day_of_four_or_eight, four_days_run_all_with_each_sanitizer,
                 a_test_has_the_other_sanitizer_on_another_day, a_day_builds_the_lab_once,
                 days_have_about_the_same_to_do, a_share_of_the_entries_meets_each_test):
        cases.run(case.__name__.replace('_', ' '), case)
    if len(sys.argv) > 1:
        cases.run('no day of this build is dear', no_day_of_this_build_is_dear, sys.argv[1])
    cases.run('a test is told how many turns it had', a_test_is_told_how_many_turns_it_had)
    cases.run('a test of whose cases none has its turn has not failed',
              a_test_without_a_turn_has_not_failed)
    cases.run('a long test with an end of its own keeps its time', what_has_an_end_of_its_own_keeps_its_time)
    cases.finish()


if __name__ == '__main__':
    main()
