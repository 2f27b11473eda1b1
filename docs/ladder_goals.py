"""What the presence maps were to reach, and what the recorded runs of docs/ladder.csv say of it.

parts() makes the parts of docs/ladder-presence.md and docs/presence.md that name figures of these runs, so that no
sentence there can say what no run has said.  Ratios are to libcuckoo in the same cell; a part that has no
recorded run says so.
"""

import math
import re

REFERENCE = 'libcuckoo'
# Of other libraries, and so no map of ours, whichever list of the tool they are in.
OTHERS = ('libcuckoo', 'tbb_hash_map', 'tbb_unordered', 'urcu_lfht', 'ck_ht')
# For small numbers only: what indexing would cost, no answer to the goals.
DENSE_ONLY = ('direct', 'direct_storing', 'bitmap_ring')
# Ids of 64 bits, places that are used again, no fixed capacity: tests/docs.py holds them to the registry.
GROWERS = ('quotient_growing', 'striped_mutex', 'optimistic_seqlock', 'robin_hood', 'segments', 'split_ordered_epoch')
GROWERS_OF_OTHERS = ('libcuckoo', 'tbb_hash_map', 'urcu_lfht', 'ck_ht')
BOUNDED = ('quotient', 'quotient_moving')

SINGLE = ('heartbeats', 'online_90_10', 'online_99_1', 'churn')
EXACT, STORING, BATCHES = 'exact, one call at a time', 'storing', 'exact, batches of 64'
# (class, threads, {workload: (goal, stretch)}): as they were set before the maps were written.
GOALS = (
    (EXACT, '2', {'heartbeats': (3.6, 4.5), 'online_90_10': (5, 6), 'online_99_1': (7, 8), 'churn': (3, 4)}),
    (STORING, '2', {'heartbeats': (6.5, 7), 'online_90_10': (6, 7), 'online_99_1': (8, 9), 'churn': (3, 4)}),
    (BATCHES, '2', {'heartbeats_batch': (7, 9), 'online_90_10_batch': (6, 8), 'online_batch': (6, 9),
                    'churn_batch': (4, 6)}),
    ('exact, one thread', '1', {'heartbeats': (10, None), 'heartbeats_batch': (10, None)}),
)
NOBODY = 'No run is recorded from which this could be said.'


# ---- rows ----

def base_of(row):
    return row['strategy'].split('[')[0]


def is_own(row):
    """A map of ours that takes ids as they come: no floor, no other library, not the reference's second entry."""
    name = base_of(row)
    return name not in OTHERS + DENSE_ONLY + ('null',) and not name.endswith('_again')


def serves(row, kind):
    return is_own(row) and base_of(row).endswith('_storing') == (kind == STORING)


def setting_of(command):
    """What the cells of a run are beside their workload, users and threads."""
    ids = re.search(r'--ids=(\w+)', command)
    skew = re.search(r'--skew=(\w+)', command)
    return ', '.join([ids.group(1) if ids else 'dense', skew.group(1) if skew else 'uniform',
                      *(['disjoint'] if '--disjoint' in command else [])])


def measured(rows):
    return [row for row in rows if row['ratio']]


def best(rows):
    return max(measured(rows), key=lambda row: float(row['ratio']), default=None)


def cells_of(rows, commands, users=None):
    """[((run, workload, users, threads), its rows)] of the runs that are held against libcuckoo."""
    cells = {}
    for row in rows:
        if f'--reference={REFERENCE}' in commands.get(row['run'], '') and users in (None, row['users']):
            cells.setdefault((row['run'], row['workload'], row['users'], row['threads']), []).append(row)
    return list(cells.items())


# ---- words ----

def table(lines):
    lines = [lines[0], ['---'] * len(lines[0]), *lines[1:]]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def with_interval(row):
    bounds = f" [{float(row['ratio_low']):.2f}, {float(row['ratio_high']):.2f}]" if row['ratio_low'] else ''
    return f"{float(row['ratio']):.2f}{bounds}"


def times(row):
    return f"{float(row['ratio']):.2f}"


def judged(row, goal, stretch):
    """Whether the median reached it, and whether the interval could say the opposite."""
    ratio = float(row['ratio'])
    reached = ratio >= goal
    word = ('stretch reached' if stretch and ratio >= stretch else 'reached') if reached else \
        f'**missed by {100 * (1 - ratio / goal):.0f} %**'
    if not row['ratio_low']:
        return word + ', no interval'
    if reached:
        return word + (', but the interval begins below the goal' if float(row['ratio_low']) < goal else '')
    return word + (', within the interval' if float(row['ratio_high']) >= goal else '')


