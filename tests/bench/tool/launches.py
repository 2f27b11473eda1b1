#!/usr/bin/env python3
"""`contend run`: each block in a process of its own, and what is to be published.

Usage: launches.py CONTEND
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

SHORT = ['run', '--quiet', '--no-floors', '--workload=claps', '--threads=1', '--window=5', '--seed=3']


def measured(*options, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        done = expect(contend(*SHORT, f'--json={path}', *options, 'faa'), status)
        with open(path) as f:
            return json.load(f), done.stdout


def every_block_is_a_launch():
    results, printed = measured('--blocks=4')
    assert results['launches'] == {'count': 4, 'each_block': True, 'why': None}, results['launches']
    assert 'shared a process' not in printed, printed
    cell = results['cells'][0]
    assert cell['blocks_complete'] == 4 and len(cell['blocks']) == 4
    # On a busy machine a window may pass without any worker getting to run.
    assert any(w.get('ops_per_s') for b in cell['blocks'] for w in b['windows'])


def one_process_says_what_is_missing():
    results, printed = measured('--blocks=3', '--one-process')
    assert results['launches'] == {'count': 1, 'each_block': False, 'why': None}, results['launches']
    assert 'Blocks shared a process' in printed and 'launch to launch' in ' '.join(printed.split())


def without_a_block_nothing_was_shared():
    """Neither an interval nor a doubt about it, where the first block was not completed."""
    process = subprocess.Popen([CONTEND, *SHORT, '--one-process', '--window=3000', 'faa', 'cas', 'mutex'],
                               text=True, stdout=subprocess.PIPE)
    while process.stdout.readline() != '\n':
        pass
    time.sleep(0.5)  # within the first window of several
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and 'Noise: 0 blocks' in printed, printed
    assert 'shared a process' not in printed, printed


def options_reach_the_child():
    """The reading of a command line reorders it; strategies may stand before options."""
    results, printed = measured('cas', '--set=striped.stripes=2', '--blocks=2', '--benchmark_filter=claps/')
    assert results['launches']['each_block'], printed
    names = {w['strategy'] for b in results['cells'][0]['blocks'] for w in b['windows']}
    assert {'cas', 'faa', 'striped[stripes=2]'} <= names, names


def children_of(pid):
    with open(f'/proc/{pid}/task/{pid}/children') as f:
        return [int(child) for child in f.read().split()]


def a_child_that_dies_is_a_failed_window():
    process = subprocess.Popen([CONTEND, *SHORT, '--blocks=20', '--window=50', 'faa'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)  # not the first: without any, the run goes on in its own process
    # Several of them: one that has just ended by itself may be among them.
    killed, until = set(), time.monotonic() + 60
    while len(killed) < 4 and process.poll() is None and time.monotonic() < until:
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
            killed.add(child)
        time.sleep(0.05)
    out, err = process.communicate(timeout=120)
    words = ' '.join(out.split())
    assert killed and process.returncode == 1, (process.returncode, out, err)
    assert 'ended by signal 9' in words, out


def what_is_cut_short_is_not_published():
    done = expect(contend(*SHORT, '--publish', '--budget=1', '--window=200', 'faa'), 1)
    assert 'NOT TO BE PUBLISHED' in done.stdout, done.stdout
    expect(contend(*SHORT, '--publish', '--one-process', 'faa'), 2, err=['--one-process', 'launches'])


def a_slowed_reference_stands_beside():
    """Five times as slow is seen on any machine; it is a yardstick, and never picked.

    A rest costs nothing while others have the processor, so a disturbed window says little: the best ones are
    compared, of which the slowed one's is at most a fifth of what the processor can do.
    """
    results, printed = measured('--blocks=9', '--slow=400', '--threads=1')
    cell = results['cells'][0]
    entries = {s['strategy']: s for s in cell['strategies']}
    slow = entries['mutex_slowed']
    assert slow['slowed_percent'] == 400 and entries['mutex']['slowed_percent'] == 0, entries
    rates = {name: max(w['ops_per_s'] for b in cell['blocks'] for w in b['windows']
                       if w['strategy'] == name and w.get('ops_per_s'))
             for name in ('mutex', 'mutex_slowed')}
    assert rates['mutex_slowed'] < 0.7 * rates['mutex'], rates
    assert cell['pick'] != 'mutex_slowed', cell['reason']
    for answer in results['answers']:
        assert 'mutex_slowed' not in [c['strategy'] for c in answer['candidates']], answer
    expect(contend(*SHORT, '--slow=0', 'faa'), 2, err=['--slow=0'])
    expect(contend('run', '--stores', '--slow=5'), 2, err=['--slow would be ignored'])


def the_record_of_sessions_can_be_made():
    """Not what it says of this machine, which others may use: that it says it."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'judge', 'sessions.py')

    def printed(*arguments):
        done = subprocess.run([sys.executable, script, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode in (0, 1) and 'Traceback' not in done.stdout, done
        return done.returncode, done.stdout

    with tempfile.TemporaryDirectory() as folder:
        record = os.path.join(folder, 'record.csv')
        for what, words in (('aa', 'sessions told a strategy from itself'), ('slowed', 'slowed by 3 %'),
                            ('coverage', 'intervals hold the median of all')):
            measured = printed('--sessions=1', '--seconds=1', f'--csv={record}', CONTEND, what)
            assert words in measured[1], measured
            assert printed(f'--from={record}', what) == measured, measured


ALONE = (a_slowed_reference_stands_beside,)


def main():
    cases = tap.Cases()
    for case in (every_block_is_a_launch, one_process_says_what_is_missing,
                 without_a_block_nothing_was_shared, options_reach_the_child,
                 a_child_that_dies_is_a_failed_window, what_is_cut_short_is_not_published,
                 a_slowed_reference_stands_beside, the_record_of_sessions_can_be_made):
        alone = case in ALONE and 'CONTEND_SANITIZED' not in os.environ
        run = cases.run_alone if alone else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
