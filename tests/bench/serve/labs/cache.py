#!/usr/bin/env python3
"""`contend cache` at the command line: staleness as declared, stampedes, what is refused.

Usage: cache.py CONTEND
"""

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

FAST = ['--crowd=60', '--window=120', '--gateway=0']


def every_way_keeps_to_its_staleness():
    results, shapes, printed = ran('cache', *FAST)
    assert set(shapes) == {'staleness', 'single_flight', 'stampede', 'early_expiry', 'hits', 'file_level'}
    rows = {r['cache']: r for r in results['mixed']}
    assert {'direct', 'ttl', 'xfetch', 'write_through', 'version', 'lease'} <= set(rows), rows
    for name, row in rows.items():
        assert row['stale'] == row['from_nowhere'] == row['broken'] == 0, row
        assert row['worst_ns'] <= row['declared_ns'] and row['reads_judged'] > 0, row
        assert abs(row['level_1'] + row['level_2'] + row['source'] - 1) < 1e-9, row
    assert rows['direct']['source'] == 1 and rows['version']['declared_ns'] == 0
    assert 'Loads of one hot key' in printed, printed


def single_flight_asks_once():
    results, _, _ = ran('cache', *FAST)
    loads = {c['cache']: c['stampede_loads'] for c in results['crowds']}
    assert loads['lease'] == 1 and loads['direct'] == 60, loads
    assert all(1 <= n <= 60 for n in loads.values()), loads


def a_gateway_and_an_edge_spare_the_database():
    results, shapes, printed = ran('cache', '--crowd=20', '--window=60')
    found = results['gateway']
    if found['left_out']:
        assert 'left out: ' + found['left_out'][:30] in printed and 'gateway' not in shapes, printed
        raise tap.Skip(found['left_out'])
    rows = {r['level']: r for r in found['runs']}
    assert set(rows) == {'direct', 'gateway', 'gateway and edge'}, rows
    assert all(r['failed'] == 0 and r['pages_per_s'] > 0 for r in rows.values()), rows
    direct = rows['direct']
    assert abs(direct['calls_per_s'] / direct['pages_per_s'] - 1) < 1e-6, direct  # nothing is kept
    for name in ('gateway', 'gateway and edge'):
        assert rows[name]['calls_per_s'] <= rows[name]['most_per_s'] < rows[name]['pages_per_s'], rows
    assert shapes['gateway']['outcome'] == 'shown', shapes


def a_budget_ends_it():
    results, _, printed = ran('cache', '--window=900', '--budget=1', '--gateway=0', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed


def ctrl_c_keeps_what_there_is():
    is_interrupted('cache', '--window=5000')


def wrong_usage():
    expect(contend('cache', '--help'), 0, ['Usage: contend cache', 'Exit status', '--crowd'])
    expect(contend('cache', '--crowd=2'), 2, err=['--crowd=2', '20 to'])
    expect(contend('cache', '--croud=60'), 2, err=["'--croud'", "'--crowd'"])
    expect(contend('cache', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (every_way_keeps_to_its_staleness, single_flight_asks_once,
                 a_gateway_and_an_edge_spare_the_database, a_budget_ends_it,
                 ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
