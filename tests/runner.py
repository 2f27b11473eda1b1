#!/usr/bin/env python3
"""Runs the tests of several builds, with progress, and counts their cases.

Usage: runner.py [--long MINUTES] [--first NAME] [--build NAME]... [--match TEXT]...
                 NAME=BUILD_FOLDER...

Tests that Meson knows as parallel run side by side, one on each processor, whatever build they are
of; those first that took longest the last time (BUILD_FOLDER/test-costs.json; before that, a test's
`priority` in its meson.build says about how many seconds it takes).  The others measure: each runs
alone, after all of those.  Of the suite "waits", whose tests hardly use their processor, one runs
beside those that do.  With --build NAME, what the tests of that build need is built, on half
of the processors, while the others run tests of builds that are there; with --first NAME, that
on all processors before anything is run, and with it, unless tests are chosen by --match, all
that is not `build_by_default: false`.

--long runs the tests of the suite "long", and only those:
a test's timeout in its meson.build is the most that it takes of an hour, and all of
them are shortened in proportion to fit into MINUTES.  Each finds its share in
CONTEND_LONG_SECONDS.  One that has an end of its own is of the suite "whole" too: it takes the
seconds of its `priority`, about, and is ended at its timeout.  Its lines "# near: ..." are printed below it, and its lines
"# long: ...", which say what it tried, together at the end.  What is not done when the
time is up is ended, and listed.

Every test speaks TAP.  A line is printed as each test ends; failures are shown at
once; skips are listed with their reasons; the last line is the count.  A test
that crashes, hangs or announces more cases than it reports has failed, and so has a build.

With CONTEND_ROTATION set, and unless tests are chosen by --match, a build with a sanitizer runs
each test of the strategies on one day of four and each of the lab on one of eight, and on another
one with the other sanitizer.  The plain build runs a test of the suite "turns" on one day of two,
one of the suite "seldom" on one of four, one of "rarely" on one of eight, and each other test every
day, or less often if a day would else take too long: days.py.  By what their `priority` says, the
days have about the same to do.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

from days import of_today
from jobs import Build, Tap, Test


def minutes(seconds):
    return f'{int(seconds) // 60}:{int(seconds) % 60:02d}'


def skips_by_reason(skipped):
    """A reason once, and below it the cases, each with the tests that skipped it."""
    reasons = {}
    for test, name, reason in skipped:
        tests = reasons.setdefault(reason, {}).setdefault(name, [])
        if test not in tests:
            tests.append(test)
    for reason, names in reasons.items():
        yield f'    {reason}'
        for name, tests in names.items():
            yield textwrap.fill(f'{name} ({", ".join(tests)})', 96, initial_indent=6 * ' ',
                                subsequent_indent=10 * ' ')


class Costs:
    """Seconds that each job in a folder took when it last ran."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'test-costs.json')
        try:
            with open(self.path) as f:
                self.seconds = dict(json.load(f))
        except (OSError, ValueError):
            self.seconds = {}

    def keep(self, jobs):
        self.seconds.update((j.name, round(j.wall, 2)) for j in jobs if j.has_succeeded())
        with open(self.path, 'w') as f:
            json.dump(self.seconds, f, indent=1, sort_keys=True)


def dearer(jobs):
    """The tests that took far more of the processors than they declare: the days are dealt out by that."""
    return [job for job in jobs if isinstance(job, Test)
            and job.cpu > 3 * (job.declared or job.unknown) + 5]


def in_order(jobs):
    """What is built comes first, then the longest of those that share the processors."""
    return sorted(jobs, key=lambda j: (not isinstance(j, Build), j.alone, -j.expected))


