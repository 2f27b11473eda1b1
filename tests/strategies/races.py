#!/usr/bin/env python3
"""ThreadSanitizer sees the exhibit race, and nothing else.

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


def exhibit_races():
    done = run('plain')
    assert done.returncode == 66 and 'data race' in done.stdout, done.stdout
    assert 'counter_plain' in done.stdout, done.stdout


def correct_one_does_not(counter):
    done = run(counter)
    assert done.returncode == 0, done.stdout


def main():
    cases = tap.Cases()
    cases.run('the exhibit plain races', exhibit_races)
    for counter in ('faa', 'cas', 'striped', 'per_thread', 'mutex', 'mcs', 'ticket'):
        cases.run(f'{counter} does not', correct_one_does_not, counter)
    cases.finish()


if __name__ == '__main__':
    main()
