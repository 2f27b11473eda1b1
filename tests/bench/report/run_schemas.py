#!/usr/bin/env python3
"""What each command writes with --json is what the schemas in docs/ say: no member more, none less.

Usage: run_schemas.py CONTEND SOURCE_ROOT

The validator is Debian's python3-jsonschema; without it all cases are skipped.  Commands are
as short as they can be: figures are looked at elsewhere, here their shape is.
"""

import copy
import json
import os
import re
import sys
import tempfile

import tap
from schemas import strict
from tool import contend

try:
    import jsonschema
except ImportError:
    jsonschema = None

FILES = ('runs.schema.json', 'experiments.schema.json', 'service.schema.json')

# Which run, with what; several where one does not have all members.
RUNS = {
    'latency': [['--rate=0.1', '--length=5', '--budget=3', '--users=1k', 'mutex'],
                ['--object=counter', '--length=10', '--budget=1', 'faa']],
    'stall': [['--trials=2', '--budget=2', '--object=counter', 'faa']],
    'memory': [['--object=presence', '--users=1k', '--grow-to=1k', '--crowd=100', '--among=1k', '--budget=3',
                'split_ordered_hazard', 'direct'],
               ['--object=counter', '--part=bytes', '--users=1k', '--budget=1', 'faa']],
    'oversubscribe': [['--times=1,2', '--hogs=0,1', '--length=5', '--budget=1', 'faa', 'ticket']],
    'fairness': [['--threads=2', '--length=5', '--budget=1', 'ticket']],
    'iterations': [['--object=counter', '--threads=2', '--budget=1', 'faa']],
    'gallery': [['--blocks=3', '--length=5', '--budget=1']],
    'pick': [['--object=counter', '--budget=1'],
             ['--object=presence', '--users=1k', '--rate=0.1', '--budget=1', '--need=ids64']],
    'costs': [['counters/faa', '--benchmark_min_time=0.0001']],
    'lab': [['--check', '1'], ['--check', '--whole', '1']],
    'detect': [['--budget=1', '--clients=20']],
    'cache': [['--budget=2', '--crowd=20', '--window=10']],
    'posts': [['--budget=2', '--window=10']],
    'rows': [['--budget=2']],
    'partition': [['--users=1000', '--few=100', '--budget=20']],
    'scale': [['--sizes=1,2,3', '--length=2', '--users=100', '--budget=2', 'presence_map/mutex']],
    'wait': [['--budget=1', '--window=20']],
    'end-to-end': [['--budget=4', '--window=100', '--wrk=0']],
    'push': [['--budget=3', '--window=100', '--subscribers=10']],
    'hold': [['--budget=4', '--window=100', '--sockets=20']],
}


def definitions(root):
    """By the name behind "contend.": the schema of its files."""
    if not jsonschema:
        raise tap.Skip('there is no jsonschema (Debian: python3-jsonschema)')
    found = {}
    for name in FILES:
        with open(os.path.join(root, 'docs', name)) as f:
            whole = json.load(f)
        jsonschema.Draft202012Validator.check_schema(whole)
        for one in whole['oneOf']:
            key = one['$ref'].rsplit('/', 1)[1]
            found[key] = {**whole['$defs'][key], '$defs': whole['$defs']}
    return found


def complaints(schema, results, exactly=True):
    schema = {**strict(schema), '$defs': strict(schema['$defs'])} if exactly else schema
    return [f'{"/".join(map(str, e.absolute_path))}: {e.message[:300]}'
            for e in jsonschema.Draft202012Validator(schema).iter_errors(results)]


def written(command, arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        done = contend(command, '--quiet', f'--json={path}', *arguments)
        # 1: a busy machine may show no shape, and carry no load
        assert done.returncode in (0, 1) and os.path.exists(path), (done.returncode, done.stderr)
        with open(path) as f:
            return json.load(f)


def files_are_as_declared(root, command):
    schema = definitions(root)[command]
    for arguments in RUNS[command]:
        wrong = complaints(schema, written(command, arguments))
        assert not wrong, (arguments, wrong[:5])


def comparisons_are_as_declared(root):
    schema = definitions(root)['compare']
    with tempfile.TemporaryDirectory() as folder:
        a = os.path.join(folder, 'a.json')
        contend('run', '--quiet', '--no-floors', '--workload=claps', '--threads=1', '--blocks=5',
                '--window=1', f'--json={a}', 'faa')
        for by in ('ratio', 'rate'):
            out = os.path.join(folder, by)
            contend('compare', f'--by={by}', a, a, f'--json={out}')
            with open(out) as f:
                wrong = complaints(schema, json.load(f))
            assert not wrong, wrong[:5]


def stores_are_as_declared(root):
    schema = definitions(root)['stores']
    wrong = complaints(schema, written('run', ['--stores', '--workload=claps', '--budget=2', 'faa']))
    assert not wrong, wrong[:5]


def every_schema_of_the_page_is_here(root):
    """docs/results.md names all; those of `contend list` and of homework are no results."""
    with open(os.path.join(root, 'docs', 'results.md')) as f:
        named = set(re.findall(r'`contend\.([a-z-]+)`', f.read()))
    assert set(definitions(root)) == named - {'run', 'homework'}, named
    assert set(RUNS) | {'compare', 'stores'} == set(definitions(root))


def other_shapes_are_refused(root):
    """So that the schemas say something at all."""
    schema = definitions(root)['iterations']
    good = written('iterations', RUNS['iterations'][0])

    def spoilt(change):
        bad = copy.deepcopy(good)
        change(bad, bad['strategies'][0])
        return complaints(schema, bad, exactly=False)

    assert not spoilt(lambda r, s: r.update(of_later=1))
    assert spoilt(lambda r, s: r.update(schema='contend.stall'))
    assert spoilt(lambda r, s: r.pop('session'))
    assert spoilt(lambda r, s: s.pop('strategy'))
    assert spoilt(lambda r, s: s.update(w_per_s='fast'))


def main():
    root = os.path.abspath(sys.argv[2])
    cases = tap.Cases()
    for command in tap.share(sorted(RUNS)):
        cases.run(f'contend {command} writes what its schema says', files_are_as_declared, root, command)
    for case in (comparisons_are_as_declared, stores_are_as_declared, every_schema_of_the_page_is_here,
                 other_shapes_are_refused):
        cases.run(case.__name__.replace('_', ' '), case, root)
    cases.finish()


if __name__ == '__main__':
    main()
