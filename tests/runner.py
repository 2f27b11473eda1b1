#!/usr/bin/env python3
"""Runs the tests of several builds, with progress, and counts their cases.

Usage: runner.py [--long] [--match TEXT]... NAME=BUILD_FOLDER...

--long runs the tests of the suite "long", and only those.

Every test speaks TAP.  A line is printed as each test ends; failures are shown at
once; skips are listed with their reasons; the last line is the count.  A test
that crashes, hangs or announces more cases than it reports has failed.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time


def read_tap(text):
    """(passed, failed names with their diagnostics, skipped names with reasons, planned)"""
    passed, failed, skipped, planned = 0, [], [], None
    reason, diagnostics = '', []
    current = None
    for line in text.splitlines():
        plan = re.match(r'^1\.\.(\d+)', line)
        if plan:
            planned = int(plan.group(1))
            continue
        if line.startswith('# skipped: '):
            reason = line[len('# skipped: '):]
            continue
        skip = re.match(r'^(?:not )?ok \d+ # SKIP (.*)$', line)  # cmocka 1.1.5 says "not ok"
        if skip:
            skipped.append((skip.group(1), reason or 'no reason given'))
            reason, current = '', None
            continue
        result = re.match(r'^(not )?ok \d+ - (.*)$', line)
        if result and result.group(1):
            current = [result.group(2), []]
            failed.append(current)
        elif result:
            passed += 1
            current = None
        elif current is not None and line.startswith('#') and \
                not re.match(r'^# (not )?ok - ', line):
            current[1].append(line)
    return passed, failed, skipped, planned


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, []


def run_test(build, test, totals):
    """Runs one test and prints its line; failures with what they said."""
    env = dict(os.environ)
    env.update(test['env'] if isinstance(test['env'], dict) else {})
    env['CMOCKA_MESSAGE_OUTPUT'] = 'TAP'
    started = time.monotonic()
    process = subprocess.Popen(test['cmd'], cwd=test['workdir'] or build, env=env, text=True,
                               errors='replace', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    trouble = None
    try:
        text, _ = process.communicate(timeout=test['timeout'] or 300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        text, _ = process.communicate()
        trouble = f"did not end within {test['timeout']} s"
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    passed, failed, skipped, planned = read_tap(text)
    reported = passed + len(failed) + len(skipped)
    if not trouble and process.returncode < 0:
        trouble = f'was ended by {signal.Signals(-process.returncode).name}'
    elif not trouble and planned is not None and reported != planned:
        trouble = f'announced {planned} cases and reported {reported}'
    elif not trouble and process.returncode and not failed:
        trouble = f'exit status {process.returncode} without a failed case'
    elif not trouble and reported == 0:
        trouble = 'reported no case'
    if trouble:
        failed.append([trouble, text.splitlines()[-30:]])
    verdict = 'FAILED' if failed else 'ok'
    print(f'    {test["name"]:<22} {verdict:<7} {passed:>4} passed'
          + (f', {len(failed)} failed' if failed else '')
          + (f', {len(skipped)} skipped' if skipped else '')
          + f'  {time.monotonic() - started:.1f} s')
    for name, lines in failed:
        print(f'      not ok: {name}')
        for line in lines:
            print('        ' + line)
    sys.stdout.flush()
    totals.passed += passed
    totals.failed += len(failed)
    totals.skipped += [(test['name'], name, reason) for name, reason in skipped]


def tests_of(build):
    listed = subprocess.run(['meson', 'introspect', '--tests', build], stdout=subprocess.PIPE,
                            text=True, check=True)
    return json.loads(listed.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--match', action='append', default=[])
    parser.add_argument('builds', nargs='+')
    options = parser.parse_args()
    totals, started = Totals(), time.monotonic()
    ran = 0
    try:
        for build in options.builds:
            name, folder = build.split('=', 1)
            print(f'  {name}')
            for test in tests_of(folder):
                is_long = any(suite.endswith(':long') for suite in test['suite'])
                if is_long != options.long:
                    continue
                if options.match and not any(m in test['name'] for m in options.match):
                    continue
                ran += 1
                run_test(folder, test, totals)
    except KeyboardInterrupt:
        print('\nInterrupted; what ran so far:')
    if totals.skipped:
        print('\n  Skipped:')
        for (test, name, reason) in totals.skipped:
            print(f'    {test}: {name}: {reason}')
    if ran == 0:
        print('No test has a name like that.', file=sys.stderr)
        return 2
    print(f'\n{time.monotonic() - started:.0f} s of tests')
    print(f'{totals.passed} passed, {totals.failed} failed, {len(totals.skipped)} skipped')
    return 1 if totals.failed else 0


if __name__ == '__main__':
    sys.exit(main())
