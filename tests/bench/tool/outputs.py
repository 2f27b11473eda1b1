#!/usr/bin/env python3
"""What the tool writes, where, and what it says when it cannot: files, links, devices, pipes.

Usage: outputs.py CONTEND
"""

import csv
import io
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile

import tap
from tool import CONTEND, contend, expect, flowing

TINY = ['run', '--quiet', '--no-floors', '--workload=claps', '--threads=1', '--blocks=2',
        '--window=1', 'faa']
LOG = 'time,user,post\n' + ''.join(f'{1_500_000_000 + i},u{i % 50},p{i % 7}\n' for i in range(400))
REPLAY = ['replay', '--quiet', '--no-floors', '--budget=1', '--blocks=1', '--threads=1',
          '--strategy=mutex']


def put(folder, name, text=''):
    path = os.path.join(folder, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


def without_power():
    """Before the tool runs: a mistake in it must not be able to replace a device."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(54321, 54321, 54321)
        os.setresuid(54321, 54321, 54321)


def needs_others_to_run_it():
    """Root's own folders are closed to the user without power."""
    try:
        subprocess.run([CONTEND, '--version'], stdout=subprocess.DEVNULL, preexec_fn=without_power,
                       check=True)
    except PermissionError:
        raise tap.Skip('another user cannot run the tool where it was built') from None


def is_run(path):
    with open(path) as f:
        return json.load(f)['schema'] == 'contend.run'


def dash_is_standard_output():
    """The data alone are there; what is printed for people goes to standard error."""
    needs_others_to_run_it()
    for name in ('-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'):
        done = expect(contend(*TINY, f'--json={name}', preexec_fn=without_power), 0,
                      err=['What to take'])
        assert json.loads(done.stdout)['run']['finished'] is True, done.stdout[:200]
    table = list(csv.DictReader(io.StringIO(expect(contend(*TINY, '--csv=-'), 0).stdout)))
    assert {'faa', 'mutex'} <= {line['strategy'] for line in table}, table
    with tempfile.TemporaryDirectory() as folder:
        log, a = put(folder, 'log.csv', LOG), os.path.join(folder, 'a.json')
        done = expect(contend(*REPLAY, '--json=-', log), 0, err=['400 requests'])
        assert json.loads(done.stdout)['replay']['log']['requests'] == 400
        done = expect(contend(*REPLAY, '--curve=-', log), 0, err=['400 requests'])
        assert done.stdout.startswith('time_ms,online\n'), done.stdout[:100]
        expect(contend(*TINY, f'--json={a}'), 0)
        done = expect(contend('compare', a, a, '--json=-'), 0, err=['1 cell in both'])
        assert json.loads(done.stdout)['schema'] == 'contend.compare'
        done = expect(contend('costs', '--quiet', '--json=-', 'counters/faa',
                              '--benchmark_min_time=0.0001'), 0, err=['CLAP COUNTERS'])
        assert json.loads(done.stdout)['schema'] == 'contend.costs'


def redirected_output_is_not_replaced():
    needs_others_to_run_it()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'all.txt')
        with open(path, 'w') as f:
            done = subprocess.run([CONTEND, *TINY, '--json=/dev/stdout'], stdout=f, timeout=120,
                                  stderr=subprocess.PIPE, text=True, preexec_fn=without_power)
        assert done.returncode == 0 and 'What to take' in done.stderr, done
        assert is_run(path)
        with open(path, 'w') as f:
            done = subprocess.run([CONTEND, *TINY, f'--json={path}'], stdout=f, timeout=120,
                                  stderr=subprocess.PIPE, text=True)
        assert done.returncode == 2 and "'-' means standard output" in flowing(done.stderr), done
        assert os.path.getsize(path) == 0