class Session:
    TIME_IS_UP = 'the time was up'
    INTERRUPTED = 'interrupted'
    SILENCE = 60  # seconds until it says what it waits for

    def __init__(self, long_minutes, processors):
        self.passed, self.failed, self.skipped, self.findings = 0, 0, [], []
        self.cpu, self.processors = 0.0, processors
        self.cut = []  # what the end of the time left undone
        self.started = self.said = time.monotonic()
        self.ends = self.started + long_minutes * 60 if long_minutes else None
        self.waiting, self.running, self.done = [], [], []
        self.change, self.stopped, self.width = threading.Condition(), None, 0

    def give_shares(self, tests):
        """Scales the timeouts of those that end when they are told to down until all fit."""
        def cost(test):  # parallel tests share the processors
            seconds = test.expected if test.is_whole else test.timeout
            return seconds if test.alone else seconds / self.processors
        left = 0.97 * (self.ends - time.monotonic()) - sum(cost(t) for t in tests if t.is_whole)
        shared = [t for t in tests if not t.is_whole]
        for test in shared:
            test.give(test.timeout * max(0, min(1, left / sum(cost(t) for t in shared))))

    def may_start(self, job):
        if job.after and job.after.code is None or any(j.alone for j in self.running):
            return False
        if job.alone:
            return not self.running
        if isinstance(job, Build) and any(isinstance(j, Build) for j in self.running):
            return False  # the rest of the processors is for tests
        if job.waits:
            return not any(j.waits for j in self.running)
        return sum(j.slots for j in self.running) + job.slots <= self.processors

    def run_all(self, jobs):
        """Starts each job as soon as it may; returns when all have ended."""
        self.width = max(len(job.build) for job in jobs)
        try:
            with self.change:
                self.waiting = in_order(jobs)
                while self.waiting or self.running:
                    job = next((j for j in self.waiting if self.may_start(j)), None)
                    if not job:
                        self.change.wait()
                        continue
                    self.waiting.remove(job)
                    self.running.append(job)
                    threading.Thread(target=self.run_one, args=[job]).start()
        except KeyboardInterrupt:
            self.stop(self.INTERRUPTED)
            with self.change:
                while self.running:
                    self.change.wait()

    def run_one(self, job):
        job.run()
        with self.change:
            self.running.remove(job)
            self.done.append(job)
            self.cpu += job.cpu
            if not self.ends:
                self.said = time.monotonic()
            try:
                (self.account_build if isinstance(job, Build) else self.account)(job)
            finally:
                self.change.notify_all()

    def line(self, job, verdict, more):
        left = f'{minutes(self.left()):>5} left  ' if not self.ends else '    '
        print(f'{left}{job.build:<{self.width}}  {job.name:<22} {verdict:<7} {more}'
              f'  {job.wall:.1f} s, processors {job.cpu:.1f} s')

    def account_build(self, build):
        """Prints the build's line, and its errors; without it, its tests are not run."""
        trouble = build.trouble()
        if self.stopped and trouble:
            self.cut.append(f'{build.build}: {build.name}')
            return
        lost = [job for job in self.waiting if job.after is build] if trouble else []
        self.waiting = [job for job in self.waiting if job not in lost]
        self.line(build, 'FAILED' if trouble else 'ok',
                  f'{len(lost)} tests cannot run' if trouble else ' ' * 11)
        for line in trouble:
            print('        ' + line)
        sys.stdout.flush()
        self.failed += bool(trouble)

    def account(self, test):
        """Prints the test's line; failures with what they said."""
        tap = Tap(test.lines)
        trouble = test.trouble(tap)
        was_cut = trouble in (self.TIME_IS_UP, self.INTERRUPTED)
        if was_cut:
            self.cut.append(f'{test.build}: {test.name}, after {tap.reported()} cases')
        elif trouble:
            tap.failed.append([trouble, test.lines[-30:]])
        self.line(test, 'FAILED' if tap.failed else 'cut' if was_cut else 'ok',
                  f'{tap.passed:>4} passed'
                  + (f', {len(tap.failed)} failed' if tap.failed else '')
                  + (f', {len(tap.skipped)} skipped' if tap.skipped else ''))
        for line in tap.near if self.ends else ():
            print('      ' + line)
        for name, lines in tap.failed:
            print(f'      not ok: {name}')
            for line in lines:
                print('        ' + line)
        sys.stdout.flush()
        self.passed += tap.passed
        self.failed += len(tap.failed)
        self.skipped += [(test.name, name, reason) for name, reason in tap.skipped]
        self.findings += [(test.build, test.name, text) for text in tap.findings]

    def left(self):
        """About how many seconds what is not done will take, as the done has taken."""
        planned = sum(j.expected for j in self.done)
        pace = sum(j.wall for j in self.done) / planned if planned > 30 else 1
        now = time.monotonic()
        jobs = [(j, pace * j.expected) for j in self.waiting] + [(j, j.left(now, pace))
                                                                for j in self.running]
        shared = [(s, s * j.slots / self.processors) for j, s in jobs if not j.alone]
        return sum(s for j, s in jobs if j.alone) + max(
            sum(part for _, part in shared), max((s for s, _ in shared), default=0))

    def stop(self, why):
        with self.change:
            self.stopped = why
            self.cut += [f'{job.build}: {job.name}' for job in self.waiting]
            self.waiting = []
            for job in self.running:
                job.kill(why)
            self.change.notify_all()

    def watch(self):
        """Says now and then how far it is; ends a long run in time."""
        while not self.stopped:
            time.sleep(1)
            now = time.monotonic()
            if self.ends and now >= self.ends:
                self.stop(self.TIME_IS_UP)
            elif now - self.said >= self.SILENCE:
                self.said = now
                with self.change:
                    left = self.ends - now if self.ends else self.left()
                    print(f'    -- {minutes(now - self.started)} gone, '
                          f'{"at most" if self.ends else "about"} {minutes(left)} left; now '
                          + ', '.join(f'{j.build}: {j.name} ({j.progress(now)})'
                                      for j in self.running if j.started), flush=True)

    def summary(self):
        if self.stopped == self.INTERRUPTED:
            print(f'\nInterrupted, with {len(self.cut)} not done; what ran so far:')
        if self.skipped:
            print('\n  Skipped:')
            print('\n'.join(skips_by_reason(self.skipped)))
        if not self.ends:
            print(f'\n{time.monotonic() - self.started:.0f} s, '
                  f'{self.cpu:.0f} s of processor time')
            for test in dearer(self.done):
                print(f'    {test.build}: {test.name} took {test.cpu:.0f} s of a processor, '
                      f'and declares {test.declared or "nothing"}')
            if 'CONTEND_ROTATION' in os.environ:
                print(f'Rotation {os.environ["CONTEND_ROTATION"]} chose among the entries and the '
                      'mutants where not all are tried, and among the tests with sanitizers; '
                      'CONTEND_ROTATION= tries all.')
            print(f'{self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped')
            return
        print('\nWhat was tried:')
        for build, test, text in self.findings:
            print(f'  {build}, {test}: {text}')
        for what in self.cut:
            print(f'  not done, the time was up: {what}')
        verdict = f'{self.failed} FAILED' if self.failed else 'nothing found'
        print(f'\n{verdict} in {self.passed + self.failed} cases and '
              f'{minutes(time.monotonic() - self.started)} minutes; '
              f'repeat with CONTEND_SEED={os.environ.get("CONTEND_SEED", "20101")}.')
        print('That nothing was found excludes what the lines above say, and no more.')


