#!/usr/bin/env python3
"""Loads with many posts and with roles, at the command line.

Usage: loads.py CONTEND
"""

import json
import math
import os
import re
import tempfile

import tap
from tool import contend, flowing

STRIPED_BYTES = 2176  # of a counter; see `contend list`


def measured(*arguments, floors=False):
    """What a short run printed, and its results file."""
    if not floors:
        arguments = ('--no-floors', *arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        done = contend('run', '--quiet', '--window=5', f'--json={path}', *arguments)
        assert done.returncode == 0, f'status {done.returncode}\n{done.stdout}\n{done.stderr}'
        with open(path) as f:
            return done.stdout, json.load(f)


def refused(text, *arguments):
    done = contend('run', *arguments)
    assert done.returncode == 2 and text in flowing(done.stderr), (done.returncode, done.stderr)


def said_of(strategy, out):
    """Its line of the table, with what goes on below it, further in."""
    found = re.search(rf'^  {strategy} .*\n(?:      .*\n)*', out, flags=re.M)
    assert found, out
    return ' '.join(found.group().split())


def calibration_is_in_the_file():
    _, run = measured('--workload=claps', '--threads=1', '--blocks=1', 'faa', floors=True)
    floors = run['calibration']
    for name in ('coarse_ns', 'cas_ns', 'fence_ns', 'l1_ns', 'dram_ns', 'wake_ns', 'handover_ns',
                 'switch_ns', 'hiccup_p999_ns', 'hiccup_longest_ns'):
        assert floors[name] > 0, name
    for name in ('l3_ns', 'dram_huge_ns', 'membarrier_ns', 'handover_far_ns'):
        assert floors[name] is None or floors[name] > 0, name
    cpus = len(os.sched_getaffinity(0))
    pairs = [(line['a'], line['b']) for line in floors['lines']]
    assert len(pairs) == len(set(pairs)) == min(cpus * (cpus - 1) // 2, 2016), pairs
    assert [g['above_ns'] for g in floors['gaps']] == [1e3, 1e4, 1e5, 1e6]


def posts_are_measured_and_counted():
    out, run = measured('--workload=claps_posts,reads_posts_90_10', '--posts=1k,3k', '--threads=2',
                        '--blocks=2', 'faa', 'striped', 'per_thread')
    cells = {c['name']: c for c in run['cells']}
    assert sorted(cells) == [f'counter/{w}/posts:{n}/zipf/threads:2' for w in
                             ('claps_posts', 'reads_posts_90_10') for n in (1000, 3000)], cells
    for cell in cells.values():
        assert cell['posts'] in (1000, 3000) and cell['skew'] == 'zipf'
        held = {s['strategy']: s['bytes_per_item'] for s in cell['strategies'] if s['blocks']}
        for name, least, most in (('faa', 0, 40), ('per_thread', 300, 370), ('striped', 2048, 4000)):
            assert name not in held or least < held[name] < most, held
    assert '1000 posts, zipf' in out, out
    _, run = measured('--workload=claps_posts', '--posts=100', '--skew=uniform', '--disjoint',
                      '--threads=2', '--blocks=1', 'faa')
    assert run['cells'][0]['name'] == 'counter/claps_posts/posts:100/disjoint/threads:2'


def too_many_posts_are_skipped():
    """A strategy that would take too much memory has a reason, no rate, and fails nothing."""
    with open('/proc/meminfo') as f:
        available = 1024 * int(re.search(r'MemAvailable:\s+(\d+)', f.read()).group(1))
    posts = int(0.6 * available / STRIPED_BYTES) + 1
    if posts > 10_000_000:
        raise tap.Skip('so much memory that filling it would take long')
    out, run = measured('--workload=claps_posts', f'--posts={posts}', '--threads=1', '--blocks=1',
                        'striped')
    reason = said_of('striped', out)
    assert 'skipped' in reason and 'half of what is available' in reason, reason
    cell = run['cells'][0]
    entry = [s for s in cell['strategies'] if s['strategy'] == 'striped'][0]
    assert entry['verdict'] == 'skipped' and entry['ops_per_s'] is None, entry
    assert f'{posts} posts' in entry['why'], entry
    window = [w for w in cell['blocks'][0]['windows'] if w['strategy'] == 'striped'][0]
    assert 'ops' not in window and 'error' not in window and window['skipped'] == entry['why']


def lost_claps_of_many_posts_are_seen():
    for _ in range(5):  # on one processor it needs an unlucky preemption
        out, _ = measured('--workload=claps_posts', '--posts=10', '--skew=hot', '--threads=4',
                          '--blocks=2', '--window=30', 'plain')
        reason = said_of('plain', out)
        if 'WRONG' in reason:
            assert 'lost' in reason and 'of 10 posts are wrong' in reason, reason
            return
    assert len(os.sched_getaffinity(0)) < 2, 'the exhibit lost nothing in five runs'
    raise tap.Skip('the exhibit lost nothing in five runs; see the duels')


def roles_stand_apart():
    out, run = measured('--workload=sections,claps_50_50,heartbeats,churn_sweep,reads_posts_90_10',
                        '--posts=1k', '--users=1k', '--threads=3', '--readers=2', '--blocks=3',
                        'mutex', 'packed', 'faa')
    assert len(run['cells']) == 5, [c['name'] for c in run['cells']]
    assert '3 threads (2 readers)' in out and 'readers  writers' in out, out
    for cell in run['cells']:
        assert cell['readers'] == 2 and '/readers:2/threads:3' in cell['name'], cell['name']
        # A window in which nobody got to run has no rates.
        windows = [w for b in cell['blocks'] for w in b['windows'] if 'ops_per_s' in w]
        for window in windows:
            parts = window['readers_per_s'] + window['writers_per_s']
            assert math.isclose(parts, window['ops_per_s'], rel_tol=1e-6), window
        for role in ('readers_per_s', 'writers_per_s'):  # one may miss a window, not all
            assert any(w[role] > 0 for w in windows), (role, cell['name'])
    _, run = measured('--workload=claps', '--threads=2', '--blocks=1', 'faa')
    assert run['cells'][0]['readers'] == 0
    assert run['cells'][0]['blocks'][0]['windows'][0]['readers_per_s'] is None


def ids_and_batches():
    """A map that cannot hold the ids drops out, and its line says why."""
    out, run = measured('--workload=heartbeats_batch,online_batch', '--users=1k', '--threads=2',
                        '--ids=sparse64', '--batch=16', '--blocks=2', 'mutex', 'packed', 'direct')
    assert [c['name'] for c in run['cells']] == [
        f'presence/{w}/users:1000/sparse64/batch:16/threads:2'
        for w in ('heartbeats_batch', 'online_batch')], run['cells']
    for cell in run['cells']:
        assert cell['ids'] == 'sparse64' and cell['batch'] == 16, cell
        whys = {s['strategy']: s['why'] for s in cell['strategies'] if s['verdict'] == 'skipped'}
        assert whys == {'direct': 'its ids must be small numbers',
                        'packed': 'its ids are narrower than 64 bits'}, whys
    assert 'sparse 64-bit ids' in out and '16 in a call' in ' '.join(out.split()), out
    out, run = measured('--workload=heartbeats', '--users=1k', '--threads=1', '--ids=sparse32', '--blocks=2', 'mutex',
                        'packed', 'quotient_narrow', 'direct')
    cell, = run['cells']
    assert cell['ids'] == 'sparse32' and '/sparse32/' in cell['name'], cell
    assert {s['strategy']: s['why'] for s in cell['strategies'] if s['verdict'] == 'skipped'} == {
        'direct': 'its ids must be small numbers'}, cell
    assert 'sparse ids below 2^31' in ' '.join(out.split()), out
    _, run = measured('--workload=heartbeats_batch,heartbeats', '--users=1k', '--threads=1',
                      '--blocks=1', 'mutex')
    assert [c['batch'] for c in run['cells']] == [64, 0], run['cells']
    refused('whole number', '--batch=0')
    refused('whole number', '--batch=257')
    refused('dense, sparse32 or sparse64', '--ids=x')
    refused('--batch would be ignored', '--batch=2', '--workload=heartbeats')
    refused('--ids would be ignored', '--ids=sparse64', '--workload=claps')
    refused('--skew would be ignored', '--skew=hot', '--workload=churn_fresh')


def fresh_ids_and_kept_users():
    out, run = measured('--workload=churn_fresh,last_seen_90_10,retention', '--users=1k',
                        '--threads=2', '--blocks=2', 'mutex', 'packed', 'direct')
    whys = {(c['workload'], s['strategy']): s['why'] for c in run['cells'] for s in c['strategies']
            if s['verdict'] == 'skipped'}
    assert whys == {('churn_fresh', 'direct'): 'its ids must be small numbers',
                    ('churn_fresh', 'packed'): 'its capacity counts every id ever seen'}, whys
    words = {s['verdict'] for c in run['cells'] for s in c['strategies']}
    assert not words & {'WRONG', 'failed'}, out


def peers_stand_beside():
    """In the same cells, and neither picked nor among what nothing beats."""
    listed = json.loads(contend('list', '--json').stdout)['peers']
    section = contend('list').stdout.split('\nPEERS')[1]
    if not listed:
        assert 'left out: libcuckoo (' in section, section
        refused('this build has none', '--peers', '--workload=heartbeats')
        raise tap.Skip('this build has no peers')
    names = {p['name'] for p in listed}
    assert all(f'\n  {name} ' in section for name in names), section
    refused('--peers would be ignored', '--peers', '--workload=claps')
    out, run = measured('--peers', '--workload=churn', '--users=1k', '--threads=1', '--blocks=5',
                        'lost_heartbeat', 'mutex')
    cell = run['cells'][0]
    assert {s['strategy'] for s in cell['strategies'] if s['peer']} == names, cell
    assert cell['pick'] not in names and 'peers, never picked: ' in out, out
    for answer in run['answers']:
        assert not names & {c['strategy'] for c in answer['candidates']}, answer
    name = listed[0]['name']
    refused(name, f'--reference={name}', '--workload=churn')
    out, run = measured('--peers', f'--reference={name}', '--workload=churn', '--users=1k',
                        '--threads=1', '--blocks=1', 'mutex')
    assert run['run']['reference'] == name and f'vs {name}' in out, out
    refused(f"did you mean '{name}'", f'--peers={name}s', '--workload=churn')
    _, run = measured(f'--peers={name}', '--workload=churn', '--users=1k', '--threads=1', '--blocks=1', 'mutex')
    assert [s['strategy'] for s in run['cells'][0]['strategies'] if s['peer']] == [name], run['cells'][0]
    _, run = measured('--workload=churn', '--users=1k', '--threads=1', '--blocks=1', 'mutex')
    assert not any(s['peer'] for s in run['cells'][0]['strategies'])
    assert not names & {name.split('/')[-1] for name in contend('list', '--names').stdout.split()}


def somebody_must_write():
    refused('--threads must be greater', '--readers=2', '--threads=2')
    refused('--threads must be greater', '--readers=2', '--threads=4,1')
    refused('whole number', '--readers=0')
    refused('whole number', '--posts=0')
    listed = contend('run', '--readers=5', '--workload=heartbeats', '--benchmark_list_tests',
                     'mutex')
    assert listed.returncode == 0 and 'readers:5/threads:' in listed.stdout, listed.stdout
    assert 'threads:1/' not in listed.stdout, listed.stdout


# What takes long and goes through no code that a shorter case leaves out.
ALONE = (calibration_is_in_the_file,)


def main():
    cases = tap.Cases()
    for case in (calibration_is_in_the_file, posts_are_measured_and_counted,
                 too_many_posts_are_skipped, lost_claps_of_many_posts_are_seen, roles_stand_apart,
                 ids_and_batches, fresh_ids_and_kept_users, peers_stand_beside, somebody_must_write):
        run = cases.run_alone if case in ALONE else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
