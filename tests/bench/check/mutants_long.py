#!/usr/bin/env python3
"""The seeded bugs once more, with as many seeds as there is time for.

Usage: mutants_long.py [--optimise 0|2] [--only TEXT]... CONFIG

As mutants.py; CONTEND_LONG_SECONDS (60) are divided among the right algorithms and the
mutants, and the seeds begin at CONTEND_SEED.  At least a quarter of a mutant's seeds
must find it: the few that need a rare schedule are missed by some.  What has not begun
when the time is up is skipped.
"""

import os
import shutil
import time

import mutants
import tap

LEAST_SEEDS = 4


class Long:
    def __init__(self, options):
        self.trials = mutants.Mutants(options, f'mutants_long_o{options.optimise}')
        self.first_seed = int(os.environ.get('CONTEND_SEED', '20101'), 0)
        self.ends = time.monotonic() + float(os.environ.get('CONTEND_LONG_SECONDS', '60'))
        self.right, self.names = self.trials.textbooks(), self.trials.names()
        self.left = len(self.right) + len(self.names)
        self.silent_executions, self.seeds, self.found = 0, 0, []

    def until_share_is_used(self, subject, folder):
        """
        (killed, seeds, executions).  Each subject has half of an equal part of the time
        left: what is left over is for those whose least seeds take longer.
        """
        if time.monotonic() > self.ends:
            raise tap.Skip('the time was up')
        ends = time.monotonic() + (self.ends - time.monotonic()) / self.left / 2
        program, totals, batch = self.trials.build(subject, folder), (0, 0, 0), 2
        self.left -= 1
        while (totals[1] < LEAST_SEEDS and time.monotonic() < self.ends) or time.monotonic() < ends \
                or totals[1] == 0:
            killed, seeds, _, _, made, _ = self.trials.trial(subject, program, batch,
                                                             self.first_seed + totals[1])
            totals = totals[0] + killed, totals[1] + seeds, totals[2] + made
            batch = min(2 * batch, 32)
        shutil.rmtree(folder)
        return totals

    def is_silent(self, subject):
        folder = self.trials.fresh_folder('right_' + subject.replace('/', '_'))
        killed, seeds, executions = self.until_share_is_used(subject, folder)
        self.silent_executions += executions
        assert killed == 0, f'false alarms with {killed} of {seeds} seeds'

    def is_killed(self, name):
        subject, folder = self.trials.mutate(name)
        killed, seeds, _ = self.until_share_is_used(subject, folder)
        self.seeds += seeds
        self.found.append((killed / seeds, name))
        assert 4 * killed >= seeds, f'{subject}: found with {killed} of {seeds} seeds'

    def sum_up(self):
        level = '-O' + self.trials.options.optimise
        missed = [(share, name) for share, name in sorted(self.found) if share < 1]
        print(f'# long: {level}: {len(self.found) - len(missed)} of {len(self.found)} mutants are '
              f'found with every one of their seeds, {self.seeds} in all'
              + ''.join(f'; {name} with {share:.1%}' for share, name in missed))
        print(f'# long: {level}: {len(self.right)} right algorithms are silent over '
              f'{self.silent_executions / 1e6:.1f} million executions')


def main():
    long, cases = Long(mutants.arguments()), tap.Cases()
    for subject in long.right:
        cases.run(f'{subject} is right, and silent', long.is_silent, subject)
    for name in long.names:
        cases.run(f'{name} is found', long.is_killed, name)
    long.sum_up()
    cases.finish()


if __name__ == '__main__':
    main()
