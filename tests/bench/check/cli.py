#!/usr/bin/env python3
"""contend check: the exhibits are caught, failures are explained, the command line behaves.

Usage: cli.py CONTEND
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

def check(*arguments):
    return contend('check', *arguments)


def exhibits_are_caught():
    expect(check('counters/plain'), 1, ['data race', 'plain.h:', 'replay with: '])
    expect(check('presence_map/lost_heartbeat'), 1,
           ['lost_heartbeat.h:', 'no order of the operations explains the results', 'last_seen(0)'])
    expect(check('counters/plain_atomic'), 1, ['plain_atomic.h:', 'claps are lost'])
    expect(check('counters/torn'), 1, ['torn.h:', 'no order of the operations explains the results'])


def failures_are_explained(level):
    """Fields and results have names, attaching takes a line, the operations are listed by step."""
    text = expect(check('lost_heartbeat', f'--level={level}'), 1, [
        'online up to +30000 ms', 'read map.buckets[0].head = node1', 'lock map.stripes[1].mutex',
        'cas node1.last: 1000000000 -> 1000030000, relaxed', 'before: heartbeat(0, +0 ms) = CAME_',
        'afterwards: last_seen(0) = -ENOENT',
        'Without heartbeat(0, +30000 ms) = REFRESHED the rest can be explained.']).stdout
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
    """An entry that does nothing fails when it is named."""
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


def options_are_set():
    """The name carries them, and the checker's own choice gives way: four parts, not two."""
    expect(check('counters/striped', '--set=striped.stripes=4', '--scenario=a1+r'), 0,
           ['counters/striped[stripes=4]'])
    shown = expect(check('lost_heartbeat', '--set=lost_heartbeat.stripes=8'), 1,
                   ['presence_map/lost_heartbeat[stripes=8]']).stdout
    replay = re.search(r"--replay '([^']+)'", shown).group(1)
    assert replay.startswith('presence_map/lost_heartbeat[stripes=8]@'), replay
    again = expect(check('--replay', replay), 1, ['no order of the operations']).stdout
    steps = [line for line in shown.splitlines() if re.match(r' +\d+  ', line)]
    assert steps == [line for line in again.splitlines() if re.match(r' +\d+  ', line)], again
    allocated = [re.findall(r'map\.stripes\[(\d+)\]', text) for text in
                 (shown, expect(check('lost_heartbeat'), 1).stdout)]
    assert allocated[0] and allocated[1] and allocated[0] != allocated[1], allocated
    for bad, err in ((['--set=striped.stripes=1,2', 'striped'], ['one value']),
                     (['--set=striped.stripes=1', 'faa'], ['not among']),
                     (['--set=striped.stripes=17', 'striped'], ['0 to 16']),
                     (['--set=striped.strips=1', 'striped'], ["mean 'stripes'?"])):
        expect(check(*bad), 2, err=err)


def settings_change_what_is_held():
    """With one cell every mix of claps and undos is linearizable, and is checked to be."""
    expect(check('counters/striped', '--set=striped.stripes=1', '--budget=50'), 0,
           ['counters/striped[stripes=1]', 'nothing found'])


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
    expect(check('ck_hs'), 2, err=['cannot be checked', 'ck_hs of Concurrency Kit'])
    expect(check('--frobnicate'), 2, err=['frobnicate'])
    for bad in ('0', '-1', 'x', '5m', '', '99999999999999999999999'):
        expect(check(f'--budget={bad}', 'faa'), 2, err=['--budget', 'whole number'])
    expect(check('--mode=tso', 'faa'), 2, err=['sc or weak'])
    expect(check('--level=o3', 'faa'), 2, err=['o2 or o0'])
    expect(check('--scenario=2:h0a+h1a', 'packed'), 0, ['  1 scenario  '])
    expect(check('--scenario=0:h0a+h1a', 'packed'), 2, err=['--scenario'])
    longest = '--scenario=h0a/h0c,cd,cd,cd,cd+sd,cd,cd,cd'
    expect(check('--mode=sc', longest, 'presence_map/lost_heartbeat'), 1, ['no order of the operations'])
    expect(check('--mode=sc', longest + ',cd,cd', 'presence_map/lost_heartbeat'), 1,
           ['no order of the operations'])
    most = ','.join(8 * ['cd'])
    expect(check('--budget=20', f'--scenario={most}+{most}', 'packed'), 0, ['  1 scenario  '])
    expect(check(f'--scenario=cd/{most}+{most}', 'packed'), 2, err=['17 operations on several users'])
    most = ','.join(4 * ['w0'.replace('0', c) for c in 'ab'])
    expect(check(f'--scenario=h0a,h1a,h2a,h3a/{most}+{most}', 'packed'), 2, err=['72 steps'])
    for good in ('17*a1+r', '40*=a1+r'):
        expect(check('--budget=20', f'--scenario={good}', 'counters/rcu'), 0, ['  1 scenario  '])
    for bad in ('', 'h', 'a1+', '+a1', 'a1//r', 'z', '2:=', '0:a1', 'a1+a1+a1+a1+a1', 'a' * 200,
                '0*a1', '41*a1', '*a1', '=2*a1', '8:a1',
                'a999'):
        expect(check(f'--scenario={bad}', 'faa'), 2, err=['--scenario'])
    expect(check('--scenario=q', 'faa'), 2, err=["all operations of 'q'"])
    expect(check('--scenario=q', 'faa', 'counters/mutex', 'locks/mutex'), 2, err=['--scenario'])
    for bad in ('', 'x', '@@@@@', 'counters/faa@o2@a1@sc@quarantine',
                'counters/faa@o2@q@sc@lifo@-', 'counters/fax@o2@a1@sc@lifo@-',
                'counters/faa@o9@a1@sc@lifo@-', 'counters/faa@o2@zz@sc@lifo@-',
                'counters/faa@o2@a1@tso@lifo@-', 'counters/faa@o2@a1@sc@fifo@-',
                'counters/faa@o2@a1@sc@lifo@x', 'counters/faa@o2@a1+r@sc@lifo@0:9', 'counters/faa@o2@a1@sc@lifo@1:1@1:1'):
        expect(check('--replay', bad), 2, err=['--replay'])


