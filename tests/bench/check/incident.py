#!/usr/bin/env python3
"""The checker explains the exhibit of bounded claps in the steps of the incident that was published.

Usage: incident.py CONTEND SOURCE_ROOT
"""

import os
import re
import sys

import tap
from tool import contend, expect

HEADER = os.path.join(sys.argv[2], 'counters', 'claps', 'check_then_write.h')


def commands():
    """The commands that the exhibit's head prints."""
    with open(HEADER) as f:
        head = f.read().split('*/')[0]
    return [line.replace("'", '').split()
            for line in re.findall(r'contend (check --scenario=.*)', head)]


def in_order(text, *steps):
    """Each step stands behind the one before."""
    at = 0
    for step in steps:
        found = re.search(step, text[at:])
        assert found, f'{step} is not where it should be in\n{text}'
        at += found.end()


def passes_the_bound():
    """Two requests find 49, both add one."""
    said = expect(contend(*commands()[0]), 1).stdout
    in_order(said, r'clap\(0, 49\) = 49', r'load claps\.given\[0\] = 49', r'load claps\.given\[0\] = 49',
             r'fetch_add claps\.given\[0\]: 49 -> 50', r'fetch_add claps\.given\[0\]: 50 -> 51',
             'reader 0 has given 51 claps; 0 to 50 are possible')


def drives_a_total_below_zero():
    """Two requests find 1, both take it back."""
    said = expect(contend(*commands()[1]), 1).stdout
    in_order(said, r'clap\(0, 1\) = 1', r'load claps\.given\[0\] = 1', r'load claps\.given\[0\] = 1',
             r'total: 1 -> 0', r'total: 0 -> -1', r'load claps\.posts\[0\]\.total = -1',
             'the total of the post is -1')


def others_do_not():
    """The same two scenarios, for whatever works."""
    scenarios = [command[1] for command in commands()]
    for name in expect(contend('list', '--names'), 0).stdout.split():
        if not name.startswith('counters/claps/') or name.endswith(('/null', '/check_then_write')):
            continue
        for scenario in scenarios:
            done = contend('check', scenario, name)
            assert done.returncode == 0 or 'cannot be checked' in done.stderr, done.stdout


def main():
    cases = tap.Cases()
    assert len(commands()) == 2, commands()
    cases.run('two requests pass the bound', passes_the_bound)
    cases.run('two undos drive a total below zero', drives_a_total_below_zero)
    cases.run('no other strategy does', others_do_not)
    cases.finish()


if __name__ == '__main__':
    main()
