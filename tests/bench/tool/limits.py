#!/usr/bin/env python3
"""The tool where threads and memory are scarce: it ends with a sentence, never by a signal.

`WRONG` is kept for answers that are wrong.  The limits are the process's own (prlimit); a
control group's pids.max and memory.max make the same calls fail, and are not set here.

Usage: limits.py CONTEND
"""

import json
import os
import resource
import subprocess
import sys
import tempfile

import tap
from tool import CONTEND, contend, expect, flowing

STRANGER = 54321  # a user without any process, so that all of the limit is left


def entries(*families):
    """Those that are right: an exhibit's answers are WRONG as they should be."""
    listed = json.loads(contend('list', '--json').stdout).values()
    entries = [e for part in listed if isinstance(part, list) for e in part
               if isinstance(e, dict) and e.get('exhibit') is False and not e['floor']]
    return [f"{folder}/{e['name']}" for e in entries
            if (folder := os.path.dirname(e['header'])) in families]


def some(names):
    """A share of today's, or all of them thinned out to what one command takes."""
    chosen = tap.share(names)
    return chosen[::-(-len(chosen) // 40)]


COMPARED = some(entries('counters', 'presence_map'))
MAPS = some(entries('presence_map'))
RUN = ['run', '--quiet', '--no-floors', '--workload=heartbeats,claps', '--users=1k', '--threads=2',
       '--blocks=1', '--window=1', '--budget=30', *COMPARED]
LATENCY = ['latency', '--quiet', '--object=presence', '--users=1k', '--threads=2', '--rate=0.1',
           '--length=1', '--budget=20', *MAPS]
REPLAY = ['replay', '--quiet', '--no-floors', '--budget=1', '--threads=2',
          '--strategy=' + ','.join(COMPARED)]


# Every command that makes threads or processes, on the least that it can do.
SHORT = '--budget=2'
WITH_THREADS = {
    'cache': ['--window=10', SHORT],
    'check': [SHORT, 'counters/faa'],
    'end-to-end': ['--window=50', SHORT],
    'fairness': ['--length=1', SHORT, 'ticket'],
    'gallery': [SHORT],
    'hold': ['--window=50', SHORT],
    'iterations': ['--object=counter', '--threads=3', SHORT, 'faa'],
    'latency': ['--workload=claps', '--rate=0.1', '--length=1', SHORT, 'faa'],
    'memory': ['--object=counter', '--users=1k', SHORT, 'faa'],
    'oversubscribe': ['--object=counter', '--length=1', SHORT, 'faa'],
    'partition': ['--budget=6'],
    'pick': ['--object=counter', '--users=1k', SHORT, 'faa', 'cas'],
    'posts': ['--window=10', SHORT],
    'push': ['--subscribers=10', '--budget=6'],
    'replay': ['--no-floors', SHORT, '--threads=2', '--strategy=faa,packed'],
    'rows': ['--budget=6'],
    'run': ['--no-floors', '--workload=claps', '--threads=2', '--blocks=1', '--window=1', SHORT, 'faa'],
    'scale': ['--object=counter', SHORT, 'faa'],
    'serve': ['--port=0'],
    'stall': ['--object=counter', '--trials=2', SHORT, 'faa'],
    'wait': ['--window=20', SHORT],
}
# They need none, or, as `detect`, come to them after a while.
WITHOUT = {
    'costs': ['--benchmark_min_time=0.0001', 'counters/faa'],
    'detect': [SHORT],
}
TODAY = tap.share(sorted(WITH_THREADS))


def log_of(folder):
    path = os.path.join(folder, 'log.csv')
    with open(path, 'w') as f:
        f.write('time,user,post\n')
        f.writelines(f'{1_500_000_000 + i},{"u%d" % (i % 50)},{"p%d" % (i % 7)}\n'
                     for i in range(2000))
    return path


def with_threads(most):
    """Keeps the process to so many threads, the first included."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        os.setgroups([])
        os.setresgid(STRANGER, STRANGER, STRANGER)
        os.setresuid(STRANGER, STRANGER, STRANGER)
    return limit


def with_memory(mib):
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))
    return limit


def needs_a_stranger():
    if os.geteuid() != 0:
        raise tap.Skip('only root can become a user who has no other process')
    if not os.path.exists(CONTEND) or os.system(
            f'setpriv --reuid={STRANGER} --clear-groups test -x "{CONTEND}"') != 0:
        raise tap.Skip('another user cannot run the tool where it was built')


def ends_in_a_sentence(done):
    said = f'status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}'
    assert done.returncode in (0, 1), said
    assert 'WRONG' not in done.stdout, said
    if done.returncode:
        reasons = ('no thread could be made', 'Resource temporarily unavailable',
                   'Cannot allocate memory', 'out of memory', 'an operation failed',
                   'calls failed', 'address space', 'could not be started', 'could not be asked')
        assert any(reason in flowing(done.stdout + done.stderr) for reason in reasons), said
    return done


def without_threads():
    needs_a_stranger()
    for most in (1, 2, 3, 4, 6):
        for command in (RUN, LATENCY, ['costs', '--quiet', '--benchmark_min_time=0.0001',
                              '--benchmark_repetitions=1', '--benchmark_filter=presence|counter']):
            ends_in_a_sentence(contend(*command, preexec_fn=with_threads(most)))


def any_command(name, folder, limit):
    """One of those above; `serve`, which would go on, is stopped."""
    arguments = {**WITH_THREADS, **WITHOUT}[name] + ([log_of(folder)] if name == 'replay' else [])
    try:
        return contend(name, '--quiet', *arguments, preexec_fn=limit,
                       timeout=3 if name == 'serve' else 60)
    except subprocess.TimeoutExpired:
        assert name == 'serve', name
        raise tap.Skip('the service has what it needs') from None


def names_the_limits(done):
    """In its last words, and it has no answer."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, (done.args, done.returncode, said)
    words = flowing(said)
    for text in ('no thread could be made', 'ulimit -u', 'pids.max'):
        assert text in words, (text, done.args, said)
    assert words.endswith(('of the control group', 'of the control group.', 'printed before stands')), said
    assert 'Expected, and seen' not in done.stdout, said


def no_command_has_an_answer_without_threads():
    needs_a_stranger()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in TODAY:
            names_the_limits(any_command(name, folder, with_threads(1)))
        for name in WITHOUT:
            ends_in_a_sentence(any_command(name, folder, with_threads(1)))
        # A process of its own, and not one for the service's workers.
        for name in {'hold', 'end-to-end', 'push'}.intersection(TODAY):
            names_the_limits(any_command(name, folder, with_threads(2)))


def every_command_ends_without_memory():
    start = with_libraries_alone()
    with tempfile.TemporaryDirectory() as folder:
        for mib in (start + 2, start + 12):
            for name in set(TODAY) - {'serve'} | set(WITHOUT):
                ends_in_a_sentence(any_command(name, folder, with_memory(mib)))


def without_threads_for_a_replay():
    needs_a_stranger()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        log = log_of(folder)
        for most in (1, 2, 3, 5):
            done = ends_in_a_sentence(contend(*REPLAY, log, preexec_fn=with_threads(most)))
            assert '2,000 requests of 50 visitors' in done.stdout, done.stdout


def calibrates_without_threads():
    needs_a_stranger()
    done = ends_in_a_sentence(contend('run', '--quiet', '--workload=claps', '--threads=1',
                                      '--blocks=1', '--window=1', 'faa',
                                      preexec_fn=with_threads(2)))
    assert 'Floors of this machine' in done.stdout, done.stdout


def says_what_failed():
    """In the table, in the last words, in the results, and in the exit status."""
    needs_a_stranger()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        path = os.path.join(folder, 'run.json')
        done = contend('run', '--quiet', '--no-floors', '--workload=claps', '--threads=4',
                       '--blocks=1', '--window=1', f'--json={path}', 'faa',
                       preexec_fn=with_threads(2))
        expect(done, 1, ['ulimit -u', 'pids.max'])
        assert 'failed: no thread could be made' in ' '.join(done.stdout.split()), done.stdout
        with open(path) as f:
            cell = json.load(f)['cells'][0]
        assert {s['verdict'] for s in cell['strategies']} == {'failed'}, cell['strategies']
        assert cell['pick'] is None, cell


def with_libraries_alone():
    """The least address space, in MiB, in which the tool starts: its libraries take most of it."""
    few, enough = 8, 1024
    while enough - few > 2:
        mib = (few + enough) // 2
        started = contend('--version', preexec_fn=with_memory(mib)).returncode == 0
        few, enough = (few, mib) if started else (mib, enough)
    return enough


def without_memory():
    start = with_libraries_alone()
    with tempfile.TemporaryDirectory() as folder:
        log = log_of(folder)
        for mib in (start, start + 12, start + 48, start + 148):
            for command in (RUN, [*REPLAY, log],
                            ['check', '--quiet', '--budget=10', 'faa']):
                done = contend(*command, preexec_fn=with_memory(mib))
                if done.returncode == 127:  # the dynamic linker's own sentence
                    assert 'error while loading shared libraries' in done.stderr, done.stderr
                    continue
                ends_in_a_sentence(done)


def calibrates_without_memory():
    start = with_libraries_alone()
    for mib in (start + 12, start + 68):
        done = ends_in_a_sentence(contend('run', '--quiet', '--workload=claps', '--threads=1',
                                          '--blocks=1', '--window=1', 'faa',
                                          preexec_fn=with_memory(mib)))
        assert 'Floors of this machine' in done.stdout, done.stdout


def main():
    cases = tap.Cases()
    for case in (no_command_has_an_answer_without_threads, every_command_ends_without_memory, without_threads, without_threads_for_a_replay, calibrates_without_threads,
                 says_what_failed, without_memory, calibrates_without_memory):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
