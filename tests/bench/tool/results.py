#!/usr/bin/env python3
"""The files of a run: complete, whole at every moment, and comparable.

Usage: results.py CONTEND
"""

import csv
import json
import math
import os
import random
import re
import resource
import signal
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

TINY = ['run', '--quiet', '--workload=claps', '--threads=1', '--blocks=3', '--window=5', 'faa',
        '--no-floors']


def csv_says_what_json_says():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('r.json', 'r.csv', 'w.csv')]
        expect(contend(*TINY, f'--json={paths[0]}', f'--csv={paths[1]}', f'--windows={paths[2]}'),
               0, ['saved', paths[1]])
        with open(paths[0]) as f:
            cell = json.load(f)['cells'][0]
        with open(paths[1], newline='') as f:
            table = list(csv.DictReader(f))
        with open(paths[2], newline='') as f:
            windows = list(csv.DictReader(f))
        assert [r['strategy'] for r in table] == [s['strategy'] for s in cell['strategies']]
        for row, entry in zip(table, cell['strategies']):
            assert row['verdict'] == entry['verdict'], (row, entry)
            if entry['ops_per_s'] is None:  # every block was disturbed
                assert row['ops_per_s'] == '', row
            else:
                assert math.isclose(float(row['ops_per_s']), entry['ops_per_s'], rel_tol=1e-8)
        wanted = [(b['block'], w) for b in cell['blocks'] for w in b['windows']]
        assert len(windows) == len(wanted) == 12, len(windows)
        for row, (block, window) in zip(windows, wanted):
            assert (int(row['block']), row['strategy']) == (block, window['strategy'])
            if 'error' in window:  # on a busy machine nobody may have got to run
                assert (row['error'], row['ops']) == (window['error'], ''), (row, window)
                continue
            for key in ('ops', 'ops_per_s', 'cpu_ns_per_op', 'overrun'):
                if window.get(key) is None:  # a window that did not come about
                    assert row[key] == '', (key, row, window)
                    continue
                assert math.isclose(float(row[key]), window[key], rel_tol=1e-8), (key, row, window)


def a_cell_says_what_it_does_not_have():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        done = contend('run', '--quiet', '--no-floors', '--workload=claps', '--threads=1', '--blocks=1',
                       '--window=1', f'--json={path}')
        with open(path) as f:
            cell = json.load(f)['cells'][0]
        expect(contend(*TINY, f'--json={path}'), 0, ['not compared: ', ' not named'])
        with open(path) as f:
            named = json.load(f)['cells'][0]
    listed = contend('list', '--names').stdout.split()
    all_counters = {name.rpartition('/')[2] for name in listed if name.rpartition('/')[0] == 'counters'}
    present = {s['strategy'] for s in cell['strategies'] if not s['again']}
    missing = {s['strategy']: s['why'] for s in cell['missing']}
    assert present | set(missing) == all_counters and not present & set(missing), cell
    assert missing['plain'] == 'broken on purpose (--exhibits)', missing
    study = [why for why in missing.values() if '--all' in why]
    assert study and f'not compared: {len(study)} to be studied (--all)' in done.stdout, done.stdout
    whys = {s['strategy']: s['why'] for s in named['missing']}
    assert whys['cas'] == 'not named' and 'faa' not in whys and 'mutex' not in whys, whys


WANTED = 5  # blocks: a quiet cell is settled after ten, and the run would be over


def a_killed_run_leaves_what_it_had():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        process = subprocess.Popen([CONTEND, 'run', '--quiet', '--workload=claps', '--threads=1',
                                    '--blocks=1000', '--window=20', '--budget=600', 'faa',
                                    f'--json={path}'], stdout=subprocess.DEVNULL)
        blocks, valid = 0, 0
        deadline = time.monotonic() + 60
        while blocks < WANTED and time.monotonic() < deadline:
            if os.path.exists(path):
                with open(path) as f:  # at any moment: never half a file
                    cells = json.load(f)['cells']
                valid += 1
                blocks = len(cells[0]['blocks'])
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with open(path) as f:
            run = json.load(f)
        left = run['cells'][0]
        assert run['run']['finished'] is False, run['run']
        assert blocks >= WANTED and valid > 3, (blocks, valid)
        assert len(left['blocks']) >= blocks
        accepted = left['blocks_complete'] - left['blocks_rejected']
        assert accepted == 0 or left['strategies'][0]['ops_per_s'] > 0, left['strategies'][0]


