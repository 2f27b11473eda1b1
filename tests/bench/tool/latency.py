#!/usr/bin/env python3
"""`contend latency` at the command line: an open loop, and the rate that is too much.

Usage: latency.py CONTEND
"""

import json
import os
import signal
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

QUICK = ['--quiet', '--length=40', '--threads=1']


def measured(*options, status=0):
    """The JSON and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'l.json')
        done = expect(contend('latency', f'--json={path}', *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.latency' and results['version'] == 1
    assert results['session']['cpu_model']
    return results, done.stdout


def searches_for_the_highest_rate():
    results, printed = measured(*QUICK, 'counters/mutex', 'counters/faa')
    curves = {c['strategy']: c for c in results['curves']}
    assert {'mutex', 'faa', 'null'} <= set(curves), curves.keys()
    for curve in curves.values():
        assert curve['object'] == 'counter' and 'error' not in curve, curve
        copes = [p['per_s'] for p in curve['points'] if p['copes']]
        fails = [p['per_s'] for p in curve['points'] if not p['copes']]
        assert curve['copes_per_s'] in (copes + [0] if curve['points'] else [None]), curve
        assert curve['fails_per_s'] is None or curve['fails_per_s'] in fails, curve
    assert 'copes' in printed and '1 Mu is 100,000 operations a second' in ' '.join(printed.split())
    assert '\033' not in printed and max(map(len, printed.splitlines())) <= 80, printed


def rates_are_as_given():
    results, printed = measured(*QUICK, '--rate=0.5,2', '--arrivals=uniform', '--workload=heartbeats',
                                '--users=1000', 'mutex')
    assert results['arrivals'] == 'uniform' and results['point_s'] == 0.04
    for curve in results['curves']:
        assert [p['mu'] for p in curve['points']] == [0.5, 2], curve
        for p in curve['points']:
            assert abs(p['due'] - p['per_s'] * 0.04) <= 2 or not p['copes'], p
            assert p['served'] <= p['due']
            for kind in ('response', 'service'):
                order = [p[kind][q] for q in ('p50_ns', 'p90_ns', 'p99_ns', 'p999_ns', 'max_ns')]
                order = [ns for ns in order if ns is not None]
                assert order == sorted(order), p
            assert p['response']['max_ns'] >= p['service']['max_ns'] or not p['copes'], p
    assert 'presence/heartbeats/users:1000/threads:1' in printed, printed


def a_pause_shows_in_the_open_loop_only():
    """A worker that stands still for half of the time: a quarter of all wait for long."""
    results, printed = measured('--quiet', '--threads=1', '--length=200', '--pause=100', '--rate=0.05',
                                'counters/faa')
    faa = next(c for c in results['curves'] if c['strategy'] == 'faa')['points'][0]
    assert faa['response']['p90_ns'] > 20e6, faa
    assert 'stopped for 100 ms' in printed and results['pause_ms'] == 100


def ends_with_its_budget_and_on_ctrl_c():
    results, printed = measured('--quiet', '--budget=1', '--length=400', '--threads=1',
                                '--object=counter')
    assert results['out_of_budget'] and 'CUT SHORT' in printed and 'not reached' in printed, printed
    process = subprocess.Popen([CONTEND, 'latency', '--quiet', '--budget=60'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith('Plan')
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and 'INTERRUPTED' in out, (process.returncode, out, err)


def wrong_usage():
    expect(contend('latency', '--help'), 0, ['Usage: contend latency', 'Exit status'])
    expect(contend('latency', '--rate=fast'), 2, err=['--rate=fast', 'Mu'])
    expect(contend('latency', '--arrivals=poisson'), 2, err=['--arrivals=poisson', 'exponential'])
    expect(contend('latency', '--length=10', '--pause=10'), 2, err=['--pause=10', '--length=10'])
    expect(contend('latency', 'pakced'), 2, err=["'pakced'", "'packed'"])
    expect(contend('latency', '--json=/nonexistent/l', 'faa'), 1, err=['/nonexistent/l'])


def main():
    cases = tap.Cases()
    for case in (searches_for_the_highest_rate, rates_are_as_given,
                 a_pause_shows_in_the_open_loop_only, ends_with_its_budget_and_on_ctrl_c,
                 wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
