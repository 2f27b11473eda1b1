#!/usr/bin/env python3
"""Every seeded bug is found, and what is right is left alone.

Usage: mutants.py [--seeds N] [--executions N] [--optimise 0|2] [--only TEXT]... CONFIG

CONFIG is the file that the build writes (mutants.json).  The mutants lie in
tests/bench/check/mutants/ and, those of textbook programs, in bench/check/textbook/mutants/;
bench/check/mutation.py says how one is written.  It is applied to a copy
of the one file that it changes; the unit that includes the file is compiled from the copy
and linked in front of the library with the originals.
  --seeds N       explores with so many seeds; each of them must find the bug (2)
  --executions N  per scenario and way of exploring (a strategy: 200, a textbook: 10000)
  --optimise 0|2  compiles what is under trial with -O0 or -O2 (2)
  --only TEXT     only mutants whose names contain it
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

import mutation
import tap
import tree

# Floors do nothing and exhibits are broken already: there is nothing to break.
WITHOUT = {'counters/null', 'counters/plain', 'counters/plain_atomic', 'counters/torn',
           'counters/claps/check_then_write', 'counters/claps/null', 'counters/distinct/null',
           'presence_map/lost_heartbeat', 'presence_map/null'}
LINE = re.compile(r'killed (\d+) of (\d+), median (\d+), most (\d+), executions (\d+), verdict (.*)')


# Programs that are explored as they are: small algorithms, and parts of the service in use.
PROGRAMS = {'textbook': 'bench/check/textbook', 'service': 'tests/bench/check/service'}


class Mutants:
    def __init__(self, options, work):
        with open(options.config) as f:
            self.config = json.load(f)
        self.options = options
        self.paths = mutation.paths(self.config['source'])
        self.work = os.path.join(self.config['build'], work)
        self.work += os.environ.get('CONTEND_SLICE', '').replace('/', 'of')  # another one's may run

    def run(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120 + 10 * self.options.seeds)
        assert done.returncode == 0, ' '.join(command) + '\n' + done.stdout
        return done.stdout

    def unit_of(self, subject, folder):
        """The translation unit of the subject, and the arguments that only it needs."""
        family, name = subject.rsplit('/', 1)
        if family in PROGRAMS:
            path = f'{PROGRAMS[family]}/{name}.c'
            copy = os.path.join(folder, path)
            return copy if os.path.exists(copy) else os.path.join(self.config['source'], path), []
        return (os.path.join(self.config['root_build'], f'{tree.PREFIX[family]}_{name}.c'),
                self.config['strategy_args'])

    def build(self, subject, folder):
        unit, arguments = self.unit_of(subject, folder)
        kind = 'textbook' if subject.split('/')[0] in PROGRAMS else 'strategy'
        made, program = os.path.join(folder, 'unit.o'), os.path.join(folder, 'trial')
        self.run(self.config['cc'] + ['-std=c11', '-D_GNU_SOURCE', '-g',
                                      '-O' + self.options.optimise, '-w', '-I' + folder,
                                      '-I' + self.config['source']]
                 + self.config['check_args'] + arguments + ['-c', unit, '-o', made])
        self.run(self.config['cc'] + ['-Wl,-S', '-o', program, made] + self.config[kind + '_libraries']
                 + self.config['system_libraries'])
        return program

    def try_out(self, subject, folder):
        return self.trial(subject, self.build(subject, folder), self.options.seeds, 1)

    def trial(self, subject, program, seeds, first_seed):
        """killed, seeds, median, most, executions, first verdict"""
        textbook = subject.split('/')[0] in PROGRAMS
        executions = self.options.executions or (10000 if textbook else 200)
        command = [program, str(executions), str(seeds), str(first_seed)]
        said = self.run(command if textbook else command + [subject])
        killed, seeds, median, most, made, verdict = LINE.match(said).groups()
        return int(killed), int(seeds), int(median), int(most), int(made), verdict

    def fresh_folder(self, name):
        folder = os.path.join(self.work, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        return folder

    def mutate(self, name):
        """(subject, folder with the changed copy)"""
        mutant = mutation.read(self.paths[name])
        folder = self.fresh_folder(name)
        copy = os.path.join(folder, mutant.path)
        os.makedirs(os.path.dirname(copy))
        with open(os.path.join(self.config['source'], mutant.path)) as f:
            changed = mutant.apply(f.read())
        with open(copy, 'w') as f:
            f.write(changed)
        return mutant.subject, folder

    def all_apply(self):
        """Also those that do not have their turn: a source that changed is noticed at once."""
        mistakes = []
        for name in self.names():
            try:
                self.mutate(name)
            except mutation.Mistake as mistake:
                mistakes.append(f'{name}: {mistake}')
        shutil.rmtree(self.work, ignore_errors=True)
        assert not mistakes, '\n'.join(mistakes)

    def strategies_have_two(self):
        """Each header of a family's list is what two mutants or more change, or show."""
        mutants = [mutation.read(self.paths[name]) for name in self.names()]
        missing = set()
        for folder in tree.PREFIX:
            for name, header, line in tree.lines_of(self.config['source'], folder):
                shown_by = re.compile(f'{folder}/' + re.sub('@[a-z]+@', r'\\w+', name))
                of_it = sum(m.path == f'{folder}/{header}.h' or bool(shown_by.fullmatch(m.subject))
                            for m in mutants)
                if 'black_box' not in line and of_it < 2:
                    missing.add(f'{folder}/{header}')
        print('# with less than two mutants: ' + ', '.join(sorted(missing)))
        assert missing <= WITHOUT, '\n'.join(
            f'{name} has less than two mutants: write one, tests/bench/check/mutants/'
            f'{name.split("/")[1]}_....mutant; bench/check/mutation.py says how'
            for name in sorted(missing - WITHOUT))
        assert missing == WITHOUT, 'have two now: ' + ', '.join(sorted(WITHOUT - missing))

    def is_killed(self, name):
        subject, folder = self.mutate(name)
        killed, seeds, _, _, made, _ = self.try_out(subject, folder)
        assert killed == seeds, f'{subject}: found with {killed} of {seeds} seeds, {made} executions'
        shutil.rmtree(folder)

    def is_silent(self, subject):
        folder = self.fresh_folder('right_' + subject.replace('/', '_'))
        killed, _, _, _, made, verdict = self.try_out(subject, folder)
        assert killed == 0, f'a false alarm: {verdict}'
        assert made >= 5000, f'only {made} executions'
        shutil.rmtree(folder)

    def textbooks(self):
        return [f'{family}/{n[:-2]}' for family, folder in PROGRAMS.items()
                for n in sorted(os.listdir(os.path.join(self.config['source'], folder)))
                if n.endswith('.c') and not self.options.only]

    def names(self):
        return [n for n in self.paths if not self.options.only or any(o in n for o in self.options.only)]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seeds', type=int, default=2)
    parser.add_argument('--executions', type=int, default=0)
    parser.add_argument('--optimise', choices=('0', '2'), default='2')
    parser.add_argument('--only', action='append')
    parser.add_argument('config')
    return parser.parse_args()


def main():
    options = arguments()
    mutants = Mutants(options, 'mutants')
    cases = tap.Cases()
    trials = [(f'{subject} is right, and silent', mutants.is_silent, subject)
              for subject in mutants.textbooks()]
    trials += [(f'{name} is killed', mutants.is_killed, name) for name in mutants.names()]
    cases.run('every mutant fits its source', mutants.all_apply)
    if not options.only:
        cases.run('every strategy has two mutants', mutants.strategies_have_two)
    for trial in tap.share(trials):
        cases.run(*trial)
    cases.finish()


if __name__ == '__main__':
    main()
