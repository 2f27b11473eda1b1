#!/usr/bin/env python3
"""Runs the comparisons of docs/ladder.md on this machine, keeps them in docs/ladder.csv, and shows them.

Usage: ladder.py CONTEND [RUN]...
       ladder.py --pages

  CONTEND   makes every run of RUNS, or those named; for a machine that is idle, on which all
            of them take about a quarter of an hour
  --pages   only writes the page anew, from what is recorded

A run replaces what was recorded of it before.  What was disturbed is kept too: the tables show
intervals, and how far the reference was told from itself.
"""

import csv
import io
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = '--object=presence --peers --reference=libcuckoo --users=1M '
EXACT = 'quotient quotient_narrow quotient_moving packed'
RUNS = {
    'locks': '--object=lock --all --workload=sections,sections_100,sections_1000 --threads=1,2 --budget=240',
    'locks-again': '--object=lock --all --workload=sections,sections_100,sections_1000 --threads=2 --window=5 '
                   '--budget=120',
    'own-memory': '--object=counter --exhibits --reference=plain --workload=claps --threads=1 --budget=40 '
                  'plain per_thread per_cpu faa adaptive',
    'hot': '--object=counter --reference=striped --threads=2 --workload=claps --window=10 --budget=40 '
           'striped adaptive mutex flat_combining',
    'hot-8': '--object=counter --reference=mutex --threads=8 --workload=claps --budget=40 mutex flat_combining',
    'calls': PEERS + '--threads=1,2 --workload=heartbeats,online_90_10,online_99_1,churn,heartbeats_batch,'
             'online_90_10_batch --budget=230 ' + EXACT + ' packed_storing direct',
    'calls-huge': PEERS + '--threads=2 --workload=heartbeats,online_90_10,online_99_1,churn '
                  '--set=quotient.huge=1 --set=quotient_narrow.huge=1 --set=quotient_moving.huge=1 --budget=90 '
                  'quotient quotient_narrow quotient_moving',
    'batches': PEERS + '--threads=1,2 --workload=churn_batch,online_batch --budget=80 ' + EXACT,
    'sizes': PEERS.replace('1M', '1000,100k,10M') + '--threads=2 --workload=heartbeats,online_90_10 --budget=120 '
             + EXACT,
    'zipf': PEERS + '--skew=zipf --threads=2 --workload=heartbeats,online_90_10 --budget=60 ' + EXACT,
    'disjoint': PEERS + '--disjoint --threads=2 --workload=heartbeats,online_90_10 --budget=60 ' + EXACT,
    'sparse': PEERS + '--ids=sparse64 --threads=1,2,8 --workload=heartbeats,online_90_10,churn --budget=100 '
              'quotient quotient_moving quotient_growing',
    'crowded': '--object=presence --reference=quotient --users=1M --threads=2,8 --workload=heartbeats,online_90_10 '
               '--budget=60 quotient quotient_narrow packed',
    'one-user': '--object=presence --users=100k --threads=2 --skew=hot --workload=heartbeats --budget=30 '
                'striped_mutex quotient packed direct',
}
COLUMNS = ('workload', 'users', 'threads', 'strategy', 'blocks', 'ops_per_s', 'ratio', 'ratio_low',
           'ratio_high', 'cpu_ns_per_op', 'verdict')
COUNTS = ('users', 'threads', 'blocks')
NOT_SHOWN = ('null', 'tbb_hash_map', 'tbb_unordered')  # floors, and peers that libcuckoo beats


# ---- recording ----

def machine_of(text):
    """What the end of a run says of where it was made."""
    found = dict(re.findall(r'^  (time|cpu_model|cpus_allowed|commit) +(.*)$', text, flags=re.M))
    return f"{found['cpu_model']}, {found['cpus_allowed'].split(':')[0]} processors, {found['time']}, {found['commit']}"


def short(column, value):
    """Figures with the four digits that mean anything; words as they are."""
    return f'{float(value):.4g}' if re.fullmatch(r'[\d.]+(e[+-]?\d+)?', value) and column not in COUNTS else value


def rows_of(run, table, text):
    """The lines of a run's own CSV, as docs/ladder.csv keeps them."""
    return [{'run': run, 'machine': machine_of(text), **{c: short(c, row[c]) for c in COLUMNS}}
            for row in csv.DictReader(io.StringIO(table))]


def make(contend, run):
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, 'table.csv')
        done = subprocess.run([contend, 'run', '--no-floors', '--quiet', '--csv=' + table, *RUNS[run].split()],
                              stdout=subprocess.PIPE, text=True, check=True)
        with open(table) as f:
            return rows_of(run, f.read(), done.stdout)


