#!/usr/bin/env python3
"""Which tests the runner leaves to another day: none of the plain build, and none for ever."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import runner  # noqa: E402
import tap  # noqa: E402


def tests(build, names, sanitized=False, suite=()):
    env = {'CONTEND_SANITIZED': '1'} if sanitized else {}
    return [runner.Test(build, '.', {'name': name, 'cmd': [], 'workdir': '.', 'env': env,
                                     'timeout': 1, 'is_parallel': True, 'suite': list(suite)})
            for name in names]


NAMES = ['one', 'two', 'three', 'four', 'five']
LONGER = ['model', 'litmus']
ALL = (tests('plain', NAMES) + tests('plain', LONGER, suite=['contend:turns'])
       + tests('asan', NAMES, True) + tests('tsan', NAMES[:4], True))


def chosen(turn, build):
    return [t.name for t in runner.of_today(ALL, turn) if t.build == build]


def the_plain_build_runs_all():
    for turn in range(3):
        assert chosen(turn, 'plain')[:len(NAMES)] == NAMES, (turn, chosen(turn, 'plain'))


def the_long_ones_take_turns():
    for turn in range(3):
        days = [chosen(t, 'plain')[len(NAMES):] for t in (turn, turn + 1)]
        assert sorted(days[0] + days[1]) == sorted(LONGER) and all(days), days


def two_days_run_all_with_each_sanitizer():
    for build, names in (('asan', NAMES), ('tsan', NAMES[:4])):
        for turn in (20001, 20002):
            today, tomorrow = chosen(turn, build), chosen(turn + 1, build)
            assert sorted(today + tomorrow) == sorted(names), (build, turn, today, tomorrow)
            assert abs(len(today) - len(tomorrow)) <= 1, (build, turn, today, tomorrow)


def a_test_has_one_sanitizer_a_day():
    for turn in (7, 8):
        assert not set(chosen(turn, 'asan')[:4]) & set(chosen(turn, 'tsan')), turn


def main():
    cases = tap.Cases()
    cases.run('the plain build runs all tests every day', the_plain_build_runs_all)
    cases.run('but for the tests of the suite "turns"', the_long_ones_take_turns)
    cases.run('two days run every test with each sanitizer', two_days_run_all_with_each_sanitizer)
    cases.run('where two builds have the same tests, each has another half',
              a_test_has_one_sanitizer_a_day)
    cases.finish()


if __name__ == '__main__':
    main()
