#!/usr/bin/env python3
"""Runs the tests of several builds, with progress, and counts their cases.

Usage: runner.py [--long MINUTES] [--match TEXT]... NAME=BUILD_FOLDER...

Tests that Meson knows as parallel run side by side, one on each processor, those first
that took longest the last time (BUILD_FOLDER/test-costs.json; before that, the timeout
says it); the others alone, after them.  --long runs the tests of the suite "long", and only those:
a test's timeout in its meson.build is the most that it takes of an hour, and all of
them are shortened in proportion to fit into MINUTES.  Each finds its share in
CONTEND_LONG_SECONDS.  Its lines "# near: ..." are printed below it, and its lines
"# long: ...", which say what it tried, together at the end.  What is not done when the
time is up is ended, and listed.

Every test speaks TAP.  A line is printed as each test ends; failures are shown at
once; skips are listed with their reasons; the last line is the count.  A test
that crashes, hangs or announces more cases than it reports has failed.

With CONTEND_ROTATION set, and unless tests are chosen by --match, a build with a sanitizer runs
each test on one day of four, and two days apart from the other sanitizer.  The plain build runs
a test of the suite "turns" on two days of the four, those of no sanitizer, and each other test
every day.  --targets prints what of a build these tests need, so that nothing else is built.
"""

import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time


class Tap:
    """What a test said."""

    def __init__(self, lines):
        self.passed, self.failed, self.skipped, self.planned = 0, [], [], None
        self.idle = False   # it has no case that has its turn
        self.findings = []  # what a long test tried
        self.near = []      # and how near it came to a failure
        reason, current = '', None
        for line in lines:
            plan = re.match(r'^1\.\.(\d+)( # SKIP)?', line)
            if plan:
                self.planned = int(plan.group(1))
                self.idle = self.planned == 0 and plan.group(2) is not None
                continue
            if line.startswith('# skipped: '):
                reason = line[len('# skipped: '):]
                continue
            if line.startswith('# long: '):
                self.findings.append(line[len('# long: '):])
                continue
            if line.startswith('# near: '):
                self.near.append(line[len('# near: '):])
                continue
            skip = re.match(r'^(?:not )?ok \d+ # SKIP (.*)$', line)  # cmocka 1.1.5 says "not ok"
            if skip:
                self.skipped.append((skip.group(1), reason or 'no reason given'))
                reason, current = '', None
                continue
            result = re.match(r'^(not )?ok \d+ - (.*)$', line)
            if result and result.group(1):
                current = [result.group(2), []]
                self.failed.append(current)
            elif result:
                self.passed += 1
                current = None
            elif current is not None and line.startswith('#') and \
                    not re.match(r'^# (not )?ok - ', line):
                current[1].append(line)

    def reported(self):
        return self.passed + len(self.failed) + len(self.skipped)


