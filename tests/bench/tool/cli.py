#!/usr/bin/env python3
"""The tool's behaviour at the command line.

Usage: cli.py CONTEND
"""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

FAST = ['--quiet', '--no-floors']
# A plan that takes a second.  Calibrating takes three more, and has a case of its own.
SHORT = ['run', '--quiet', '--workload=claps', '--threads=1', '--blocks=3', '--window=5', 'faa']
TINY = [*SHORT, '--no-floors']


def helps():
    expect(contend('--help'), 0, ['Usage: contend', 'list', 'run'])
    expect(contend('help', 'run'), 0, ['Usage: contend run', '--budget'])
    expect(contend('run', '--help'), 0, ['Exit status'])
    expect(contend('list', '--help'), 0, ['Usage: contend list'])
    expect(contend('--version'), 0, ['contend 0.'])
    expect(contend(), 2, err=['Usage'])


def names_the_nearest():
    expect(contend('lst'), 2, err=["'lst'", "'list'"])
    expect(contend('run', 'pre_thread'), 2, err=["'pre_thread'", "'per_thread'"])
    expect(contend('run', '--workload=clap'), 2, err=["'clap'", "'claps'"])
    expect(contend('run', '--reference=mutx'), 2, err=["'mutx'", "'mutex'"])
    expect(contend('run', '--skew=zip'), 2, err=['zip', 'zipf'])
    expect(contend('run', '--jsn=x'), 2, err=["contend run: ", "'--jsn'", "mean '--json'?"])
    expect(contend('replay', '--strategy=locks/mutex', 'x'), 2,
           err=["'locks/mutex' is a lock, which is not compared here"])
    expect(contend('run', 'counters/packed'), 2, err=["mean 'presence_map/packed'?"])
    for far in (['list', 'counters/xyz'], ['qqqqqqq'], ['run', 'qqqqqqq'], ['run', '--qqqqqqq'], ['run', '--workload=qqqq'],
                ['costs', 'qqqqqqq'], ['lift', 'qqqqqqq', 'x']):
        done = expect(contend(*far), 2, err=["'" + far[-1].split('=')[-1] if far[0] != 'lift'
                                             else "'qqqqqqq'"])
        assert 'did you mean' not in done.stderr, done.stderr


def complaints_begin_alike():
    """One sentence, which begins with the command and goes on further in: also where getopt or google-benchmark complains."""
    for command in ('run', 'replay', 'costs', 'compare', 'lift', 'list'):
        for bad in (['--frobnicate'], ['-Z'], ['--help=3']):
            done = expect(contend(command, *bad), 2, err=[bad[0].split('=')[0]])
            assert done.stderr.startswith(f'contend {command}: '), done.stderr
            assert all(line.startswith('  ') for line in done.stderr.splitlines()[1:]), done.stderr
    for bad in (['run', '--budget'], ['run', '--b=1'], ['run', '--benchmark_frobnicate=1'],
                ['run', '--benchmark_filter=('], ['run', '--benchmark_filter=no_such_case'],
                ['list', 'fa'], ['list', '--json', '--names'], ['list', '--json', 'faa'], ['compare', 'one'],
                ['run', '--benchmark_out_format=csv'], ['lift', 'faa', '--from=/nonexistent', 'x']):
        done = contend(*bad)
        assert done.returncode in (1, 2), (bad, done)
        assert done.stderr.startswith(f'contend {bad[0]}: '), done.stderr


def listed_names(*arguments):
    return expect(contend('run', '--benchmark_list_tests', *arguments), 0).stdout.split()


def listed(*arguments):
    """The strategies that are compared, by object."""
    return {re.sub('/.*/', '/', name) for name in listed_names('--threads=1', *arguments)}


