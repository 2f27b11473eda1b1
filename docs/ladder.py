#!/usr/bin/env python3
"""Runs the comparisons of docs/ladder.md and docs/ladder-presence.md, keeps them in docs/ladder.csv, and shows them.

Usage: ladder.py CONTEND [RUN]...
       ladder.py --pages

  CONTEND   makes every run of RUNS and the one of growth, or those named; `presence` names all of
            presence maps.  For a machine that is idle, on which those of presence maps take
            half an hour, and the others another six minutes
  --pages   only writes the pages anew, from what is recorded

A run replaces what was recorded of it before, and docs/ladder-runs.csv keeps the command that was
recorded, so that a page never shows figures under another one.  What was disturbed is kept too: the
tables show intervals, and how far the reference was told from itself.  The parts of the pages that
say what was reached are docs/ladder_goals.py's and docs/ladder_growth.py's.
"""

import csv
import io
import os
import re
import subprocess
import sys
import tempfile

import ladder_goals
import ladder_growth

HERE = os.path.dirname(os.path.abspath(__file__))
BESIDE = '--reference=libcuckoo --users=1M '
PEERS = '--object=presence --peers ' + BESIDE
# The other peers take longest to fill: without them there is time for more blocks.
ONE = '--object=presence --peers=libcuckoo ' + BESIDE
SPARSE = '--ids=sparse32 '
EXACT = 'quotient quotient_narrow quotient_moving packed'
OTHERS = 'urcu_lfht ck_ht'  # of other libraries as well, but entries of the registry and not peers of it
CALLS = 'heartbeats,online_90_10,online_99_1,churn'
BATCHES = 'heartbeats_batch,online_90_10_batch,online_batch,churn_batch'
RUNS = {
    'locks': '--object=lock --all --workload=sections,sections_100,sections_1000 --threads=1,2 --budget=240',
    'locks-again': '--object=lock --all --workload=sections,sections_100,sections_1000 --threads=2 --window=5 '
                   '--budget=120',
    'own-memory': '--object=counter --exhibits --reference=plain --workload=claps --threads=1 --budget=40 '
                  'plain per_thread per_cpu faa adaptive',
    'hot': '--object=counter --reference=striped --threads=2 --workload=claps --window=10 --budget=40 '
           'striped adaptive mutex flat_combining',
    'hot-8': '--object=counter --reference=mutex --threads=8 --workload=claps --budget=40 mutex flat_combining',
    'calls': PEERS + SPARSE + '--threads=1,2,8 --workload=' + CALLS + ' --window=30 --budget=330 ' + EXACT
             + ' packed_storing ' + OTHERS,
    'goals': ONE + SPARSE + '--threads=2 --workload=' + CALLS + ',' + BATCHES + ' --window=30 --budget=280 ' + EXACT
             + ' packed_storing',
    'goals-1': ONE + SPARSE + '--threads=1 --workload=heartbeats,heartbeats_batch --window=30 --budget=60 ' + EXACT,
    'zipf': PEERS + SPARSE + '--skew=zipf --threads=1,2,8 --workload=' + CALLS + ' --window=30 --budget=240 ' + EXACT
            + ' packed_storing ' + OTHERS,
    'batches': PEERS + SPARSE + '--threads=1,2 --workload=' + BATCHES + ' --window=30 --budget=180 ' + EXACT
               + ' packed_storing ' + OTHERS,
    'sizes': ONE.replace('1M', '1000,100k') + SPARSE + '--threads=2 --workload=' + CALLS + ' --window=30 --budget=90 '
             + EXACT,
    'dense': ONE + '--threads=2 --workload=' + CALLS + ' --window=30 --budget=110 ' + EXACT
             + ' packed_storing direct',
    'calls-huge': ONE + SPARSE + '--threads=2 --workload=' + CALLS + ' --window=30 --set=quotient.huge=1 '
                  '--set=quotient_narrow.huge=1 --set=quotient_moving.huge=1 --budget=80 '
                  'quotient quotient_narrow quotient_moving',
    'disjoint': ONE + SPARSE + '--disjoint --threads=2 --workload=heartbeats,online_90_10 --window=30 --budget=45 '
                + EXACT,
    'sparse': PEERS + '--ids=sparse64 --threads=1,2,8 --workload=heartbeats,online_90_10,churn,churn_fresh '
              '--window=30 --budget=300 ' + ' '.join(ladder_goals.GROWERS + ladder_goals.BOUNDED) + ' ' + OTHERS,
    'crowded': '--object=presence --reference=quotient --users=1M --threads=2,8 --workload=heartbeats,online_90_10 '
               '--budget=30 quotient quotient_narrow packed',
    'one-user': '--object=presence --users=100k --threads=2 --skew=hot --workload=heartbeats --budget=15 '
                'striped_mutex quotient packed direct',
    # The last, since one block of it can take longer than its budget.
    'sizes-10M': ONE.replace('1M', '10M') + SPARSE + '--threads=2 --workload=' + CALLS + ' --window=30 --budget=160 '
                 + EXACT,
}
PAGES = ('ladder.md', 'ladder-presence.md', 'presence.md')
COLUMNS = ('workload', 'users', 'threads', 'strategy', 'blocks', 'ops_per_s', 'ratio', 'ratio_low',
           'ratio_high', 'cpu_ns_per_op', 'verdict')
