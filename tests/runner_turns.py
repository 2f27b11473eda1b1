#!/usr/bin/env python3
"""Which tests the runner leaves to another day: none for ever, and about as many seconds each day.

Usage: runner_turns.py [BUILD_ROOT]
"""

import contextlib
import io
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import days  # noqa: E402
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
    for turn in range(8):
        assert chosen(turn, 'plain')[:len(NAMES)] == NAMES, (turn, chosen(turn, 'plain'))


def the_long_ones_take_turns():
    for turn in range(8):
        two = [chosen(t, 'plain')[len(NAMES):] for t in (turn, turn + 1)]
        assert sorted(two[0] + two[1]) == sorted(LONGER), two


def dear_ones_have_one_day_of_four_or_eight():
    """Each of them one, and no day has two while another has none."""
    for suite, period in (('seldom', 4), ('rarely', 8)):
        dear = tests('plain', ['litmus', 'mutation', 'lift', 'package'][:period], suite=[f'contend:{suite}'])
        for turn in range(period):
            chosen_on = [[t.name for t in runner.of_today(dear, turn + i)] for i in range(period)]
            assert sorted(sum(chosen_on, [])) == sorted(t.name for t in dear), chosen_on
            assert max(map(len, chosen_on)) == 1, chosen_on


def four_days_run_a_strategy_test_with_each_sanitizer():
    """And eight one of the lab."""
    for build, names, lab in (('asan', NAMES, LAB), ('tsan', NAMES[:4], LAB[:2])):
        for turn in (20001, 20002):
            days_of_cycle = [chosen(turn + i, build) for i in range(8)]
            four = [name for day in days_of_cycle[:4] for name in day if name not in lab]
            assert sorted(four) == sorted(names), (build, turn, days_of_cycle)
            assert sorted(name for day in days_of_cycle for name in day if name in lab) == sorted(lab), days_of_cycle


def a_test_has_the_other_sanitizer_on_another_day():
    """Also where one day is by far the cheapest: eleven tests leave one that both builds may take."""
    heavy = tests('plain', [f'heavy{i}' for i in range(11)], suite=['contend:rarely'])
    for test in heavy:
        test.expected = 100
    both = [t for build in ('asan', 'tsan')
            for t in tests(build, NAMES, True) + tests(build, LAB, True, of='bench/serve')]
    for turn in range(8):
        today = [t.name for t in runner.of_today(heavy + both, turn)]
        assert len(today) == len(set(today)), (turn, today)


def a_day_of_two_builds_the_lab_with_a_sanitizer():
    """With one of them, and for the other only what the strategies' tests need."""
    for turn in range(8):
        for build, lab_day in (('asan', 0), ('tsan', 2)):
            of_lab = {name in LAB for name in chosen(turn, build)}
            assert of_lab <= {turn % 4 == lab_day}, (turn, build, of_lab)


