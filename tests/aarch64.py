#!/usr/bin/env python3
"""The project on aarch64: built with either cross compiler, and run under an emulator.

Usage: aarch64.py SOURCE_ROOT BUILD_ROOT

Nothing is installed: Debian's arm64 libraries come into a folder of the build
(sysroot.py).  The programs run in qemu's user mode, on a processor with LSE and on one
that has exclusive pairs only.  docs/aarch64.md says what that can show.
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

# Also by hand, where nobody says where the tests' shared modules are.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'support'))
import sysroot  # noqa: E402
import tap  # noqa: E402

# After this many seconds no further program is started; one that runs gets a little more.
SECONDS = min(900, int(os.environ.get('CONTEND_LONG_SECONDS', 900)))
PROGRAM_SECONDS = 240
# The programs do what they do in an ordinary run: time is what an emulator needs most of.
ORDINARY = {k: v for k, v in os.environ.items() if k != 'CONTEND_LONG_SECONDS'}
BUILD_SECONDS = 600

COMPILERS = {'gcc': (['aarch64-linux-gnu-gcc'], ['aarch64-linux-gnu-g++']),
             'clang': (['clang', '--target=aarch64-linux-gnu'],
                       ['clang++', '--target=aarch64-linux-gnu'])}
LSE, PAIRS = 'max', 'cortex-a72'  # names of qemu's processors
# These judge the machine, or park a thread between any two instructions, which an emulator cannot.
NATIVE_ONLY = ('calibration', 'floors', 'progress')
SCRIPTS = ('check_gate', 'machine_code')  # they read the machine code here
# What drives strategies: worth every compiler and processor.
STRATEGIES = ('locks', 'counter_conformance', 'map_conformance', 'map_objects', 'oracles',
              'counter_torture', 'map_torture', 'contracts', 'alloc_failure', 'duels', 'posts')

CROSS_FILE = '''[binaries]
c = {c}
cpp = {cpp}
ar = 'aarch64-linux-gnu-gcc-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = {emulator}
[properties]
sys_root = {root!r}
pkg_config_libdir = [{root!r} + '/usr/lib/aarch64-linux-gnu/pkgconfig',
                     {root!r} + '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
'''

# Threads under user-mode emulation depend on the host's kernel: this tries them, and says
# whether the processor has LSE.
PROBE = '''
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>
static void *add(void *count) { __atomic_fetch_add((int *)count, 1, __ATOMIC_RELAXED); return 0; }
int main(void)
{
    int count = 0;
    for (int i = 0; i < 50; i++) {
        pthread_t threads[4];
        for (int j = 0; j < 4; j++)
            if (pthread_create(&threads[j], 0, add, &count)) return 1;
        for (int j = 0; j < 4; j++)
            pthread_join(threads[j], 0);
    }
    return puts(getauxval(AT_HWCAP) & HWCAP_ATOMICS ? "LSE" : "pairs") < 0 || count != 200;
}
'''


class Ended:
    """What a command said and its status: None at the limit, which ends its children as well."""

    def __init__(self, command, seconds, **options):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors='replace',
                                   start_new_session=True, **options)
        try:
            self.said, self.status = process.communicate(timeout=seconds)[0], process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            self.said, self.status = process.communicate()[0], None

    def well(self, may_fail=False):
        last = '\n'.join(self.said.splitlines()[-40:])
        assert self.status is not None, f'the time limit ended it\n{last}'
        assert self.status == 0 or (may_fail and self.status > 0), f'status {self.status}\n{last}'


class Aarch64:
    """The sysroot and what is built with it, all of it below `folder`."""

    def __init__(self, source_root, folder):
        self.source_root, self.folder = source_root, folder
        self.ends = time.monotonic() + SECONDS
        self.root, self.threads, self.built = None, set(), set()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run(self, command, seconds, **options):
        """Ended; a case is skipped if all time is over before it could use its own."""
        left = self.ends - time.monotonic()
        ended = Ended(command, min(seconds, left), **options) if left > 0 else None
        if not ended or (ended.status is None and left < seconds):
            raise tap.Skip(f'{SECONDS} seconds were over')
        return ended

    def emulator(self, processor):
        return ['qemu-aarch64', '-cpu', processor, '-L', self.root]

    def get_libraries(self):
        if platform.machine() == 'aarch64':
            raise tap.Skip('this is aarch64: every other test runs on it')
        for tool in ('aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++', 'clang', 'qemu-aarch64'):
            if not shutil.which(tool):
                raise tap.Skip(f'{tool} is not here: bench/setup.sh names its package')
        self.root = sysroot.sysroot(self.folder, 'arm64', sysroot.packages_of(self.source_root))

    def compiler(self, name, language):
        cache = ['ccache'] if shutil.which('ccache') else []
        return cache + COMPILERS[name][language] + ['--sysroot=' + self.root]

    def build(self, compiler):
        """The whole project, with its tool and tests; the project makes warnings errors."""
        build, cross = self.path(compiler), self.path(compiler + '.ini')
        if not os.path.exists(os.path.join(build, 'build.ninja')):
            with open(cross, 'w') as f:
                f.write(CROSS_FILE.format(c=self.compiler(compiler, 0),
                                          cpp=self.compiler(compiler, 1),
                                          emulator=self.emulator(LSE), root=self.root))
            self.run(['meson', 'setup', build, self.source_root, '--cross-file', cross],
                     BUILD_SECONDS).well()
        self.run(['ninja', '-C', build], BUILD_SECONDS).well()
        self.built.add(compiler)

    def try_threads(self, processor):
        source, program = self.path('probe.c'), self.path('probe')
        with open(source, 'w') as f:
            f.write(PROBE)
        Ended([*self.compiler('gcc', 0), '-O2', '-pthread', source, '-o', program], 60).well()
        ended = Ended([*self.emulator(processor), program], 60)
        if ended.status is None:
            raise tap.Skip('this qemu-aarch64 hangs in programs with threads on this kernel')
        ended.well()
        assert ended.said == ('LSE\n' if processor == LSE else 'pairs\n'), ended.said
        self.threads.add(processor)

    def tests(self, compiler):
        """Meson's tests of this build, by name: its programs, and the scripts that we take."""
        listed = subprocess.run(['meson', 'introspect', '--tests', self.path(compiler)],
                                stdout=subprocess.PIPE, text=True, check=True)
        return {test['name']: test for test in json.loads(listed.stdout)
                if test['name'] in SCRIPTS or (
                    self.is_program(compiler, test) and test['name'] not in NATIVE_ONLY
                    and not any(suite.endswith(':long') for suite in test['suite']))}

    def is_program(self, compiler, test):
        return test['cmd'][0].startswith(self.path(compiler) + os.sep)

    def run_test(self, compiler, processor, test):
        emulator = self.emulator(processor) if self.is_program(compiler, test) else []
        return self.run(emulator + test['cmd'], PROGRAM_SECONDS, cwd=self.path(compiler),
                        env={**ORDINARY, **test['env'], 'CMOCKA_MESSAGE_OUTPUT': 'TAP'})