def inputs_are_not_overwritten():
    with tempfile.TemporaryDirectory() as folder:
        log, rules = put(folder, 'log.csv', LOG), put(folder, 'mine.rules', 'version=2\nrule=x:%a:word%\n')
        link, hard = os.path.join(folder, 'link.csv'), os.path.join(folder, 'hard.csv')
        os.symlink('log.csv', link)
        os.link(log, hard)
        for name in (log, link, hard, os.path.join(folder, '.', 'log.csv')):
            for option in ('json', 'csv', 'windows', 'curve'):
                expect(contend(*REPLAY, f'--{option}={name}', log), 2,
                       err=[f'--{option}={name}: it is an input'])
        with open(log) as f:
            done = contend(*REPLAY, f'--json={log}', '-', stdin=f)
        expect(done, 2, err=['it is an input', 'standard input'])
        expect(contend(*REPLAY, f'--rules={rules}', f'--json={rules}', log), 2,
               err=['it is an input'])
        a = os.path.join(folder, 'a.json')
        expect(contend(*TINY, f'--json={a}'), 0)
        expect(contend('compare', f'--json={a}', a, a), 2, err=['it is an input'])
        expect(contend('report', f'--out={a}', a), 1, err=['it is an input'])
        with open(log) as f:
            assert f.read() == LOG
        assert is_run(a)


def two_outputs_are_two_files():
    with tempfile.TemporaryDirectory() as folder:
        a = put(folder, 'a')
        os.symlink('a', os.path.join(folder, 'b'))
        for first, second in ((a, a), (a, os.path.join(folder, 'b')), ('-', '/dev/stdout')):
            expect(contend(*TINY, f'--json={first}', f'--csv={second}'), 2,
                   err=[f'--csv={second}: it would overwrite', '--json'])
        expect(contend(*TINY, '--json=/dev/null', '--csv=/dev/null'), 0)


def links_are_followed_and_modes_kept():
    with tempfile.TemporaryDirectory() as folder:
        target, link = put(folder, 'target.json', 'old'), os.path.join(folder, 'link.json')
        os.chmod(target, 0o640)
        if os.geteuid() == 0:
            os.chown(target, 54321, 54322)
        before = os.stat(target)
        os.symlink('target.json', link)
        expect(contend(*TINY, f'--json={link}'), 0)
        after = os.stat(target)
        assert os.path.islink(link) and is_run(target)
        assert (after.st_mode, after.st_uid, after.st_gid) == \
            (before.st_mode, before.st_uid, before.st_gid), after
        # A second name of the file, and one of a file that is not there yet.
        hard, nowhere = os.path.join(folder, 'hard.json'), os.path.join(folder, 'nowhere.json')
        put(folder, 'target.json', 'old')
        os.link(target, hard)
        os.symlink('made.json', nowhere)
        expect(contend(*TINY, f'--json={hard}'), 0)
        assert os.path.samefile(hard, target) and is_run(target)
        expect(contend(*TINY, f'--json={nowhere}'), 0)
        assert os.path.islink(nowhere) and is_run(os.path.join(folder, 'made.json'))
        fresh = os.path.join(folder, 'fresh.json')
        umask = os.umask(0o027)
        try:
            expect(contend(*TINY, f'--json={fresh}'), 0)
        finally:
            os.umask(umask)
        assert os.stat(fresh).st_mode & 0o777 == 0o640
        assert sorted(os.listdir(folder)) == ['fresh.json', 'hard.json', 'link.json', 'made.json',
                                              'nowhere.json', 'target.json']


