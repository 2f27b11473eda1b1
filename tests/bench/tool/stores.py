#!/usr/bin/env python3
"""Datastores at the command line.

Usage: stores.py CONTEND
"""

import json
import os
import re
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

LISTED = json.loads(contend('list', '--json').stdout)['stores']
READY = [store for store in LISTED if store['ready']]


def leftovers():
    return [name for name in os.listdir(os.environ['TMPDIR']) if name.startswith('contend-')]


def measured(*arguments):
    """What a short run printed, and its results file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        done = contend('run', '--stores', '--quiet', '--budget=6', f'--json={path}', *arguments)
        assert done.returncode == 0, f'status {done.returncode}\n{done.stdout}\n{done.stderr}'
        assert leftovers() == [], leftovers()
        with open(path) as f:
            return done.stdout, json.load(f)


def refused(text, *arguments):
    expect(contend('run', *arguments), 2, err=[text])


def are_listed_with_what_they_need():
    out = contend('list', '--wide').stdout
    section = out[out.index('\nSTORES: '):out.index('\nPEERS: ')]
    for store in LISTED:
        assert store['name'] in section, (store, section)
        if not store['ready']:
            assert store['why'] in section, (store, section)
    names = contend('list', '--names').stdout.split()
    for store in READY:  # they are in no registry
        assert os.path.dirname(store['header'])[len('bench/stores/'):] + '/' + store['name'] not in names


def have_pages():
    for store in READY[:2]:
        folder = os.path.dirname(store['header'])[len('bench/stores/'):]
        expect(contend('list', f'{folder}/{store["name"]}'), 0, out=[store['title'], store['header']])


def need_to_be_asked_for():
    name = READY[0]['name'] if READY else 'sqlite_atomic'
    refused(f"there is no strategy '{name}'" if READY else '', name, '--no-floors')
    refused('--rate is for --stores', '--rate=2')
    refused('--rate=-1: a number of Mu', '--stores', '--rate=-1')
    refused('--blocks would be ignored', '--stores', '--blocks=3')
    refused('the address of a server is for --stores' if any(s['system'] == 'Redis' for s in LISTED)
            else 'this build has no', '--redis=redis://h')
    if any(s['system'] == 'Redis' for s in LISTED):
        refused('no address of a server', '--stores', '--redis=localhost')


def a_server_that_does_not_answer_is_told_first():
    """However short the budget, and before anything is measured: a name, and what is wrong."""
    built = {s.get('system') for s in LISTED}
    addresses = {'Redis': '--redis=unix:/nowhere/redis.sock', 'DynamoDB': '--dynamo=unix:/nowhere/dynamo.sock',
                 'PostgreSQL': '--pg=postgresql://a@/b?host=/nowhere'}
    named = [option for system, option in addresses.items() if system in built]
    if not named:
        raise tap.Skip('this build has no store with a server')
    done = contend('run', '--stores', '--quiet', '--budget=1', *named)
    expect(done, 1, err=[option + ':' for option in named] + ['/nowhere'])
    assert 'Plan' not in done.stdout, done.stdout
    assert leftovers() == [], leftovers()


def exhibits_are_caught(threads='4'):
    exhibits = [s['name'] for s in READY if s['broken'] and s['object'] == 'counter']
    sound = [s['name'] for s in READY if not s['broken'] and s['object'] == 'counter']
    if not exhibits:
        raise tap.Skip('this build has no store that loses claps, or none can be used here')
    out, run = measured('--workload=claps', f'--threads={threads}', '--rate=0.0001', exhibits[0],
                        sound[-1])
    entries = {entry['strategy']: entry for entry in run['entries']}
    lost = entries[exhibits[0]]
    assert lost['exhibit'] and 'lost' in lost.get('error', ''), lost
    assert 'CAUGHT: lost' in out, out
    kept = entries[sound[-1]]
    assert 'error' not in kept and kept['round_trips'] >= 1 and kept['ops_per_s'] > 0, kept
    assert '0.000100 Mu: in the process' in out or '0.0001 Mu: in the process' in out, out


def options_are_variants():
    maps = [s for s in READY if s['object'] == 'presence' and s['system'] == 'SQLite']
    if not maps:
        raise tap.Skip('this build has no SQLite')
    _, run = measured('--workload=heartbeats_batch', '--users=200', '--threads=1',
                      '--set=presence_map/sqlite.depth=1,64')
    trips = {entry['strategy']: entry['round_trips'] for entry in run['entries']}
    # Each transaction is a begin, a commit and what is between.
    assert 1.01 < trips['sqlite'] < 1.1 and trips['sqlite[depth=1]'] > 2.9, trips


def pools_stand_beside_little():
    pools = [s['name'] for s in READY if s['name'].endswith('_pooled')]
    if not pools:
        raise tap.Skip('no store with a pool can be used here')
    name = pools[0]
    out, run = measured('--workload=claps', '--threads=3', f'--set={name}.size=0,1,2,8', name)
    table = re.search(rf'{name}, pools for 3 threads\n.*by Little.*\n((?:  .*\n){{4}})', out)
    assert table, out
    rows = [[cell.replace(',', '') for cell in line.split()] for line in table.group(1).splitlines()]
    assert [row[0] for row in rows] == ['none', '1', '2', '8'], rows
    one = float(rows[1][2])
    # What is printed has two digits: of N connections no more than the threads can be in use.
    assert rows[0][2] == '-' and rows[1][1] == rows[1][2], rows
    assert abs(float(rows[2][2]) / one - 2) < 0.15 and abs(float(rows[3][2]) / one - 3) < 0.2, rows
    assert float(rows[1][3]) == 1, rows
    assert 'By Little' in out and 'of them in use' in ' '.join(out.split()), out


def a_log_is_played():
    maps = [s['name'] for s in READY if s['object'] == 'presence' and not s['real_time']]
    if not maps:
        raise tap.Skip('this build has no store')
    with tempfile.TemporaryDirectory() as folder:
        log, path = os.path.join(folder, 'log.csv'), os.path.join(folder, 'r.json')
        with open(log, 'w') as f:
            f.write('time,user\n')
            for i in range(200):
                f.write(f'{1700000000 + i * 7},{i * i % 37}\n')
        done = contend('replay', log, '--stores', '--object=presence', '--quiet', '--no-floors',
                       '--budget=30', '--threads=1', '--blocks=2', '--instants=5',
                       '--strategy=' + ','.join('presence_map/' + name for name in maps),
                       f'--json={path}')
        expect(done, 0)
        for name in maps:  # each of the instants that there was time for agreed with the model
            line = next(line for line in done.stdout.split('\n') if line.startswith(f'  {name} '))
            assert 1 <= int(line.split()[1]) <= 5, line
        with open(path) as f:
            launches = json.load(f)['replay']['launches']
        assert launches == {'count': 2, 'each_block': True, 'why': None}, launches


def an_interrupt_leaves_nothing():
    if not READY:
        raise tap.Skip('no store can be used here')
    run = subprocess.Popen([CONTEND, 'run', '--stores', '--quiet', '--budget=100'],
                           stdout=subprocess.PIPE, text=True)
    for _ in range(200):
        if leftovers():
            break
        time.sleep(0.1)
    assert leftovers(), 'no store was made within 20 s'
    run.send_signal(2)
    out, _ = run.communicate(timeout=120)
    assert run.returncode == 130 and 'INTERRUPTED' in out, (run.returncode, out)
    assert leftovers() == [], leftovers()


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory(dir='/dev/shm' if os.path.isdir('/dev/shm') else None) as folder:
        os.environ['TMPDIR'] = folder
        os.chmod(folder, 0o711)  # a server that is not root finds its own folder in it
        for case in (are_listed_with_what_they_need, have_pages, need_to_be_asked_for,
                     a_server_that_does_not_answer_is_told_first, exhibits_are_caught, options_are_variants, pools_stand_beside_little,
                     a_log_is_played,
                     an_interrupt_leaves_nothing):
            cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


main()
