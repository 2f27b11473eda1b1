#!/usr/bin/env python3
"""What `contend run` and `contend replay` write is what docs/results.schema.json says.

Usage: schema.py CONTEND SOURCE_ROOT

The validator is Debian's python3-jsonschema; without it all cases are skipped.
"""

import copy
import json
import os
import sys
import tempfile

import tap
from tool import contend, expect

try:
    import jsonschema
except ImportError:
    jsonschema = None

ONE_COMMAND = ('launches', 'replay')
LOG = 'time,user,post\n' + ''.join(f'{1_500_000_000 + i},u{i % 50},p{i % 7}\n' for i in range(2000))


def strict(schema):
    """The same without any freedom: each member is there, and no other one.

    But for those that only one of the two commands writes.
    """
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: strict(value) for key, value in schema.items()}
    if isinstance(tight.get('properties'), dict) and 'type' in tight:
        tight['required'] = [name for name in tight['properties'] if name not in ONE_COMMAND]
        tight['additionalProperties'] = False
    return tight


class Results:
    def __init__(self, root):
        if not jsonschema:
            raise tap.Skip('there is no jsonschema (Debian: python3-jsonschema)')
        with open(os.path.join(root, 'docs', 'results.schema.json')) as f:
            self.schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def complaints(self, results, exactly=False):
        schema = strict(self.schema) if exactly else self.schema
        return [f'{"/".join(map(str, e.absolute_path))}: {e.message[:300]}'
                for e in jsonschema.Draft202012Validator(schema).iter_errors(results)]

    def written(self, *arguments, status=0, log=None):
        """The file of a command, which must have exactly the members of the schema."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'r.json')
            if log:
                arguments += (os.path.join(folder, 'log.csv'),)
                with open(arguments[-1], 'w') as f:
                    f.write(log)
            expect(contend(*arguments, '--quiet', f'--json={path}'), status)
            with open(path) as f:
                results = json.load(f)
        wrong = self.complaints(results, exactly=True)
        assert not wrong, wrong[:5]
        return results


def ordinary_runs(root):
    """Skipped strategies, options, roles, batches, and a budget that ends."""
    r, quick = Results(root), ['run', '--no-floors', '--window=2']
    ran = r.written(*quick, '--workload=heartbeats_batch,churn_fresh', '--users=1k', '--ids=sparse64',
                    '--batch=8', '--threads=1', '--blocks=3', 'mutex', 'direct', 'packed')
    verdicts = {s['verdict'] for c in ran['cells'] for s in c['strategies']}
    assert 'skipped' in verdicts and 'floor' in verdicts, verdicts
    assert any('skipped' in w for c in ran['cells'] for b in c['blocks'] for w in b['windows'])
    ran = r.written(*quick, '--workload=claps_50_50,sections', '--threads=2', '--readers=1',
                    '--blocks=2', '--set=striped.stripes=2', 'mutex')
    assert any(s['settings'] for c in ran['cells'] for s in c['strategies']), ran
    r.written(*quick, '--workload=claps', '--threads=1', '--blocks=1000', '--budget=1', 'faa')


def a_run_with_floors(root):
    ran = Results(root).written('run', '--window=1', '--workload=claps', '--threads=1', '--blocks=1',
                                'faa')
    assert ran['calibration']['loop_ns'] > 0, ran['calibration']


def a_replay(root):
    ran = Results(root).written('replay', '--no-floors', '--budget=2', '--blocks=1', '--threads=1',
                                '--window=10', '--strategy=mutex', log=LOG)
    assert ran['replay'], ran.keys()


def a_file_of_another_shape_is_refused(root):
    """So that the schema says something at all; one with more members is not."""
    r = Results(root)
    good = r.written('run', '--no-floors', '--window=1', '--workload=claps', '--threads=1',
                     '--blocks=1', 'faa')
    more = copy.deepcopy(good)
    more['of_later'] = more['cells'][0]['of_later'] = 1
    assert not r.complaints(more) and r.complaints(more, exactly=True)

    def damaged(*path, value=None):
        bad = copy.deepcopy(good)
        at = bad
        for step in path[:-1]:
            at = at[step]
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        return r.complaints(bad)

    assert damaged('schema', value='contend.costs') and damaged('version', value=2)
    for path in (('cells',), ('run', 'seed'), ('cells', 0, 'strategies', 0, 'ratio'),
                 ('cells', 0, 'blocks', 0, 'windows', 0, 'strategy')):
        assert damaged(*path), path
    for value, *path in (('fast', 'cells', 0, 'strategies', 0, 'verdict'),
                         ('1', 'cells', 0, 'strategies', 0, 'ops_per_s'),
                         (-1, 'cells', 0, 'threads'), ('middle', 'cells', 0, 'placement'),
                         ([], 'cells', 0, 'blocks', 0)):
        assert damaged(*path, value=value), path


def main():
    root = os.path.abspath(sys.argv[2])
    cases = tap.Cases()
    for case in (ordinary_runs, a_run_with_floors, a_replay, a_file_of_another_shape_is_refused):
        cases.run(case.__name__.replace('_', ' '), case, root)
    cases.finish()


if __name__ == '__main__':
    main()