def said_goal(goal, stretch):
    return f'{goal:g} / {stretch:g}' if stretch else f'{goal:g}'


def listed(words):
    words = list(words)
    return ', '.join(words[:-1]) + ' and ' + words[-1] if len(words) > 1 else ''.join(words)


# ---- parts ----

def goals(rows, commands):
    """A line for each class, workload and setting in which it was measured."""
    lines = [['class', 'workload', 'goal / stretch', 'run', 'ids, keys', 'reached', 'by', 'so it is']]
    for kind, threads, wanted in GOALS:
        for workload, (goal, stretch) in wanted.items():
            found = [(run, serving) for (run, w, _, t), cell in cells_of(rows, commands, '1000000')
                     if (w, t) == (workload, threads) and (serving := [r for r in cell if serves(r, kind)])]
            for run, serving in found or [(None, [])]:
                first = best(serving)
                lines.append([kind, workload, said_goal(goal, stretch), f'`{run}`' if run else '-',
                              setting_of(commands[run]) if run else '-',
                              *([with_interval(first), f"`{first['strategy']}`", judged(first, goal, stretch)] if first
                                else ['-', '-', 'not measured'])])
    return table(lines)


def tally(rows, commands):
    """How many of the lines above reached their goal, by class."""
    said = []
    for kind, threads, wanted in GOALS:
        figures = [(float(first['ratio']), wanted[w][0]) for (_, w, _, t), cell in cells_of(rows, commands, '1000000')
                   if t == threads and w in wanted and (first := best(r for r in cell if serves(r, kind)))]
        if figures:
            said.append(f'{kind}: {sum(ratio >= goal for ratio, goal in figures)} of {len(figures)}')
    return f"Goals reached, of the cells measured: {'; '.join(said)}." if said else NOBODY


def sizes(rows, commands):
    """Every cell of two threads and uniform keys, by size."""
    wanted = GOALS[0][2]
    cells = sorted(((SINGLE.index(w), int(users), run, cell) for (run, w, users, threads), cell
                    in cells_of(rows, commands) if w in wanted and threads == '2'
                    and re.fullmatch(r'calls|sizes.*', run) and any(serves(r, EXACT) for r in cell)),
                   key=lambda line: line[:3])
    if not cells:
        return NOBODY
    lines = [['workload', 'users', 'ids, keys', 'goal at a million', 'reached', 'by', 'against that goal',
              '`libcuckoo`, Mops/s']]
    for number, users, run, cell in cells:
        goal, stretch = wanted[SINGLE[number]]
        first = best(r for r in cell if serves(r, EXACT))
        reference = next((r for r in cell if r['verdict'] == 'reference' and r['ops_per_s']), None)
        lines.append([SINGLE[number], f'{users:,}', setting_of(commands[run]), said_goal(goal, stretch),
                      *([with_interval(first), f"`{first['strategy']}`", judged(first, goal, stretch)] if first
                        else ['-', '-', 'no block was kept']),
                      f"{float(reference['ops_per_s']) / 1e6:.4g}" if reference else '-'])
    return table(lines)


def firsts(rows, commands):
    """Which of our exact maps is first one call at a time, and in how many cells."""
    count, cells = {}, 0
    for (_, workload, _, _), cell in cells_of(rows, commands, '1000000'):
        serving = [r for r in measured(cell) if serves(r, EXACT)]
        if workload in SINGLE and len({base_of(r) for r in serving}) > 1:
            cells += 1
            name = base_of(best(serving))
            count[name] = count.get(name, 0) + 1
    if not cells:
        return NOBODY
    order = sorted(count.items(), key=lambda pair: -pair[1])
    return (f'Of {cells} cells of a million users and one call at a time in the tables of this page, the first of our '
            f"exact maps is {listed(f'`{name}` in {n}' for name, n in order)}.")


def storing(rows, commands):
    """What exactness costs `packed`, over all cells that have both."""
    ratios, apart, both = [], [], 0
    for (run, workload, users, threads), cell in cells_of(rows, commands):
        pair = {r['strategy']: r for r in measured(cell)}
        one, other = pair.get('packed'), pair.get('packed_storing')
        if not one or not other:
            continue
        ratios.append(float(other['ratio']) / float(one['ratio']))
        if one['ratio_low'] and other['ratio_low']:
            both += 1
            low = max(float(r['ratio_low']) for r in (one, other))
            high = min(float(r['ratio_high']) for r in (one, other))
            if low > high:
                apart.append(f"{workload}, {threads} thread{'s' if threads != '1' else ''} (`{run}`, "
                             f'{with_interval(other)} and {with_interval(one)})')
    if not ratios:
        return NOBODY
    middle = math.exp(sum(map(math.log, ratios)) / len(ratios))
    told = ('No cell has intervals of both.' if both == 0 else
            f'Where both have intervals, these overlap in {both - len(apart)} of {both} cells'
            + (f": they are apart in {'; '.join(apart)}." if apart else ', so that none of them tells the two apart.'))
    return (f'Over the {len(ratios)} cells that have both, `packed_storing` makes {middle:.2f} times the rate of `packed` '
            f'in the geometric mean of the medians, {min(ratios):.2f} at least and {max(ratios):.2f} at most. ' + told)


