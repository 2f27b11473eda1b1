#!/usr/bin/env python3
"""Renews docs/mutants.md: what is wrong with each mutant, and how soon the checker finds it.

Usage: mutants_table.py [--all] [--only TEXT]... [--seeds N] [--output FILE] [BUILD]

BUILD is the folder of a build that is up to date (build).  Rows of mutants that are gone
are dropped, and mutants without a row are measured; the other rows stay as they are.
  --all          measures every mutant anew: a quarter of an hour on an idle machine
  --only TEXT    measures the mutants whose names contain it anew, and no others
  --seeds N      starts each exploration with so many seeds (50)
  --output FILE  writes there instead of docs/mutants.md
"""

import argparse
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, '..', '..', '..'))
sys.path += [os.path.join(ROOT, 'tests', 'support'), os.path.join(ROOT, 'bench', 'check')]

import mutants   # noqa: E402, after the path is known
import mutation  # noqa: E402
import tree      # noqa: E402

PAGE = os.path.join(ROOT, 'docs', 'mutants.md')
COMMAND = 'ninja -C build && tests/bench/check/mutants_table.py'
HEAD = f'''# The mutants

Small changes of a strategy, or of an algorithm in `bench/check/textbook/`, each of which breaks
it; the checker finds all of them ([checker.md](checker.md)). They lie in
`tests/bench/check/mutants/` and `bench/check/textbook/mutants/`, and `bench/check/mutation.py`
says how one is written. This page is generated, and a test fails when it is stale:

    {COMMAND}

The table says which strategy is explored with the change, how many seeds found it of how many
that were tried, after how many executions, counted over the ways of exploring in the order in
which they are tried, and the first verdict.

| mutant | what is wrong | explored | found with | executions: median | most | verdict |
|---|---|---|---|---|---|---|
'''
WITHOUT = '''
## Strategies without a mutant

No mutant of these is explored. A black box, which is a library's, cannot have one, since the checker does
not see into it; an exhibit is wrong already.

'''


def all_mutants():
    return {name: mutation.read(path) for name, path in mutation.paths(ROOT).items()}


def is_strategy(header):
    with open(os.path.join(ROOT, header)) as f:
        return '_traits = {' in f.read()


def header_of(subject):
    """Of a strategy, with whatever axes; None of a textbook's program."""
    folder, name = os.path.split(subject)
    if folder not in tree.PREFIX:
        return None
    entries = [(n, stem) for n, stem, _ in tree.lines_of(ROOT, folder)]
    exact = [stem for n, stem in entries if n == name]
    composed = [stem for n, stem in entries
                if '@' in n and re.fullmatch(re.sub('_?@[a-z]+@', '.*', n), name)]
    return f'{folder}/{(exact + composed)[0]}.h'


def headers_without(found):
    """The headers of strategies of which no mutant is explored, whichever of their parts it changes."""
    changed = {header for mutant in found.values() for header in (mutant.path, header_of(mutant.subject))}
    headers = [f'{folder}/{name}' for folder in tree.PREFIX
               for name in sorted(os.listdir(os.path.join(ROOT, folder))) if name.endswith('.h')]
    return [h for h in headers if h not in changed and is_strategy(h)]


def rows_of(path):
    """The measured part of each row, by the mutant's name."""
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return dict(re.findall(r'^\| (\w+) \| .* \| \S+ \| (\d+ of \d+ \| .*) \|$', f.read(),
                               flags=re.M))


def page(found, rows):
    lines = [f'| {name} | {mutant.wrong.replace("|", chr(92) + "|")} | {mutant.subject} '
             f'| {rows[name]} |\n' for name, mutant in found.items()]
    return (HEAD + ''.join(lines) + WITHOUT
            + ''.join(f'- `{header}`\n' for header in headers_without(found)))


def measure(trials, name):
    subject, folder = trials.mutate(name)
    killed, seeds, median, most, _, verdict = trials.try_out(subject, folder)
    shutil.rmtree(folder)
    return f'{killed} of {seeds} | {median} | {most} | {verdict.split(":")[0]}'


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][len('Usage: '):])
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--only', action='append')
    parser.add_argument('--seeds', type=int, default=50)
    parser.add_argument('--output', default=PAGE)
    parser.add_argument('build', nargs='?', default=os.path.join(ROOT, 'build'))
    options = parser.parse_args()
    options.config = os.path.join(options.build, 'tests', 'bench', 'check', 'mutants.json')
    options.executions, options.optimise = 0, '2'

    found, rows = all_mutants(), rows_of(PAGE)
    if options.only:
        anew = [n for n in found if any(text in n for text in options.only)]
    else:
        anew = [n for n in found if options.all or n not in rows]
    trials = mutants.Mutants(options, 'mutants_table') if anew else None
    for i, name in enumerate(anew, 1):
        print(f'{i} of {len(anew)}: {name}', file=sys.stderr)
        rows[name] = measure(trials, name)
    without = [n for n in found if n not in rows]
    if without:
        sys.exit(f'without a row: {", ".join(without)}; run it without --only')
    text = page(found, rows)
    with open(options.output, 'w') as f:
        f.write(text)


if __name__ == '__main__':
    main()
