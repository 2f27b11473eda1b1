#!/usr/bin/env python3
"""`contend oversubscribe` and `contend fairness`: more threads than processors.

Usage: crowd.py CONTEND
"""

import json
import os
import re
import tempfile

import tap
from tool import contend, expect

CPUS = len(os.sched_getaffinity(0))


def measured(command, *options, status=0):
    """The JSON and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'c.json')
        done = expect(contend(command, '--quiet', f'--json={path}', *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == f'contend.{command}' and results['version'] == 1
    assert '\033' not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    return results, done.stdout


def starved(point):
    """On a busy machine no worker may get to run within a short phase: then it is left out."""
    return 'no thread got to work' in point.get('skipped', '')


def a_spinning_queue_lock_ends_in_time():
    """Each waiter in turn must get a processor; the phases end all the same."""
    results, printed = measured('oversubscribe', '--length=20', '--times=1,4', '--object=lock', 'ticket',
                                'mutex')
    points = [p for p in results['points'] if p['strategy'] == 'ticket']
    assert len(points) == 4 and all(p['complete'] or starved(p) for p in points), points
    assert {p['threads'] for p in points} == {CPUS, 4 * CPUS}
    for p in (p for p in points if not starved(p)):
        assert p['preempts'] == (p['threads'] + p['hogs'] > CPUS), p
        assert p['ops_per_s'] > 0 and 0 < p['jain'] <= 1.001 and 0 <= p['min_share'] <= 1.001, p
        assert p['spins'] and 'fifo' in p['guarantee'], p
    words = ' '.join(printed.split())
    assert 'preemption' in words and f'{4 * CPUS}*' in printed and 'and hogs beside' in printed, printed


def a_collapse_is_explained():
    """A ticket lock hands over to a thread that may have no processor: always a collapse."""
    if CPUS < 2:
        raise tap.Skip('one processor: the fewest threads are too many already')
    results, printed = measured('oversubscribe', '--length=60', '--times=1,8', '--hogs=0', 'locks/ticket')
    tickets = [p for p in results['points'] if p['strategy'] == 'ticket']
    if any(starved(p) for p in tickets):
        raise tap.Skip('the machine is too busy for a phase of 60 ms')
    rate = {p['threads']: p['ops_per_s'] for p in tickets}
    words = ' '.join(printed.split())
    collapsed = rate[8 * CPUS] < rate[CPUS] / 2
    assert ('ticket keeps' in words) == collapsed, printed
    assert not collapsed or 'waiters spin' in words, printed


def every_family_is_covered():
    results, printed = measured('oversubscribe', '--length=5', '--times=2', '--hogs=0', '--users=1000',
                                'mutex')
    assert {p['object'] for p in results['points']} == {'lock', 'counter', 'claps', 'presence'}
    assert all(p['complete'] or 'skipped' in p for p in results['points']), results['points']
    for title in ('rate, Mops/s', 'p99.9 of an operation', 'processor time for', 'fairness'):
        assert len(re.findall(f'^{title}', printed, flags=re.M)) == 4, printed


def fairness_is_about_locks():
    results, printed = measured('fairness', '--length=10', '--threads=1,3', 'mutex', 'ticket')
    locks = [p for p in results['points'] if p['object'] == 'lock']
    assert {p['threads'] for p in locks} == {1, 3} and all(p['hogs'] == 0 for p in locks)
    for p in (p for p in locks if not starved(p)):
        if p['threads'] == 1:
            assert abs(p['jain'] - 1) < 1e-6 and abs(p['min_share'] - 1) < 1e-6, p
        assert p['longest_gap_ns'] > 0, p
    for title in ('rate, Mops/s', 'smallest share', 'longest gap'):
        assert title in printed, printed
    results, _ = measured('fairness', '--length=5', '--threads=2', '--budget=30')
    assert {p['object'] for p in results['points']} == {'lock'}


def long_names_have_a_line_of_their_own():
    _, printed = measured('fairness', '--length=5', '--threads=1,2,3,4,5,6,7,8', '--object=counter',
                          '--set=striped.stripes=16')
    row = re.search(r'^  striped\[stripes=16\]\n {20}((?: +[0-9.-]+){8})$', printed, flags=re.M)
    assert row, printed


def ends_with_its_budget():
    _, printed = measured('oversubscribe', '--budget=1', '--length=200')
    assert 'CUT SHORT' in printed, printed


def wrong_usage():
    for command in ('oversubscribe', 'fairness'):
        expect(contend(command, '--help'), 0, [f'Usage: contend {command}', 'Exit status'])
        expect(contend(command, 'pakced'), 2, err=["'pakced'", "'packed'"])
        expect(contend(command, '--length=0'), 2, err=['--length=0'])
    expect(contend('oversubscribe', '--times=0'), 2, err=['--times=0'])
    expect(contend('oversubscribe', '--hogs=many'), 2, err=['--hogs=many'])
    expect(contend('oversubscribe', '--threads=2'), 2, err=['--threads'])
    expect(contend('fairness', '--threads=65'), 2, err=['--threads=65'])
    expect(contend('fairness', '--json=/nonexistent/l', 'mutex'), 1, err=['/nonexistent/l'])


def main():
    cases = tap.Cases()
    for case in (a_spinning_queue_lock_ends_in_time, a_collapse_is_explained, every_family_is_covered,
                 fairness_is_about_locks, long_names_have_a_line_of_their_own, ends_with_its_budget, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
