#!/usr/bin/env python3
"""ThreadSanitizer sees the exhibits race that declare it, and nothing else.

Usage: races.py RACE_PROGRAM
"""

import os
import subprocess
import sys

import tap


def run(counter):
    env = dict(os.environ, TSAN_OPTIONS='halt_on_error=1:exitcode=66')
    return subprocess.run([sys.argv[1], counter], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=env, timeout=120)


def races(counter):
    done = run(counter)
    assert done.returncode == 66 and 'data race' in done.stdout, done.stdout
    assert 'counter_' + counter in done.stdout, done.stdout


def does_not_race(counter):
    done = run(counter)
    assert done.returncode == 0, done.stdout


def listed():
    said = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return [line.split() for line in said.stdout.splitlines()]


def main():
    cases = tap.Cases()
    counters = listed()
    for kind, counter in counters:
        if kind == 'races':
            cases.run(f'the exhibit {counter} races', races, counter)
        else:
            cases.run(f'{counter} does not race', does_not_race, counter)
    assert {kind for kind, _ in counters} == {'races', 'silent'}, counters
    cases.finish()


if __name__ == '__main__':
    main()
