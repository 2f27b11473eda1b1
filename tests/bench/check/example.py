#!/usr/bin/env python3
"""The documented example of the library compiles with its two flags, and finds its bug; a
forgotten flag, and code that ends the process, are reported.

Usage: example.py SOURCE_ROOT LIBRARY
"""

import os
import re
import subprocess
import sys
import tempfile

import tap

ROOT, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SOURCE = os.path.join(ROOT, 'docs', 'checker_example.c')
MISTAKES = os.path.join(ROOT, 'tests', 'bench', 'check', 'mistakes.c')
INSTRUMENT, REDIRECT = ['-fsanitize=thread'], ['-include', 'machine/redirect.h']


def build(compiler, folder, *defines):
    """As the head of the file says, from any other folder."""
    made, program = os.path.join(folder, 'example.o'), os.path.join(folder, 'example')
    with open(SOURCE) as f:
        head = f.read().split('*/')[0]
    for flag in ('-fsanitize=thread', '-include machine/redirect.h', '-ldw'):
        assert flag in head, f'the head does not mention {flag}'
    subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'), '-Wall', '-Wextra',
                    '-Werror', *defines, '-fsanitize=thread', '-include', 'machine/redirect.h',
                    '-c', SOURCE, '-o', made], check=True)
    subprocess.run([compiler, made, LIBRARY, '-ldw', '-o', program], check=True)
    return program


def run(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=300)


def is_right(compiler):
    with tempfile.TemporaryDirectory() as folder:
        done = run(build(compiler, folder))
        assert done.returncode == 0 and 'nothing found' in done.stdout, done.stdout


def finds_its_bug(compiler):
    with tempfile.TemporaryDirectory() as folder:
        program = build(compiler, folder, '-DBROKEN')
        done = run(program)
        assert done.returncode == 1, done.stdout
        assert 'data race: ' in done.stdout and 'checker_example.c:' in done.stdout, done.stdout
        replay = re.search(r"--replay '([^']+)'", done.stdout).group(1)
        page = os.path.join(folder, 'page.html')
        again = run(program, '--replay', replay, f'--page={page}')
        with open(page) as f:
            text = f.read()
        assert 'checker_example.c:' in text and 'letter = letter;' in text, text
        assert run(program, f'--page={folder}').returncode == 1
        assert again.returncode == 1 and 'data race: ' in again.stdout, again.stdout


def has_a_command_line():
    with tempfile.TemporaryDirectory() as folder:
        program = build('gcc', folder)
        assert run(program, '--help').returncode == 0
        assert run(program, '--mode=weak', '--budget=10', '--seed=3').returncode == 0
        assert run(program, '--list').stdout == 'mailbox\n'
        only = run(program, 'mailbox', '--bound=4', '--budget=1s', '--past-races')
        assert only.returncode == 0 and 'every schedule with up to 4 unforced switches' in only.stdout, \
            only.stdout
        assert 'load buffering' in only.stdout, only.stdout
        orders = run(program, '--orders', '--budget=300')
        assert orders.returncode == 0 and '0 of 2 may be weaker' in orders.stdout, orders.stdout
        assert run(program).stdout.count('exhaustive for sequentially consistent memory') == 1
        for bad in ('--mode=x', '--budget=0', '--budget=x', '--seed=-1', '--x', '--replay=x',
                    '--replay=other@sc@lifo@-', '--replay=mailbox@tso@lifo@-',
                    '--replay=mailbox@sc@fifo@-', '--replay=mailbox@sc@lifo@x',
                    '--replay=mailbox@sc@lifo', 'letterbox', '--bound=0', '--bound=x', '--budget=5m',
                    '--scenario=send()'):
            assert run(program, bad).returncode == 2, bad