def recorded(folder=HERE):
    with open(os.path.join(folder, 'ladder.csv')) as f:
        return list(csv.DictReader(f))


def keep(rows, folder=HERE):
    rows.sort(key=lambda row: list(RUNS).index(row['run']))
    with open(os.path.join(folder, 'ladder.csv'), 'w') as f:
        out = csv.DictWriter(f, ('run', 'machine', *COLUMNS), lineterminator='\n')
        out.writeheader()
        out.writerows(rows)


# ---- tables ----

def shown(row, bounds):
    if not row or not row['ratio']:
        return '-'
    text = f"{float(row['ratio']):.2f}"
    return text + (f" [{float(row['ratio_low']):.2f}, {float(row['ratio_high']):.2f}]"
                   if bounds and row['ratio_low'] else '')


def cells_of(rows):
    """{(workload, users, threads): {strategy: row}} in the order of recording."""
    cells = {}
    for row in rows:
        if row['strategy'] not in NOT_SHOWN:
            cells.setdefault((row['workload'], row['users'], row['threads']), {})[row['strategy']] = row
    return cells


def named(cell, cells):
    workload, users, threads = cell
    many = f' of {int(users):,} users' if len({c[1] for c in cells}) > 1 else ''
    return f"{workload}{many}, {threads} thread{'s' if threads != '1' else ''}"


def wide(cells):
    """A line for each strategy, a column for each cell: for many strategies."""
    head = ['strategy', *(named(c, cells) for c in cells)]
    first = next(iter(cells.values()))
    best = sorted(first, key=lambda s: -max(float(c[s]['ratio'] or 0) if s in c else 0 for c in cells.values()))
    return [head, *([f'`{s}`', *(shown(c.get(s), False) for c in cells.values())] for s in best)]


def deep(cells):
    """A line for each cell, a column for each strategy, each with its interval: for few strategies."""
    strategies = sorted({s for c in cells.values() for s in c})
    reference = next(s for c in cells.values() for s in c if c[s]['verdict'] == 'reference')
    strategies.remove(reference)
    return [['cell', f'`{reference}`, Mops/s', *(f'`{s}`' for s in strategies)],
            *([named(k, cells), f"{float(c[reference]['ops_per_s']) / 1e6:.4g}",
               *(shown(c.get(s), True) for s in strategies)] for k, c in cells.items())]


def table_of(rows):
    cells = cells_of(rows)
    lines = (wide if len(next(iter(cells.values()))) > 12 else deep)(cells)
    lines.insert(1, ['---'] * len(lines[0]))
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def block(run, rows):
    mine = [row for row in rows if row['run'] == run]
    assert mine, f'docs/ladder.csv has no run {run}: docs/ladder.py CONTEND {run} makes it'
    return f"\n    contend run --no-floors {RUNS[run]}\n\n{mine[0]['machine']}:\n\n{table_of(mine)}\n\n"


def with_tables(text, rows):
    """The page with what stands between the marks of each run made anew."""
    for run in re.findall(r'^<!-- run (\S+) -->$', text, flags=re.M):
        begin = text.index(f'<!-- run {run} -->\n') + len(f'<!-- run {run} -->\n')
        text = text[:begin] + block(run, rows) + text[text.index('<!-- end -->', begin):]
    return text


def page(folder=HERE):
    with open(os.path.join(folder, 'ladder.md')) as f:
        return with_tables(f.read(), recorded(folder))


def write_page(folder=HERE):
    text = page(folder)
    with open(os.path.join(folder, 'ladder.md'), 'w') as f:
        f.write(text)


def slower_locks(folder=HERE):
    """Those whose interval lies below the mutex in each cell of exclusive sections."""
    rows = [row for row in recorded(folder) if row['run'] == 'locks' and row['ratio_high']]
    names = {row['strategy'] for row in rows}
    return sorted(n for n in names if all(float(r['ratio_high']) < 1 for r in rows if r['strategy'] == n))


def main():
    if '-h' in sys.argv or '--help' in sys.argv:
        print(__doc__.strip())
        return 0
    if sys.argv[1:] == ['--pages']:
        write_page()
        return 0
    if len(sys.argv) < 2 or any(run not in RUNS for run in sys.argv[2:]):
        print(f"ladder.py: wants CONTEND and runs of {', '.join(RUNS)}; --help says more", file=sys.stderr)
        return 2
    rows = recorded() if os.path.exists(os.path.join(HERE, 'ladder.csv')) else []
    for run in sys.argv[2:] or RUNS:
        print(f'{run} ...', file=sys.stderr)
        rows = [row for row in rows if row['run'] != run] + make(sys.argv[1], run)
        keep(rows)
    write_page()
    return 0


if __name__ == '__main__':
    sys.exit(main())
