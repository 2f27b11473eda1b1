#!/usr/bin/env python3
"""`contend stall` at the command line: who goes on when one stands still.

Usage: stall.py CONTEND
"""

import json
import os
import tempfile

import tap
from tool import contend, expect


def tried(*options, status=0):
    """Strategy to its JSON, and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 's.json')
        done = expect(contend('stall', '--quiet', f'--json={path}', *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.stall' and results['session']['cpu_model']
    assert '\033' not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    return {s['strategy']: s for s in results['strategies']}, done.stdout


def promises_are_seen_to_hold():
    """A hundred stops are as many as a test has time for; locks show theirs in a few."""
    seen, printed = tried('--object=counter', '--trials=100', 'mutex', 'faa', 'cas')
    for name in ('faa', 'cas', 'null'):
        assert not any(pair['blocked'] for pair in seen[name]['pairs']), (name, seen[name])
    assert not any(pair['contradicts'] for s in seen.values() for pair in s['pairs'])
    if not all(s['complete'] for s in seen.values()): # a trial whose threads starve takes long
        raise tap.Skip('the budget ended before all stops: others had the processors')
    for name in ('faa', 'cas', 'null'):
        for pair in seen[name]['pairs']:
            assert pair['trials'] + pair['starved'] == 100, (name, pair)
    assert any(pair['blocked'] for pair in seen['mutex']['pairs']), seen['mutex']
    assert {stop['stopped'] for stop in seen['faa']['long_stops']} == {'read', 'write'}
    assert 'go on' in printed and 'CONTRADICTS' not in printed, printed


def ends_with_its_budget():
    _, printed = tried('--object=presence', '--budget=1')
    assert 'CUT SHORT' in printed and 'not reached' in printed, printed


def wrong_usage():
    expect(contend('stall', '--help'), 0, ['Usage: contend stall', 'Exit status'])
    expect(contend('stall', '--trials=0'), 2, err=['--trials=0'])
    expect(contend('stall', '--threads=2'), 2, err=['--threads'])
    expect(contend('stall', 'pakced'), 2, err=["'pakced'", "'packed'"])


ALONE = (promises_are_seen_to_hold,)


def main():
    cases = tap.Cases()
    for case in (promises_are_seen_to_hold, ends_with_its_budget, wrong_usage):
        alone = case in ALONE and 'CONTEND_SANITIZED' not in os.environ
        run = cases.run_alone if alone else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