def compile_mistake(compiler, folder, flags, mistake):
    made, program = os.path.join(folder, 'mistake.o'), os.path.join(folder, 'mistake')
    done = subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'), *flags,
                           '-D' + mistake, '-c', MISTAKES, '-o', made],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        done = subprocess.run([compiler, made, LIBRARY, '-ldw', '-o', program],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done, program


def one_flag_alone_is_refused(compiler):
    for flags, missing in ((INSTRUMENT, REDIRECT[1]), (REDIRECT, INSTRUMENT[0])):
        with tempfile.TemporaryDirectory() as folder:
            done, _ = compile_mistake(compiler, folder, flags, 'NOTHING')
            assert done.returncode != 0 and 'is compiled with' in done.stdout, done.stdout
            assert missing in done.stdout, done.stdout


def mistake_is_told(mistake, flags, status, text):
    with tempfile.TemporaryDirectory() as folder:
        compiled, program = compile_mistake('gcc', folder, flags, mistake)
        assert compiled.returncode == 0, compiled.stdout
        done = run(program)
        assert done.returncode == status and text in done.stdout, f'{done.returncode} {done.stdout}'
        assert 'a loop without atomics?' not in done.stdout or mistake == 'RUNS_ON', done.stdout
        replay = re.search(r"--replay '([^']+)'", done.stdout)
        assert not replay or text in run(program, '--replay', replay.group(1)).stdout
        # A crash is a verdict like any other.
        if 'crash: ' in done.stdout:
            assert replay and re.search(r'^ +\d+  \S+\.c:\d+ +\S', done.stdout, flags=re.M), done.stdout


def call_without_a_model_is_refused(compiler):
    with tempfile.TemporaryDirectory() as folder:
        done, _ = compile_mistake(compiler, folder, INSTRUMENT + REDIRECT, 'WAITS_ELSEWHERE')
        assert done.returncode != 0, 'it links'
        for call in ('pthread_cancel', 'pthread_kill', 'sem_open'):
            assert f'check_has_no_model_of_{call}' in done.stdout, done.stdout


def main():
    cases = tap.Cases()
    for compiler in ('gcc', 'clang'):
        cases.run(f'{compiler}: the example is right', is_right, compiler)
        cases.run(f'{compiler}: with its bug it fails', finds_its_bug, compiler)
        cases.run(f'{compiler}: one flag alone is refused', one_flag_alone_is_refused, compiler)
        cases.run(f'{compiler}: a call without a model is refused',
                  call_without_a_model_is_refused, compiler)
    cases.run('the example has a command line', has_a_command_line)
    both = INSTRUMENT + REDIRECT
    for mistake, flags, status, text in (
            ('NOTHING', [], 2, 'with -fsanitize=thread or -include machine/redirect.h'),
            ('IDLES', both, 2, 'no step that the checker sees'),
            ('NO_THREADS', both, 2, 'mistake@home: has no threads'),
            ('EXITS_IN_SETUP', both, 1, 'misuse: the setup at mistakes.c:48 calls exit()'),
            ('EXITS', both, 1, 'misuse: thread 1 at mistakes.c:147 calls exit()'),
            ('RECURSES', both, 1, 'crash: thread 1 has used up its stack of 256 KiB'),
            ('LARGE_FRAME', both, 1, 'crash: thread 1 has used up its stack of 256 KiB'),
            ('DEREFERENCES', both, 1, 'where nothing is (Segmentation fault)'),
            ('DIVIDES', both, 1, 'is killed by a signal (Floating point exception) at mistakes.c:'),
            ('ASSERTS', both, 1, 'assertion: atomic_fetch_add(count, 1) == 0 is false'),
            ('BLOCKS', both, 1, 'thread 1 sleeps without a step that the checker sees'),
            ('LEAVES_A_LOCAL', both, 1, 'uses a variable of a function from which thread 1 has returned'),
            ('LENDS_A_LOCAL', both, 1, 'uses a variable of a function from which thread 1 has returned'),
            ('ASSEMBLES', both, 0, 'thread() has an atomic instruction that the checker does not see'),
            ('COPIES', both, 1, "data race: thread 2's write at mistakes.c:"),
            ('PRINTS', both, 1, "data race: thread 2's write at mistakes.c:"),
            ('SORTS', both, 1, "data race: thread 2's read at mistakes.c:"),
            ('SCANS', both, 1, "data race: thread 2's write at mistakes.c:"),
            ('READS_WHAT_IS_SCANNED', both, 1, 'not ordered'),
            ('WRITES_A_FILE', both, 1, 'not ordered'),
            ('READS_A_FILE', both, 1, "data race: thread 2's write at mistakes.c:"),
            ('SAYS', both, 1, 'not ordered'),
            ('SWAPS_IN_ASSEMBLY', both, 0, 'thread() has an atomic instruction that the checker does not see'),
            ('STORES_IN_ASSEMBLY', both, 0, 'store_in_assembly() has a store that the checker does not see'),
            ('PAUSES_IN_ASSEMBLY', both, 0, 'thread() has a `pause` in assembly that the checker does not see'),
            ('COMPARES', both, 1, "'s read at mistakes.c:"),
            ('FREES_WHAT_THE_LIBRARY_MADE', both, 0, 'nothing found'),
            ('FREES_A_STATIC', both, 1, 'which is no block'),
            ('MANY_THREADS', both, 2, 'mistake@home: has 15 threads; 14 can run'),
            ('FAILS_AFTER_NOTHING', both, 1, 'assertion: atomic_fetch_add(count, 1) == 0 is false'),
            ('FAILS_WATCHED', both, 1, 'assertion: atomic_fetch_add(count, 1) == 0 is false'),
            ('ALIGNS', both, 0, 'nothing found'),
            ('ABORTS', both, 1, 'crash: thread 1 is killed by a signal (Aborted)'),
            ('RUNS_ON', both, 1, 'thread 1 runs without a step that the checker sees'),
            ('SPINS', both, 1, 'livelock: no thread can go on: thread 1 spins at mistakes.c:'),
            ('COUNTS_ITS_TURNS', both, 3, 'a loop that waits must call sched_yield()'),
            ('MAKES_MUCH', both, 3, "the last one is the setup's at mistakes.c:64\n"),
            ('FAILS_IN_SETUP', both, 1, 'before the threads, HERE: out of bounds')):
        cases.run(f'{mistake} is told', mistake_is_told, mistake, flags, status, text)
    cases.finish()


if __name__ == '__main__':
    main()
