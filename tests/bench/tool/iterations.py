#!/usr/bin/env python3
"""`contend iterations` at the command line: both ways, and what is refused.

Usage: iterations.py CONTEND
"""

import json
import os
import tempfile

import tap
from tool import contend, expect


def ran(*options, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'i.json')
        done = expect(contend('iterations', '--quiet', f'--json={path}', *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.iterations' and results['session']['cpu_model']
    shown = [line for line in done.stdout.splitlines() if not line.startswith('  saved')]
    assert max(map(len, shown)) <= 80, max(shown, key=len)
    return {s['strategy']: s for s in results['strategies']}, done.stdout


def both_ways_are_shown():
    strategies, printed = ran('--object=counter', '--threads=2', '--budget=30', 'faa', 'mutex')
    assert set(strategies) == {'null', 'mutex', 'faa'}, strategies
    assert 'counter/claps/threads:2' in printed and 'first done' in printed, printed
    for s in strategies.values():
        if 'skipped' in s or not s['complete']:  # a busy machine
            continue
        assert s['t_says_per_s'] >= 0.99 * s['t_is_per_s'] > 0, s
        assert 0 < s['t_first_done'] <= 1 and s['w_per_s'] > 0 and 0 <= s['w_min_share'] <= 1, s


def with_one_thread_nothing_is_hidden():
    strategies, _ = ran('--workload=sections', '--threads=1', '--budget=30', 'mutex')
    entry = strategies['mutex']
    if entry.get('skipped'):
        raise tap.Skip(entry['skipped'])
    assert entry['t_first_done'] == 1 and entry['complete'], entry
    assert abs(entry['t_says_per_s'] / entry['t_is_per_s'] - 1) < 0.5, entry


def wrong_usage():
    expect(contend('iterations', '--help'), 0, ['Usage: contend iterations', 'Exit status'])
    for workload in ('heartbeats', 'claps_posts', 'sections,claps'):
        expect(contend('iterations', f'--workload={workload}'), 2, err=['one cell of a lock'])
    expect(contend('iterations', 'faa'), 2, err=['nothing is left to measure'])


def main():
    cases = tap.Cases()
    for case in (both_ways_are_shown, with_one_thread_nothing_is_hidden, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
