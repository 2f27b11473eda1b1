#!/usr/bin/env python3
"""Options of strategies, set at the command line.

Usage: options.py CONTEND
"""

import csv
import json
import os
import re
import tempfile

import tap
from tool import CONTEND, contend, expect

TINY = ['run', '--quiet', '--no-floors', '--threads=1', '--blocks=3', '--window=5']


def cases_of(*arguments):
    done = expect(contend('run', '--benchmark_list_tests', '--threads=1', *arguments), 0)
    return done.stdout.split()


def options_of():
    """Every option of every strategy: 'counters/striped' -> its options."""
    listed = json.loads(expect(contend('list', '--json'), 0).stdout)
    folders = {'locks': 'locks', 'counters': 'counters', 'claps': 'counters/claps', 'distinct': 'counters/distinct',
               'presence_maps': 'presence_map'}
    return {f'{folders[key]}/{entry["name"]}': entry['options']
            for key in folders for entry in listed[key]}


def each_value_stands_beside_the_default():
    cases = cases_of('--set=striped.stripes=1,4', '--workload=claps')
    assert [c.split('/')[-1] for c in cases] == [
        'mutex', 'mutex_again', 'null', 'striped', 'striped[stripes=1]', 'striped[stripes=4]'], cases
    two = cases_of('--set=striped.stripes=1', '--set=counters/futex.lock.spin=0,5', 'faa',
                   '--workload=claps')
    assert [c.split('/')[-1] for c in two if '[' in c] == [
        'futex[lock.spin=0]', 'futex[lock.spin=5]', 'striped[stripes=1]'], two
    assert any(c.endswith('/faa') for c in two), two


def the_reference_may_be_set():
    cases = cases_of('--set=striped.stripes=1', '--reference=striped', '--workload=claps')
    assert [c.split('/')[-1] for c in cases] == ['striped', 'striped_again', 'striped[stripes=1]',
                                                 'null'], cases


def a_bare_name_means_every_family_with_that_option():
    bare = cases_of('--set=futex.spin=0')
    assert bare and all(c.startswith('lock/') for c in bare), bare
    part = cases_of('--set=futex.lock.spin=0')
    families = {c.split('/')[0] for c in part if '[' in c}
    assert 'counter' in families and 'lock' not in families, part


def every_option_can_be_set():
    for name, options in options_of().items():
        for o in options:
            cases = cases_of(f'--set={name}.{o["name"]}={o["least"]},{o["greatest"]}')
            strategy = name.rsplit('/', 1)[1]
            for value in (o['least'], o['greatest']):
                assert any(c.endswith(f'/{strategy}[{o["name"]}={value}]') for c in cases), cases


def wrong_ones_are_refused():
    for arguments, err in (
            (['--set=striped.strips=1'],
             ["'striped' has no option 'strips'", 'counters/striped.stripes', "mean 'stripes'?"]),
            (['--set=strped.stripes=1'], ["no strategy 'strped'", "mean 'striped'?"]),
            (['--set=striped.stripes=99'], ['0 to 16', 'cells in use']),
            (['--set=striped.stripes=-1'], ['0 to 16']),
            (['--set=striped.stripes=99999999999999999999'], ['0 to 16']),
            (['--set=striped.stripes=x'], ["'x' is no whole number"]),
            (['--set=striped.stripes=1,'], ["'' is no whole number"]),
            (['--set=striped.stripes='], ['NAME.OPTION=VALUE']),
            (['--set=striped'], ['NAME.OPTION=VALUE']),
            (['--set=.stripes=1'], ['NAME.OPTION=VALUE']),
            (['--set=faa.stripes=1'], ["'faa' has no options"]),
            (['--set=striped.stripes=1,1'], ['striped[stripes=1]', 'twice']),
            (['--object=lock', '--set=counters/striped.stripes=1'],
             ['is a counter, which --object=lock leaves out'])):
        done = expect(contend('run', *arguments), 2, err=err)
        assert done.stderr.count('contend run: ') == 1, done.stderr