def what_is_expensive_has_fewer_turns():
    """As few as make the dearest day fit, but one of eight; what tries a part each time keeps its own."""
    cheap, dear = (tests('plain', [f'{kind}{i}' for i in range(20)]) for kind in ('cheap', 'dear'))
    part = tests('plain', ['part'])
    for test in dear + part:
        test.declared = test.expected = 50
    part[0].takes_part = True
    everything = cheap + dear + part
    load = days.dealt(everything)[1]
    assert max(load) <= days.BUDGET < days.PLAIN_S + 20 * 50, load
    runs = [[t.name for t in runner.of_today(everything, turn)] for turn in range(8)]
    assert {test.period for test in cheap + part} == {1} and {test.period for test in dear} == {2}, runs
    assert all(sum(test.name in today for today in runs) == 8 // test.period for test in everything), runs
    for test in dear:
        test.declared = test.expected = 600
    assert max(days.dealt(everything)[1]) > days.BUDGET and {
        days.CYCLE // len(some) for test, some in days.dealt(everything)[0].items() if test in dear} == {8}


def days_have_about_the_same_to_do():
    """Whatever the tests take and in which order they are declared."""
    takes = (40, 20, 5, 31, 9, 12, 3, 22, 30, 4, 4, 5, 14, 8, 7, 21)
    mixed = []
    for i, (seconds, suite) in enumerate(zip(takes, 4 * ['turns', 'seldom', 'rarely', 'seldom'])):
        mixed += tests('plain', [f't{i}'], suite=[f'contend:{suite}'])
        mixed[-1].expected = seconds
    load = [sum(t.expected for t in runner.of_today(mixed, turn)) for turn in range(8)]
    assert max(load) < 1.2 * min(load), load


def no_day_is_expected_to_cost_more_than_the_budget(builds):
    """By what the tests of these builds declare; and all days cost about the same."""
    every = [t for build in builds for t in runner.tests_of(build) if not t.is_long]
    load = days.dealt(every)[1]
    assert max(load) <= days.BUDGET, load
    assert max(load) <= 1.1 * min(load), load
    runs = [runner.of_today(every, turn) for turn in range(days.CYCLE)]
    assert set().union(*runs) == set(every)
    daily = {test.name for test in every if test.period == 1 and not test.sanitized}
    assert daily >= {'counter_torture_1', 'map_torture_1', 'map_conformance', 'check_mutants_1'}, daily


def what_took_far_more_than_it_declares_is_named():
    some = tests('plain', ['as_declared', 'far_more', 'short', 'undeclared'])
    for test, declared, took in zip(some, (10, 10, 1, 0), (15, 40, 4, 20)):
        test.declared, test.cpu = declared, took
    session, said = runner.Session(None, 2), io.StringIO()
    session.done = some
    with contextlib.redirect_stdout(said):
        session.summary()
    assert re.findall(r'plain: (.*)', said.getvalue()) == [
        'far_more took 40 s of a processor, and declares 10',
        'undeclared took 20 s of a processor, and declares nothing'], said.getvalue()


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
    """With a sanitizer: sixteen days bring each test of the strategies each quarter, 32 each of the lab's."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run')) as f:
        share = re.search(r'share=\$\((\(.*\))\)/(\d+)$', f.read(), re.MULTILINE)
    of_turn = [subprocess.run(['bash', '-c', f'echo $(({share.group(1)}))'], text=True, check=True,
                              env={**os.environ, 'CONTEND_ROTATION': str(turn)},
                              stdout=subprocess.PIPE).stdout.strip() for turn in range(20000, 20032)]
    quarters = {str(quarter + 1) for quarter in range(int(share.group(2)))}
    for day in range(days.CYCLE):
        assert set(of_turn[day::8]) == quarters and set(of_turn[day % 4:16:4]) == quarters, of_turn


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
    for case in (dear_ones_have_one_day_of_four_or_eight, four_days_run_a_strategy_test_with_each_sanitizer,
                 a_test_has_the_other_sanitizer_on_another_day, a_day_of_two_builds_the_lab_with_a_sanitizer,
                 days_have_about_the_same_to_do, what_is_expensive_has_fewer_turns,
                 a_share_of_the_entries_meets_each_test):
        cases.run(case.__name__.replace('_', ' '), case)
    if len(sys.argv) > 1:
        # All that the runner was given, where it was the runner that began this.
        builds = os.environ.get('CONTEND_BUILDS', f'plain={sys.argv[1]}').split('\n')
        cases.run('no day is expected to cost more than the budget',
                  no_day_is_expected_to_cost_more_than_the_budget, builds)
    cases.run('what took far more than it declares is named', what_took_far_more_than_it_declares_is_named)
    cases.run('a test is told how many turns it had', a_test_is_told_how_many_turns_it_had)
    cases.run('a test of whose cases none has its turn has not failed',
              a_test_without_a_turn_has_not_failed)
    cases.run('a long test with an end of its own keeps its time', what_has_an_end_of_its_own_keeps_its_time)
    cases.finish()


if __name__ == '__main__':
    main()
