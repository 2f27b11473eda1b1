#!/usr/bin/env python3
"""How far a comparison can be trusted on this machine: many sessions of `contend run`.

Usage: sessions.py [--sessions=N] [--seconds=N] [--csv=FILE] CONTEND aa|slowed|coverage
       sessions.py --from=FILE aa|slowed|coverage|all

aa        20 sessions of 14 s: how often a strategy is told from itself, and how many cells are
          noisy.  At most one session may tell it.
slowed    60 s with the reference slowed by 5 %, which must be called slower, and 180 s with 3 %,
          whose interval must leave out 1.
coverage  40 sessions of 14 s: how often the 95 % interval of packed against mutex holds the
          median of all sessions.  36 or more must.  Says besides how much sessions differ that
          is not to be seen within one, which the tool has a term for.

Prints a line for each session, and at the end one with the machine and the result.  --csv keeps
the figures, each block's ratio among them, and --from judges such a file again without measuring;
`all` is a summary of whatever it holds, as docs/measuring.md shows it of docs/sessions.csv.
This measures: it is for an idle machine, and no test of the tree asserts its figures.  Exit status:
0 as it must be, 1 not so, 2 wrong usage.
"""

import argparse
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap

TOLD = 1.03  # as the tool has it: faster or slower is what lies beyond 3 %
FIELDS = ('what', 'session', 'machine', 'cell', 'noisy', 'entry', 'verdict', 'blocks', 'low', 'median',
          'high', 'ratios')