def results_carry_the_settings():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('r.json', 'r.csv', 'w.csv', 'g.json')]
        expect(contend(*TINY, '--workload=claps', '--set=striped.stripes=2', f'--json={paths[0]}',
                       f'--csv={paths[1]}', f'--windows={paths[2]}',
                       f'--benchmark_out={paths[3]}'), 0)
        with open(paths[0]) as f:
            root = json.load(f)
        cell = root['cells'][0]
        settings = {s['strategy']: s['settings'] for s in cell['strategies']}
        assert settings['striped[stripes=2]'] == {'stripes': 2}, settings
        assert settings['striped'] == settings['mutex'] == {}, settings
        for path in paths[1:3]:
            with open(path, newline='') as f:
                assert 'striped[stripes=2]' in {row['strategy'] for row in csv.DictReader(f)}, path
        with open(paths[3]) as f:
            names = {b['name'] for b in json.load(f)['benchmarks']}
        assert any('claps/threads:1/striped[stripes=2]' in n for n in names), names
        cell['noisy'] = False  # a busy machine would keep it from being compared
        with open(paths[0], 'w') as f:
            json.dump(root, f)
        compared = expect(contend('compare', paths[0], paths[0]), 0).stdout
        rows = re.findall(r'^  (striped\S*) ', compared, re.M)
        assert sorted(rows) == ['striped', 'striped[stripes=2]'], compared


def a_divided_map():
    return next(n for n, options in options_of().items()
                if n.startswith('presence_map/') and 'stripes' in [o['name'] for o in options])


def a_setting_shows_in_what_is_measured():
    """A map's parts are part of its memory."""
    name = a_divided_map()
    strategy = name.rsplit('/', 1)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'r.json')
        expect(contend(*TINY, '--workload=online_90_10', '--users=1000',
                       f'--set={name}.stripes=1,64', f'--json={path}'), 0)
        with open(path) as f:
            cell = json.load(f)['cells'][0]
    held = {s['strategy']: s['bytes_per_item'] for s in cell['strategies'] if s['blocks']}
    if not held:
        raise tap.Skip('every block was disturbed')
    assert held[f'{strategy}[stripes=1]'] < held[f'{strategy}[stripes=64]'], held


def a_page_shows_one_strategy_whole():
    names = expect(contend('list', '--names'), 0).stdout.split()
    shelves = {}
    for name, options in options_of().items():
        page = expect(contend('list', name), 0).stdout
        assert page.startswith(name + '\n') and max(map(len, page.splitlines())) <= 80, page
        for field in ('header', 'shelf', 'reference', 'memory', 'signals', 'processes', 'own thread',
                      'time', 'features'):
            assert re.search(rf'^  {field} +\S', page, re.M), (field, page)
        for o in options:
            assert f'    {o["name"]}: {o["least"]} to {o["greatest"]}, default {o["default"]}\n' \
                in page, page
            assert o['meaning'] in ' '.join(page.split()), page
        assert bool(options) != ('no options' in page), page
        shelves[name] = page
    assert list(shelves) == names
    for field in ('last_seen', 'retention', 'backlog', 'ids', 'growth'):
        assert re.search(rf'^  {field} +\S', shelves['presence_map/packed'], re.M), field
    for field in ('add', 'read', r'read \(claps\)', r'read \(undos\)', 'sums'):
        assert re.search(rf'^  {field} +\S', shelves['counters/striped'], re.M), field
    both = expect(contend('list', 'mutex'), 0).stdout
    assert re.findall(r'^\S+', both, re.M) == ['locks/mutex', 'counters/mutex',
                                                   'counters/claps/mutex', 'presence_map/mutex']
    for name, part in {'mutex_fifo': 'expiry/fifo.h', 'mutex': 'expiry/scan.h',
                       'chained_hazard': 'reclaim/hazard.h'}.items():  # no strategies, so no pages
        page = shelves[f'presence_map/{name}']
        assert re.search(rf'\n  presence_map/{part}\n.*?\n  Idea +\S.*?\n  Use when +\S', page, re.S), page
    assert '\n  Idea' not in shelves['counters/mutex'], 'a lock has a page of its own'
    expect(contend('list', 'mutx'), 2, err=["'mutx'", "mean 'mutex'?"])
    expect(contend('list', '--json', 'mutex'), 2, err=['do not go together'])


