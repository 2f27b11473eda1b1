#!/usr/bin/env python3
"""`contend scale` at the command line: both curves, their laws, and what is refused.

Usage: scale.py CONTEND
"""

import json
import os
import shutil
import tempfile

import tap
from experiments import is_interrupted
from tool import contend, expect


def measured(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 's.json')
        done = contend('scale', '--quiet', '--sizes=1,2,3', f'--json={path}', *arguments)
        expect(done, 0, ['VERTICAL AND HORIZONTAL', 'sigma', 'processes with a part each'])
        assert max(map(len, done.stdout.replace(path, '').splitlines())) <= 80, done.stdout
        with open(path) as f:
            return json.load(f)


def has_both_curves(results, names):
    assert results['schema'] == 'contend.scale', results
    curves = {(c['strategy'], c['way']): c for c in results['curves']}
    wanted = {(n, w) for n in names for w in ('threads', 'processes')}
    assert wanted <= set(curves), set(curves)  # the floor and the reference are beside them
    for c in curves.values():
        assert [p['n'] for p in c['points']] == [1, 2, 3], c
        assert all(p['ops_per_s'] > 0 for p in c['points']), c
        law = c['law']
        assert law['lambda'] > 0 and law['sigma'] >= 0 and law['kappa'] >= 0, c


def objects_in_the_process():
    has_both_curves(measured('--length=5', '--users=200', '--workload=online_90_10',
                             'presence_map/mutex'), ['mutex'])


def counters_too():
    has_both_curves(measured('--length=5', '--workload=claps', 'counters/mutex'), ['mutex'])


def stores_have_a_server_each():
    if not shutil.which('redis-server'):
        raise tap.Skip('there is no redis-server')
    has_both_curves(measured('--stores', '--length=10', '--users=100', '--workload=online_90_10',
                             'redis_zset'), ['redis_zset'])
    assert [n for n in os.listdir(os.environ['TMPDIR']) if n.startswith('contend-')] == []


def ctrl_c_keeps_what_there_is():
    is_interrupted('scale', '--length=400', '--users=100', 'presence_map/mutex')


def wrong_usage():
    expect(contend('scale', '--help'), 0, ['Usage: contend scale', 'Exit status', '--sizes'])
    for text, *arguments in [
            ('three numbers', '--sizes=1,2'), ('must rise', '--sizes=1,4,2'), ('65', '--sizes=1,2,65'),
            ('more than 8', '--sizes=1,2,3,4,5,6,7,8,9'), ('no_such', 'no_such')]:
        expect(contend('scale', *arguments), 2, err=[text])
    expect(contend('scale', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory(dir='/tmp') as folder:
        os.environ['TMPDIR'] = folder
        for case in (objects_in_the_process, counters_too, stores_have_a_server_each,
                     ctrl_c_keeps_what_there_is, wrong_usage):
            cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