def names_may_have_a_folder():
    """Then only the strategy in that folder is meant."""
    def cells(*families):
        """What stands beside the strategies that are asked for: floors and the reference."""
        return {f'{f}/{n}' for f in families for n in ('null', 'mutex', 'mutex_again')} - {'lock/null'}
    everywhere = {'lock/mcs', 'counter/mcs', 'claps/mcs', 'presence/mcs'}
    assert listed('mcs') == cells('lock', 'counter', 'claps', 'presence') | everywhere
    assert listed('counters/mcs', 'presence_map/mcs') == \
        cells('counter', 'presence') | everywhere - {'lock/mcs', 'claps/mcs'}
    assert listed('counters/mcs') == cells('counter') | {'counter/mcs'}
    assert listed('counters/claps/mcs') == cells('claps') | {'claps/mcs'}
    assert listed('locks/mcs') == cells('lock') | {'lock/mcs'}
    assert listed('counters/mcs', 'packed') == \
        cells('counter', 'presence') | {'counter/mcs', 'presence/packed'}
    expect(contend('run', '--reference=counters/mutex'), 2, err=['without a folder'])


def says_which_option_leaves_a_name_out():
    expect(contend('run', '--object=counter', 'packed'), 2,
           err=["'packed' is a presence map", '--object=counter'])
    expect(contend('replay', '--strategy=faa', '--object=presence', 'x'), 2,
           err=["'faa' is a counter", '--object=presence'])


def objects_are_the_families():
    for command in (['run'], ['replay', 'x']):
        expect(contend(*command, '--object=clap'), 2, err=[' or presence is wanted'])
    expect(contend('run', '--object=clap'), 2, err=['lock, counter, claps, distinct or presence'])
    expect(contend('replay', '--object=lock', 'x'), 2, err=['--object=lock: counter or presence'])
    objects = expect(contend('list', '--objects'), 0).stdout.split()
    for name in objects:
        assert {n.split('/')[0] for n in listed_names(f'--object={name}')} == {name}
    workloads = expect(contend('list', '--workloads'), 0).stdout.split()
    for name in workloads:
        assert {n.split('/')[1] for n in listed_names(f'--workload={name}', '--threads=1')} == {name}
    expect(contend('list', '--objects', '--names'), 2, err=['not several'])


def defaults_are_the_core_shelf():
    data = json.loads(expect(contend('list', '--json'), 0).stdout)
    keys = {'lock': 'locks', 'counter': 'counters', 'claps': 'claps', 'presence': 'presence_maps'}
    for family, key in keys.items():
        working = {e['name']: e['shelf'] for e in data[key] if not e['exhibit'] and not e['floor']}
        assert set(working.values()) == {'core', 'study'}, working
        core = {name for name, shelf in working.items() if shelf == 'core'}
        for options, wanted in (([], core), (['--all'], set(working))):
            names = {n.split('/')[-1] for n in listed_names(f'--object={family}', *options)}
            assert names - {'null', 'mutex_again'} == wanted, (family, options, names ^ wanted)


def refuses_bad_numbers():
    for option in ('threads', 'users', 'blocks', 'window', 'budget', 'seed',
                   'benchmark_repetitions'):
        for bad in ('', '-1', 'x', '1x', '99999999999999999999999'):
            expect(contend('run', f'--{option}={bad}'), 2,
                   err=[f'--{option}={bad}', 'whole number'])
    expect(contend('run', '--threads=65'), 2, err=['1 to 64'])
    expect(contend('run', '--threads=0'), 2, err=['1 to 64'])


def numbers_have_one_syntax():
    """k, K and M everywhere; a unit behind the number where the option has one."""
    def cells(*options):
        return listed_names('--workload=heartbeats', '--threads=1', 'mutex', *options)
    assert cells('--users=2K') == cells('--users=2k') == cells('--users=2000')
    assert cells('--users=1M') == cells('--users=1000000')
    assert cells('--budget=10s', '--window=5ms') == cells('--budget=10', '--window=5')
    for bad in ('--budget=10m', '--budget=10ms', '--window=5s', '--budget=1ks', '--users=1s'):
        expect(contend('run', bad), 2, err=[bad, 'whole number'])
    expect(contend('replay', '--ttl=5x', 'x'), 2, err=['--ttl=5x', 'whole number'])
    expect(contend('replay', '--ttl=5s', '--budget=9s', '/nonexistent'), 1, err=['/nonexistent'])


