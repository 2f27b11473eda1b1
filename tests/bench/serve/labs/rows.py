#!/usr/bin/env python3
"""`contend rows` at the command line: what designs make a database write is counted, not timed.

Usage: rows.py CONTEND
"""

import os
import tempfile

import tap
from experiments import is_interrupted, ran
from tool import contend, expect

SHAPES = {'batches', 'dead_rows', 'balance', 'recovery', 'audit', 'body', 'bio', 'date_bytes',
          'date_answers'}


def stores():
    out = contend('list').stdout
    return [name for name in ('SQLite', 'PostgreSQL') if f' {name} ' in out]


def leftovers():
    return [name for name in os.listdir(os.environ['TMPDIR']) if name.startswith('contend-')]


def designs_cost_what_their_rows_say():
    if not stores():
        raise tap.Skip('this build has no SQL')
    results, shapes, printed = ran('rows')
    assert set(shapes) == SHAPES, shapes
    assert leftovers() == [], leftovers()
    for system in results['systems']:
        if 'left_out' in system:
            assert system['left_out'] in printed, printed
            continue
        removals = {r['removal']: r for r in system['removals']}
        assert len(removals) == 7 and len(system['texts']) == 4 and len(system['dates']) == 3, system
        for r in removals.values():
            assert r['cost']['pages'] > 0 and r['cost']['log_bytes'] > 0, r
            assert r['before']['tables'] > 2000 * 200 and r['before']['indexes'] > 0, r
            assert r['kept'] in (500, 2000) and r['restored'] in (0, 1500), r
        # Every row is there, or in the archive: nothing is lost on the way.
        archived = removals['archived']
        assert archived['kept'] + archived['archived'] == 2000, archived
        assert removals['audited']['audited'] == 1500, removals
        assert all(r['audited'] == 0 for n, r in removals.items() if n != 'audited'), removals
        if system['system'] == 'SQLite':  # a commit is a page at least
            assert all(removals[n]['cost']['pages'] >= 1500 for n in ('hard', 'soft', 'audited'))
            assert all(t['updated']['pages'] >= 500 for t in system['texts'])
        for text in system['texts']:
            assert text['all']['tables'] >= text['list']['tables'] > 0, text


def ctrl_c_keeps_what_there_is():
    if not stores():
        raise tap.Skip('this build has no SQL')
    is_interrupted('rows')
    assert leftovers() == [], leftovers()


def wrong_usage():
    expect(contend('rows', '--help'), 0, ['Usage: contend rows', 'Exit status', '--json'])
    expect(contend('rows', '--rows=2'), 2, err=['--rows'])
    expect(contend('rows', 'posts'), 2, err=["'posts' is one word too many"])
    expect(contend('rows', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory(dir='/dev/shm' if os.path.isdir('/dev/shm') else None) as folder:
        os.environ['TMPDIR'] = folder
        os.chmod(folder, 0o711)  # a server that is not root finds its own folder in it
        for case in (designs_cost_what_their_rows_say, ctrl_c_keeps_what_there_is, wrong_usage):
            cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
