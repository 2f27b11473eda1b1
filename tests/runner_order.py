#!/usr/bin/env python3
"""When the runner starts what and beside what, and what it does with a failed build or Ctrl-C.

Two builds of nothing: "plain" is there, "made" is what ninja makes beside the tests of "plain".
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_S = 100  # for what takes a moment, on a machine with other work to do
# The runner as it is, but for what it asks Meson; with two processors, whatever there are; and with
# Ctrl-C, which a shell lets its jobs in the background ignore.
START = f'''
import json, os, signal, sys
sys.path.insert(0, {HERE!r})
import runner
signal.signal(signal.SIGINT, signal.default_int_handler)
os.sched_getaffinity = lambda _: {{0, 1}}
with open('tests.json') as f:
    tests = json.load(f)
runner.tests_of = lambda build: [runner.Test(*build.split('=', 1), described)
                                 for described in tests[build.split('=', 1)[0]]]
runner.targets_of = lambda *_: ['what_they_need']
sys.exit(runner.main())
'''
NINJA = '''
rule make
  command = echo begin build >> ../log; {}; status=$$?; echo end build >> ../log; exit $$status
build what_they_need: make
'''


def awaits(line):
    """Shell: goes on when a line like this stands in the log."""
    return (f'n=0; until grep -qx "{line}" ../log; do n=$((n + 1)); sleep 0.05; '
            f'[ $n -lt {20 * PATIENCE_S} ] || exit 3; done')


def test(name, does=':', seconds=0, alone=False):
    """As Meson would describe it; it writes down when it begins and ends."""
    script = f'echo begin {name} >> ../log; {does}; echo end {name} >> ../log; echo "ok 1 - it"; echo 1..1'
    return {'name': name, 'cmd': ['sh', '-c', script], 'workdir': None, 'env': {}, 'timeout': 600,
            'is_parallel': not alone, 'depends': [], 'suite': [], 'priority': seconds}


class Run:
    """A run of these tests."""

    def __init__(self, plain, made=(), build=':'):
        self.place = tempfile.TemporaryDirectory()
        self.folder = self.place.name
        for name in ('plain', 'made'):
            os.mkdir(os.path.join(self.folder, name))
        self.write('log', '')
        self.write('tests.json', json.dumps({'plain': plain, 'made': made}))
        self.write('made/build.ninja', NINJA.format(build.replace('$', '$$')))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.place.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w') as f:
            f.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name)) as f:
            return f.read()

    def logged(self):
        return self.read('log').splitlines()

    def start(self):
        env = {n: v for n, v in os.environ.items() if not n.startswith('CONTEND_')}
        folders = [f'{name}={os.path.join(self.folder, name)}' for name in ('plain', 'made')]
        return subprocess.Popen([sys.executable, '-c', START, '--build', 'made', *folders],
                                cwd=self.folder, env=env, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)

    def end(self, status=0):
        """What it printed, and the lines of the log."""
        process = self.start()
        said = process.communicate(timeout=4 * PATIENCE_S)[0]
        assert process.returncode == status, said
        return said, self.logged()


def tests_run_beside_a_build():
    """Each waits for the other, and what needs the build waits for its end."""
    with Run([test('beside', f'{awaits("begin build")}; echo go >> ../log')],
             [test('after', 'grep -qx "end build" ../log || exit 3')], build=awaits('go')) as run:
        said, log = run.end()
    assert log.index('go') < log.index('end build') < log.index('begin after'), log
    assert re.search(r'^ *\d+:\d\d left  made   the build +ok', said, flags=re.M), said
    assert said.endswith('2 passed, 0 failed, 0 skipped\n'), said


def what_measures_runs_alone():
    """After all others, those of the other build, too, and one after the other."""
    others = [test(f'other{i}', 'sleep 0.1') for i in range(3)]
    with Run([test('first', 'sleep 0.1', alone=True), *others[:2], test('second', alone=True)],
             [*others[2:], test('third', alone=True)], build='sleep 0.3') as run:
        _, log = run.end()
    measure = [line for line in log if re.search('first|second|third', line)]
    assert sorted(log[-6:]) == sorted(measure), log
    assert all(a.split()[1] == b.split()[1] for a, b in zip(measure[::2], measure[1::2])), log


def the_longest_goes_first():
    """By what its meson.build says; after a run by what it took, whatever that says."""
    # One after the other: the build holds the other processor until all have begun.
    names = ['a', 'b', 'c', 'd']
    with Run([test(name, 'sleep 0.4' if name == 'b' else ':', seconds)
              for name, seconds in zip(names, (5, 6, 7, 8))], [test('e')],
             build='; '.join(awaits(f'end {name}') for name in names)) as run:
        _, log = run.end()
        assert [line[6:] for line in log if re.match('begin [abcd]$', line)] == names[::-1], log
        costs = json.loads(run.read('plain/test-costs.json'))
        assert costs['b'] >= 0.4 and set(costs) == set(names), costs
        assert set(json.loads(run.read('made/test-costs.json'))) == {'e', 'the build'}
        # A machine with other work to do may have taken long for any of them.
        run.write('plain/test-costs.json', json.dumps({**costs, 'b': 900}))
        run.write('log', '')
        _, log = run.end()
        assert [line for line in log if 'build' not in line][0] == 'begin b', log


def a_failed_build_fails_the_run():
    """With the errors first; its tests are not run, and those of the other are."""
    fails = 'echo x.c:1:2: error: no such thing; for i in $(seq 40); do echo more $i; done; false'
    with Run([test('one', awaits('end build'))], [test('two'), test('three')], build=fails) as run:
        said, log = run.end(status=1)
    assert 'the build              FAILED  2 tests cannot run' in said, said
    assert 'x.c:1:2: error: no such thing' in said and 'more 40' not in said, said
    assert {line.split()[1] for line in log} == {'build', 'one'}, log
    assert said.endswith('1 passed, 1 failed, 0 skipped\n'), said


def a_signal_ends_it(which):
    """And all that it started; what was not done is no failure."""
    hangs = 'echo $$ > ../{0}.pid; echo {0} hangs >> ../log; sleep 1000'
    with Run([test('done'), test('hanging', hangs.format('test')), test('never', alone=True)],
             [test('nor')], build=hangs.format('build')) as run:
        process = run.start()
        deadline = time.monotonic() + PATIENCE_S
        while not {'end done', 'test hangs', 'build hangs'} <= set(run.logged()):
            assert time.monotonic() < deadline and process.poll() is None, run.logged()
            time.sleep(0.05)
        process.send_signal(which)
        said = process.communicate(timeout=PATIENCE_S)[0]
        left = [name for name in ('test', 'build')
                if os.path.exists(f'/proc/{run.read(name + ".pid").strip()}')]
        log = run.logged()
    assert process.returncode == 130 and not left, (said, left)
    assert 'Interrupted, with 4 not done' in said, said
    assert said.endswith('1 passed, 0 failed, 0 skipped\n') and 'Traceback' not in said, said
    assert not [line for line in log if re.match('begin (never|nor)', line)], log


def main():
    cases = tap.Cases()
    for case in (tests_run_beside_a_build, what_measures_runs_alone, the_longest_goes_first,
                 a_failed_build_fails_the_run):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.run('Ctrl-C ends it', a_signal_ends_it, signal.SIGINT)
    cases.run('kill ends it', a_signal_ends_it, signal.SIGTERM)
    cases.finish()


if __name__ == '__main__':
    main()