def refuses_what_it_would_ignore():
    for option, workload in (('users', 'claps,claps_posts'), ('posts', 'claps,heartbeats'),
                             ('skew', 'claps'), ('disjoint', 'claps')):
        value = {'skew': '=hot', 'disjoint': ''}.get(option, '=1k')
        expect(contend('run', f'--workload={workload}', f'--{option}{value}'), 2,
               err=[f'--{option} would be ignored'])
    expect(contend('run', '--users=1k', '--object=counter'), 2, err=['--users would be ignored'])
    expect(contend('run', '--users=1k', 'faa'), 2, err=['--users would be ignored'])
    expect(contend('run', '--all', '--workload=claps', 'faa'), 2, err=['--all would be ignored'])
    for option in ('--blocks=3', '--window=5', '--csv=x', '--windows=x'):
        expect(contend('replay', '--speed=2', option, 'x'), 2,
               err=[f'{option.split("=")[0]} would be ignored', '--speed'])
    expect(contend('replay', '--format=log', '--columns=1,2', 'x'), 2, err=['--columns would be'])
    expect(contend('replay', '--format=log', '--delimiter=;', 'x'), 2, err=['--delimiter would'])


def picks_nothing_without_a_reference():
    for _ in range(5):
        done = contend('run', '--quiet', '--no-floors', '--workload=claps', '--threads=1',
                       '--blocks=3', '--window=5', '--reference=packed', 'faa', 'cas')
        if 'of the blocks were disturbed' not in done.stdout:
            expect(done, 0, ['no pick: the reference is not in this cell'])
            return
    raise tap.Skip('the machine is too busy: a noisy cell says so first')


def refuses_unknown_options():
    expect(contend('run', '--frobnicate'), 2, err=['frobnicate'])
    expect(contend('run', '--benchmark_frobnicate=1'), 2, err=['benchmark_frobnicate'])
    expect(contend('run', '--benchmark_format=xml'), 2, err=['json, csv or console'])
    expect(contend('run', '--benchmark_filter=('), 2, err=['benchmark_filter'])
    expect(contend('run', '--benchmark_filter=no_such_case'), 2, err=['nothing is left'])
    expect(contend('list', 'fa'), 2, err=["'fa'"])


def prints_a_table():
    for _ in range(5):  # on a busy machine all three blocks may be rejected: then no table
        done = expect(contend(*SHORT), 0, ['CLAP COUNTER', 'What to take', 'cpu_model',
                                           'locked add'])
        if 'no block was completed and accepted' not in done.stdout:
            break
    else:
        raise tap.Skip('every block was disturbed, five times over')
    planned = re.search(r'threads:1 +(\d+) strategies, +3 blocks\n', done.stdout)
    rows = re.findall(r'^  \w+ +\d.*(faster|slower|tie|reference|too few|noisy|floor)$',
                      done.stdout, flags=re.M)
    assert planned and len(rows) == int(planned.group(1)) + 1, done.stdout  # and null
    assert 'Plan: 1 cell, up to 3 blocks each, up to 12 windows' in done.stdout, done.stdout
    for word in ('strategy', 'faa', 'mutex', 'reference'):
        assert word in done.stdout, done.stdout
    assert '\033' not in done.stdout + done.stderr, 'colour although piped'
    assert 'nan' not in done.stdout.lower(), done.stdout
    for line in done.stdout.splitlines():
        assert len(line) <= 80, f'a long line: {line}'
    colored = expect(contend(*TINY, '--color=always'), 0)
    assert '\033[' in colored.stdout


def picks_name_whom_they_praise():
    """Of two that are as fast, the sentence names both and says what speaks for one; and no name is left out."""
    for _ in range(12):  # a disturbed cell makes no pick, and one may come out ahead
        done = expect(contend('run', *FAST, '--workload=claps', '--threads=1', '--blocks=5',
                              '--window=5', 'per_thread', 'rcu'), 0)
        picks = ' '.join(done.stdout.split('What to take, load by load')[1].split('What to keep in mind')[0].split())
        assert not re.search(r'\dx the|\bits |more are', picks), picks
        said = re.search(r'(\w+), [^:]* times the reference: (\w+) is as fast, and (\w+) is simpler', picks)
        if said:
            assert said.groups() == ('per_thread', 'rcu', 'per_thread'), picks
            return
    raise tap.Skip('there was no tie in twelve runs')


