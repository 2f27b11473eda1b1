#!/usr/bin/env python3
"""What the tool says of itself fits 80 columns: helps, complaints and lists, also in a pipe.

Usage: widths.py CONTEND
"""

import re

import tap
from tool import contend, expect

WIDTH = 80


def fits(text):
    assert text.strip()
    long = [line for line in text.splitlines() if len(line) > WIDTH]
    assert not long, '\n'.join(f'{len(line)}: {line}' for line in long)


def commands():
    return re.findall(r'^  ([a-z][a-z-]*) ', contend('--help').stdout.split('\n  contend COMMAND')[0], flags=re.M)


def helps_fit():
    fits(expect(contend('--help'), 0).stdout)
    assert len(commands()) > 20, commands()
    for command in [*([name] for name in commands()), ['lab', 'new']]:
        text = expect(contend(*command, '--help'), 0, ['Usage: contend']).stdout
        fits(text)
        # Completions take the beginning of a line for an option.
        broken = re.findall(r'^ {9,}--.*', text, flags=re.M)
        assert not broken, (command, broken)


def complaints_fit():
    for bad in (['lift', 'counters/stripd', 'x'], ['check', 'locks/mcss'], ['run', 'nosuchstrategy'],
                ['check', 'textbook/nope'], ['run', '--frobnicate'], ['run', '--workload=clap'],
                ['run', '--set=striped.stripes=x'], ['run', '--set=striped.nope=1'], ['run', '--threads=99'],
                ['run', '--object=lock', 'packed'], ['pick', '--need=nothing'], ['list', '--json', '--names'],
                ['iterations', '--workload=heartbeats'], ['lab', 'nope'], ['serve', '--presence=nope'],
                ['replay', '--strategy=locks/mutex', 'x'], ['compare', '/nonexistent', '/nonexistent'],
                ['hold', 'word'], ['nope']):
        done = contend(*bad)
        assert done.returncode in (1, 2), (bad, done)
        fits(done.stderr)


def lists_fit():
    """In narrow lines each strategy is there with what it promises; the long ones have the rest."""
    narrow, wide = (expect(contend('list', *more), 0, ['LOCKS', 'PRESENCE MAPS']).stdout for more in ([], ['--wide']))
    fits(narrow)
    for name in expect(contend('list', '--names'), 0).stdout.split():
        row = re.escape(name.rsplit('/', 1)[1])
        assert re.search(rf'^  {row}(\n {{20}})? +\d+ +\d+  \S', narrow, flags=re.M), name
    for word in ('options', 'reference', 'backlog'):
        assert f' {word} ' in wide or f' {word}\n' in wide, word
    assert 'contend list --wide' in narrow


def main():
    cases = tap.Cases()
    for case in (helps_fit, complaints_fit, lists_fit):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