class Test:
    """One test of one build; `share` is how many seconds a long one may take."""

    def __init__(self, build, folder, described):
        self.build, self.folder, self.name = build, folder, described['name']
        self.command, self.workdir = described['cmd'], described['workdir'] or folder
        self.env = described['env'] if isinstance(described['env'], dict) else {}
        self.timeout = described['timeout'] or 300
        self.parallel = described['is_parallel']
        self.depends = described['depends']
        self.sanitized = 'CONTEND_SANITIZED' in self.env
        takes_turns = any(suite.endswith(':turns') for suite in described['suite'])
        self.period = 4 if self.sanitized else 2 if takes_turns else 1  # days from turn to turn
        self.is_long = any(suite.endswith(':long') for suite in described['suite'])
        self.share, self.lines, self.started, self.process = None, [], None, None
        self.ended_by = None  # why we killed it
        self.lock = threading.Lock()
        self.code, self.wall, self.cpu = None, 0.0, 0.0  # how it ended and what it took

    def kill(self, why):
        with self.lock:
            self.ended_by = why
            if self.process and self.code is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def reap(self):
        """Takes its exit status, and the processor time of all processes that it waited for."""
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        with self.lock:  # its number is nobody else's until here
            _, status, used = os.wait4(self.process.pid, 0)
            self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = used.ru_utime + used.ru_stime
        self.wall = time.monotonic() - self.started

    def run(self):
        """Runs it to its end, or to its timeout's."""
        env = dict(os.environ)
        env.update(self.env)
        env['CMOCKA_MESSAGE_OUTPUT'] = 'TAP'
        if 'CONTEND_ROTATION' in env:
            # A test on every fourth day that tries every fourth case would try the same for ever.
            env['CONTEND_ROTATION'] = str(int(env['CONTEND_ROTATION']) // self.period)
        if self.share:
            env['CONTEND_LONG_SECONDS'] = str(max(1, int(self.share * 0.9)))
        limit = self.timeout if not self.share else self.share + 60
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=self.workdir, env=env, text=True,
                                        errors='replace', stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        timer = threading.Timer(limit, self.kill, [f'did not end within {limit:.0f} s'])
        timer.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip('\n'))
            self.reap()
        finally:
            timer.cancel()

    def trouble(self, tap):
        """Why it failed, apart from its failed cases."""
        code = self.code
        if self.ended_by:
            return self.ended_by
        if code < 0:
            return f'was ended by {signal.Signals(-code).name}'
        if tap.planned is not None and tap.reported() != tap.planned:
            return f'announced {tap.planned} cases and reported {tap.reported()}'
        if code and not tap.failed:
            return f'exit status {code} without a failed case'
        if tap.reported() == 0 and not tap.idle:
            return 'reported no case'
        return None


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
    """Seconds that each test of a build took when it last ran."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'test-costs.json')
        try:
            with open(self.path) as f:
                self.seconds = dict(json.load(f))
        except (OSError, ValueError):
            self.seconds = {}

    def expected(self, test):
        return self.seconds.get(test.name, test.timeout)

    def keep(self, tests):
        self.seconds.update((t.name, round(t.wall, 2)) for t in tests if t.code == 0)
        with open(self.path, 'w') as f:
            json.dump(self.seconds, f, indent=1, sort_keys=True)


class Session:
    TIME_IS_UP = 'the time was up'

    def __init__(self, long_minutes):
        self.passed, self.failed, self.skipped, self.findings = 0, 0, [], []
        self.cpu = 0.0
        self.cut = []  # what the end of the time left undone
        self.started = time.monotonic()
        self.ends = self.started + long_minutes * 60 if long_minutes else None
        self.running, self.lock, self.stopped = [], threading.Lock(), False

    def give_shares(self, tests):
        """Scales the timeouts down until all fit; parallel tests share the processors."""
        jobs = os.cpu_count() or 1
        whole = sum(t.timeout / jobs if t.parallel else t.timeout for t in tests)
        left = 0.97 * (self.ends - time.monotonic())
        for test in tests:
            test.share = test.timeout * min(1, left / whole)

    def run_one(self, test):
        with self.lock:
            if self.stopped:
                self.cut.append(f'{test.build}: {test.name}')
                return
            self.running.append(test)
        test.run()
        with self.lock:
            self.running.remove(test)
            self.account(test)

    def account(self, test):
        """Prints the test's line; failures with what they said."""
        tap = Tap(test.lines)
        trouble = test.trouble(tap)
        if trouble == self.TIME_IS_UP:
            self.cut.append(f'{test.build}: {test.name}, after {tap.reported()} cases')
        elif trouble:
            tap.failed.append([trouble, test.lines[-30:]])
        verdict = 'FAILED' if tap.failed else 'cut' if trouble else 'ok'
        print(f'    {test.name:<22} {verdict:<7} {tap.passed:>4} passed'
              + (f', {len(tap.failed)} failed' if tap.failed else '')
              + (f', {len(tap.skipped)} skipped' if tap.skipped else '')
              + f'  {test.wall:.1f} s, processors {test.cpu:.1f} s')
        for line in tap.near if self.ends else ():
            print('      ' + line)
        for name, lines in tap.failed:
            print(f'      not ok: {name}')
            for line in lines:
                print('        ' + line)
        sys.stdout.flush()
        self.cpu += test.cpu
        self.passed += tap.passed
        self.failed += len(tap.failed)
        self.skipped += [(test.name, name, reason) for name, reason in tap.skipped]
        self.findings += [(test.build, test.name, text) for text in tap.findings]

    def run_all(self, tests):
        """The parallel ones side by side, the longest first; then the rest, alone."""
        costs = Costs(tests[0].folder)
        by_length = sorted(tests, key=lambda t: -(t.share or costs.expected(t)))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            try:
                for done in concurrent.futures.as_completed(
                        [pool.submit(self.run_one, t) for t in by_length if t.parallel]):
                    done.result()
            except KeyboardInterrupt:
                self.stop('interrupted')
                raise
        for test in tests:
            if not test.parallel:
                self.run_one(test)
        if not self.ends:
            costs.keep(tests)

    def stop(self, why):
        with self.lock:
            self.stopped = True
            for test in self.running:
                test.kill(why)

    def watch(self):
        """Of a long run: says now and then how far it is, and ends it in time."""
        said = time.monotonic()
        while True:
            time.sleep(1)
            now = time.monotonic()
            if now >= self.ends:
                self.stop(self.TIME_IS_UP)
                return
            if now - said < 60:
                continue
            said = now
            with self.lock:
                print(f'    -- {minutes(now - self.started)} gone, at most '
                      f'{minutes(self.ends - now)} left; now '
                      + ', '.join(f'{t.name} ({minutes(now - t.started)} of {minutes(t.share)}, '
                                  f'{Tap(t.lines).reported()} cases)'
                                  for t in self.running if t.started), flush=True)

    def summary(self):
        if self.skipped:
            print('\n  Skipped:')
            print('\n'.join(skips_by_reason(self.skipped)))
        if not self.ends:
            print(f'\n{time.monotonic() - self.started:.0f} s of tests, '
                  f'{self.cpu:.0f} s of processor time')
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


