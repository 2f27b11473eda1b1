#!/usr/bin/env python3
"""Ctrl-C is heeded wherever the tool is, and keeps what there is by then.

No case asserts a time: each waits until the tool is where it is to be interrupted, and what
comes after the signal would take minutes, or for ever, if it were not heeded.

Usage: interrupts.py CONTEND
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile

import tap
from terminal import OnTerminal
from tool import CONTEND

LINE = '192.0.2.{} - - [10/Oct/2023:13:55:{:02d} +0000] "GET /post/{} HTTP/1.1" 200 12 "-" "-"\n'
TEXT = ''.join(LINE.format(i % 9, i % 60, i % 5) for i in range(300))
REPLAY = ['replay', '--no-floors', '--budget=5', '--blocks=1', '--threads=1', '--strategy=mutex']


def calibrations_end():
    """What was calibrated is in the report and in the file; the rest is unknown."""
    for note in ('operations', 'caches', 'hiccups'):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'r.json')
            tool = OnTerminal('run', '--workload=claps', '--threads=1', '--budget=600',
                              '--blocks=1000', '--window=1000', f'--json={path}', 'faa')
            tool.wait_for('calibrating: ' + note)
            status, out = tool.interrupt()
            assert status == 130 and 'Interrupted: this is what' in out, (status, out)
            with open(path) as f:
                run = json.load(f)
            assert run['run']['interrupted'] is True and run['run']['finished'] is True
            assert run['calibration']['locked_ns'] > 0
            if note != 'hiccups':
                assert run['calibration']['hiccup_lost'] is None, run['calibration']
            assert run['cells'][0]['blocks'] == []


def input_without_a_line_ends(name, **options):
    tool = OnTerminal(*REPLAY, name, **options)
    tool.wait_for('reading')
    return tool.interrupt()


def zeros_are_no_trap():
    status, out = input_without_a_line_ends('/dev/zero')
    assert status == 130, (status, out)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'sparse.log')
        with open(path, 'w') as f:
            f.write(TEXT)
            try:
                f.truncate(1 << 40)
            except OSError:
                raise tap.Skip('no sparse file of a terabyte can be made here') from None
        status, out = input_without_a_line_ends(path)
        assert status == 130 and '300 requests' in out, (status, out)


def letters_without_an_end_are_no_trap():
    """Neither in blocks as they come from a pipe, nor unpacked from one."""
    for command in ('tr "\\0" x < /dev/zero', 'tr "\\0" x < /dev/zero | gzip -1'):
        with subprocess.Popen(['sh', '-c', command], stdout=subprocess.PIPE,
                              start_new_session=True) as source:
            status, out = input_without_a_line_ends('-', stdin=source.stdout)
            source.stdout.close()
            os.killpg(source.pid, signal.SIGTERM)
        assert status == 130, (command, status, out)


def a_live_log_is_stopped_and_played():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        tool = OnTerminal(*REPLAY, f'--json={path}', '-', stdin=subprocess.PIPE)
        tool.process.stdin.write(TEXT)
        tool.process.stdin.flush()
        tool.wait_for('reading')  # first shown when there is nothing left to read
        tool.process.send_signal(signal.SIGINT)
        status, out = tool.end()
        assert status == 0, (status, out)
        assert 'Stopped reading' in out and '300 requests' in out and 'What to take' in out, out
        with open(path) as f:
            run = json.load(f)
        assert run['replay']['log']['stopped'] is True and run['run']['interrupted'] is False
        assert run['cells'] and run['replay']['surveys']


def the_default_plan_fits_its_budget():
    """It is told first; cells that decide share what the others leave, at least eight blocks each."""
    process = subprocess.Popen([CONTEND, 'run', '--quiet', '--no-floors'], stdout=subprocess.PIPE,
                               text=True)
    lines = list(iter(lambda: process.stdout.readline().rstrip('\n'), ''))
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait() == 130 and 'Interrupted' in rest, rest
    seconds = int(re.search(r'about (\d+) s\b', ' '.join(lines)).group(1))
    assert 60 < seconds <= 136, lines
    cells = {m[1]: int(m[2]) for line in lines
             if (m := re.match(r'  (\S+/\S+) .*, +(\d+) blocks$', line))}
    assert len(cells) > 12, lines
    brief = {name for name, blocks in cells.items() if blocks == 5}
    assert len(brief) > 5 and min(b for n, b in cells.items() if n not in brief) >= 8, cells
    cpus = len(os.sched_getaffinity(0))
    assert f'presence/online_90_10/users:100000/threads:{4 * cpus}' in brief, cells
    assert f'presence/heartbeats/users:100000/threads:{min(cpus, 2)}' in set(cells) - brief, cells


def main():
    cases = tap.Cases()
    for case in (calibrations_end, zeros_are_no_trap, letters_without_an_end_are_no_trap,
                 a_live_log_is_stopped_and_played, the_default_plan_fits_its_budget):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
