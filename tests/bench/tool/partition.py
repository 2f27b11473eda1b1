#!/usr/bin/env python3
"""`contend partition` at the command line: what is counted on real servers, and what is refused.

Usage: partition.py CONTEND
"""

import os
import shutil
import tempfile

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

FEW = 150


def counts_what_servers_answered():
    if not shutil.which('redis-server'):
        raise tap.Skip('there is no redis-server')
    results, shapes, printed = ran('partition', '--users=20000', f'--few={FEW}')
    assert len(shapes) == 9, shapes
    for m in results['moves']:
        k = m['nodes']
        assert m['astray'] == 0 and 0.5 < m['moved'] / m['users'] * (k + 1) < 1.5, m
    assert results['growth']['offline'] > 0 and results['growth']['offline_after_a_beat'] == 0
    killed, silent = results['outages']
    assert killed['answered'] + killed['refused'] + killed['unknown'] == FEW, killed
    assert killed['lost'] == killed['its_users'] > 0 and killed['unknown'] <= 1, killed
    assert silent['lost'] == 0 and silent['unknown'] > 0, silent
    for a in results['async']:
        assert a['acknowledged'] == a['written'] + a['lost'] and a['lost_users'] > 0, a
        assert a['commands'] <= a['written'], a
    assert 'WRITE-BEHIND' in printed and max(map(len, printed.splitlines())) <= 80, printed
    assert [n for n in os.listdir(os.environ['TMPDIR']) if n.startswith('contend-')] == []


def ctrl_c_keeps_what_there_is():
    is_interrupted('partition', '--few=50000')


def wrong_usage():
    expect(contend('partition', '--help'), 0, ['Usage: contend partition', 'Exit status', '--few'])
    expect(contend('partition', '--few=2'), 2, err=['--few=2', '100 to'])
    expect(contend('partition', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])
    expect(contend('partition', 'redis'), 2, err=['redis'])


def without_servers_it_says_so():
    with tempfile.TemporaryDirectory() as empty:
        done = contend('partition', '--quiet', '--users=1000', env={**os.environ, 'PATH': empty})
    expect(done, 0, ['not reached', 'there is no redis-server', 'shown: a node added to k'])


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory(dir='/tmp') as folder:
        os.environ['TMPDIR'] = folder
        for case in (counts_what_servers_answered, ctrl_c_keeps_what_there_is, wrong_usage,
                     without_servers_it_says_so):
            cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
