#!/usr/bin/env python3
"""`contend detect` at the command line: the arithmetic, the curves, what is refused.

Usage: detect.py CONTEND
"""

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

FAST = ['--users=30000', '--clients=150']


def everything_exact_is_shown():
    results, shapes, printed = ran('detect', *FAST)
    assert set(shapes) >= {'inclusive', 'exclusive', 'jitter_shrinks', 'detection_time', 'trade',
                           'packing', 'cost', 'swim_first', 'swim_load', 'swim_suspicion', 'swim_trade'}
    rows = {(b['boundary'], b['jitter']): b for b in results['boundaries']}
    # A factor of about 100 without jitter, of about 1 with it; counts of 30,000 users for 10 minutes.
    assert abs(rows['exclusive', False]['expected_per_minute'] / (0.03 * 594) - 1) < 1e-6, rows
    assert abs(rows['inclusive', False]['expected_per_minute'] / (0.03 * 5.94) - 1) < 1e-6, rows
    assert rows['exclusive', False]['mistakes'] > 10 * rows['inclusive', False]['mistakes'], rows
    assert rows['inclusive', True]['expected_per_minute'] is None
    assert 'Expected, and seen' in printed and 'detection time' in printed, printed


def curves_and_costs_are_in_the_file():
    results, _, printed = ran('detect', *FAST)
    detectors = {c['detector'] for c in results['costs']}
    assert {'ttl_inclusive', 'ttl_exclusive', 'chen', 'phi_packed', 'phi_seqlock', 'phi_mutex'} <= detectors
    for p in results['points']:
        assert 0 <= p['accuracy'] <= 1 and p['detection_s'] > 0 and p['mistakes_per_hour'] >= 0, p
    # SWIM's views are in the same curves, by who is counted as dead and by who is suspected.
    views = {'swim', 'swim_suspect'}
    assert {p['detector'] for p in results['points']} == detectors | views
    assert len(results['points']) == 4 * 8 * len(detectors | views)
    rows = {(p['network'], p['detector'], p['dial']): p for p in results['points'] if p['detector'] in views}
    assert all(p['messages'] > 1 for p in rows.values()), rows
    for network in ('lossy', 'jittery', 'pauses'):
        alone, helped = (rows[network, 'swim_suspect', helpers] for helpers in (0, 7))
        assert alone['mistakes_per_hour'] > 0 and alone['accuracy'] < 1 and alone['mistake_s'] > 0, alone
        assert helped['mistakes_per_hour'] < alone['mistakes_per_hour'] or network == 'pauses', (alone, helped)
    # What compares no clocks is not moved by their drift: as few mistakes as a little loss makes.
    assert rows['drift', 'swim_suspect', 7]['mistakes_per_hour'] == 0, rows
    assert all(f'{view} ' in printed for view in views) and 'S swim_suspect' in printed, printed
    for s in results['swim']:
        assert 0 <= s['accuracy'] <= 1 and s['suspected_accuracy'] <= s['accuracy'], s


def a_seed_decides_everything_simulated():
    one, two, other = (ran('detect', *FAST, f'--seed={s}')[0] for s in (5, 5, 6))
    assert one['points'] == two['points'] and one['swim'] == two['swim']
    assert one['boundaries'] == two['boundaries'] and one['points'] != other['points']


def a_budget_ends_it():
    results, shapes, printed = ran('detect', '--users=100M', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed
    assert shapes['inclusive']['outcome'] == 'not_reached', shapes


def ctrl_c_keeps_what_there_is():
    is_interrupted('detect', '--users=50M')


def wrong_usage():
    expect(contend('detect', '--help'), 0, ['Usage: contend detect', 'Exit status', '--users'])
    expect(contend('detect', '--users=10'), 2, err=['--users=10', '100 to'])
    expect(contend('detect', '--clientz=3'), 2, err=["'--clientz'", "'--clients'"])
    expect(contend('detect', 'packed'), 2, err=["'packed'", 'contend detect --help'])
    expect(contend('detect', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (everything_exact_is_shown, curves_and_costs_are_in_the_file,
                 a_seed_decides_everything_simulated, a_budget_ends_it, ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