def pipes_get_one_whole_text():
    """Not a state after each block, of which a reader would see the first only."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'pipe')
        os.mkfifo(path)
        process = subprocess.Popen([CONTEND, *TINY, f'--json={path}'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        with open(path) as f:
            run = json.load(f)
        assert run['run']['finished'] is True and len(run['cells'][0]['blocks']) == 2
        assert process.wait(120) == 0, process.stderr.read()
        process.stderr.close()
        assert stat.S_ISFIFO(os.stat(path).st_mode)


def reports_that_do_not_arrive_are_failures():
    if not os.path.exists('/dev/full'):
        raise tap.Skip('there is no /dev/full')
    with tempfile.TemporaryDirectory() as folder:
        log, a = put(folder, 'log.csv', LOG), os.path.join(folder, 'a.json')
        expect(contend(*TINY, f'--json={a}'), 0)
        commands = [['--help'], ['--version'], ['list'], ['list', '--json'], ['run', '--help'], TINY,
                    [*TINY, '--json=-'], [*TINY, '--benchmark_format=json'],
                    [*TINY, '--benchmark_list_tests'], [*REPLAY, log], ['compare', a, a],
                    ['lift', 'counters/faa', os.path.join(folder, 'lifted')],
                    ['costs', '--quiet', 'counters/faa', '--benchmark_min_time=0.0001'],
                    ['latency', '--quiet', '--rate=0.1', '--length=1', '--workload=claps', 'faa'],
                    ['stall', '--quiet', '--object=counter', '--trials=2', '--budget=1', 'faa'],
                    ['memory', '--quiet', '--object=counter', '--part=bytes', '--users=1k', 'faa'],
                    ['fairness', '--quiet', '--threads=1', '--length=1', '--budget=1', 'ticket'],
                    ['iterations', '--quiet', '--object=counter', '--threads=1', '--budget=1', 'faa'],
                    ['pick', '--quiet', '--object=counter', '--budget=1', f'--from={a}'],
                    ['report', f'--out={os.path.join(folder, "a.html")}', a],
                    ['check', '--quiet', '--budget=5', 'counters/faa']]
        for command in commands:
            with open('/dev/full', 'w') as full:
                done = subprocess.run([CONTEND, *command], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=120)
            assert done.returncode == 1 and \
                'could not be written: No space left on device' in flowing(done.stderr), (command, done)


def a_reader_may_go_away():
    for command in (['list', '--json'], [*TINY, '--json=-']):
        process = subprocess.Popen([CONTEND, *command], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert process.wait(120) in (-13, 0, 1), process.returncode
        assert 'No space' not in err, err


def a_limit_of_sizes_is_no_signal():
    """ulimit -f: said at once, and the run goes on to its table."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'a.json')
        done = contend(*TINY, f'--json={path}',
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        expect(done, 1, ['What to take'], ['could not be written: File too large'])
        assert os.listdir(folder) == []


def each_line_has_the_columns():
    """A value with a comma, as the promises of a fair lock have one, is one value."""
    lines = ['run', '--quiet', '--no-floors', '--threads=1', '--blocks=2', '--window=1', '--workload=sections', 'ticket']
    table = list(csv.DictReader(io.StringIO(expect(contend(*lines, '--csv=-'), 0).stdout), restkey='too many'))
    fair = [row for row in table if row['strategy'] == 'ticket']
    assert len(fair) == 1 and ',' in fair[0]['reads'], table
    assert all('too many' not in row and None not in row.values() and row['pick'] in '01' for row in table), table


def what_has_no_answer_is_named():
    """Two blocks rank nothing; then the short answer says of which object it knows nothing, and where to look."""
    out = expect(contend(*TINY), 0).stdout
    answer = ' '.join(out[out.index('The short answer'):out.index('Mops/s:')].split())
    assert 'CLAP COUNTERS: no answer, since its cell could not be ranked.' in answer, answer
    assert 'p99.9' not in answer, answer


def csv_needs_no_first_result():
    """google-benchmark's reporter took its columns from a first window without a result."""
    for _ in range(2):
        done = expect(contend('run', '--quiet', '--no-floors', '--workload=claps_posts',
                              '--posts=100M', '--threads=2', '--blocks=1', '--window=1',
                              '--benchmark_format=csv', 'striped', 'faa'), 0)
        lines = [line for line in done.stdout.splitlines() if line.startswith(('name,', '"'))]
        rows = list(csv.DictReader(lines))
        assert any(row['error_occurred'] == 'true' for row in rows), done.stdout
        assert {'ops_per_s', 'readers_per_s', 'run_delay', 'line_ns', 'block'} <= set(rows[0])


def main():
    cases = tap.Cases()
    for case in (dash_is_standard_output, redirected_output_is_not_replaced,
                 inputs_are_not_overwritten, two_outputs_are_two_files,
                 links_are_followed_and_modes_kept, pipes_get_one_whole_text,
                 reports_that_do_not_arrive_are_failures, a_reader_may_go_away,
                 a_limit_of_sizes_is_no_signal, each_line_has_the_columns,
                 what_has_no_answer_is_named, csv_needs_no_first_result):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