COUNTS = ('users', 'threads', 'blocks')
NOT_SHOWN = ('null',)  # a floor
MANY = 16  # of more strategies than these a table has a line for each, and no intervals


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
                              stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print('\n'.join(re.findall(r'^.*(?:WRONG|ailed).*$', done.stdout, flags=re.M)), file=sys.stderr)
            done.check_returncode()
        with open(table) as f:
            return rows_of(run, f.read(), done.stdout)


def commands(folder=HERE):
    """{run: its options as they were when it was recorded}"""
    with open(os.path.join(folder, 'ladder-runs.csv')) as f:
        return {row['run']: row['command'] for row in csv.DictReader(f)}


def keep_command(run, folder=HERE):
    known = {**commands(folder), run: RUNS[run]}
    with open(os.path.join(folder, 'ladder-runs.csv'), 'w') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow(('run', 'command'))
        out.writerows((run, known[run]) for run in RUNS if run in known)


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


def rate(row):
    """Mops/s; of a cell from which no block was kept there is none."""
    return f"{float(row['ops_per_s']) / 1e6:.4g}" if row and row['ops_per_s'] else '-'


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
    reference = next((s for c in cells.values() for s in c if c[s]['verdict'] == 'reference'),
                     next(s for c in cells.values() for s in c))
    strategies.remove(reference)
    return [['cell', f'`{reference}`, Mops/s', *(f'`{s}`' for s in strategies)],
            *([named(k, cells), rate(c.get(reference)),
               *(shown(c.get(s), True) for s in strategies)] for k, c in cells.items())]


def table_of(rows):
    cells = cells_of(rows)
    lines = (wide if len(next(iter(cells.values()))) > MANY else deep)(cells)
    lines.insert(1, ['---'] * len(lines[0]))
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def block(run, rows, folder):
    mine = [row for row in rows if row['run'] == run]
    if not mine:
        return f'\nThis run is not recorded yet: `docs/ladder.py CONTEND {run}` makes it.\n\n'
    command = commands(folder)[run]
    return f"\n    contend run --no-floors {command}\n\n{mine[0]['machine']}:\n\n{table_of(mine)}\n\n"


def with_tables(text, folder=HERE):
    """A page with what stands between the marks of each run, and of each part, made anew."""
    rows = recorded(folder)
    parts = ladder_goals.parts(rows, commands(folder))
    parts['growth'] = ladder_growth.part(folder)
    for kind, name in re.findall(r'^<!-- (run|part) (\S+) -->$', text, flags=re.M):
        mark = f'<!-- {kind} {name} -->\n'
        begin = text.index(mark) + len(mark)
        made = block(name, rows, folder) if kind == 'run' else '\n' + parts[name] + '\n\n'
        text = text[:begin] + made + text[text.index('<!-- end -->', begin):]
    return text


def page(folder=HERE, name='ladder.md'):
    with open(os.path.join(folder, name)) as f:
        return with_tables(f.read(), folder)


def write_pages(folder=HERE):
    for name in PAGES:
        text = page(folder, name)
        with open(os.path.join(folder, name), 'w') as f:
            f.write(text)


def slower_locks(folder=HERE):
    """Those whose interval lies below the mutex in each cell of exclusive sections."""
    rows = [row for row in recorded(folder) if row['run'] == 'locks' and row['ratio_high']]
    names = {row['strategy'] for row in rows}
    return sorted(n for n in names if all(float(r['ratio_high']) < 1 for r in rows if r['strategy'] == n))


def made(contend, run):
    """Makes and keeps one run; whether it could be made."""
    print(f'{run} ...', file=sys.stderr)
    try:
        if run == 'growth':
            ladder_growth.make(contend, HERE)
        else:
            rows = make(contend, run)
            keep([row for row in recorded() if row['run'] != run] + rows)
            keep_command(run)
    except subprocess.CalledProcessError as error:
        print(f'{run}: {error}', file=sys.stderr)
        return False
    return True


def main():
    if '-h' in sys.argv or '--help' in sys.argv:
        print(__doc__.strip())
        return 0
    if sys.argv[1:] == ['--pages']:
        write_pages()
        return 0
    known = [*RUNS, 'growth']
    presence = [run for run in known if run == 'growth' or '--object=presence' in RUNS[run]]
    wanted = [run for word in sys.argv[2:] or known for run in (presence if word == 'presence' else [word])]
    if len(sys.argv) < 2 or any(run not in known for run in wanted):
        print(f"ladder.py: wants CONTEND and runs of {', '.join(known)}, presence; --help says more", file=sys.stderr)
        return 2
    failed = [run for run in wanted if not made(sys.argv[1], run)]
    write_pages()
    if failed:
        print(f"ladder.py: failed, and what was recorded of them before was kept: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
