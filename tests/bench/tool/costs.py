#!/usr/bin/env python3
"""`contend costs` at the command line: the price list, and google-benchmark's flags.

Usage: costs.py CONTEND
"""

import csv
import io
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

QUICK = ['--benchmark_min_time=0.002', '--benchmark_repetitions=3']


def costs(*arguments):
    return contend('costs', '--quiet', *arguments)


def prices_of(*arguments):
    """Name to price, from the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'c.json')
        expect(costs(f'--json={path}', *arguments), 0)
        with open(path) as f:
            data = json.load(f)
    assert data['schema'] == 'contend.costs' and data['version'] == 1
    assert data['session']['cpu_model'] and data['users'] == 100000
    return {p['name']: p for p in data['prices']}


def every_strategy_has_its_prices():
    listed = json.loads(subprocess.run([CONTEND, 'list', '--json'], stdout=subprocess.PIPE,
                                       text=True, check=True).stdout)
    out = expect(costs(*QUICK), 0, ['PRIMITIVES', 'LOCKS', 'CLAP COUNTERS', 'PRESENCE MAPS',
                                    'rcu_section' if any(e['name'] == 'rcu' for e in
                                                         listed['counters']) else 'loop']).stdout
    assert '\033' not in out and 'nan' not in out.lower(), out
    names = [line.split()[0] for line in out.splitlines() if line.startswith('  ')]
    for room in ('locks', 'counters', 'presence_maps'):
        for entry in listed[room]:
            if not re.search('floor|broken', json.dumps(entry)) and entry['name'] != 'null':
                assert entry['name'] in names, entry['name']


def prices_are_in_order():
    """Within one run, and only what holds on any machine."""
    p = prices_of('faa', 'per_thread', 'mutex', 'null', '--benchmark_min_time=0.02')
    ns = {name: price['ns'] for name, price in p.items()}
    assert all(value > 0 for value in ns.values()), ns
    assert ns['primitive/loop'] < ns['primitive/locked_add']
    assert ns['counter/per_thread/add'] < ns['counter/faa/add'] < ns['counter/mutex/add']
    assert ns['primitive/loop'] < ns['lock/mutex/pair']
    assert ns['counter/null/add'] < ns['counter/null/add_table']
    # Two locked instructions: the C library has not left them out.
    assert ns['primitive/mutex_pair'] > ns['primitive/locked_add']
    assert ns['presence/null/is_online'] < ns['presence/mutex/is_online']
    for price in p.values():
        assert len(price['repetitions_ns']) == 5, price
        assert sorted(price['repetitions_ns'])[2] == price['ns'], price
        adds = price['locked_adds'] * ns['primitive/locked_add']
        assert abs(adds - price['ns']) < 1e-6 * price['ns']


def nobody_expires_in_short_attempts():
    """Every attempt goes on where the last one stopped, so that all users beat in turn."""
    prices = prices_of('mutex', '--benchmark_filter=presence', '--benchmark_min_time=0.0001',
                       '--benchmark_repetitions=200')
    assert sorted(prices) == ['presence/mutex/heartbeat', 'presence/mutex/is_online',
                              'presence/mutex/is_online_miss'], prices


def google_benchmark_flags_work():
    listed = expect(costs('--benchmark_list_tests', 'faa'), 0).stdout.split()
    assert listed[:2] == ['primitive/dispatch', 'primitive/loop'], listed
    one = expect(costs('--benchmark_list_tests', 'locks/mutex', 'counters/faa'), 0).stdout.split()
    one = [name for name in one if not name.startswith('primitive')]
    assert one == ['lock/mutex/pair', *listed[-3:]], one
    assert listed[-3:] == ['counter/faa/add', 'counter/faa/add_table', 'counter/faa/read'], listed
    done = expect(costs(*QUICK, '--benchmark_filter=faa/add$', '--benchmark_format=json'), 0,
                  err=['CLAP COUNTERS'])
    runs = json.loads(done.stdout)['benchmarks']
    single = [r for r in runs if r['run_type'] == 'iteration']
    assert [r['name'] for r in single] == ['counter/faa/add'] * 3, runs
    assert all(r['iterations'] % 1000 == 0 and r['real_time'] > 0 for r in single), single
    done = expect(costs(*QUICK, '--benchmark_filter=locked_add', '--benchmark_format=csv'), 0)
    rows = [r for r in csv.reader(io.StringIO(done.stdout)) if r and r[0] == 'primitive/locked_add']
    assert len(rows) == 3, done.stdout
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'gb.json')
        expect(costs(*QUICK, 'faa', f'--benchmark_out={path}'), 0, ['CLAP COUNTERS'])
        assert os.listdir(folder) == ['gb.json']
        with open(path) as f:
            assert len(json.load(f)['benchmarks']) > 10


def refuses_what_it_does_not_know():
    expect(costs('--help'), 0, ['Usage: contend costs', 'Exit status'])
    expect(costs('pre_thread'), 2, err=["'pre_thread'", "'per_thread'"])
    expect(costs('--frobnicate'), 2, err=['frobnicate'])
    expect(costs('--benchmark_frobnicate=1'), 2, err=['benchmark_frobnicate'])
    expect(costs('--benchmark_format=xml'), 2, err=['contend costs', 'json, csv or console'])
    expect(costs('--benchmark_filter=no_such_case'), 2, err=['nothing is left'])
    for option in ('--json', '--benchmark_out'):
        done = expect(costs(*QUICK, '--benchmark_filter=loop', f'{option}=/nonexistent/x'), 1,
                      err=['/nonexistent/x', 'could not be written'])
        assert not done.stdout, done.stdout


def interrupt_prints_what_there_is():
    """Some prices, one that was cut short and no price of it, and how many were not begun."""
    process = subprocess.Popen([CONTEND, 'costs', '--benchmark_min_time=0.2', '--quiet', 'faa',
                                '--benchmark_repetitions=3', '--benchmark_filter=primitive|faa'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (process.returncode, out, err)
    assert 'PRIMITIVES' in out, out
    said = re.match(r'Interrupted: (\d+) of (\d+) prices measured, (\d) cut short, '
                    r'(\d+) not begun', out)
    measured, asked, cut, rest = (int(x) for x in said.groups())
    cases = expect(costs('--benchmark_list_tests', 'faa'), 0).stdout.split()
    assert asked == len(cases) and 0 < measured < asked and cut <= 1, said.group()
    assert measured + cut + rest == asked, said.group()
    prices = len(re.findall(r'^  \w+ +[\d.]+ ', out, flags=re.M))
    assert prices == min(measured, len(cases) - 2), out  # faa has three prices in one line


# What takes long and goes through no code that a shorter case leaves out.
ALONE = (prices_are_in_order,)


def main():
    cases = tap.Cases()
    for case in (every_strategy_has_its_prices, prices_are_in_order,
                 nobody_expires_in_short_attempts, google_benchmark_flags_work,
                 refuses_what_it_does_not_know, interrupt_prints_what_there_is):
        run = cases.run_alone if case in ALONE else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
