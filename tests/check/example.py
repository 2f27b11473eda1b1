#!/usr/bin/env python3
"""The documented example of the library compiles with its two flags, and finds its bug.

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


def build(compiler, folder, *defines):
    """As the head of the file says, from any other folder."""
    made, program = os.path.join(folder, 'example.o'), os.path.join(folder, 'example')
    with open(SOURCE) as f:
        head = f.read().split('*/')[0]
    for flag in ('-fsanitize=thread', '-include tests/check/redirect.h', '-ldw'):
        assert flag in head, f'the head does not mention {flag}'
    subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + ROOT, '-Wall', '-Wextra',
                    '-Werror', *defines, '-fsanitize=thread', '-include', 'tests/check/redirect.h',
                    '-c', SOURCE, '-o', made], check=True)
    subprocess.run([compiler, made, LIBRARY, '-ldw', '-o', program], check=True)
    return program


def run(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60)


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
        again = run(program, '--replay', replay)
        assert again.returncode == 1 and 'data race: ' in again.stdout, again.stdout


def has_a_command_line():
    with tempfile.TemporaryDirectory() as folder:
        program = build('gcc', folder)
        assert run(program, '--help').returncode == 0
        assert run(program, '--mode=weak', '--budget=10', '--seed=3').returncode == 0
        for bad in ('--mode=x', '--budget=0', '--budget=x', '--seed=-1', '--x', '--replay=x',
                    '--replay=other@sc@lifo@-'):
            assert run(program, bad).returncode == 2, bad


def main():
    cases = tap.Cases()
    for compiler in ('gcc', 'clang'):
        cases.run(f'{compiler}: the example is right', is_right, compiler)
        cases.run(f'{compiler}: with its bug it fails', finds_its_bug, compiler)
    cases.run('the example has a command line', has_a_command_line)
    cases.finish()


if __name__ == '__main__':
    main()