def a_page_says_what_the_registry_says():
    listed = json.loads(expect(contend('list', '--json'), 0).stdout)
    for o in (listed['locks'] + listed['counters'] + listed['claps'] +
              listed['presence_maps']):
        assert o['shelf'] in ('core', 'study') and o['header'].endswith('.h'), o
        for flag in ('signal_safe', 'process_shared', 'runs_thread', 'real_time'):
            assert isinstance(o[flag], bool), (flag, o)
    striped = next(c for c in listed['counters'] if c['name'] == 'striped')
    assert striped['signal_safe'] and striped['process_shared'] and not striped['runs_thread']
    page = expect(contend('list', 'counters/striped'), 0).stdout
    assert 'a signal handler may use it' in page and 'serves several processes' in page, page
    assert not next(c for c in listed['counters'] if c['name'] == 'mutex')['signal_safe']
    for m in listed['presence_maps']:
        assert int(m['max_retain_ms']) > 0 and isinstance(m['has_last_seen'], bool), m


LOG = ''.join(f'10.0.0.{i % 7} - - [10/Oct/2023:13:55:{i:02} +0000] "GET /p{i % 3} HTTP/1.1" 200 9\n'
              for i in range(60))


def replay_takes_them():
    with tempfile.TemporaryDirectory() as folder:
        log, path = (os.path.join(folder, name) for name in ('a.log', 'r.json'))
        with open(log, 'w') as f:
            f.write(LOG)
        name = a_divided_map()
        expect(contend('replay', '--quiet', '--no-floors', '--threads=1', '--blocks=1',
                       f'--set={name}.stripes=1,64', '--set=counters/striped.stripes=1,2',
                       f'--json={path}', log), 0, ['striped[stripes=2]'])
        with open(path) as f:
            root = json.load(f)
        surveys = {s['strategy']: s for s in root['replay']['surveys']}
        strategy = name.rsplit('/', 1)[1]
        for contestant in ('striped[stripes=1]', 'striped[stripes=2]', f'{strategy}[stripes=1]',
                           f'{strategy}[stripes=64]'):
            assert surveys[contestant]['state'] == 'agrees', (contestant, surveys)
        assert surveys[f'{strategy}[stripes=1]']['bytes'] < \
            surveys[f'{strategy}[stripes=64]']['bytes'], surveys
        expect(contend('replay', '--set=striped.strips=1', log), 2, err=["'stripes'?"])
        expect(contend('replay', '--set=locks/futex.spin=1', log), 2, err=['is a lock'])


def main():
    cases = tap.Cases()
    assert CONTEND
    cases.run('each value stands beside the default', each_value_stands_beside_the_default)
    cases.run('the reference may be set', the_reference_may_be_set)
    cases.run('a bare name means every family with that option',
              a_bare_name_means_every_family_with_that_option)
    cases.run('every option can be set', every_option_can_be_set)
    cases.run('wrong ones are refused', wrong_ones_are_refused)
    cases.run('results carry the settings', results_carry_the_settings)
    cases.run('a setting shows in what is measured', a_setting_shows_in_what_is_measured)
    cases.run('a page shows one strategy whole', a_page_shows_one_strategy_whole)
    cases.run('a page says what the registry says', a_page_says_what_the_registry_says)
    cases.run('replay takes them', replay_takes_them)
    cases.finish()


if __name__ == '__main__':
    main()
