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
    assert 'left out by lock-free: a stalled thread can hold' in printed, printed
    # Ids may be anything, unless they are said to be small numbers.
    assert any('small numbers' in (s['lacks'] or '') for s in strategies.values()), strategies
    _, dense, _ = picked('--need=lock-free,no-library', '--ids=dense')
    assert not any('small numbers' in (s['lacks'] or '') for s in dense.values()), dense


def nothing_may_be_the_answer():
    _, _, printed = picked('--bytes=0.01', '--object=counter', 'faa', 'mutex', status=1)
    assert 'None of them carries' in printed and 'more memory than the bound' in printed, printed
    _, _, printed = picked('--rate=9000', '--budget=10', '--object=counter', 'mutex', status=1)
    assert 'did not cope' in printed or 'CUT SHORT' in printed, printed


def without_an_answer_nothing_carries_it():
    """A budget that ends before the first answer left the others untried for no better reason."""
    done = contend('pick', '--quiet', '--rate=1', '--users=10k', '--threads=1', '--budget=1')
    if done.returncode == 0:
        raise tap.Skip('this machine answers within a second')
    said = ' '.join(done.stdout.split())
    assert 'No answer yet' in said and 'simpler ones carry it' not in said, done.stdout
    assert 'the run ended before' in said, done.stdout


def staleness_is_a_bound():
    _, strategies, _ = picked('--staleness=0')
    assert strategies['packed']['state'] == 'too_stale', strategies['packed']
    _, strategies, _ = picked('--staleness=1000')
    assert strategies['packed']['state'] != 'too_stale', strategies['packed']
    _, strategies, printed = picked('--object=counter', '--staleness=0')
    assert strategies['threshold']['state'] == 'too_stale', strategies['threshold']
    assert strategies['faa']['state'] != 'too_stale' and 'later than the bound' in printed, printed


def batches_are_tried_whole():
    results, _, printed = picked('--workload=heartbeats_batch', '--batch=16', 'mutex')
    assert results['pick'] == 'mutex' and '/batch:16/' in ' '.join(printed.split()), printed


def made_up(ranked=True, **rates):
    """A file of `contend run` with a cell of counters, and one of maps."""
    strategies = [{'strategy': name, 'ops_per_s': rate, 'bytes_per_item': 16, 'verdict': 'tie',
                   'why': None} for name, rate in rates.items()]
    strategies.append({'strategy': 'cas', 'ops_per_s': None, 'verdict': 'skipped', 'why': 'of the test'})
    cell = {'name': 'counter/claps/threads:1', 'object': 'counter', 'workload': 'claps', 'users': 1,
            'posts': 1, 'threads': 1, 'readers': 0, 'skew': 'uniform', 'disjoint': False,
            'noisy': False, 'ranked': ranked, 'strategies': strategies}
    other = {**cell, 'name': 'counter/claps/threads:2', 'threads': 2}
    unknown = {**cell, 'name': 'counter/of_another_version/threads:1', 'workload': 'of_another_version'}
    return {'schema': 'contend.run', 'version': 1, 'session': {}, 'cells': [cell, other, unknown]}


