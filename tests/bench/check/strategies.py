#!/usr/bin/env python3
"""contend check finds nothing in any strategy that it can check.

Usage: strategies.py CONTEND LEVEL
"""

import re
import sys

import tap
import tree
from tool import contend, expect

LEVEL = sys.argv[2]
SILENT_EXECUTIONS = 5000


def checkable():
    """The names of all that --all would check, which one execution of each tells."""
    done = expect(contend('check', '--all', '--budget=1', '--quiet', f'--level={LEVEL}'), 0,
                  ['0 failed', 'not checked: '])
    names = re.findall(r'^  (\S+) +\d+ scenarios', done.stdout, flags=re.M)
    assert len(names) > 30, done.stdout
    for folder in tree.PREFIX:
        assert any(name.rsplit('/', 1)[0] == folder for name in names), folder
    return names


def is_silent(name):
    done = expect(contend('check', '--quiet', f'--level={LEVEL}', name), 0, ['0 failed'])
    executions = int(re.search(r'(\d+) executions', done.stdout).group(1))
    assert executions >= SILENT_EXECUTIONS, f'only {executions} executions'


def main():
    cases = tap.Cases()
    names = []
    cases.run('all of them begin', lambda: names.extend(checkable()))
    for name in tap.share(names):
        cases.run(f'{name} is silent, {LEVEL}', is_silent, name)
    cases.finish()


if __name__ == '__main__':
    main()
