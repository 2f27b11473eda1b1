#!/usr/bin/env python3
"""`contend wait` at the command line: nothing is lost, and what is refused.

Usage: wait.py CONTEND
"""

import tap
from experiments import is_interrupted, ran
from tool import contend, expect


def every_announcement_is_seen():
    results, shapes, printed = ran('wait', '--window=60', reached=False)
    assert set(shapes) == {'nothing_lost', 'burning', 'latency', 'announcing'}, shapes
    for name, s in shapes.items():  # a waiter that others keep from its processor shows no latency
        assert s['outcome'] != 'not_reached' or (name == 'latency' and 'had its processor' in s['text']), s
    assert len(results['runs']) == 4 * 6, results['runs']
    for r in results['runs']:
        assert r['announced'] == r['seen'] > 0, r
        assert 0 <= r['p50_ns'] <= r['p99_ns'] and r['announce_ns'] > 0, r
    assert 'What is burnt' in printed and 'p50' in printed, printed


def a_budget_ends_it():
    results, _, printed = ran('wait', '--window=900', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed


def ctrl_c_keeps_what_there_is():
    is_interrupted('wait', '--window=5000')


def wrong_usage():
    expect(contend('wait', '--help'), 0, ['Usage: contend wait', 'Exit status', '--window'])
    expect(contend('wait', '--window=2'), 2, err=['--window=2', '20 to'])
    expect(contend('wait', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (every_announcement_is_seen, a_budget_ends_it, ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
