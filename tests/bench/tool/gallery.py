#!/usr/bin/env python3
"""`contend gallery` at the command line: broken harnesses beside the honest figures.

Usage: gallery.py CONTEND
"""

import json
import os
import tempfile

import tap
from tool import contend, expect

HARNESSES = ['unpadded', 'disjoint', 'generator', 'no-barrier', 'best-of', 'closed-loop',
             'equal-iterations', 'reclamation']


def measured(*options, status=0):
    """The JSON and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'g.json')
        done = expect(contend('gallery', '--quiet', '--blocks=3', '--length=5', f'--json={path}', *options),
                      status)
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == 'contend.gallery' and results['version'] == 1
    assert '\033' not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    return {h['name']: h for h in results['harnesses']}, done.stdout


def every_mistake_has_its_figures():
    shown, printed = measured('mutex', 'faa', 'per_thread', 'ticket', 'packed')
    assert list(shown) == HARNESSES, list(shown)
    for name, h in shown.items():
        rows = [s for s in h['strategies'] if s['honest_rank']]
        for which in ('honest', 'broken'):
            ranked = sorted(rows, key=lambda s: s[f'{which}_rank'])
            figures = [s[which] if h['latency'] else -s[which] for s in ranked]
            assert figures == sorted(figures), (name, which, ranked)
        assert h['wrong'] and f'{name}: {h["title"]}' in printed, printed
        pair = h.get('pair')
        if pair:
            both = {s['strategy']: s for s in rows}
            assert pair['better'] in both and pair['worse'] in both, pair
            assert not pair['turned'] or pair['honest']['low'] > 1 > pair['broken']['high'], pair
            assert pair['turned'] == (h['not_shown'] is None), h
        elif 'CUT SHORT' in printed: # by a busy machine
            assert 'it ended before' in h['not_shown'], h
        else:
            assert len(rows) < 2 and 'have figures' in h['not_shown'], h
    assert printed.count('TURNED ROUND') + printed.count('Not shown here') == len(shown), printed
    assert shown['closed-loop']['latency'] and not shown['unpadded']['latency']


def the_best_window_is_undisturbed():
    """Whatever else runs, one of hundreds of short windows is as fast as one thread alone can be."""
    shown, _ = measured('--broken=best-of', '--threads=1', '--length=20', 'locks/mutex', 'ticket')
    for s in shown['best-of']['strategies']:
        assert s['honest'] is None or s['broken'] is None or s['broken'] > 0.8 * s['honest'], s


def a_closed_loop_is_blind():
    """An operation is never older from its own beginning than from when it was due."""
    shown, _ = measured('--broken=closed-loop', 'packed', 'mutex')
    for s in shown['closed-loop']['strategies']:
        assert s['honest'] is None or s['broken'] is None or s['broken'] < s['honest'], s


def the_generator_hides_the_fast():
    """What costs a nanosecond and what costs nothing are level once a key must be drawn."""
    shown, _ = measured('--broken=generator', '--threads=1', 'faa', 'per_thread')
    null = next(s for s in shown['generator']['strategies'] if s['strategy'] == 'null')
    assert null['broken'] < null['honest'] / 3, null


def ends_with_its_budget():
    _, printed = measured('--budget=1', '--length=50')
    assert 'CUT SHORT' in printed, printed


def wrong_usage():
    expect(contend('gallery', '--help'), 0, ['Usage: contend gallery', *HARNESSES])
    expect(contend('gallery', '--broken=unpaded'), 2, err=['--broken=unpaded'])
    expect(contend('gallery', '--threads=1,2'), 2, err=['--threads'])
    expect(contend('gallery', '--blocks=2'), 2, err=['--blocks=2'])
    expect(contend('gallery', 'pakced'), 2, err=["'pakced'", "'packed'"])
    expect(contend('gallery', '--json=/nonexistent/l', 'faa'), 1, err=['/nonexistent/l'])


ALONE = (the_generator_hides_the_fast,)


def main():
    cases = tap.Cases()
    for case in (every_mistake_has_its_figures, a_closed_loop_is_blind, the_best_window_is_undisturbed,
                 the_generator_hides_the_fast, ends_with_its_budget, wrong_usage):
        alone = case in ALONE and 'CONTEND_SANITIZED' not in os.environ
        run = cases.run_alone if alone else cases.run
        run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