def says_at_once_that_a_file_cannot_be_written():
    """A full disk, here a limit, is found out when the first file is written."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        process = subprocess.Popen([CONTEND, 'run', '--quiet', '--workload=claps', '--threads=1',
                                    '--blocks=1000', '--window=200', '--budget=60', 'faa',
                                    f'--json={path}'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                         (100, 100)))
        first = process.stderr.readline()
        still_running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
    assert path in first and 'File too large' in first and still_running, first


def made_up(speed, placement='near', noisy=False, version=1, cpu='A processor', rejected=None,
            reference='mutex', seed=1):
    """A results file with 20 blocks: `speed` times the mutex's rate, with drift common to both."""
    r = random.Random(seed)
    blocks = []
    for number in range(20):
        drift = r.uniform(0.5, 2)
        windows = [{'strategy': 'mutex', 'ops_per_s': 1e7 * drift, 'placement': placement},
                   {'strategy': 'x', 'ops_per_s': speed * 1e7 * drift * r.uniform(0.99, 1.01),
                    'placement': placement}]
        blocks.append({'block': number, 'rejected': rejected, 'windows': windows})
    names = [{'strategy': 'x', 'verdict': 'faster'}, {'strategy': 'mutex', 'verdict': 'reference'},
             {'strategy': 'mutex_again', 'verdict': 'tie', 'again': True},
             {'strategy': 'null', 'verdict': 'floor'}]
    cell = {'name': 'counter/claps/threads:2', 'placement': placement, 'noisy': noisy,
            'strategies': names, 'blocks': blocks}
    return {'schema': 'contend.run', 'version': version, 'run': {'reference': reference},
            'session': {'cpu_model': cpu, 'commit': 'abc'}, 'cells': [cell]}


def compared(a, b, *options):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in (('a.json', a), ('b.json', b)):
            paths.append(os.path.join(folder, name))
            with open(paths[-1], 'w') as f:
                f.write(content if isinstance(content, str) else json.dumps(content))
        return contend('compare', *options, *paths)


def line_of(done, strategy):
    return [l for l in done.stdout.splitlines() if l.split()[:1] == [strategy]][0]


def compare_finds_what_changed():
    done = expect(compared(made_up(2), made_up(3, seed=2)), 0, ['faster 1x'])
    assert line_of(done, 'x').endswith('faster') and '1.5' in line_of(done, 'x'), done.stdout
    assert 'mutex_again' not in done.stdout and 'null' not in done.stdout
    done = expect(compared(made_up(3), made_up(2, seed=2), '--fail-if-slower'), 1)
    assert line_of(done, 'x').endswith('slower')
    done = expect(compared(made_up(3), made_up(3.01, seed=2), '--fail-if-slower'), 0, ['a tie 1x'])
    # The drift alone is no change; the plain rate, asked for, has it in its interval.
    done = expect(compared(made_up(2), made_up(3, seed=2), '--by=rate'), 0)
    assert not line_of(done, 'mutex').endswith('reference')


def verdicts_can_be_seen_in_their_figures():
    """Near 3 % three digits do not say on which side of the border an interval ends."""
    seen = set()
    for step in range(24):
        speed = 2 * (1.028 + 0.0008 * step) ** (1 if step % 2 else -1)
        done = expect(compared(made_up(2), made_up(speed, seed=2 + step)), 0)
        line = line_of(done, 'x')
        low, high = (float(x) for x in re.search(r'\[([\d.]+), ([\d.]+)\]', line).groups())
        verdict = line.split()[-1]
        assert (verdict == 'faster') == (low > 1.03), line
        assert (verdict == 'slower') == (high < 0.970873), line
        seen.add(verdict)
    assert seen == {'faster', 'slower', 'tie'}, seen


def compare_refuses_with_a_reason():
    good = made_up(2)
    expect(compared(good, made_up(2, version=99)), 2, err=['version 99', 'newer'])
    expect(compared(good, '{"schema": "other"}'), 2, err=["'other'", 'contend run --json'])
    expect(compared(good, '{"schema": "contend.run"}'), 2, err=['no version'])
    expect(compared(good, '{"schema": "contend.run", "version": 1}'), 2, err=['no cells'])
    expect(compared(good, '{"sch'), 2, err=['not a JSON file', 'b.json'])
    expect(compared(good, made_up(2, placement='far')), 0, ['not compared', 'near'])
    expect(compared(good, made_up(2, noisy=True)), 0, ['not compared', 'disturbed'])
    expect(compared(good, made_up(2, cpu='Another')), 0, ['Different machines', 'Another'])
    expect(compared(good, made_up(2, reference='faa')), 0, ['different references'])
    # Each cell has its own reference; the file's is for those that say none.
    own = [made_up(speed, seed=speed, reference='something else') for speed in (2, 3)]
    for file in own:
        file['cells'][0]['reference'] = 'mutex'
    done = expect(compared(*own), 0, ['faster 1x', 'B/A against reference'])
    assert line_of(done, 'mutex').endswith('reference'), done.stdout
    # A gate must not stay green because nothing was left to compare.
    expect(compared(good, made_up(2, noisy=True), '--fail-if-slower'), 1, ['not compared: 1'],
           ['nothing was compared'])
    done = expect(compared(good, made_up(2, rejected='the floor drifted')), 0, ['undecided 1x'])
    assert line_of(done, 'x').endswith('too few')
    expect(contend('compare', 'only-one.json'), 2, err=['two results files'])
    expect(contend('compare', '/nonexistent/a', '/nonexistent/b'), 2,
           err=['/nonexistent/a: No such file', '/nonexistent/b'])
    expect(contend('compare', '--by=x', 'a', 'b'), 2, err=['--by=x', 'ratio or rate'])
    expect(contend('compare', '--help'), 0, ['Usage: contend compare', 'Exit status'])


