#!/usr/bin/env python3
"""`contend lab` at the command line: leading through, checking, and what it concludes.

Usage: lab.py CONTEND SOURCE_ROOT
"""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import tap
from tool import CONTEND, contend, expect

ROOT = os.path.abspath(sys.argv[2])
PAGE = '''# {number}. Names

## Predict

- a: none
- b: many

## See

    {command}

```expect
{shape}
```

## Quizzes

<details><summary>Quiz: how many?</summary>

Many indeed.

</details>
'''
LIST = 'contend list --names'
# Measured, and never so.
WRONG = 'ns of locked_add at operation=run > 1000000'
COSTS = 'contend costs --quiet --benchmark_repetitions=1 --benchmark_min_time=0.0001 counters/faa'


class Course:
    """A folder with pages of our own."""

    def __init__(self, **labs):
        self.folder = tempfile.TemporaryDirectory()
        for number, (name, (command, shape)) in enumerate(labs.items(), 1):
            with open(os.path.join(self.folder.name, f'{number:02}-{name}.md'), 'w') as f:
                f.write(PAGE.format(number=number, command=command, shape=shape))

    def __enter__(self):
        return f'--from={self.folder.name}'

    def __exit__(self, *_):
        self.folder.cleanup()


def labs_are_listed():
    names = expect(contend('lab', '--names'), 0).stdout.split()
    listed = expect(contend('lab'), 0, names).stdout
    numbers = [int(n) for n in re.findall(r'^ +(\d+)  \S+ +\S', listed, flags=re.M)]
    assert len(numbers) == len(names) and numbers == sorted(set(numbers)), listed
    assert all(len(line) <= 80 for line in listed.splitlines()), listed


def outcomes_are_told_apart():
    with Course(good=(LIST, 'exit 0\nprints "counters/faa"'), bad=(LIST, 'exit 1'),
                large=(LIST, 'needs: 9999 processors\nexit 1'),
                absent=('contend nothing', 'exit 0'), lacks=(LIST, 'needs: strategy nobody\nexit 1'),
                has=(LIST, 'needs: strategy faa\nexit 0'),
                quick=('contend run --users=wrong --help', 'quick: --users=1k\nexit 0')) as course:
        expect(contend('lab', '--check', course, 'good'), 0, ['good', 'shown', '1 shown, 0 not shown'])
        expect(contend('lab', '--check', course, '2'), 1, ['FAILED', 'it is not so: exit 1', '1 failed'])
        expect(contend('lab', '--check', course, 'large'), 0, ['not shown here: 9999 processors'])
        expect(contend('lab', '--check', course, 'absent'), 0, ['not shown here: this build has no'])
        expect(contend('lab', '--check', course, 'lacks'), 0, ['not shown here: this build has no nobody'])
        whole = contend('lab', '--check', '--whole', course, 'quick')
        assert '0 shown' in whole.stdout, whole.stdout
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'l.json')
            expect(contend('lab', '--check', course, f'--json={path}'), 1)
            with open(path) as f:
                told = json.load(f)
    assert told['schema'] == 'contend.lab' and not told['interrupted']
    assert [lab['outcome'] for lab in told['labs']] == \
        ['shown', 'FAILED', *3 * ['not shown here'], 'shown', 'shown'], told
    assert told['labs'][0]['shapes'][0]['claims'][1]['verdict'] == 'holds'
    assert 'output' not in told['labs'][0]['shapes'][0] and told['session']['cpu_model'], told


def a_busy_machine_fails_nothing():
    """The claim is wrong; but with others at work nobody can know."""
    hogs = [subprocess.Popen([sys.executable, '-c', 'while True: pass'])
            for _ in range(os.cpu_count())]
    try:
        with Course(wrong=(COSTS, WRONG)) as course:
            expect(contend('lab', '--check', course), 0, ['not shown here: noise: others used'])
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def a_wrong_claim_fails():
    """On a machine that is ours; elsewhere it says that it is not.  A short form decides no comparison."""
    with Course(wrong=(COSTS, WRONG)) as course:
        short, whole = contend('lab', '--check', course), contend('lab', '--check', '--whole', course)
    if 'noise: others used' in short.stdout + whole.stdout:
        raise tap.Skip('others use the machine')
    expect(whole, 1, ['FAILED', 'ns of locked_add'])
    expect(short, 0, ['not shown here: not in its short form', 'ns of locked_add'])


def a_budget_that_ends_too_early_fails_nothing():
    """A pick takes longer than a second, and has no answer before."""
    pick = 'contend pick --quiet --object=presence --users=1k --threads=1 --rate=0.1 --budget=1 mutex'
    with Course(short=(pick, 'exit 0\ncopes_per_s of mutex > 0')) as course:
        done = expect(contend('lab', '--check', course), 0, ['not shown here'])
    if 'noise: others used' in done.stdout:
        raise tap.Skip('others use the machine')
    assert 'the budget ended' in done.stdout, done.stdout


def pages_with_mistakes_are_named():
    with Course(wrong=(LIST, 'faa is fast')) as course:
        expect(contend('lab', '--check', course), 1, ['FAILED', 'no sentence of a shape: faa is fast'])
        expect(contend('lab', 'wrong', course), 1, err=['01-wrong.md, line', 'faa is fast'])
    with tempfile.TemporaryDirectory() as folder:
        expect(contend('lab', f'--from={folder}'), 1, err=['no lab in it'])
        with open(os.path.join(folder, '01-x.md'), 'w') as f:
            f.write('words\n')
        expect(contend('lab', f'--from={folder}'), 1, err=['01-x.md', 'no title'])
    expect(contend('lab', '--from=/nonexistent'), 1, err=['/nonexistent'])


