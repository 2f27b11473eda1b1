#!/usr/bin/env python3
"""`contend posts` at the command line: nothing lost, nothing torn where it must not be.

Usage: posts.py CONTEND
"""

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

FAST = ['--window=30']


def nothing_is_lost_or_torn():
    results, shapes, printed = ran('posts', *FAST)
    assert set(shapes) == {'probes', 'restore', 'texts_whole', 'crossover', 'dates', 'torn_exhibit'}
    assert {r['removal'] for r in results['removals']} == {'marked', 'at once', 'in batches'}
    for row in results['removals']:
        assert row['live'] == 8192 and row['probes'] >= 1 and row['bytes'] > 8192 * 100, row
        assert row['removal'] != 'at once' or row['deleted'] == 0, row
    for row in results['restores']:
        assert row['lost'] == 0 and row['restored'] + row['refused'] > 0, row
    assert all(t['torn'] == 0 for t in results['texts']), results['texts']
    assert 'Inline or by reference' in printed and 'Restores beside a purge' in printed, printed


def only_dates_of_many_words_without_a_guard_tear():
    results, _, _ = ran('posts', *FAST)
    assert len(results['dates']) == 16, results['dates']
    for d in results['dates']:
        assert d['reads'] > 0 and d['read_ns'] > 0, d
        assert d['torn'] == 0 or (d['guard'] == 'atomic' and d['bytes'] > 8), d


def a_budget_ends_it():
    results, _, printed = ran('posts', '--window=900', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed


def ctrl_c_keeps_what_there_is():
    is_interrupted('posts', '--window=5000')


def wrong_usage():
    expect(contend('posts', '--help'), 0, ['Usage: contend posts', 'Exit status', '--window'])
    expect(contend('posts', '--window=2'), 2, err=['--window=2', '10 to'])
    expect(contend('posts', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (nothing_is_lost_or_torn, only_dates_of_many_words_without_a_guard_tear,
                 a_budget_ends_it, ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