def spoilt_runs_say_what_to_do():
    """Beside the table and as the last words; and nothing of it where nothing was spoilt."""
    done = expect(contend('run', *FAST, '--workload=claps', '--threads=1', '--blocks=1000',
                          '--budget=1', 'faa'), 0, ['CUT SHORT by the budget: ', 'of 1,000 blocks'])
    last = ' '.join(done.stdout.split('\nBefore you rely on this\n')[1].split())
    wanted = re.search(r'The budget of 1 s ended 1 cell .* About --budget=(\d+) is wanted', last)
    assert wanted and int(wanted.group(1)) > 30, last
    hogs = [subprocess.Popen([sys.executable, '-c', 'while True: pass'])
            for _ in range(2 * len(os.sched_getaffinity(0)))]
    try:
        done = expect(contend('run', *FAST, '--workload=claps', '--threads=1', '--blocks=4',
                              'faa'), 0)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    assert re.search(r'\n  NOISY: \d of 4 blocks were disturbed', done.stdout), done.stdout
    last = ' '.join(done.stdout.split('\nBefore you rely on this\n')[1].split())
    assert '1 of 1 cell was noisy' in last and 'budget' not in last, last
    for _ in range(10):
        done = expect(contend(*TINY, '--window=1'), 0)
        if 'so nothing is ranked' not in done.stdout:
            assert 'Before you rely' not in done.stdout, done.stdout
            return
    raise tap.Skip('the machine was never quiet')


def measures_maps_and_mixes():
    expect(contend('run', *FAST, '--workload=churn_sweep,claps_50_50', '--users=1k',
                   '--threads=2', '--blocks=2', '--window=5', '--skew=zipf', 'mutex'), 0,
           ['PRESENCE MAP', 'zipf keys', 'CLAP COUNTER', 'churn_sweep'])
    expect(contend('run', *FAST, '--workload=heartbeats', '--users=1000', '--threads=2',
                   '--blocks=2', '--window=5', '--disjoint', '--skew=uniform', 'packed'), 0,
           ['disjoint'])


def shows_the_exhibit_as_wrong():
    """The exhibit loses claps with two threads: its line has the loss and no rate."""
    for _ in range(5):  # on one processor it needs an unlucky preemption
        done = contend('run', *FAST, '--workload=claps', '--threads=4', '--blocks=2',
                       '--window=30', 'plain')
        assert done.returncode == 0, done.stderr  # it was meant to fail
        line = [l for l in done.stdout.splitlines() if l.strip().startswith('plain')][0]
        if 'WRONG' in line:
            assert 'lost' in line and 'claps' in line, line
            return
    raise tap.Skip('the exhibit lost nothing in five runs; see the duels')


def files_fail_loudly():
    """At once where that can be known, with nothing measured and nothing left behind."""
    for option in ('--json', '--csv', '--windows', '--benchmark_out'):
        for bad in ('/nonexistent/x.json', '/', '/dev/null/x', ''):
            done = expect(contend(*TINY, f'{option}={bad}'), 1,
                          err=[f'{option}={bad}: could not be written: '])
            assert not done.stdout, done.stdout
        if os.path.exists('/dev/full'):  # known only when it is written: the table is not lost
            expect(contend(*TINY, f'{option}=/dev/full'), 1, ['What to take'],
                   ['/dev/full', 'could not be written'])
    with tempfile.TemporaryDirectory() as folder:
        good, kept = os.path.join(folder, 'good.json'), os.path.join(folder, 'kept.json')
        with open(kept, 'w') as f:
            f.write('older')
        expect(contend(*TINY, f'--json={good}', f'--csv={kept}', '--windows=/nonexistent/x'), 1)
        assert os.listdir(folder) == ['kept.json'], os.listdir(folder)
        with open(kept) as f:
            assert f.read() == 'older'