def growers(rows, commands):
    """Those that serve any id, use places again and have no capacity, and the bounded maps beside them."""
    lines = [['cell', 'first of ours', 'ratio', '`quotient_growing`', 'first of other libraries', 'its ratio', 'ours over it',
              'first bounded map', 'it over the first of ours']]
    ahead, fastest, bounded_ahead = 0, {}, []
    for (run, workload, _, threads), cell in cells_of(rows, commands):
        if run != 'sparse':
            continue
        own = best(r for r in cell if base_of(r) in GROWERS)
        other = best(r for r in cell if r['strategy'] in GROWERS_OF_OTHERS)
        bounded = best(r for r in cell if base_of(r) in BOUNDED)
        growing = best(r for r in cell if base_of(r) == 'quotient_growing')
        if not own or not other:
            continue
        lead = float(own['ratio']) / float(other['ratio'])
        ahead += lead > 1
        fastest[own['strategy']] = fastest.get(own['strategy'], 0) + 1
        over = float(bounded['ratio']) / float(own['ratio']) if bounded else None
        bounded_ahead += [over] if over and over > 1 else []
        lines.append([f"{workload}, {threads} thread{'s' if threads != '1' else ''}", f"`{own['strategy']}`",
                      with_interval(own), with_interval(growing) if growing else '-', f"`{other['strategy']}`",
                      with_interval(other), f'{lead:.2f}', f"`{bounded['strategy']}`" if bounded else '-',
                      f'{over:.2f}' if over else '-'])
    count = len(lines) - 1
    if not count:
        return NOBODY
    order = sorted(fastest.items(), key=lambda pair: -pair[1])
    said = (f"The first of ours is {listed(f'`{name}` in {n}' for name, n in order)} of {count} cells, and it is ahead of "
            f'every map of another library that meets the same needs in {ahead} of them. '
            + (f'A bounded map beats it in {len(bounded_ahead)}, by {min(bounded_ahead):.2f} to {max(bounded_ahead):.2f} times.'
               if bounded_ahead else 'No bounded map beats it.'))
    missing = sorted(set(GROWERS) - {base_of(r) for r in rows if r['run'] == 'sparse'})
    if missing:
        said += f" The recorded run does not have {listed(f'`{name}`' for name in missing)}."
    return table(lines) + '\n\n' + said


def crowded(rows, commands):
    """The reference's rate with eight threads over that with two."""
    rates = {(r['workload'], r['threads']): float(r['ops_per_s']) / 1e6 for r in rows
             if r['run'] == 'crowded' and r['verdict'] == 'reference' and r['ops_per_s']}
    said = [f'{w}: {eight:.4g} against {two:.4g} Mops/s, {eight / two:.2f} of it'
            for (w, threads), eight in rates.items() if threads == '8' and (two := rates.get((w, '2')))]
    return f"The reference's rate, eight threads against two: {'; '.join(said)}." if said else NOBODY


def in_short(rows, commands):
    """The sentence of docs/presence.md."""
    said = []
    for kind, threads, wanted in GOALS[:3]:
        for workload in wanted:
            found = [(float(first['ratio']), first['strategy'], setting_of(commands[run]))
                     for (run, w, _, t), cell in cells_of(rows, commands, '1000000')
                     if (w, t) == (workload, threads) and (first := best(r for r in cell if serves(r, kind)))]
            if found:
                low, high = min(found), max(found)
                span = f'{low[0]:.1f} to {high[0]:.1f}' if len(found) > 1 else f'{low[0]:.1f}'
                said.append([kind, workload, span, listed(sorted({f'`{name}`' for _, name, _ in found})),
                             '; '.join(sorted({setting for _, _, setting in found}))])
    if not said:
        return NOBODY
    return table([['class', 'workload', 'times libcuckoo', 'by', 'ids, keys'], *said])


def parts(rows, commands):
    return {make.__name__.replace('_', '-'): make(rows, commands)
            for make in (goals, tally, sizes, firsts, storing, growers, crowded, in_short)}
