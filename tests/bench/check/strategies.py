#!/usr/bin/env python3
"""contend check finds nothing in any strategy that it can check.

Usage: strategies.py CONTEND LEVEL
"""

import json
import re
import sys

import tap
from tool import contend, expect

LEVEL = sys.argv[2]
SILENT_EXECUTIONS = 5000


def candidates():
    """All that --all would check, and black boxes."""
    listed = json.loads(expect(contend('list', '--json'), 0).stdout)
    names = expect(contend('list', '--names'), 0).stdout.split()
    left_out = {e['header'].rsplit('/', 1)[0] + '/' + e['name'] for entries in listed.values()
                if isinstance(entries, list) for e in entries
                if isinstance(e, dict) and (e.get('floor') or e.get('exhibit'))}
    assert left_out and left_out < set(names), left_out
    return [name for name in names if name not in left_out]


def begins(name):
    """Whether it can be checked: one execution of each scenario tells."""
    done = contend('check', '--budget=1', '--quiet', f'--level={LEVEL}', name)
    if done.returncode == 2 and 'cannot be checked' in done.stderr:
        print(f'# {done.stderr.strip()}')
        return False
    expect(done, 0, ['0 failed'])
    return True


def is_silent(name):
    done = expect(contend('check', '--quiet', f'--level={LEVEL}', name), 0, ['0 failed'])
    executions = int(re.search(r'(\d+) executions', done.stdout).group(1))
    assert executions >= SILENT_EXECUTIONS, f'only {executions} executions'


def main():
    cases = tap.Cases()
    tried = []
    for name in tap.share(candidates()):
        cases.run(f'{name} begins, {LEVEL}', lambda: tried.extend([name] if begins(name) else []))
    for name in tried:
        cases.run(f'{name} is silent, {LEVEL}', is_silent, name)
    cases.finish()


if __name__ == '__main__':
    main()