def pick_from(content, *options, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        with open(path, 'w') as f:
            json.dump(content, f)
        return expect(contend('pick', f'--from={path}', *options), status)


def from_file(content, *options, status=0, out=(), err=()):
    with tempfile.TemporaryDirectory() as folder:
        path, answer = os.path.join(folder, 'r.json'), os.path.join(folder, 'p.json')
        with open(path, 'w') as f:
            json.dump(content, f)
        done = expect(contend('pick', f'--from={path}', f'--json={answer}', *options), status,
                      list(out), list(err))
        if not os.path.exists(answer):
            return None, None
        with open(answer) as f:
            results = json.load(f)
        assert results['from'] == path, results
    assert max(map(len, done.stdout.splitlines())) <= 80 + len(folder), done.stdout
    return results, {s['strategy']: s['state'] for s in results['strategies']}


def a_file_is_gone_by():
    rates = {'mutex': 1e7, 'faa': 1e8, 'striped': 3e8, 'null': 1e10}
    one = ['--threads=1']
    results, states = from_file(made_up(**rates), *one, '--rate=1')
    # faa is as simple as mutex, and promises more; the simplest that made a quarter more is striped.
    assert (results['pick'], results['limit_per_s'], results['next']) == ('faa', 1e8, 'striped'), results
    assert results['runner_up'] == 'mutex', results
    assert states['cas'] == 'failed' and states['ttas'] == 'absent', states
    results, states = from_file(made_up(**rates), *one, '--rate=80', out=['It made 1000 Mu there'])
    assert results['pick'] == 'faa' and results['runner_up'] == 'striped', results
    assert states['mutex'] == 'too_slow', states
    same, _ = from_file(made_up(**rates), *one, '--rate=8000000/s')
    assert (same['pick'], same['per_s']) == (results['pick'], results['per_s']) == ('faa', 8e6), same
    results, states = from_file(made_up(**rates), *one, '--rate=80', '--bytes=15', status=1)
    assert results['pick'] is None and states['faa'] == 'too_large', results
    results, _ = from_file(made_up(**rates), *one, '--rate=80', 'striped', 'mutex')
    assert results['pick'] == 'striped', results
    results, states = from_file(made_up(**rates), *one, '--rate=1', '--need=lock-free')
    assert results['pick'] == 'faa' and states['mutex'] == 'excluded', states
    from_file(made_up(ranked=False, **rates), *one, out=['NO MORE THAN A HINT: the cell ranks nothing'])


def of_equally_simple_ones_the_better_is_the_answer():
    """None is the answer that another one, as simple, leaves behind: by what it carries, or promises."""
    one = ['--threads=1', '--rate=1']
    cases = (({'mutex': 1e8, 'futex': 2e8}, 'futex', 'It is as simple; futex carries more.'),
             ({'mutex': 1e8, 'futex': 1.5e8}, 'mutex', 'It is as simple; mutex comes first in the list.'),
             ({'mutex': 1.5e8, 'faa': 1e8}, 'faa', "It is as simple; faa's progress is stronger."),
             ({'mutex': 2.5e8, 'faa': 1e8}, 'mutex', 'It is as simple; mutex carries more.'))
    for rates, answer, why in cases:
        done = pick_from(made_up(**rates), *one)
        printed = ' '.join(done.stdout.split())
        assert f'Take {answer}.' in printed and why in printed, done.stdout


def what_was_not_measured_is_not_said():
    """A runner-up is asked for the load alone: faa is before cas for its progress, whatever cas could carry."""
    _, _, printed = picked('--object=counter', 'faa', 'cas')
    assert "It is as simple; faa's progress is stronger." in ' '.join(printed.split()), printed


def a_need_costs_what_it_says():
    """Where nothing meets all: what nobody meets, who carries most, and what would be without one need."""
    rates = {'mutex': 1e7, 'faa': 1e8, 'striped': 3e8}
    one = ['--threads=1']
    done = pick_from(made_up(**rates), *one, '--rate=2000', status=1)
    assert 'The most of those that meet the needs: striped, 1500 Mu' in ' '.join(done.stdout.split()), done.stdout
    done = pick_from(made_up(**rates), *one, '--rate=800', '--need=exact', status=1)
    said = ' '.join(done.stdout.split())
    assert 'The most of those that meet the needs: faa, 500 Mu' in said, done.stdout
    assert 'Without the need exact: striped, 1500' in said, done.stdout
    rates = {'mutex': 1e7, 'mcs': 1e7, 'rcu': 1e8}
    done = pick_from(made_up(**rates), *one, '--need=signal-safe,no-lgpl,process-shared', 'mutex', 'rcu', status=1)
    said = ' '.join(done.stdout.split())
    assert 'Nothing here meets signal-safe' in said, done.stdout
    assert 'left out by no-lgpl, signal-safe and process-shared: rcu' in said, done.stdout


def files_that_do_not_answer():
    good = made_up(faa=1e8)
    from_file(good, status=2, err=['one load at a time: 2 cells', 'counter/claps/threads:2'])
    from_file(good, '--threads=1', '--p999=5', status=2, err=['--p999 would be ignored'])
    from_file(good, '--threads=4', status=2, err=['none of the file', 'counter/claps/threads:1'])
    from_file(good, '--object=presence', status=2, err=['none of the file'])
    from_file({'schema': 'other'}, status=2, err=["'other'"])
    expect(contend('pick', '--from=/nonexistent'), 2, err=['No such file'])


def wrong_usage():
    expect(contend('pick', '--help'), 0, ['Usage: contend pick', 'Exit status'])
    expect(contend('pick', '--need=grwo'), 2, err=["--need=grwo", "'grow'"])
    expect(contend('pick', '--object=counter', '--need=grow'), 2, err=['would be ignored', 'counter'])
    expect(contend('pick', '--rate=lots'), 2, err=['--rate=lots', 'number'])
    for bad in ('1/m', '/s', '5/s/s', '1/s'):
        expect(contend('pick', f'--rate={bad}'), 2, err=['--rate=', 'number'])
    expect(contend('pick', '--ids=odd'), 2, err=['--ids=odd', 'dense'])
    expect(contend('pick', '--need=staleness'), 2, err=['--staleness=MS'])
    expect(contend('pick', '--object=lock', '--staleness=1'), 2, err=['would be ignored'])
    expect(contend('pick', '--batch=8'), 2, err=['would be ignored'])
    expect(contend('pick', '--users=1,2'), 2, err=['one load at a time'])
    expect(contend('pick', '--object=counter', '--workload=claps_posts', '--posts=1,2'), 2,
           err=['one load at a time'])
    expect(contend('pick', '--posts=9'), 2, err=['--posts would be ignored'])
    expect(contend('pick', '--object=lock', '--skew=hot'), 2, err=['--skew would be ignored'])
    expect(contend('pick', '--skew=odd'), 2, err=['--skew=odd'])


def posts_and_skew_are_of_the_load():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'p.json')
        done = contend('pick', '--quiet', '--budget=2', '--rate=0.01', '--object=counter',
                       '--workload=claps_posts', '--posts=50', '--skew=uniform', f'--json={path}', 'faa')
        assert done.returncode in (0, 1), done
        with open(path) as f:
            cell = json.dumps(json.load(f))
        assert 'claps_posts/posts:50/' in done.stdout and 'zipf' not in done.stdout, done.stdout
        assert 'claps_posts/posts:50/' in cell, cell
    # The name of the call is understood as well as the word.
    done = contend('pick', '--quiet', '--budget=1', '--rate=0.01', '--need=last_seen,wait_free', 'mutex')
    assert 'left out by wait-free' in done.stdout, done


def main():
    cases = tap.Cases()
    for case in (the_simplest_is_the_answer, needs_exclude_by_traits, nothing_may_be_the_answer,
                 without_an_answer_nothing_carries_it,
                 staleness_is_a_bound, batches_are_tried_whole, a_file_is_gone_by,
                 of_equally_simple_ones_the_better_is_the_answer, what_was_not_measured_is_not_said,
                 a_need_costs_what_it_says,
                 files_that_do_not_answer, wrong_usage, posts_and_skew_are_of_the_load):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