def compare_warns_of_runs_without_an_end():
    """And not of files that are older than the member that says so."""
    for member, text in (({'finished': False}, 'B is a checkpoint'),
                         ({'finished': True, 'interrupted': True}, 'B was interrupted'),
                         ({'finished': True, 'out_of_budget': True}, 'B was cut short')):
        other = made_up(2)
        other['run'].update(member)
        done = expect(compared(made_up(2), other), 0, ['WARNING: ' + text])
        assert 'WARNING: A' not in done.stdout, done.stdout
    assert 'WARNING' not in compared(made_up(2), made_up(2)).stdout


def compare_refuses_other_replays():
    """Of another log, or played otherwise: the figures mean something else."""
    def replay(**changes):
        run = made_up(2)
        run['replay'] = {'log': {'requests': 10, 'visitors': 3, 'first_ms': 5, 'last_ms': 9},
                         'ttl_ms': 30000, 'scale': 1, 'repeat': 1, 'as_logged': False}
        for key, value in changes.items():
            (run['replay']['log'] if key in run['replay']['log'] else run['replay'])[key] = value
        return run
    expect(compared(replay(), replay()), 0, ['1 cell in both'])
    for changes, text in (({'requests': 11}, 'log has other requests'),
                          ({'visitors': 4}, 'log has other visitors'),
                          ({'first_ms': 4}, 'log begins'), ({'last_ms': 8}, 'log ends'),
                          ({'ttl_ms': 1000}, '--ttl is another'),
                          ({'scale': 2}, '--scale'), ({'repeat': 2}, '--repeat')):
        done = expect(compared(replay(), replay(**changes)), 2, err=['cannot be compared', text])
        assert not done.stdout, done.stdout


def compare_lists_what_only_one_has():
    other = made_up(2)
    other['cells'][0]['name'] = 'counter/claps/threads:1'
    expect(compared(made_up(2), other), 0, ['only in A', 'only in B', '0 cells in both'])


def compare_writes_json():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'c.json')
        expect(compared(made_up(2), made_up(3, seed=2), f'--json={path}'), 0)
        with open(path) as f:
            data = json.load(f)
        entry = data['cells'][0]['strategies'][0]
        assert data['schema'] == 'contend.compare' and entry['strategy'] == 'x'
        assert entry['ratio']['low'] < 1.5 < entry['ratio']['high'], entry
        done = expect(compared(made_up(2), made_up(3), '--json=/nonexistent/c'), 1,
                      err=['/nonexistent/c', 'could not be written'])
        assert not done.stdout, done.stdout


def real_runs_compare():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('a.json', 'b.json')]
        for path in paths:
            expect(contend(*TINY, f'--json={path}'), 0)
        expect(contend('compare', *paths), 0, ['counter/claps/threads:1', '1 cell in both'])


def google_benchmarks_own_tool_reads_its_file():
    tool = '/usr/share/benchmark/compare.py'
    if not os.path.exists(tool):
        raise tap.Skip('google-benchmark\'s compare.py is not installed')
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('a.json', 'b.json')]
        for path in paths:
            expect(contend(*TINY, f'--benchmark_out={path}'), 0)
        # Debian's own interpreter, which finds Debian's modules.
        done = subprocess.run(['/usr/bin/python3', tool, 'benchmarks', *paths], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        if 'ModuleNotFoundError' in done.stdout:
            raise tap.Skip('compare.py needs a Python module: ' + done.stdout.splitlines()[-1])
        assert done.returncode == 0 and 'counter/claps/threads:1/faa' in done.stdout, done.stdout


# What takes long and goes through no code that a shorter case leaves out.
ALONE = (a_killed_run_leaves_what_it_had, says_at_once_that_a_file_cannot_be_written)


def main():
    cases = tap.Cases()
    for case in (verdicts_can_be_seen_in_their_figures, csv_says_what_json_says,
                 a_killed_run_leaves_what_it_had,
                 says_at_once_that_a_file_cannot_be_written, compare_finds_what_changed,
                 compare_refuses_with_a_reason, compare_warns_of_runs_without_an_end,
                 compare_refuses_other_replays, compare_lists_what_only_one_has,
                 compare_writes_json, real_runs_compare,
                 google_benchmarks_own_tool_reads_its_file):
        run = cases.run_alone if case in ALONE else cases.run
        run(case.__name__.replace('_', ' '), case)
    # It looks for entries that a build with a share of them need not have.
    cases.run_whole('a cell says what it does not have', a_cell_says_what_it_does_not_have)
    cases.finish()


if __name__ == '__main__':
    main()