def ends_well(ended, cases, failed):
    """A program whose case failed says so by its status, too."""
    planned = [line for line in ended.said.splitlines() if line.startswith('1..')]
    ended.well(may_fail=failed)
    assert planned == [f'1..{cases}'], f'{planned}, and {cases} cases were reported'


def skip(why):
    raise why


def chosen(tests, names):
    """Those of the tests that have these names, or are a part of one that has."""
    parts = {name: [test for test in tests if re.fullmatch(rf'{name}(_\d)?', test)] for name in names}
    assert all(parts.values()), parts
    return [test for name in names for test in parts[name]]


def run_tests(cases, machine, compiler, processor, names=None):
    """Every case of these tests becomes one of ours; how each program ends is one more."""
    tests, total = machine.tests(compiler), 0
    for name in chosen(tests, names) if names else tests:
        title = f'{compiler}, {processor}, {name}'
        try:
            ended = machine.run_test(compiler, processor, tests[name])
        except tap.Skip as why:
            cases.run(title, skip, why)
            continue
        failed = cases.failed
        count = cases.include(title, ended.said.splitlines())
        cases.run(f'{title} ends as it should, after {count} cases', ends_well, ended, count,
                  cases.failed > failed)
        total += count
    print(f'# long: {compiler} on {processor}: {total} cases')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source_root, build_root = sys.argv[1:]
    machine = Aarch64(source_root, os.path.join(os.path.abspath(build_root), 'aarch64'))
    cases = tap.Cases()
    cases.run("Debian's arm64 libraries", machine.get_libraries)
    if machine.root:
        for processor in (LSE, PAIRS):
            cases.run(f'{processor} runs threads', machine.try_threads, processor)
        for compiler in COMPILERS:
            cases.run(f'{compiler} compiles everything', machine.build, compiler)
        for compiler, processor, names in (('gcc', LSE, None), ('gcc', PAIRS, STRATEGIES),
                                           ('clang', LSE, STRATEGIES + SCRIPTS)):
            if processor in machine.threads and compiler in machine.built:
                run_tests(cases, machine, compiler, processor, names)
    cases.finish()


if __name__ == '__main__':
    main()
