#!/usr/bin/env python3
"""The tests that measure, beside four busy processes: they may skip a case with a reason, and not fail.

Usage: busy.py BUILD_FOLDER [TEST]...

Those are the tests that Meson does not run in parallel, and those of LOOKS; or the ones that are named.
A long run that ends before all have had their turn says which had none; the seed chooses the order.
"""

import contextlib
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jobs  # noqa: E402
import runner  # noqa: E402
import tap  # noqa: E402

BUSY = 4
# What looks at figures, or waits for what others do, and shares the processors all the same.
LOOKS = ('check_example', 'cli', 'cli_crowd', 'cli_gallery', 'cli_interrupts', 'cli_iterations',
         'cli_latency', 'cli_launches', 'cli_loads', 'cli_memory', 'cli_replay', 'cli_results', 'cli_stall',
         'open_loop', 'results_schema', 'stall', 'window')


@contextlib.contextmanager
def busy_processes():
    hogs = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(BUSY)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def holds(test):
    test.limit *= 5
    test.run()
    said = jobs.Tap(test.lines)
    trouble = test.trouble(said)
    for name, reason in said.skipped:
        print(f'# {test.name}: {name} is skipped: {reason}')
        assert reason != 'no reason given', (test.name, name)
    assert not said.failed and not trouble, '\n'.join([str(trouble), *(
        line for name, lines in said.failed for line in [name, *lines])])


def main():
    folder, names = sys.argv[1], sys.argv[2:]
    ends = time.monotonic() + float(os.environ.pop('CONTEND_LONG_SECONDS', 'inf'))
    known = [t for t in runner.tests_of('plain=' + folder) if not t.is_long]
    chosen = [t for t in known if (t.name in names if names else t.alone or t.name in LOOKS)]
    assert {t.name for t in chosen} >= set(names or LOOKS), set(names or LOOKS) - {t.name for t in chosen}
    random.Random(os.environ.get('CONTEND_SEED')).shuffle(chosen)
    cases, late = tap.Cases(), []
    with busy_processes():
        for test in chosen:
            if time.monotonic() < ends:
                cases.run(f'{test.name} beside {BUSY} busy processes', holds, test)
            else:
                late.append(test.name)
    print(f'# long: {cases.count} tests beside {BUSY} busy processes'
          + (f'; no time was left for {", ".join(sorted(late))}' if late else ''))
    cases.finish()


if __name__ == '__main__':
    main()
