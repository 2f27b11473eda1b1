#!/usr/bin/env python3
"""What `contend check --json` writes is what docs/check.schema.json says, and what is printed.

Usage: verdicts.py CONTEND SOURCE_ROOT

The validator is Debian's python3-jsonschema; without it all cases are skipped.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile

import tap
from schemas import strict
from tool import CONTEND, contend, expect

try:
    import jsonschema
except ImportError:
    jsonschema = None


def read(root, path):
    if not jsonschema:
        raise tap.Skip('there is no jsonschema (Debian: python3-jsonschema)')
    with open(os.path.join(root, 'docs', 'check.schema.json')) as f:
        schema = strict(json.load(f))
    jsonschema.Draft202012Validator.check_schema(schema)
    with open(path) as f:
        verdicts = json.load(f)
    wrong = [e.message[:300] for e in jsonschema.Draft202012Validator(schema).iter_errors(verdicts)]
    assert not wrong, wrong[:5]
    return verdicts


def written(root, *arguments, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'v.json')
        text = expect(contend('check', *arguments, f'--json={path}'), status).stdout
        return read(root, path), text


def says_what_is_printed(root):
    verdicts, text = written(root, '--budget=20', 'counters/plain', 'counters/cas', status=1)
    plain, cas = verdicts['strategies']
    assert (plain['name'], plain['verdict']) == ('counters/plain', 'failed'), plain
    assert plain['failure']['verdict'] == 'data race', plain
    assert plain['failure']['text'].split(' (')[0] in text, plain  # printed with names
    replay = re.search(r"--replay '([^']+)'", text).group(1)
    assert plain['failure']['replay'] == replay
    expect(contend('check', '--replay', replay), 1, ['data race'])
    assert cas['verdict'] == 'nothing found' and cas['failure'] is None, cas
    assert [(p['operation'], p['declared'], p['holds']) for p in cas['progress']] == [
        ('add', 'lock-free', True), ('read', 'wait-free', True)], cas
    assert (verdicts['checked'], verdicts['failed'], verdicts['interrupted']) == (2, 1, False), verdicts
    assert str(cas['executions']) in text, text


def says_what_is_not_supported(root):
    verdicts, _ = written(root, '--scenario=g1', '--budget=5', '--mode=sc', 'counters/cas', 'counters/striped')
    assert [s['verdict'] for s in verdicts['strategies']] == ['nothing found', 'not supported'], verdicts
    assert verdicts['memory'] == 'sc'


def goes_to_standard_output(root):
    done = expect(contend('check', '--budget=5', '--scenario=a1+r', '--json=-', 'counters/faa'), 0)
    assert json.loads(done.stdout)['schema'] == 'contend.check', done.stdout
    assert 'nothing found' in done.stderr, done.stderr


def an_interrupted_run_keeps_what_it_has(root):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'v.json')
        process = subprocess.Popen([CONTEND, 'check', '--budget=100s', f'--json={path}', 'packed', 'cas'],
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130, process.returncode
        verdicts = read(root, path)
    assert verdicts['interrupted'] and verdicts['not_begun'] >= 1, verdicts
    assert [s['verdict'] for s in verdicts['strategies']] == ['interrupted'], verdicts


def where_it_means_nothing_it_is_refused(root):
    for rest in (['--replay', 'x'], ['--textbook'], ['textbook/treiber']):
        expect(contend('check', '--json=v.json', *rest), 2, err=['--json'])
    expect(contend('check', '--json=/nowhere/v.json', 'faa'), 1, err=['/nowhere/v.json'])


def main():
    root = sys.argv[2]
    cases = tap.Cases()
    for case in (says_what_is_printed, says_what_is_not_supported, goes_to_standard_output,
                 an_interrupted_run_keeps_what_it_has, where_it_means_nothing_it_is_refused):
        cases.run(case.__name__.replace('_', ' '), case, root)
    cases.finish()


if __name__ == '__main__':
    main()
