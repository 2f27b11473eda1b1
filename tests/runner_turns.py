#!/usr/bin/env python3
"""Which tests the runner leaves to another day: none of the plain build, and none for ever."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import runner  # noqa: E402
import tap  # noqa: E402


def tests(build, names, sanitized=False, suite=(), timeout=30, of='counters'):
    env = {'CONTEND_SANITIZED': '1'} if sanitized else {}
    return [runner.Test(build, '.', {'name': name, 'cmd': [f'/b/tests/{of}/test'], 'workdir': '.', 'env': env,
                                     'timeout': timeout, 'is_parallel': True, 'depends': [],
                                     'suite': list(suite)})
            for name in names]


NAMES = ['one', 'two', 'three', 'four', 'five']
LONGER = ['model', 'litmus']
LAB = ['serve', 'page', 'log']
ALL = (tests('plain', NAMES) + tests('plain', LONGER, suite=['contend:turns'], timeout=300)
       + tests('asan', NAMES, True) + tests('asan', LAB, True, of='bench/serve')
       + tests('tsan', NAMES[:4], True) + tests('tsan', LAB[:2], True, of='bench/serve'))


def chosen(turn, build):
    return [t.name for t in runner.of_today(ALL, turn) if t.build == build]


def the_plain_build_runs_all():
    for turn in range(4):
        assert chosen(turn, 'plain')[:len(NAMES)] == NAMES, (turn, chosen(turn, 'plain'))


def the_long_ones_take_turns():
    for turn in range(4):
        days = [chosen(t, 'plain')[len(NAMES):] for t in (turn, turn + 1)]
        assert sorted(days[0] + days[1]) == sorted(LONGER) and all(days), days


def the_dearest_have_one_day_of_four():
    """All of them; and with a sanitizer on another one."""
    dearest = ['litmus', 'mutation', 'lift']
    both = tests('plain', dearest, suite=['contend:seldom']) + tests('asan', dearest, True)
    for turn in range(4):
        days = [[(t.name, t.build) for t in runner.of_today(both, turn + i)] for i in range(4)]
        assert sorted(sum(days, [])) == sorted((t.name, t.build) for t in both), days
        assert all(len({name for name, _ in day}) == len(day) for day in days), days


def four_days_run_all_with_each_sanitizer():
    for build, names in (('asan', NAMES + LAB), ('tsan', NAMES[:4] + LAB[:2])):
        for turn in (20001, 20002):
            days = [chosen(turn + i, build) for i in range(4)]
            assert sorted(sum(days, [])) == sorted(names), (build, turn, days)


def a_test_has_the_other_sanitizer_two_days_later():
    both = [*NAMES[:4], *LAB[:2]]
    for turn in range(4):
        later = [name for name in chosen(turn + 2, 'asan') if name in both]
        assert later == chosen(turn, 'tsan'), turn


def a_day_builds_the_lab_once():
    """For one sanitizer at most, and for the other only what the strategies' tests need."""
    for turn in range(4):
        of_lab = [{name in LAB for name in chosen(turn, build)} for build in ('asan', 'tsan')]
        assert of_lab in ([{True}, {False}], [{False}, {True}]), (turn, of_lab)


def a_day_without_a_sanitizer_has_it_plain():
    """A test of the suite "turns" that sanitizers run, too."""
    names = ['one', 'two', 'three']
    everywhere = (tests('plain', names, suite=['contend:turns']) + tests('asan', names, True)
                  + tests('tsan', names, True))
    for turn in range(4):
        today = sorted(t.name for t in runner.of_today(everywhere, turn))
        assert today == sorted(names), (turn, today)


def the_longest_are_on_different_days():
    short = tests('tsan', ['a', 'b', 'p'], True) + tests('tsan', ['d', 's'], True, of='fuzz')
    for timeout, priority in ((300, 0), (30, 20)):
        longest = tests('tsan', ['sweeps', 'objects'], True, timeout=timeout) \
            + tests('tsan', ['replay', 'service'], True, timeout=timeout, of='bench/replay')
        for test in longest:
            test.expected += priority
        for turn in range(4):
            today = [t.name for t in runner.of_today(short[:2] + longest + short[2:], turn)]
            assert len([name for name in today if len(name) > 1]) == 1, (turn, today)


def a_test_is_told_how_many_turns_it_had():
    """So that a test on each fourth day that tries each fourth case tries another one then."""
    told = {}
    os.environ['CONTEND_ROTATION'] = '20787'
    for test in tests('asan', ['one'], True) + tests('plain', ['two'], suite=['contend:turns']) \
            + tests('plain', ['three']):
        test.command = ['sh', '-c', 'echo $CONTEND_ROTATION']
        test.run()
        told[test.name] = test.lines
    assert told == {'one': ['5196'], 'two': ['10393'], 'three': ['20787']}, told


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
    cases.run('and those of "seldom", which have one day of four', the_dearest_have_one_day_of_four)
    cases.run('four days run every test with each sanitizer',
              four_days_run_all_with_each_sanitizer)
    cases.run('a test has the other sanitizer two days later',
              a_test_has_the_other_sanitizer_two_days_later)
    cases.run('a day builds the lab once', a_day_builds_the_lab_once)
    cases.run('a day without a sanitizer has it plain', a_day_without_a_sanitizer_has_it_plain)
    cases.run('the longest are on different days', the_longest_are_on_different_days)
    cases.run('a test is told how many turns it had', a_test_is_told_how_many_turns_it_had)
    cases.run('a test of whose cases none has its turn has not failed',
              a_test_without_a_turn_has_not_failed)
    cases.run('a long test with an end of its own keeps its time', what_has_an_end_of_its_own_keeps_its_time)
    cases.finish()


if __name__ == '__main__':
    main()
