"""What the runner runs: a test, or the build of what tests need; and what a test said."""

import os
import re
import signal
import subprocess
import threading
import time

# Seconds that a test is taken to need if neither it nor an earlier run says more, and with a sanitizer.
UNKNOWN_TEST, UNKNOWN_SANITIZED = 1, 2
UNKNOWN_BUILD = 150
# Days from one turn to the next, of tests of these suites.
PERIODS = {'turns': 2, 'seldom': 4, 'rarely': 8}
# A build with a sanitizer has so many shares of the entries one after the other, and runs each test
# of the strategies on one day of four with each, and each of the lab's on one of eight: tests/run.
SANITIZED_PERIOD, SHARES = 4, 4


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


class Job:
    """A process that takes some of the runner's slots, one of which stands for a processor."""

    TERMINATION = signal.SIGKILL

    def __init__(self, build, name, folder, command, workdir, limit):
        self.build, self.name, self.folder = build, name, folder
        self.command, self.workdir, self.limit = command, workdir, limit
        self.after = None  # the job that makes what this one needs
        self.alone = False  # whether nothing else may run meanwhile
        self.slots, self.waits = 1, False
        self.expected = 0.0  # seconds
        self.lines, self.started, self.process = [], None, None
        self.ended_by = None  # why we killed it
        self.lock = threading.Lock()
        self.code, self.wall, self.cpu = None, 0.0, 0.0  # how it ended and what it took

    def kill(self, why):
        with self.lock:
            self.ended_by = self.ended_by or why
            if self.process and self.code is None:
                os.killpg(self.process.pid, self.TERMINATION)

    def reap(self):
        """Takes its exit status, and the processor time of all processes that it waited for."""
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        with self.lock:  # its number is nobody else's until here
            _, status, used = os.wait4(self.process.pid, 0)
            self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = used.ru_utime + used.ru_stime
        self.wall = time.monotonic() - self.started

    def environment(self):
        return dict(os.environ)

    def run(self):
        """Runs it to its end, or to that of its time."""
        self.started = time.monotonic()
        try:
            with self.lock:
                if self.ended_by:  # before it began
                    return
                self.process = subprocess.Popen(
                    self.command, cwd=self.workdir, env=self.environment(), text=True,
                    errors='replace', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            self.ended_by = f'could not be started: {error}'
            return
        timer = threading.Timer(self.limit, self.kill, [f'did not end within {self.limit:.0f} s'])
        timer.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line.rstrip('\n'))
            self.reap()
        finally:
            timer.cancel()

    def left(self, now, pace):
        """About how many seconds it will still take, where others took `pace` as long as expected."""
        return max(0.0, pace * self.expected - (now - (self.started or now)))

    def progress(self, now):
        return f'{now - self.started:.0f} s'

    def has_succeeded(self):
        return self.code == 0 and not self.ended_by


class Build(Job):
    """Makes, in a folder that is configured, what some tests need."""

    TERMINATION = signal.SIGTERM  # ninja ends its compilers, each in a group of its own
    ERRORS = re.compile(r'\berror:|^FAILED|undefined reference|^ninja: ')

    def __init__(self, build, folder, targets, slots):
        super().__init__(build, 'the build', folder, ['ninja', f'-j{slots}', *targets],
                         folder, 3600)
        self.slots = slots
        self.expected = UNKNOWN_BUILD

    def counted(self):
        """How many of ninja's steps are done, and of how many; None before it says so."""
        steps = self.lines and re.match(r'\[(\d+)/(\d+)\]', self.lines[-1])
        return [int(n) for n in steps.groups()] if steps else None

    def left(self, now, pace):
        counted = self.counted()
        if not counted or counted[0] < counted[1] / 8:  # the first steps are not like the others
            return super().left(now, pace)
        return (now - self.started) * (counted[1] - counted[0]) / counted[0]

    def progress(self, now):
        counted = self.counted()
        return f'{counted[0]} of {counted[1]} steps' if counted else super().progress(now)

    def trouble(self):
        """The errors, first; a compiler's one error is followed by pages of other output."""
        if self.has_succeeded():
            return []
        if self.ended_by:
            return [self.ended_by]
        errors = [line[:200] for line in self.lines if self.ERRORS.search(line)]
        return errors[:12] or self.lines[-25:]


class Test(Job):
    """One test of one build; `share` is how many seconds a long one may take."""

    def __init__(self, build, folder, described, after=None):
        super().__init__(build, described['name'], folder, described['cmd'],
                         described['workdir'] or folder, described['timeout'] or 300)
        self.after = after
        self.env = described['env'] if isinstance(described['env'], dict) else {}
        self.timeout = self.limit
        self.alone = not described['is_parallel']
        self.depends = described['depends']
        self.sanitized = 'CONTEND_SANITIZED' in self.env
        suites = {suite.split(':')[-1] for suite in described['suite']}
        self.of_lab = any(re.search('/tests/(bench|fuzz)/', word) for word in self.command)
        self.least_period = max([PERIODS[suite] for suite in suites & PERIODS.keys()], default=1)
        if self.sanitized:
            self.least_period = SANITIZED_PERIOD * (2 if self.of_lab else 1)
        self.period = self.least_period
        # Of the entries or mutants it tries some in each run, so that fewer runs would try fewer.
        self.takes_part = 'CONTEND_MOST' in self.env
        # It leaves its processor idle for most of its time.
        self.waits = 'waits' in suites
        self.slots = 0 if self.waits else 1
        self.is_long = 'long' in suites
        self.is_whole = 'whole' in suites
        self.declared = described.get('priority', 0)
        self.unknown = UNKNOWN_SANITIZED if self.sanitized else UNKNOWN_TEST
        self.expected = self.declared or self.unknown
        self.share = None

    def give(self, seconds):
        """Of a long one: its part of the time."""
        self.share, self.expected, self.limit = seconds, seconds, seconds + 60

    def progress(self, now):
        share = f' of {self.share:.0f}' if self.share else ''
        return f'{now - self.started:.0f}{share} s, {Tap(list(self.lines)).reported()} cases'

    def environment(self):
        env = super().environment()
        env.update(self.env)
        env['CMOCKA_MESSAGE_OUTPUT'] = 'TAP'
        if 'CONTEND_ROTATION' in env:
            # A test on every fourth day that tries every fourth case would try the same for ever.
            turns = self.period * (SHARES if self.sanitized else 1)
            env['CONTEND_ROTATION'] = str(int(env['CONTEND_ROTATION']) // turns)
        if self.share:
            env['CONTEND_LONG_SECONDS'] = str(max(1, int(self.share * 0.9)))
        return env

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