def runs_are_recorded():
    """With what the commands printed, into their pages; and not if a shape is not there."""
    with Course(good=(LIST, 'quick: --no-such-option\nanswer b\nexit 0'), bad=(LIST, 'exit 1')) as course:
        folder = course.split('=')[1]
        script = shutil.copy(os.path.join(ROOT, 'docs', 'course', 'record.py'), folder)
        done = subprocess.run([sys.executable, script, '--busy', CONTEND], stdout=subprocess.PIPE, text=True)
        assert done.returncode == 1, done
        assert done.stdout.startswith('01-good: recorded\n02-bad: not recorded: FAILED'), done.stdout
        with open(os.path.join(folder, 'recorded', '01-good.json')) as f:
            shape, = json.load(f)['labs'][0]['shapes']
        assert 'counters/faa' in shape['output'], shape
        with open(os.path.join(folder, '01-good.md')) as f:
            page = f.read()
        for part in ('## Recorded', 'came true there: b.', 'The machine: cpu model: '):
            assert part in page, page
        with open(os.path.join(folder, '02-bad.md')) as f:
            assert '## Recorded' not in f.read()
        expect(contend('lab', course, 'good'), 0, ['Recorded', 'The machine: cpu model: '])


def a_prediction_stands_beside_the_result():
    with Course(names=(LIST, 'answer b\nexit 0')) as course:
        for letter, said in (('b', 'As predicted.'), ('a', 'Not as predicted')):
            done = expect(contend('lab', 'names', course, f'--predict={letter}'), 0,
                          ['$ contend list --names', 'counters/faa', 'yes', 'Result: b,', said,
                           'Many indeed.', '1 shape shown, 0 not shown here, 0 failed'])
            assert '\033' not in done.stdout, 'colour although piped'
        done = expect(contend('lab', '1', course), 0, ['No prediction'])
        assert 'redicted: ' not in done.stdout, done.stdout
        expect(contend('lab', 'names', course, '--predict=c'), 2, err=['--predict=c', 'a to b'])


def a_learner_is_asked():
    """On a terminal: nonsense is asked again, and an answer is not shown before it is opened."""
    with Course(names=(LIST, 'answer b\nexit 0')) as course:
        child, terminal = pty.fork()
        if child == 0:
            os.execv(CONTEND, [CONTEND, 'lab', 'names', course])
        seen = ''
        for wait, say in (('a to b: ', '?'), ('a to b: ', 'B'), ('Enter runs it', ''),
                          ('Enter opens', ''), ('0 failed', None)):
            seen = ''
            deadline = time.monotonic() + 200
            while wait not in seen:
                assert time.monotonic() < deadline, seen
                seen += os.read(terminal, 4096).decode(errors='replace')
            if wait == 'Enter opens':
                assert 'Many indeed' not in seen and 'As predicted.' in seen, seen
            if say is not None:
                os.write(terminal, (say + '\n').encode())
        assert 'Many indeed' in seen, seen
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        assert status == 0, status


def is_interrupted():
    """While a command runs that would take an hour; nothing of it is left behind."""
    with Course(long=('contend latency --quiet --budget=3600 faa', 'exit 0'),
                next=(LIST, 'exit 0')) as course, tempfile.TemporaryDirectory() as folder:
        tool = subprocess.Popen([CONTEND, 'lab', '--check', course], stdout=subprocess.PIPE, text=True,
                                env=dict(os.environ, TMPDIR=folder))
        def children():
            with open(f'/proc/{tool.pid}/task/{tool.pid}/children') as f:
                return f.read().split()
        deadline = time.monotonic() + 100
        while not children():
            assert time.monotonic() < deadline and tool.poll() is None
            time.sleep(0.05)
        child = int(children()[0])
        time.sleep(0.5)  # until it has taken hold of the signal
        tool.send_signal(signal.SIGINT)
        out, _ = tool.communicate(timeout=100)
        assert tool.returncode == 130 and 'interrupted' in out, (tool.returncode, out)
        assert not os.path.exists(f'/proc/{child}'), 'the command still runs'
        assert os.listdir(folder) == [], os.listdir(folder)


def wrong_usage():
    expect(contend('lab', '--help'), 0, ['Usage: contend lab', '--check', 'Exit status'])
    name = expect(contend('lab', '--names'), 0).stdout.split()[0]
    expect(contend('lab', name + 'x'), 2, err=[f"'{name}x'", f"'{name}'"])
    expect(contend('lab', '99'), 2, err=["'99'"])
    expect(contend('lab', name, '1'), 2, err=['one lab at a time'])
    expect(contend('lab', '--json=x', name), 2, err=['--json would be ignored'])
    expect(contend('lab', '--whole', name), 2, err=['--whole would be ignored'])
    expect(contend('lab', '--check', '--predict=a'), 2, err=['--predict would be ignored'])
    expect(contend('lab', '--predict=a'), 2, err=['of which lab'])
    expect(contend('lab', '--names', name), 2, err=['--names'])
    expect(contend('lab', '--check', '--json=/nonexistent/l', name), 1, err=['/nonexistent/l'])


def main():
    cases = tap.Cases()
    for case in (labs_are_listed, outcomes_are_told_apart, a_busy_machine_fails_nothing,
                 a_wrong_claim_fails, a_budget_that_ends_too_early_fails_nothing,
                 pages_with_mistakes_are_named, runs_are_recorded, a_prediction_stands_beside_the_result,
                 a_learner_is_asked, is_interrupted, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
