#!/usr/bin/env python3
"""`contend memory` at the command line: bytes, growth, backlog, expiry, crowds and scans.

Usage: memory.py CONTEND
"""

import json
import os
import tempfile

import tap
from tool import contend, expect

SMALL = ['--grow-to=20k', '--crowd=2000', '--among=20k', '--users=1k,10k']


def measured(*options, status=0):
    """The JSON and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'm.json')
        done = expect(contend('memory', '--quiet', f'--json={path}', *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.memory' and results['version'] == 1
    assert '\033' not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    return results, done.stdout


def every_part_has_its_figures():
    results, printed = measured(*SMALL, 'mutex', 'packed', 'faa')
    of = {(p['part'], p['object'], p['strategy'], p['items']): p for p in results['points']}
    grown = of['growth', 'presence', 'mutex', 20000]
    assert grown['complete'] and grown['growing']['timeline'][-1]['users'] == 20000, grown
    assert grown['growing']['inserts_per_s'] > 0 and grown['calm_ns']['count'] > 100
    assert 'does not grow' in of['growth', 'presence', 'packed', 20000]['skipped']
    late = of['expiry', 'presence', 'mutex', 20000]
    assert late['policy'] and late['removed'] == late['stopped'] == 10000, late
    assert late['gone_ms']['p50'] >= 0 and len(late['timeline']) == 180
    crowd = of['crowd', 'presence', 'packed', 2000]
    assert crowd['removed'] == 2000 * crowd['rounds'] > 0 and crowd['users'] == 20000, crowd
    assert crowd['slices_ns']['max'] > 0 < crowd['sweep_cpu_ms'], crowd
    for strategy in ('mutex', 'packed'):
        scan = of['scan', 'presence', strategy, 20000]
        assert scan['counted'] == scan['met'] == 20000 and scan['turns'] >= 3, scan
        assert scan['read_bytes'] == scan['bytes'] > 8 * 20000, scan
        for what in ('count_ns', 'walk_ns', 'read_ns'):
            assert 0 < scan[what]['best'] <= scan[what]['median'], scan
    stalled = of['backlog', 'presence', 'mutex', 10000]
    assert stalled['complete'] and stalled['timeline'], stalled
    for items, most in ((1000, 100), (10000, 40)):
        assert 8 < of['bytes', 'presence', 'mutex', items]['bytes_per_item'] < most
        assert 8 < of['bytes', 'counter', 'faa', items]['bytes_per_item'] < 24
    for text in ('does not grow', 'past their deadline', 'Counts and walks', '1,000     10,000', 'PRESENCE MAPS: B/user'):
        assert text in printed, printed


def parts_can_be_chosen():
    results, printed = measured('--part=bytes', '--users=500', '--object=counter')
    assert {p['part'] for p in results['points']} == {'bytes'}
    assert {p['object'] for p in results['points']} == {'counter'}, results['points']
    assert 'Plan: bytes by size; at most' in printed and 'sized' not in printed, printed


def what_does_not_fit_is_listed():
    """Nothing that would take more than the memory or the time is tried."""
    results, printed = measured('--part=bytes', '--users=1000,100M', '--budget=2', '--object=counter',
                                'faa', 'per_cpu')
    large = [p for p in results['points'] if p['items'] == 100000000]
    assert large and all('skipped' in p or not p['complete'] for p in large), large
    assert '100,000,000:' in printed, printed


def wrong_usage():
    expect(contend('memory', '--help'), 0, ['Usage: contend memory', 'Exit status'])
    expect(contend('memory', '--part=growht'), 2, err=['--part=growht', 'growth'])
    expect(contend('memory', '--crowd=1'), 2, err=['--crowd=1'])
    expect(contend('memory', '--threads=2'), 2, err=['--threads'])
    expect(contend('memory', 'pakced'), 2, err=["'pakced'", "'packed'"])
    expect(contend('memory', '--json=/nonexistent/l', 'faa'), 1, err=['/nonexistent/l'])


def main():
    cases = tap.Cases()
    for case in (every_part_has_its_figures, parts_can_be_chosen, what_does_not_fit_is_listed,
                 wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
