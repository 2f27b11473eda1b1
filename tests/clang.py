#!/usr/bin/env python3
"""What GCC has built, Clang accepts too, without a warning: each unit once, a part of them each day.

Usage: clang.py BUILD_ROOT
"""

import json
import os
import shlex
import subprocess
import sys

import tap

BUILD = os.path.abspath(sys.argv[1])
COMPILERS = {'.c': 'clang', '.cc': 'clang++'}
# Options of GCC alone, and what Clang makes of a command that only looks.
FOREIGN = ('-fno-var-tracking', '-fsanitize-coverage=trace-pc')
LOOK = ['-fsyntax-only', '-Wno-unknown-warning-option', '-Wno-unused-command-line-argument']


def arguments(command):
    """Those of one compilation that decide what Clang sees: without the compiler and where things go."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ('-o', '-MF', '-MQ', '-c'):
            next(words)
        elif word == '-include':
            kept += [word, next(words)]
        elif word.startswith('-') and word not in ('-MD', *FOREIGN) and not word.endswith('.p'):
            kept.append(word)
    return tuple(kept)


def units():
    """Each file with each set of definitions, and a generated one once: its copies differ in names alone."""
    with open(os.path.join(BUILD, 'compile_commands.json')) as f:
        commands = json.load(f)
    found = {}
    for c in commands:
        given = arguments(c['command'])
        path = os.path.normpath(os.path.join(c['directory'], c['file']))
        generated = os.path.dirname(path) == BUILD
        found.setdefault((path, () if generated else tuple(a for a in given if a.startswith('-D'))), given)
    return [(path, given) for (path, _), given in sorted(found.items())]


def accepted(path, given):
    compiler = COMPILERS[os.path.splitext(path)[1]]
    done = subprocess.run([compiler, *given, *LOOK, path], cwd=BUILD, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def main():
    cases = tap.Cases()
    for path, given in tap.share(units()):
        cases.run(os.path.relpath(path, BUILD), accepted, path, given)
    cases.finish()


if __name__ == '__main__':
    main()
