#!/usr/bin/env python3
"""contend check textbook/NAME: the programs of the literature and their mutants are in the tool.

Usage: textbook.py CONTEND SOURCE_ROOT
"""

import os
import re
import sys
import tempfile

import tap
from tool import contend, expect

FOLDER = os.path.join(sys.argv[2], 'bench', 'check', 'textbook')


def check(*arguments):
    return contend('check', *arguments)


def listed():
    """{program: [its mutants]}, as the tool prints them."""
    found, program = {}, None
    for line in expect(check('--textbook'), 0).stdout.splitlines():
        name, mutant = re.match(r'textbook/(\w+)$', line), re.match(r'  --mutant=(\w+) ', line)
        if name:
            program = name.group(1)
            found[program] = []
        elif mutant:
            found[program].append(mutant.group(1))
    return found


def all_are_there():
    """Every file of the folder is in the build."""
    found = listed()
    assert sorted(found) == sorted(n[:-2] for n in os.listdir(FOLDER) if n.endswith('.c')), found
    assert sorted(f'{program}_{m}' for program in found for m in found[program]) == \
        sorted(n[:-7] for n in os.listdir(os.path.join(FOLDER, 'mutants'))), found


def aba_is_shown():
    """A mutant is found, its steps are printed, and they are repeated."""
    first = expect(check('textbook/treiber', '--mutant=no_tag'), 1,
                   ['ABA: ', 'treiber_no_tag.c:', 'cas head: ', 'textbook/treiber[no_tag]: FAILED',
                    "replay with: contend check --replay 'textbook/treiber[no_tag]@"]).stdout
    replay = re.search(r"--replay '([^']+)'", first).group(1)
    again = expect(check('--replay', replay), 1, ['cas head: ']).stdout
    steps = re.findall(r'^ +\d+  .*', first, flags=re.M)
    assert len(steps) > 6 and steps == re.findall(r'^ +\d+  .*', again, flags=re.M), again
    expect(check('textbook/treiber'), 0, ['textbook/treiber: nothing found', 'load buffering'])


def each_mistake_of_one():
    """--mutant=all tries all of them; the right program is none."""
    text = expect(check('textbook/peterson', '--mutant=all', '--budget=5000'), 1).stdout
    assert sorted(re.findall(r'^textbook/peterson\[(\w+)\]: FAILED', text, flags=re.M)) == \
        sorted(listed()['peterson']), text
    assert 'textbook/peterson:' not in text, text


def pages_are_written():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'page.html')
        expect(check('textbook/ring', '--mutant=publishes_early', f'--page={path}'), 1,
               [f'The page is {path}'])
        with open(path) as f:
            text = f.read()
        assert 'ring_publishes_early.c:' in text and 'contend check --replay' in text


def wrong_names_are_refused():
    expect(check('textbook/treibr'), 2, err=["'textbook/treibr'", "'textbook/treiber'", '--textbook'])
    expect(check('textbook/treiber', '--mutant=no_tags'), 2, err=["mean 'no_tag'"])
    expect(check('textbook/treiber', 'faa'), 2, err=["'faa' is a strategy"])
    expect(check('faa', '--mutant=no_tag'), 2, err=['textbook/NAME'])
    expect(check('textbook/treiber', '--scenario=l+l'), 2, err=['for strategies'])
    for bad in ('textbook/x@sc@lifo@-', 'textbook/treiber@sc@lifo@x', 'textbook/treiber@sc',
                'textbook/treiber@tso@lifo@-'):
        expect(check('--replay', bad), 2, err=['--replay'])


def past_the_race_a_clap_is_lost():
    """The exhibit races in its first execution; past that, its claps are lost, step by step."""
    expect(check('counters/plain'), 1, ['data race'])
    first = expect(check('--past-races', 'counters/plain'), 1,
                   ['claps are lost', 'races: no order', 'write counter.value := 1',
                    'data races were passed over', '+races@']).stdout
    assert len(re.findall(r'read counter\.value = 0', first)) == 2, first
    replay = re.search(r"--replay '([^']+)'", first).group(1)
    expect(check('--replay', replay), 1, ['claps are lost'])
    expect(check('--replay', replay.replace('+races', '')), 1, ['data race: '])


def outcomes_are_counted():
    """Store buffering ends in all four ways, message passing never in the one that is asked for."""
    said = expect(check('textbook/store_buffering'), 0, ['Test textbook/store_buffering\nStates 4\n',
                                                         'Observation textbook/store_buffering Sometimes'])
    counted = dict(re.findall(r'^(\d+) *[:*]>(.*)$', said.stdout, flags=re.M))
    assert sorted(counted.values()) == [f'a={a}; b={b};' for a in (0, 1) for b in (0, 1)], said.stdout
    expect(check('textbook/store_buffering', '--mode=sc'), 0, ['States 3\n', 'Never 0 '])
    expect(check('textbook/message_passing'), 0, ['States 3\n', 'Never 0 '])


def races_alone_stay_a_failure():
    """Where they lead to nothing else, the race itself is shown."""
    expect(check('--past-races', 'textbook/ring', '--mutant=tail_relaxed'), 1,
           ['nothing but data races', 'FAILED', 'data race: '])


def main():
    cases = tap.Cases()
    for case in (all_are_there, aba_is_shown, each_mistake_of_one, pages_are_written,
                 wrong_names_are_refused, past_the_race_a_clap_is_lost, outcomes_are_counted, races_alone_stay_a_failure):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
