"""What the scripts of the service's experiments have in common."""

import json
import os
import signal
import subprocess
import tempfile
import time

from tool import CONTEND, contend


def ran(name, *options, reached=True, timeout=250):
    """The file and the text of `contend NAME`, whose exact shapes must be shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'e.json')
        done = contend(name, '--quiet', f'--json={path}', *options, timeout=timeout)
        assert done.returncode in (0, 1), f'status {done.returncode}\n{done.stdout}\n{done.stderr}'
        with open(path) as f:
            results = json.load(f)
    assert results['schema'] == f'contend.{name}' and results['version'] == 1
    assert results['session']['cpu_model']
    shown = [line for line in done.stdout.splitlines() if not line.startswith('  saved')]
    assert '\033' not in done.stdout and max(map(len, shown)) <= 80, max(shown, key=len)
    outcomes = {s['name']: s for s in results['shapes']}
    for s in results['shapes']:
        assert s['measured'] or s['outcome'] == 'shown', (s, done.stdout)
        assert not reached or s['outcome'] != 'not_reached', s
    assert done.returncode == any(s['outcome'] == 'not_shown' for s in results['shapes']), outcomes
    return results, outcomes, done.stdout


def is_interrupted(name, *options):
    """Ctrl-C ends it soon, with what it has until then."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'e.json')
        process = subprocess.Popen([CONTEND, name, '--quiet', f'--json={path}', *options], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 130 and 'INTERRUPTED' in said, (process.returncode, said)
        with open(path) as f:
            assert json.load(f)['interrupted'], said