def run(contend, seconds, seed, *arguments):
    """The results of one session."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        subprocess.run([contend, 'run', '--quiet', '--no-floors', f'--budget={seconds}', f'--seed={seed}',
                        f'--json={path}', *arguments], stdout=subprocess.DEVNULL, check=True)
        with open(path) as f:
            return json.load(f)


def machine(results):
    s = results['session']
    return f"{s['cpu_model']}, {s['cpus_allowed'].split(':')[0]} processors, {s['time']}, {s['commit']}"


def ratios(cell, strategy):
    """Of an entry to the reference, in each block that counts."""
    found = []
    for block in cell['blocks']:
        rates = {w['strategy']: w.get('ops_per_s') for w in block['windows']}
        rate, reference = rates.get(strategy), rates.get(cell['reference'])
        if not block['rejected'] and rate and reference:
            found.append(rate / reference)
    return found


def row(what, number, results, cell, strategy):
    entry = next(s for s in cell['strategies'] if s['strategy'] == strategy)
    return {'what': what, 'session': number, 'machine': machine(results), 'cell': cell['name'],
            'noisy': cell['noisy'], 'entry': strategy, 'verdict': entry['verdict'],
            'blocks': entry['blocks'], **entry['ratio'], 'ratios': ratios(cell, strategy)}


def measure_aa(options):
    for i in range(options.sessions or 20):
        results = run(options.contend, options.seconds or 14, 1000 + i, '--workload=heartbeats',
                      '--threads=1,2', 'mutex', 'packed', 'direct')
        for cell in results['cells']:
            yield row('aa', i + 1, results, cell, 'mutex_again')


def measure_slowed(options):
    for percent, seconds in ((5, 60), (3, 180)):
        results = run(options.contend, options.seconds or seconds, 2000 + percent, '--workload=claps',
                      '--threads=1', '--blocks=1000', f'--slow={percent}', 'mutex')
        yield row('slowed', percent, results, results['cells'][0], 'mutex_slowed')


def measure_coverage(options):
    for i in range(options.sessions or 40):
        results = run(options.contend, options.seconds or 14, 3000 + i, '--workload=heartbeats',
                      '--threads=1', 'mutex', 'packed')
        yield row('coverage', i + 1, results, results['cells'][0], 'packed')


def known(r):
    return None not in (r['low'], r['median'], r['high'])


def told(r):
    return known(r) and (r['low'] > TOLD or r['high'] < 1 / TOLD)


def interval(r):
    return '{median:.3f} [{low:.3f}, {high:.3f}]'.format(**r) if known(r) else 'unknown'


def shown(r):
    return (f"{r['session']}: {r['cell']}/{r['entry']} {interval(r)}, {r['verdict']}, {r['blocks']} blocks"
            + (', noisy' if r['noisy'] else ''))


def judge_aa(rows):
    differ = [r['session'] for r in rows if told(r)]
    text = (f"{rows[-1]['machine']}: {len(set(differ))} of {len({r['session'] for r in rows})} sessions told a "
          f"strategy from itself, in {len(differ)} of {len(rows)} cells; "
          f"{sum(r['noisy'] for r in rows)} cells were noisy")
    return len(set(differ)) <= 1, text


def judge_slowed(rows):
    seen = [known(r) and r['high'] < 1 and (r['session'] == 3 or r['verdict'] == 'slower') for r in rows]
    text = '; '.join(f"slowed by {r['session']} %: {interval(r)} after {r['blocks']} blocks, "
                     f"{'seen' if good else 'NOT SEEN'}" for r, good in zip(rows, seen))
    return all(seen), f"{rows[-1]['machine']}: {text}"


def beyond_one_session(rows):
    """The standard deviation of what differs from session to session and not within one, percent."""
    several = [[math.log(x) for x in r['ratios']] for r in rows if len(r['ratios']) > 2]
    if len(several) < 2:
        return float('nan')
    # The variance of a median is about pi / 2 times that of a mean.
    within = statistics.mean(math.pi / 2 * statistics.variance(logs) / len(logs) for logs in several)
    between = statistics.variance([statistics.median(logs) for logs in several])
    return 100 * math.sqrt(max(between - within, 0))


def judge_coverage(rows):
    judged = [r for r in rows if known(r)]
    middle = statistics.median([r['median'] for r in judged]) if judged else float('nan')
    held = sum(r['low'] <= middle <= r['high'] for r in judged)
    reach = statistics.median([50 * (r['high'] - r['low']) / r['median'] for r in judged] or [float('nan')])
    text = (f"{rows[-1]['machine']}: {held} of {len(rows)} intervals hold the median of all, {middle:.3f}; "
          f"they reach {reach:.1f} % to either side, and {sum(r['noisy'] for r in rows)} sessions were noisy; "
          f'beyond what one session shows they differ by {beyond_one_session(rows):.2f} % '
          '(standard deviation)')
    return held >= 0.9 * len(rows), text


def read(path, what):
    with open(path, newline='') as f:
        rows = [r for r in csv.DictReader(f) if r['what'] == what]
    for r in rows:
        r['noisy'], r['session'], r['blocks'] = r['noisy'] == 'True', int(r['session']), int(r['blocks'])
        r.update({end: float(r[end]) if r[end] else None for end in ('low', 'median', 'high')})
        r['ratios'] = [float(x) for x in r['ratios'].split()]
    return rows


def write(path, rows):
    """Adds them behind what the file has."""
    begun = os.path.exists(path) and os.path.getsize(path) > 0
    with open(path, 'a', newline='') as f:
        table = csv.DictWriter(f, FIELDS, lineterminator='\n')
        if not begun:
            table.writeheader()
        for r in rows:
            table.writerow(r | {'ratios': ' '.join(f'{x:.6g}' for x in r['ratios'])}
                           | {end: f'{r[end]:.6g}' for end in ('low', 'median', 'high') if known(r)})


def summary(path):
    """What a file says of each kind that it has sessions of, in lines for a page."""
    for what, (_, judge) in KINDS.items():
        rows = read(path, what)
        if rows:
            good, text = judge(rows)
            yield from textwrap.wrap(f"{what}: {text} ({'as it must be' if good else 'NOT as it must be'})",
                                     94, subsequent_indent='  ')


KINDS = {'aa': (measure_aa, judge_aa), 'slowed': (measure_slowed, judge_slowed),
         'coverage': (measure_coverage, judge_coverage)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--sessions', type=int)
    parser.add_argument('--seconds', type=int)
    parser.add_argument('--csv')
    parser.add_argument('--from', dest='file')
    parser.add_argument('contend', nargs='?')
    parser.add_argument('what', choices=[*KINDS, 'all'])
    options = parser.parse_args()
    if not options.file and not options.contend:
        parser.error('which contend? or --from=FILE')
    if options.what == 'all':
        if not options.file:
            parser.error('all is a summary of --from=FILE')
        print('\n'.join(summary(options.file)))
        return 0
    measure, judge = KINDS[options.what]
    rows = []
    for r in read(options.file, options.what) if options.file else measure(options):
        rows.append(r)
        print(shown(r), flush=True)
    if not rows:
        parser.error(f'{options.file} has no session of {options.what}')
    if options.csv:
        write(options.csv, rows)
    good, text = judge(rows)
    print(text)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