def files_are_written_whole():
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, 'a.json'), os.path.join(folder, 'b.json')
        expect(contend(*SHORT, f'--json={ours}', f'--benchmark_out={theirs}'), 0)
        assert sorted(os.listdir(folder)) == ['a.json', 'b.json'], os.listdir(folder)
        with open(ours) as f:
            run = json.load(f)
        assert run['schema'] == 'contend.run' and run['version'] == 1
        assert run['session']['cpu_model'] and run['calibration']['locked_ns'] > 0
        cell = run['cells'][0]
        assert cell['name'] == 'counter/claps/threads:1'
        assert len(cell['blocks']) == 3 and len(cell['blocks'][0]['windows']) == 4
        assert {s['strategy'] for s in cell['strategies']} == {'null', 'mutex', 'mutex_again',
                                                               'faa'}
        with open(theirs) as f:
            gb = json.load(f)
        assert gb['context']['num_cpus'] >= 1
        assert len(gb['benchmarks']) == 12
        assert all(b['time_unit'] == 'ns' for b in gb['benchmarks'])
        # On a busy machine a window may end before its worker has run: it has no rate.
        measured = [b for b in gb['benchmarks'] if b['ops_per_s'] > 0]
        if not measured:
            raise tap.Skip('no worker got to run')
        for b in measured:  # what compare.py reads
            assert b['real_time'] > 0


def google_benchmark_flags_work():
    listed = expect(contend('run', '--benchmark_list_tests', '--workload=claps', '--threads=1,2',
                            'faa'), 0).stdout.split()
    assert len(listed) == len(set(listed)) == 8, listed
    filtered = expect(contend('run', '--benchmark_list_tests', '--benchmark_filter=threads:2/faa'),
                      0).stdout.split()
    assert filtered and all('threads:2/faa' in name for name in filtered), filtered
    done = expect(contend('run', *FAST, '--workload=claps', '--threads=1', '--window=5', 'faa',
                          '--benchmark_format=json', '--benchmark_repetitions=2'), 0,
                  err=['CLAP COUNTER'])
    assert len(json.loads(done.stdout)['benchmarks']) == 8
    done = expect(contend(*TINY, '--benchmark_format=csv'), 0)
    rows = [r for r in csv.reader(io.StringIO(done.stdout)) if r and r[0].startswith('counter/')]
    assert len(rows) == 12, done.stdout
    expect(contend(*TINY, '--benchmark_format=console'), 0, ['counter/claps/threads:1/faa'])
    expect(contend(*TINY, '--benchmark_min_time=1'), 0, err=['--window'])


def list_is_complete():
    table = expect(contend('list', '--wide'), 0, ['LOCKS', 'CLAP COUNTERS', 'PRESENCE MAPS']).stdout
    data = json.loads(expect(contend('list', '--json'), 0).stdout)
    assert data['schema'] == 'contend.list'
    for room in ('locks', 'counters', 'presence_maps'):
        names = [e['name'] for e in data[room]]
        assert names and len(names) == len(set(names)), names
        for entry in data[room]:
            assert entry['title'] and entry['reference'], entry
            assert f"  {entry['name']} " in table, entry['name']
    maps = table.split('PRESENCE MAPS', 1)[1]
    word = {'unbounded_if_a_reader_stalls': 'stall'}
    for entry in data['presence_maps']:
        row = re.search(rf"^  {entry['name']} +\d.*$", maps, flags=re.M).group(0).split()
        at = row.index(word.get(entry['backlog'], entry['backlog']))
        assert row[at + 1] == (entry['library'] or '-'), row
        assert row[at - 1] in ('yes', 'no'), row
        shown = {'-', 'study', 'broken', 'floor', *row[at + 2:at + 4]}
        own = ','.join(dict.fromkeys(re.sub(r'\..*', '.*', o['name']) for o in entry['options'])) or '-'
        assert any(own == s or s.endswith(',...') and own.startswith(s[:-3]) for s in shown), (row, own)
    tables, legend = table.split('\n  bytes     of', 1)
    for line in tables.splitlines():
        columns = re.match(r'  \w+ +\d+ +\d+  (\S+) +(\S+) ', line)
        for word in re.split('[/ ]', ' '.join(columns.groups())) if columns else ():
            assert word.rstrip('*') in legend, f'{word} is not explained'
    assert '*' in tables and '  *  ' in legend