def options_are_obeyed():
    expect(check('faa', '--scenario=a1,a2+r,r'), 0, ['  1 scenario  ', 'buffering is not modelled'])
    expect(check('counters/mutex', '--mode=sc', '--scenario=a1+r', '--budget=10'), 0)
    done = expect(check('cas', '--budget=1s'), 0)
    assert int(re.search(r'(\d+) executions', done.stdout).group(1)) > 200, done.stdout


def budgets_of_sweeps_are_meant():
    expect(check('lost_heartbeat', '--scenario=h0a/h0c+b7d'), 1, ['call sweep(+30001 ms) with budget 7'])


def orders_are_tried():
    """What a lock needs stays, whatever else is said; and only strategies are asked."""
    text = expect(check('--orders', '--budget=50', 'locks/ticket'), 0, ['ticket.h:', 'may be weaker']).stdout
    assert re.search(r'ticket\.h:\d+ +store +release +the same', text), text
    assert re.search(r'attached\.h:\d+ +load +acquire +relaxed',
                     expect(check('--orders', '--budget=20', 'counters/cas'), 0).stdout)
    expect(check('--orders', '--json=x', 'faa'), 2, err=['--orders'])
    assert 'fails as it is' in expect(check('--orders', 'counters/plain'), 0).stdout


def interrupts_end_it():
    process = subprocess.Popen([CONTEND, 'check', 'packed', '--budget=100s'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (process.returncode, out, err)
    assert 'interrupted' in out, out
    assert re.search(r'^0 checked, 0 failed', out, flags=re.M), out
    assert 'Interrupted in presence_map/packed; 0 not begun.' in out, out


def interrupts_are_counted():
    """Of all: how many were checked, which one was under way, and how many were not begun."""
    whole = len(contend('list', '--names').stdout.split())
    process = subprocess.Popen([CONTEND, 'check', '--all', '--budget=1s'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first, second = process.stdout.readline(), process.stdout.readline()
    time.sleep(0.3)  # into the third
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (process.returncode, out, err)
    assert 'nothing found' in first and 'nothing found' in second, first + second
    checked = int(re.search(r'^(\d+) checked', out, flags=re.M).group(1))
    name, rest = re.search(r'^Interrupted in (\S+); (\d+) not begun\.$', out, flags=re.M).groups()
    assert checked >= 2 and 20 < checked + 1 + int(rest) <= whole, out
    assert re.search(rf'^  {name} .*  interrupted$', out, flags=re.M), out


def a_changed_source_is_noticed():
    """A source that is newer than the build is reported, once."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
    with tempfile.TemporaryDirectory() as folder:
        tool = shutil.copy2(CONTEND, folder)
        for room in ('locks', 'counters'):
            shutil.copytree(os.path.join(root, room), os.path.join(folder, room))
        for path, _, names in os.walk(folder):
            for name in names:
                if name.endswith('.h'):
                    os.utime(os.path.join(path, name), (1, 1))
        with open(os.path.join(folder, 'headers_root'), 'w') as f:
            f.write(folder + '\n')

        def warned(*names):
            done = subprocess.run([tool, 'check', '-q', '--budget=1', *names], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stderr

        assert warned('faa', 'cas') == ''
        os.utime(os.path.join(folder, 'counters', 'faa.h'))
        assert warned('cas') == '', 'cas does not need it'
        said = warned('cas', 'faa', 'faa')
        assert said.count('newer than this program') == 1 and 'counters/faa.h' in said, said
        assert 'bench/run check' in said


def main():
    cases = tap.Cases()
    for level in ('o2', 'o0'):
        cases.run(f'failures are explained, {level}', failures_are_explained, level)
    for case in (exhibits_are_caught, null_remembers_nothing, failures_replay, options_are_set,
                 settings_change_what_is_held, seeds_repeat,
                 bad_command_lines_are_refused, options_are_obeyed, budgets_of_sweeps_are_meant, orders_are_tried, interrupts_end_it,
                 interrupts_are_counted, a_changed_source_is_noticed):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
