#!/usr/bin/env python3
"""The README's recipe for a new strategy, followed in a copy of the tree: counters/twice.h.

Usage: recipe.py SOURCE_ROOT
"""

import os
import re
import subprocess
import sys
import tempfile

import tap
import tree

ROOT = sys.argv[1]
MUTANTS = os.path.join('tests', 'bench', 'check', 'mutants')


class Recipe:
    def __init__(self, folder):
        self.copy, self.build = os.path.join(folder, 'copy'), os.path.join(folder, 'copy', 'build')
        self.env = {n: v for n, v in os.environ.items()
                    if n not in ('PYTHONPATH', 'CONTEND_SLICE', 'CONTEND_ROTATION')}
        tree.copy(ROOT, self.copy)

    def do(self, *command):
        return tree.run(list(command), self.copy, self.env)[0]

    def write(self):
        """Steps 1 and 2, the header and its line, and the build."""
        tree.add_copy(self.copy, 'counters', 'faa', 'twice')
        self.do('meson', 'setup', 'build')
        self.do('ninja', '-C', 'build')
        names = self.do('build/bench/contend', 'list', '--names').split()
        assert 'counters/twice' in names, names

    def fails_with_a_command(self, match, text):
        """A test fails, says what is missing, and prints a command that is to be carried out."""
        # Whatever day it is: the case that fails has no turns, and to try all mutants takes minutes.
        done = subprocess.run(['python3', 'tests/runner.py', '--match', match, 'plain=build'],
                              cwd=self.copy, env={**self.env, 'CONTEND_ROTATION': '1'},
                              stdout=subprocess.PIPE, text=True)
        assert done.returncode == 1 and text in done.stdout, done.stdout
        return done.stdout

    def passes(self, *matches):
        options = [word for match in matches for word in ('--match', match)]
        said = self.do('python3', 'tests/runner.py', *options, 'plain=build')
        assert re.search(r'^\d+ passed, 0 failed', said, flags=re.M), said

    def wants_its_mutants(self):
        self.fails_with_a_command('check_mutants_1', 'counters/twice has less than two mutants')

    def gets_its_mutants(self):
        names = ['load_store', 'tells_the_sum_before']
        for name in names:
            with open(os.path.join(self.copy, MUTANTS, f'faa_{name}.mutant')) as f:
                text = f.read()
            with open(os.path.join(self.copy, MUTANTS, f'twice_{name}.mutant'), 'w') as f:
                f.write(re.sub(r'faa', 'twice', text))
        said = self.do('env', 'PYTHONPATH=tests/support:bench/check', 'python3',
                       'tests/bench/check/mutants.py', '--only', 'twice_',
                       'build/tests/bench/check/mutants.json')
        for name in names:
            assert re.search(rf'^ok \d+ - twice_{name} is killed', said, flags=re.M), said

    def pages_are_renewed(self):
        """By the commands that the tests of the pages print."""
        said = self.fails_with_a_command('docs', 'docs/strategies.md is stale')
        self.do('sh', '-c', re.search(r'# (python3 tests/docs\.py --write .*)', said).group(1))
        self.do('tests/bench/check/mutants_table.py', '--seeds', '5')
        self.passes('docs')

    def is_found_everywhere(self):
        assert 'twice' in self.do('build/bench/contend', 'check', 'twice')
        self.passes('counter_conformance', 'counter_torture', 'alloc_failure', 'duels', 'style',
                    'check_gate', 'steps')


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        recipe = Recipe(folder)
        for case in (recipe.write, recipe.wants_its_mutants, recipe.gets_its_mutants,
                     recipe.pages_are_renewed, recipe.is_found_everywhere):
            cases.run(case.__name__.replace('_', ' '), case)
            if cases.failed:
                break
    cases.finish()


if __name__ == '__main__':
    main()