def memory_is_what_the_list_says():
    """A counter's bytes at the end of a window: its own and those of its threads."""
    entries = {e['name']: e for e in
               json.loads(contend('list', '--json').stdout)['counters']}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        expect(contend('run', *FAST, '--workload=claps', '--threads=1,3', '--blocks=1',
                       '--window=1', '--all', f'--json={path}'), 0)
        with open(path) as f:
            cells = json.load(f)['cells']
    for cell in cells:
        for window in cell['blocks'][0]['windows']:
            entry = entries[window['strategy'].replace('_again', '')]
            wanted = (entry['bytes'] + cell['threads'] * entry['bytes_per_thread']
                      + os.sysconf('SC_NPROCESSORS_CONF') * entry['bytes_per_cpu'])
            if 'error' in window:
                continue
            if entry['grows'] and cell['threads'] > 1:
                assert window['bytes_per_item'] >= wanted, (window, wanted)
            else:
                assert window['bytes_per_item'] == wanted, (window, wanted)
    assert len(cells) == 2 and len(cells[0]['blocks'][0]['windows']) > 5


def blocks_in(path):
    """How many blocks of the first cell the file has; it is written anew after each."""
    if not os.path.exists(path):
        return 0
    with open(path) as f:
        cells = json.load(f)['cells']
    return len(cells[0]['blocks']) if cells else 0


def interrupt_reports_what_there_is():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        process = subprocess.Popen([CONTEND, 'run', '--quiet', '--workload=claps', '--threads=1',
                                    '--blocks=1000', '--window=200', '--budget=600', 'faa',
                                    f'--json={path}'], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not blocks_in(path) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, (process.returncode, out, err)
        assert 'Interrupted' in out and 'What to take' in out, out
        with open(path) as f:
            run = json.load(f)
        assert run['run']['interrupted'] is True
        assert 0 < len(run['cells'][0]['blocks']) < 1000
        assert os.listdir(folder) == ['r.json']


def seed_gives_the_same_order():
    orders = []
    for seed in ('7', '7', '8'):
        done = expect(contend(*TINY, f'--seed={seed}', '--benchmark_format=json'), 0)
        orders.append([b['name'] for b in json.loads(done.stdout)['benchmarks']])
    assert orders[0] == orders[1], 'one seed, two orders'
    assert orders[0] != orders[2], 'two seeds, one order'


# What takes long and goes through no code that a shorter case leaves out.
ALONE = (prints_a_table,
         picks_name_whom_they_praise,
         spoilt_runs_say_what_to_do,
         interrupt_reports_what_there_is)

# What looks for entries that a build with a share of them need not have.
WHOLE = (names_may_have_a_folder, defaults_are_the_core_shelf, list_is_complete)


def main():
    cases = tap.Cases()
    for case in (helps, names_the_nearest, complaints_begin_alike, names_may_have_a_folder,
                 says_which_option_leaves_a_name_out, objects_are_the_families, defaults_are_the_core_shelf, numbers_have_one_syntax,
                 refuses_what_it_would_ignore, refuses_bad_numbers, refuses_unknown_options,
                 picks_nothing_without_a_reference,
                 prints_a_table, picks_name_whom_they_praise,
                 spoilt_runs_say_what_to_do, measures_maps_and_mixes, shows_the_exhibit_as_wrong,
                 files_fail_loudly, files_are_written_whole, google_benchmark_flags_work,
                 list_is_complete, memory_is_what_the_list_says, interrupt_reports_what_there_is,
                 seed_gives_the_same_order):
        run = cases.run_alone if case in ALONE else cases.run_whole if case in WHOLE else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