def targets_of(build, tests, whole=False):
    """The files that the tests need of their build, for its ninja; or these and its defaults."""
    folder = build.split('=', 1)[1]
    listed = subprocess.run(['meson', 'introspect', '--targets', folder], stdout=subprocess.PIPE,
                            text=True, check=True)
    targets = json.loads(listed.stdout)
    files = {target['id']: target['filename'] for target in targets}
    wanted = {target for test in tests for target in test.depends}
    wanted |= {target['id'] for target in targets if whole and target['build_by_default']}
    return sorted({os.path.relpath(path, folder) for target in wanted for path in files[target]})


def tests_of(build):
    name, folder = build.split('=', 1)
    listed = subprocess.run(['meson', 'introspect', '--tests', folder], stdout=subprocess.PIPE,
                            text=True, check=True)
    return [Test(name, folder, described) for described in json.loads(listed.stdout)]


def build_for(build, tests, first, chosen_by_name, processors):
    """The job that makes what these tests need in their folder; they wait for it."""
    name, folder = build.split('=', 1)
    targets = targets_of(build, tests, first and not chosen_by_name)
    if not targets:
        return []
    job = Build(name, folder, targets, processors if first else max(1, processors // 2))
    for test in tests:
        test.after = job
    return [job]


def chosen(options):
    """The tests that the options and the day leave."""
    tests = [t for build in options.builds for t in tests_of(build)
             if t.is_long == bool(options.long)
             and (not options.match or any(m in t.name for m in options.match))]
    if 'CONTEND_ROTATION' in os.environ and not options.match:
        tests = of_today(tests, int(os.environ['CONTEND_ROTATION']))
    return tests


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--long', type=float, metavar='MINUTES')
    parser.add_argument('--match', action='append', default=[], metavar='TEXT')
    parser.add_argument('--build', action='append', default=[], metavar='NAME')
    parser.add_argument('--first', metavar='NAME')
    parser.add_argument('builds', nargs='+', metavar='NAME=BUILD_FOLDER')
    options = parser.parse_args()
    if not os.environ.get('CONTEND_ROTATION'):
        os.environ.pop('CONTEND_ROTATION', None)  # that is how to try all
    # For what tries how the days are dealt out, in a folder of its own.
    os.environ['CONTEND_BUILDS'] = '\n'.join(
        f'{name}={os.path.abspath(folder)}' for name, folder in (b.split('=', 1) for b in options.builds))
    tests = chosen(options)
    if not tests:
        print('No test has a name like that.', file=sys.stderr)
        return 2
    processors = len(os.sched_getaffinity(0))
    jobs = [job for build in options.builds for name in [build.split('=', 1)[0]]
            if name in [options.first, *options.build]
            for job in build_for(build, [t for t in tests if t.build == name],
                                 name == options.first, bool(options.match), processors)] + tests
    session = Session(options.long, processors)
    costs = {folder: Costs(folder) for folder in {job.folder for job in jobs}}
    if options.long:
        session.give_shares(tests)
    else:
        for job in jobs:
            job.expected = costs[job.folder].seconds.get(job.name, job.expected)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its tests must not outlive it
    threading.Thread(target=session.watch, daemon=True).start()
    session.run_all(jobs)
    if not options.long:
        for folder, known in costs.items():
            known.keep([job for job in session.done if job.folder == folder])
    session.summary()
    return 130 if session.stopped == session.INTERRUPTED else 1 if session.failed else 0


if __name__ == '__main__':
    sys.exit(main())
