#!/usr/bin/env python3
"""`contend pick` at the command line: the simplest strategy that carries a load.

Usage: pick.py CONTEND
"""

import json
import os
import tempfile

import tap
from tool import contend, expect

# A load that any machine carries, beside whatever else runs on it.
LIGHT = ['--quiet', '--rate=0.002', '--headroom=1', '--users=1000', '--threads=1', '--budget=40']


def picked(*options, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'p.json')
        done = expect(contend('pick', f'--json={path}', *LIGHT, *options), status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.pick' and results['session']['cpu_model']
    assert '\033' not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    return results, {s['strategy']: s for s in results['strategies']}, done.stdout


def the_simplest_is_the_answer():
    """All carry it; so the one that asks for least comes first, and nothing faster is tried."""
    results, strategies, printed = picked()
    entry = strategies[results['pick']]
    assert entry['state'] == 'carries'
    able = [s for s in strategies.values() if s['state'] in ('carries', 'not_tried')
            and s['strategy'] != 'null']
    assert entry['debts'] == min(s['debts'] for s in able), results['pick']
    order = [s['debts'] for s in results['strategies']]
    assert order == sorted(order), order
    assert printed.index(f'Take {results["pick"]}') < printed.index('The others'), printed
    assert f'Runner-up: {results["runner_up"]}' in ' '.join(printed.split()), printed
    assert any(s['state'] == 'not_tried' for s in strategies.values()), strategies


def needs_exclude_by_traits():
    results, strategies, printed = picked('--need=lock-free,no-library')
    answer = strategies[results['pick']]
    assert answer['progress'].split('/')[0] in ('lock-free', 'wait-free'), answer
    for s in strategies.values():
        if 'blocking' in s['progress']:
            assert s['state'] == 'excluded' and 'stalled' in s['lacks'], s
    assert 'left out by --need=lock-free: a stalled thread can hold' in printed, printed
    # Ids may be anything, unless they are said to be small numbers.
    assert any('small numbers' in (s['lacks'] or '') for s in strategies.values()), strategies
    _, dense, _ = picked('--need=lock-free,no-library', '--ids=dense')
    assert not any('small numbers' in (s['lacks'] or '') for s in dense.values()), dense


def nothing_may_be_the_answer():
    _, _, printed = picked('--bytes=0.01', '--object=counter', 'faa', 'mutex', status=1)
    assert 'None of them carries' in printed and 'more memory than the bound' in printed, printed
    _, _, printed = picked('--rate=9000', '--budget=10', '--object=counter', 'mutex', status=1)
    assert 'did not cope' in printed or 'CUT SHORT' in printed, printed


def wrong_usage():
    expect(contend('pick', '--help'), 0, ['Usage: contend pick', 'Exit status'])
    expect(contend('pick', '--need=grwo'), 2, err=["--need=grwo", "'grow'"])
    expect(contend('pick', '--object=counter', '--need=grow'), 2, err=['would be ignored', 'counter'])
    expect(contend('pick', '--rate=lots'), 2, err=['--rate=lots', 'number'])
    expect(contend('pick', '--ids=odd'), 2, err=['--ids=odd', 'dense'])
    expect(contend('pick', '--users=1,2'), 2, err=['one load at a time'])


def main():
    cases = tap.Cases()
    for case in (the_simplest_is_the_answer, needs_exclude_by_traits, nothing_may_be_the_answer,
                 wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
