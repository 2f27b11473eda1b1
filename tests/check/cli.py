#!/usr/bin/env python3
"""contend check: the strategies are silent, the exhibits are caught, the command line behaves.

Usage: cli.py CONTEND
"""

import re
import signal
import subprocess
import time

import tap
from tool import CONTEND, contend, expect

SILENT_EXECUTIONS = 5000


def check(*arguments):
    return contend('check', *arguments)


def correct_strategies_are_silent(level):
    done = expect(check('--all', '--quiet', f'--level={level}'), 0, ['0 failed', 'not checked: '])
    rows = re.findall(r'^  (\S+) +(\d+) scenarios +(\d+) executions', done.stdout, flags=re.M)
    assert len(rows) > 30, done.stdout
    for name, _, executions in rows:
        assert int(executions) >= SILENT_EXECUTIONS, f'{name}: only {executions} executions'
    for room in ('locks', 'counters', 'presence_map'):
        assert any(name.startswith(room + '/') for name, _, _ in rows), room


def exhibits_are_caught():
    expect(check('counters/plain'), 1, ['data race', 'plain.h:', 'replay with: '])
    expect(check('presence_map/lost_heartbeat'), 1,
           ['lost_heartbeat.h:', 'no order of the operations explains the results', 'last_seen(0)'])


def failures_are_explained(level):
    """Fields and results have names, attaching takes a line, the operations are listed by step."""
    text = expect(check('lost_heartbeat', f'--level={level}'), 1, [
        'online up to +30000 ms', 'read map.buckets[1].head = node1', 'lock map.stripes[1].mutex',
        'cas node1.last: 1000000000 -> 1000030000, relaxed', 'before: heartbeat(0, +0 ms) = CAME_',
        'afterwards: last_seen(0) = -ENOENT',
        'Take heartbeat(0, +30000 ms) = REFRESHED away, and all is well.']).stdout
    for thread in (1, 2):
        assert re.search(r'^ +\d+ {20,}attach \(\d+ steps\)$', text, flags=re.M), text
        called, returned = re.search(
            rf'^ +thread {thread} .* called in step (\d+), returned in step (\d+)$', text,
            flags=re.M).groups()
        assert re.search(rf'^ +{called} +call (heartbeat|sweep)\(', text, flags=re.M), text
        assert re.search(rf'^ +{returned} +return ', text, flags=re.M), text
    assert 'roster.h' not in text, 'what attaching does is of no interest'
    expect(check('counters/plain', f'--level={level}'), 1,
           ['write counter.value := 1', '^ not ordered with the last step', 'HERE: data race'])


def null_remembers_nothing():
    """Floors do nothing, and that is a failure when somebody asks."""
    expect(check('counters/null'), 1, ['claps are lost'])
    expect(check('presence_map/null'), 1, ['no order of the operations'])


def failures_replay():
    first = expect(check('lost_heartbeat'), 1).stdout
    replay = re.search(r"--replay '([^']+)'", first).group(1)
    again = expect(check('--replay', replay), 1, ['no order of the operations']).stdout
    steps = [line for line in first.splitlines() if re.match(r' +\d+  ', line)]
    assert steps == [line for line in again.splitlines() if re.match(r' +\d+  ', line)], \
        'the replay shows other steps'
    expect(check('--replay', 'counters/faa@o2@a1+r@weak@quarantine@-'), 0, ['passed'])


def seeds_repeat():
    one, two = (re.sub(r' +\d+/s', '', check('packed', 'cas', '--seed=9').stdout)
                for _ in range(2))
    assert one == two, f'{one}\n{two}'


def bad_command_lines_are_refused():
    expect(check('--help'), 0, ['Usage: contend check', 'Exit status'])
    expect(check(), 2, err=['--all'])
    expect(check('--all', 'faa'), 2, err=['--all'])
    expect(check('fax'), 2, err=["'fax'", "'faa'"])
    expect(check('presence_map/pakced'), 2, err=["'presence_map/packed'"])
    expect(check('urcu_lfht'), 2, err=['cannot be checked', 'cds_lfht'])
    expect(check('--frobnicate'), 2, err=['frobnicate'])
    for bad in ('0', '-1', 'x', '5m', '', '99999999999999999999999'):
        expect(check(f'--budget={bad}', 'faa'), 2, err=['--budget', 'whole number'])
    expect(check('--mode=tso', 'faa'), 2, err=['sc or weak'])
    expect(check('--level=o3', 'faa'), 2, err=['o2 or o0'])
    for bad in ('', 'h', 'a1+', '+a1', 'a1//r', 'z', 'a1+a1+a1+a1+a1', 'a' * 200, 'a999'):
        expect(check(f'--scenario={bad}', 'faa'), 2, err=['--scenario'])
    for bad in ('', 'x', '@@@@@', 'counters/faa@o2@a1@sc@quarantine', 'counters/fax@o2@a1@sc@lifo@-',
                'counters/faa@o9@a1@sc@lifo@-', 'counters/faa@o2@zz@sc@lifo@-',
                'counters/faa@o2@a1@tso@lifo@-', 'counters/faa@o2@a1@sc@fifo@-',
                'counters/faa@o2@a1@sc@lifo@x', 'counters/faa@o2@a1@sc@lifo@1:1@1:1'):
        expect(check('--replay', bad), 2, err=['--replay'])


def options_are_obeyed():
    expect(check('faa', '--scenario=a1,a2+r,r'), 0, ['  1 scenarios'])
    expect(check('counters/mutex', '--mode=sc', '--scenario=a1+r', '--budget=10'), 0)
    done = expect(check('cas', '--budget=1s'), 0)
    assert int(re.search(r'(\d+) executions', done.stdout).group(1)) > 20000, done.stdout


def interrupts_end_it():
    process = subprocess.Popen([CONTEND, 'check', 'packed', '--budget=100s'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (process.returncode, out, err)
    assert 'interrupted' in out, out


def main():
    cases = tap.Cases()
    for level in ('o2', 'o0'):
        cases.run(f'correct strategies are silent, {level}', correct_strategies_are_silent, level)
        cases.run(f'failures are explained, {level}', failures_are_explained, level)
    for case in (exhibits_are_caught, null_remembers_nothing, failures_replay, seeds_repeat,
                 bad_command_lines_are_refused, options_are_obeyed, interrupts_end_it):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
