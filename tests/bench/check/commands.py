#!/usr/bin/env python3
"""The commands of docs/checker.md run as they are printed, each with a budget of one.

Usage: commands.py SOURCE_ROOT BUILD_ROOT
"""

import os
import re
import subprocess
import sys
import tempfile

import tap


def commands(root):
    """The indented lines that are commands, without their comments."""
    with open(os.path.join(root, 'docs', 'checker.md')) as f:
        lines = re.findall(r'^    ((?:bench/run|build/bench/contend|cc) [^#\n]*)', f.read(), flags=re.M)
    return [line.strip() for line in lines]


def run(command, folder):
    return subprocess.run(command, shell=True, cwd=folder, text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def checks(root, build, command):
    """From the top folder, but with another build's tool; a page goes to a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        line = re.sub(r'^(bench/run|build/bench/contend) ',
                      os.path.abspath(os.path.join(build, 'bench', 'contend')) + ' ', command)
        line = line.replace(' --all', ' ticket faa packed') # all of them take minutes
        exhibit = re.search(r'lost_heartbeat|--past-races|--mutant', line) # which one execution need not find
        budget = '--budget=5000' if '--mutant' in line else '--budget=50' if exhibit else '--budget=1'
        if '--budget=' not in line:
            line += ' ' + budget
        done = run(re.sub(r'--budget=\S+', budget, line), folder)
        assert done.returncode == (1 if exhibit else 0), f'{line}\n{done.returncode}\n{done.stdout}'
        page = re.search(r'--page=(\S+)', line)
        assert not page or os.path.getsize(os.path.join(folder, page.group(1))) > 0, line


def compiles(root, build, lines):
    """With the example for FILE."""
    with tempfile.TemporaryDirectory() as folder:
        for name, target in (('bench', os.path.join(root, 'bench')), ('build', build),
                             ('FILE.c', os.path.join(root, 'docs', 'checker_example.c'))):
            os.symlink(os.path.abspath(target), os.path.join(folder, name))
        for line in lines:
            done = run(line, folder)
            assert done.returncode == 0, f'{line}\n{done.stdout}'
        done = run('./a.out', folder)
        assert done.returncode == 0 and 'nothing found' in done.stdout, done.stdout


def both_kinds(tool, compiled):
    assert len(tool) >= 5 and len(compiled) == 2, f'{tool} {compiled}'


def main():
    root, build = sys.argv[1:3]
    cases = tap.Cases()
    found = commands(root)
    tool = [c for c in found if not c.startswith('cc ')]
    compiled = [c for c in found if c.startswith('cc ') and 'pkg-config' not in c]
    cases.run('the page has both kinds of commands', both_kinds, tool, compiled)
    for command in tool:
        cases.run(command, checks, root, build, command)
    cases.run('an algorithm of your own', compiles, root, build, compiled)
    cases.finish()


if __name__ == '__main__':
    main()
