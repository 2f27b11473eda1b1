"""What others notice while a presence map grows, recorded in docs/growth.csv, for docs/presence.md.

Each take makes every map of MAPS grow once, so that one take says how far another can be trusted.
docs/ladder.py is what is called.
"""

import csv
import json
import os
import subprocess
import tempfile

MAPS = ('quotient_growing', 'packed_growing', 'mutex', 'striped_mutex', 'optimistic_seqlock', 'robin_hood', 'segments',
        'delegated', 'split_ordered_epoch', 'split_ordered_hazard', 'split_ordered_refcount', 'urcu_lfht', 'ck_ht',
        'ck_hs')
COMMAND = 'memory --part=growth --budget=60'
TAKES = 3
GOAL = 1.5  # times the calm one
PHASES = {'calm': ('calm_ns',), 'growing': ('growing', 'others_ns'), 'sized': ('sized', 'others_ns')}
COLUMNS = ('take', 'machine', 'strategy', 'inserts_per_s',
           *(f'{phase}_{what}' for phase in PHASES for what in ('count', 'p999', 'max')))


def rows_of(take, results):
    """The rows of one take, from what `contend memory --json` wrote."""
    session = results['session']
    machine = f"{session['cpu_model']}, {session['cpus_allowed'].split(':')[0]} processors, {session['time']}"
    for point in results['points']:
        if 'growing' not in point or point['strategy'] not in MAPS:
            continue
        row = {'take': take, 'machine': machine, 'strategy': point['strategy'],
               'inserts_per_s': f"{point['growing']['inserts_per_s']:.4g}"}
        for phase, path in PHASES.items():
            figures = point
            for step in path:
                figures = figures[step]
            for what in ('count', 'p999', 'max'):
                value = figures[what]
                row[f'{phase}_{what}'] = '' if value is None else f'{value:.0f}'
        yield row


def make(contend, folder):
    rows = []
    for take in range(1, TAKES + 1):
        with tempfile.TemporaryDirectory() as scratch:
            name = os.path.join(scratch, 'growth.json')
            # A map that fails makes the command fail, which has saved the others' figures all the same.
            done = subprocess.run([contend, *COMMAND.split(), '--quiet', '--json=' + name, *MAPS],
                                  stdout=subprocess.DEVNULL, check=False)
            if not os.path.exists(name):
                done.check_returncode()
            with open(name) as f:
                rows += rows_of(take, json.load(f))
    with open(os.path.join(folder, 'growth.csv'), 'w') as f:
        out = csv.DictWriter(f, COLUMNS, lineterminator='\n')
        out.writeheader()
        out.writerows(rows)


def recorded(folder):
    name = os.path.join(folder, 'growth.csv')
    if not os.path.exists(name):
        return []
    with open(name) as f:
        return list(csv.DictReader(f))


def shown_ns(ns):
    for unit, size in (('s', 1e9), ('ms', 1e6), ('us', 1e3)):
        if ns >= size:
            return f'{ns / size:.3g} {unit}'
    return f'{ns:.0f} ns'


def tail(row, phase):
    """(ns, whether that is only an upper bound): few beats have no p99.9, which is at most the longest."""
    p999, longest = row[phase + '_p999'], row[phase + '_max']
    return (float(p999), False) if p999 else (float(longest), True) if longest else (None, True)


def shown_tail(row, phase):
    ns, bound = tail(row, phase)
    return '-' if ns is None else ('<' if bound else '') + shown_ns(ns)


def times(row):
    """(the p99.9 of growth over that of calm, whether it can be told), of one take."""
    calm, calm_bound = tail(row, 'calm')
    growing, growing_bound = tail(row, 'growing')
    return (growing / calm, not calm_bound and not growing_bound) if calm and growing else (None, False)


def verdict(mine):
    told = [ratio for ratio, sure in map(times, mine) if sure]
    if not told:
        return 'cannot be told: too few beats for a p99.9'
    held = sum(ratio <= GOAL for ratio in told)
    return f'{held} of {len(told)} within {GOAL}, ' + ('the worst' if len(told) > 1 else 'it is') + f' {max(told):.3g}'


def part(folder):
    rows = recorded(folder)
    if not rows:
        return 'No run of growth is recorded yet: `docs/ladder.py CONTEND growth` makes it.'
    lines = [('map', 'calm', 'growing', 'made for all', 'longest while it grows', 'growing over calm'), ('---',) * 6]
    for name in MAPS:
        mine = [row for row in rows if row['strategy'] == name]
        if not mine:
            lines.append((f'`{name}`', '-', '-', '-', '-', 'not measured'))
            continue
        longest = [float(row['growing_max']) for row in mine if row['growing_max']]
        lines.append((f'`{name}`', *(', '.join(shown_tail(row, phase) for row in mine) for phase in PHASES),
                      shown_ns(max(longest)) if longest else '-', verdict(mine)))
    table = '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)
    return f"    contend {COMMAND} {' '.join(MAPS)}\n\n{rows[0]['machine']}:\n\n{table}"
