#!/usr/bin/env python3
"""`contend push` at the command line: all see the last clap, who is overrun is told, what is refused.

Usage: push.py CONTEND [SUBSCRIBERS]
"""

import sys

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

FAST = ['--window=60', '--seldom=0', '--poll=50', '--subscribers=12']


def whichever_way_all_see_the_last_clap():
    results, shapes, printed = ran('push', *FAST, reached=False)
    if 'no libwebsockets' in results['left_out']:
        raise tap.Skip('this build has no live service (Debian: libwebsockets-dev and libwslay-dev)')
    assert results['left_out'] == '' and results['subscribers'] == 12, results
    ways = {r['way'] for r in results['runs']}
    assert ways == {'poll', 'conditional', 'long poll', 'stream', 'socket'}, ways
    assert len(results['runs']) == 5 * 2 * 3, results['runs']
    for r in results['runs']:
        assert r['claps'] >= 1 and r['missing'] == 0 and r['bytes_per_s'] > 0, r
        assert 0 < r['p50_ns'] <= r['p99_ns'], r
    assert shapes['all_see']['outcome'] == 'shown' and '12 subscribers' in printed, printed


def a_clap_now_and_then_is_tried_with_the_largest_crowd():
    results, shapes, printed = ran('push', *FAST, '--seldom=100', reached=False)
    if results['left_out']:
        raise tap.Skip(results['left_out'])
    seldom = [r for r in results['runs'] if r['claps_per_s'] == 0.1]
    assert len(seldom) == 5 and len(results['runs']) == 5 * (2 * 3 + 1), results['runs']
    assert all(r['subscribers'] == 12 and r['claps'] == 1 and r['missing'] == 0 for r in seldom), seldom
    assert shapes['seldom']['measured'] and ' 0.1 ' in printed, printed


def all_see_it_in_a_crowd_of(number):
    """Of that many subscribers, or of those for which there are descriptors."""
    results, _, _ = ran('push', f'--subscribers={number}', '--seldom=0', '--window=1000', '--budget=450',
                        reached=False, timeout=590)
    if results['left_out']:
        raise tap.Skip(results['left_out'])
    if results['subscribers'] < number:
        print(f'# {results["subscribers"]} of {number}: no more files may be open')
    crowd = [r for r in results['runs'] if r['subscribers'] == results['subscribers']]
    assert all(r['missing'] == 0 and r['claps'] >= 1 for r in crowd), crowd
    print(f'# {len(crowd)} of 15 runs')
    assert len(crowd) == 5 * 3 or (crowd and results['out_of_budget']), results


def a_reader_that_stands_still_is_told():
    results, shapes, printed = ran('push', *FAST, reached=False)
    assert {'told', 'memory', 'fan_out'} <= set(shapes), shapes
    assert {f['push'] for f in results['fanout']} == {'ring', 'queues'}
    for f in results['fanout']:
        assert f['got'] + f['lost'] == f['published'] and f['lost'] > 0, f
    assert 'Fan-out' in printed


def a_budget_ends_it():
    results, _, printed = ran('push', '--window=9000', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed
    outcomes = [shape['outcome'] for shape in results['shapes']]
    assert 'not_reached' in outcomes, 'and by the status, which ran() has seen, that is no failure'
    if not results['left_out']:
        ways = 'poll, conditional, long poll, stream, socket'
        said = ' '.join(printed.split())
        assert f'No time was left for 1000 subscribers at 0.1 claps a second by {ways}' in said, printed


def ctrl_c_keeps_what_there_is():
    is_interrupted('push', '--window=5000')


def wrong_usage():
    expect(contend('push', '--help'), 0, ['Usage: contend push', 'Exit status', '--subscribers',
                                          'What is not reached', 'is said, and is no failure'])
    expect(contend('push', '--subscribers=2'), 2, err=['--subscribers=2', '10 to'])
    expect(contend('push', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    if len(sys.argv) > 2:
        cases.run(f'all see it in a crowd of {sys.argv[2]}', all_see_it_in_a_crowd_of, int(sys.argv[2]))
        cases.finish()
        return
    for case in (whichever_way_all_see_the_last_clap,
                 a_clap_now_and_then_is_tried_with_the_largest_crowd, a_reader_that_stands_still_is_told,
                 a_budget_ends_it, ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