def of_today(tests, turn):
    """Those of the tests that are run on this turn.

    The longest are dealt out first, to the days in turn, so that no day has all of them.
    """
    longest = sorted({t.name: -t.timeout for t in tests}.items(), key=lambda item: item[::-1])
    place = {name: i for i, (name, _) in enumerate(longest)}
    sanitized = list(dict.fromkeys(t.build for t in tests if t.sanitized))

    def has_its_turn(test):
        later = 2 * sanitized.index(test.build) if test.sanitized else 0
        return (place[test.name] + later + turn) % test.period == 0

    return [test for test in tests if has_its_turn(test)]


def targets_of(build, tests):
    """The files that the tests need of their build, for its ninja."""
    folder = build.split('=', 1)[1]
    listed = subprocess.run(['meson', 'introspect', '--targets', folder], stdout=subprocess.PIPE,
                            text=True, check=True)
    files = {target['id']: target['filename'] for target in json.loads(listed.stdout)}
    return sorted({os.path.relpath(path, folder) for test in tests for target in test.depends
                   for path in files[target]})


def tests_of(build):
    name, folder = build.split('=', 1)
    listed = subprocess.run(['meson', 'introspect', '--tests', folder], stdout=subprocess.PIPE,
                            text=True, check=True)
    return [Test(name, folder, described) for described in json.loads(listed.stdout)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--long', type=float, metavar='MINUTES')
    parser.add_argument('--match', action='append', default=[])
    parser.add_argument('--targets', metavar='NAME')
    parser.add_argument('builds', nargs='+')
    options = parser.parse_args()
    if not os.environ.get('CONTEND_ROTATION'):
        os.environ.pop('CONTEND_ROTATION', None)  # that is how to try all
    tests = [t for build in options.builds for t in tests_of(build)
             if t.is_long == bool(options.long)
             and (not options.match or any(m in t.name for m in options.match))]
    if not tests:
        print('No test has a name like that.', file=sys.stderr)
        return 2
    if 'CONTEND_ROTATION' in os.environ and not options.match:
        tests = of_today(tests, int(os.environ['CONTEND_ROTATION']))
    if options.targets:
        build = next(b for b in options.builds if b.startswith(options.targets + '='))
        print('\n'.join(targets_of(build, [t for t in tests if t.build == options.targets])))
        return 0
    session = Session(options.long)
    if options.long:
        session.give_shares(tests)
        threading.Thread(target=session.watch, daemon=True).start()
    try:
        for build in dict.fromkeys(t.build for t in tests):
            print(f'  {build}', flush=True)
            session.run_all([t for t in tests if t.build == build])
    except KeyboardInterrupt:
        session.stop('interrupted')
        print('\nInterrupted; what ran so far:')
    session.summary()
    return 1 if session.failed else 0


if __name__ == '__main__':
    sys.exit(main())
