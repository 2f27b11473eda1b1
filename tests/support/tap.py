"""Cases for test scripts, reported as TAP on standard output."""

import os
import re
import sys
import traceback


# Programs that only some tests need, and the Debian package that each is in.
OPTIONAL = {'clang': 'clang', 'clang++': 'clang', 'mandoc': 'mandoc', 'musl-gcc': 'musl-tools',
            'chromium': 'chromium', 'chromedriver': 'chromium-driver'}


class Skip(Exception):
    """Raised by a case that cannot run here; the message says why."""


def share(names):
    """Those of the names that this process tries: tests/support/share.h, in Python."""
    turn, most = os.environ.get('CONTEND_ROTATION'), int(os.environ.get('CONTEND_MOST', '0'))
    chosen = list(names)
    if turn and 0 < most < len(chosen):
        period = -(-len(chosen) // most)
        chosen = [name for i, name in enumerate(chosen) if (i + int(turn)) % period == 0]
        print(f'# rotation: {len(chosen)} of {len(names)}, over all slices')
    part, parts = (int(n) for n in os.environ.get('CONTEND_SLICE', '1/1').split('/'))
    assert 1 <= part <= parts, os.environ['CONTEND_SLICE']
    return chosen[part - 1::parts]


class Cases:
    def __init__(self):
        self.count = 0
        self.failed = 0
        self.asked = 0
        # "shared" leaves out the cases of run_alone, "alone" all others: two tests of one script.
        self.kind = os.environ.get('CONTEND_CASES')
        self.period = int(os.environ.get('CONTEND_TURNS', '1')) if os.environ.get('CONTEND_ROTATION') else 1

    def has_its_turn(self):
        """With CONTEND_TURNS=3, one case of three is run; CONTEND_ROTATION chooses."""
        self.asked += 1
        return self.period < 2 or (self.asked + int(os.environ['CONTEND_ROTATION'])) % self.period == 0

    def run(self, name, case, *args):
        """Runs one case: an assertion or any other exception fails it."""
        if self.kind != 'alone':
            self.try_case(name, case, *args)

    def run_whole(self, name, case, *args):
        """A case that looks at what there is: of the plain build, which has every entry."""
        if 'CONTEND_SANITIZED' in os.environ:
            print(f'# left to the plain build: {name}')
        else:
            self.run(name, case, *args)

    def run_alone(self, name, case, *args):
        """A case that takes long and looks at figures: of the plain build, and beside no other test."""
        if 'CONTEND_SANITIZED' in os.environ:
            print(f'# left to the plain build: {name}')
        elif self.kind != 'shared':
            self.try_case(name, case, *args)

    def try_case(self, name, case, *args):
        if not self.has_its_turn():
            print(f'# left to another day: {name}')
            return
        self.count += 1
        try:
            try:
                case(*args)
            except FileNotFoundError as error:
                if error.filename not in OPTIONAL:
                    raise
                raise Skip(f'there is no {error.filename} (Debian: '
                           f'{OPTIONAL[error.filename]})') from None
        except Skip as why:
            print(f'# skipped: {why}')
            print(f'ok {self.count} # SKIP {name}', flush=True)
        except Exception as error:  # whatever goes wrong in a case is its failure
            self.failed += 1
            print(f'not ok {self.count} - {name}')
            text = str(error) if isinstance(error, AssertionError) and str(error) else \
                traceback.format_exc()
            for line in text.rstrip().splitlines():
                print('# ' + line)
            sys.stdout.flush()
        else:
            print(f'ok {self.count} - {name}', flush=True)

    def include(self, name, lines):
        """Takes over the cases that a program reported; returns their number."""
        before = self.count
        for line in lines:
            result = re.match(r'(not )?ok \d+ (# SKIP|-) (.*)', line)
            if result:
                self.count += 1
                skip = result.group(2) == '# SKIP'  # cmocka 1.1.5 says "not ok" of these
                verdict = 'not ok' if result.group(1) and not skip else 'ok'
                self.failed += verdict == 'not ok'
                print(f'{verdict} {self.count} {result.group(2)} {name}: {result.group(3)}')
            elif line.startswith('#'):
                print(line)
            elif not re.match(r'1\.\.\d+', line):
                print('# ' + line)
        sys.stdout.flush()
        return self.count - before

    def finish(self):
        idle = self.asked and not self.count
        print(f'1..{self.count}' + (' # SKIP all left to another day' if idle else ''))
        sys.exit(1 if self.failed else 0)
