#!/usr/bin/env python3
"""How far a comparison can be trusted on this machine: many sessions of `contend run`.

Usage: sessions.py [--sessions=N] [--seconds=N] CONTEND aa|slowed|coverage

aa        20 sessions of 14 s: how often a strategy is told from itself, and how many cells are
          noisy.  At most one session may tell it.
slowed    60 s with the reference slowed by 5 %, which must be called slower, and 180 s with 3 %,
          whose interval must leave out 1.
coverage  40 sessions of 14 s: how often the 95 % interval of packed against mutex holds the
          median of all sessions.  36 or more must.

Prints a line for each session, and at the end one with the machine and the result.  This measures:
it is for an idle machine, and no test of the tree asserts its figures.  Exit status: 0 as it
must be, 1 not so, 2 wrong usage.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

TOLD = 1.03  # as the tool has it: faster or slower is what lies beyond 3 %


def session(contend, seconds, seed, *arguments):
    """The results of one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        subprocess.run([contend, 'run', '--quiet', '--no-floors', f'--budget={seconds}', f'--seed={seed}',
                        f'--json={path}', *arguments], stdout=subprocess.DEVNULL, check=True)
        with open(path) as f:
            return json.load(f)


def told(interval):
    return interval['low'] > TOLD or interval['high'] < 1 / TOLD


def known(interval):
    return None not in interval.values()


def shown(interval):
    return '{median:.3f} [{low:.3f}, {high:.3f}]'.format(**interval) if known(interval) else 'unknown'


def of(cell, name):
    return next(s for s in cell['strategies'] if s['strategy'] == name)


def machine(run):
    s = run['session']
    return f"{s['cpu_model']}, {s['cpus_allowed'].split(':')[0]} processors, {s['time']}, {s['commit']}"


def aa(options):
    bad = cells = noisy = differ = 0
    for i in range(options.sessions or 20):
        run = session(options.contend, options.seconds or 14, 1000 + i, '--workload=heartbeats',
                      '--threads=1,2', 'mutex', 'packed', 'direct')
        here = [c for c in run['cells'] if known(c['resolution']) and told(c['resolution'])]
        cells, differ = cells + len(run['cells']), differ + len(here)
        noisy, bad = noisy + sum(c['noisy'] for c in run['cells']), bad + bool(here)
        print(f'{i + 1}: ' + '; '.join(f"{c['name']} {shown(c['resolution'])}"
                                       + (' noisy' if c['noisy'] else '') for c in run['cells']), flush=True)
    print(f'{machine(run)}: {bad} of {i + 1} sessions told a strategy from itself, in {differ} of '
          f'{cells} cells; {noisy} cells were noisy')
    return bad <= 1


def slowed(options):
    good = True
    for percent, seconds in ((5, 60), (3, 180)):
        run = session(options.contend, options.seconds or seconds, 2000 + percent, '--workload=claps',
                      '--threads=1', '--blocks=1000', f'--slow={percent}', 'mutex')
        cell = run['cells'][0]
        entry = of(cell, 'mutex_slowed')
        ratio = entry['ratio']
        seen = known(ratio) and ratio['high'] < 1 and (percent == 3 or entry['verdict'] == 'slower')
        good = good and seen
        print(f"{machine(run)}: slowed by {percent} %: {shown(ratio)}, {entry['verdict']}, after "
              f"{entry['blocks']} blocks: {'seen' if seen else 'NOT SEEN'}", flush=True)
    return good


def coverage(options):
    intervals = []
    for i in range(options.sessions or 40):
        run = session(options.contend, options.seconds or 14, 3000 + i, '--workload=heartbeats',
                      '--threads=1', 'mutex', 'packed')
        intervals.append(of(run['cells'][0], 'packed')['ratio'])
        print(f'{i + 1}: {shown(intervals[-1])}', flush=True)
    judged = [x for x in intervals if known(x)]
    middle = sorted(x['median'] for x in judged)[len(judged) // 2] if judged else float('nan')
    held = sum(x['low'] <= middle <= x['high'] for x in judged)
    print(f'{machine(run)}: {held} of {len(intervals)} intervals hold the median of all, {middle:.3f}')
    return held >= 0.9 * len(intervals)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--sessions', type=int)
    parser.add_argument('--seconds', type=int)
    parser.add_argument('contend')
    parser.add_argument('what', choices=('aa', 'slowed', 'coverage'))
    options = parser.parse_args()
    what = {'aa': aa, 'slowed': slowed, 'coverage': coverage}[options.what]
    return 0 if what(options) else 1


if __name__ == '__main__':
    sys.exit(main())
