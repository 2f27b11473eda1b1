#!/usr/bin/env python3
"""`contend end-to-end` at the command line: every request is answered and counted, and nothing is left behind.

Usage: end_to_end.py CONTEND
"""

import functools
import math
import os
import signal
import subprocess
import time

import tap
from experiments import is_interrupted, ran
from tool import CONTEND, contend, expect

FAST = ['--window=60', '--wrk=0']


@functools.lru_cache
def skip_without_server():
    if 'no libwebsockets' in contend('serve', '--port=0', '--for=1').stderr:
        raise tap.Skip('this build has no live service (Debian: libwebsockets-dev and libwslay-dev)')


def services_of(pid):
    """Processes of `contend serve` whose parent is pid."""
    found = []
    for entry in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{entry}/stat') as f:
                parent = int(f.read().rsplit(')', 1)[1].split()[1])
            with open(f'/proc/{entry}/cmdline') as f:
                words = f.read().split('\0')
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and 'serve' in words:
            found.append(int(entry))
    return found


def every_strategy_answers_and_counts():
    skip_without_server()
    results, shapes, printed = ran('end-to-end', *FAST, reached=False)
    assert {'answered', 'counted', 'hello', 'in_process'} <= set(shapes), shapes
    rows = {r['subject']: r for r in results['runs']}
    missing = {m['subject'] for m in results['missing']}
    assert {'hello', 'null', 'packed', 'mutex'} <= set(rows), results
    assert set(rows) | missing == {'hello', 'null', 'packed', 'mutex', 'redis_zset', 'sqlite_atomic'}
    assert results['speed']['ratio'] > 0 and f"{results['speed']['ratio']:.2f} of it" in printed, printed
    alike = results['alike']
    assert 0 < alike['low'] <= alike['ratio'] <= alike['high'] and alike['pairs'] == 5, alike
    # The pairs have to agree before one is called faster.
    seen = abs(math.log(alike['ratio'])) >= math.log(1.25) and not alike['low'] < 1 < alike['high']
    shares = max(rows[name]['share'] for name in ('packed', 'mutex'))
    assert (shapes['in_process']['outcome'] == 'shown') == (shares < 0.25 and not seen), (alike, shares, shapes)
    assert f"answers {alike['ratio']:.2f} of what packed does" in ' '.join(printed.split()), printed
    assert results['wrk'] == 'not wanted' and 'without wrk' in printed
    for name, r in rows.items():
        assert r['asked'] == r['answered'] > 0 and r['failed'] == 0, r
        assert r['p50_ns'] <= r['p99_ns'] <= r['p999_ns'] and r['cpu_ns'] > 0, r
        assert name == 'hello' or r['beats'] == r['counted'] > 0, r
    floor = rows['null']
    assert floor['beyond_ns'] == floor['share'] == 0 < floor['strategy_ns'], floor
    for name, r in rows.items():
        assert name == 'hello' or math.isclose(r['beyond_ns'], max(r['strategy_ns'] - floor['strategy_ns'], 0),
                                               rel_tol=1e-6, abs_tol=0.01), (r, floor)
    assert 'It does not matter' in printed and '  left out: ' in printed or not missing, printed


def wrk_asks_the_same():
    skip_without_server()
    results, _, printed = ran('end-to-end', '--window=60', '--stores=0', reached=False)
    # What is left out is named in full.
    assert [m['subject'] for m in results['missing']] == ['redis_zset', 'sqlite_atomic'], results
    for m in results['missing']:
        assert f"left out: {m['subject']}: not wanted" in ' '.join(printed.split()), (m, printed)
    if results['wrk'] != 'here':
        raise tap.Skip('wrk is ' + results['wrk'])
    for r in results['runs']:
        assert r['wrk_per_s'] > 0 and r['wrk_failed'] == 0, r
        assert 0 < r['wrk_p50_ns'] <= r['wrk_p99_ns'] <= r['wrk_p999_ns'], r


def a_budget_ends_it():
    skip_without_server()
    results, _, printed = ran('end-to-end', '--window=5000', '--wrk=0', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed


def ctrl_c_leaves_nothing_behind():
    skip_without_server()
    is_interrupted('end-to-end', '--window=5000', '--wrk=0')
    for how in (signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen([CONTEND, 'end-to-end', '--quiet', '--window=5000', '--wrk=0'],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not (servers := services_of(process.pid)) and time.monotonic() < until:
            time.sleep(0.02)
        assert servers, 'it started no service'
        process.send_signal(how)
        process.wait(timeout=100)
        until = time.monotonic() + 60
        while any(os.path.exists(f'/proc/{s}') for s in servers) and time.monotonic() < until:
            time.sleep(0.02)
        assert not any(os.path.exists(f'/proc/{s}') for s in servers), (how, servers)


def wrong_usage():
    expect(contend('end-to-end', '--help'), 0, ['Usage: contend end-to-end', 'Exit status', '--wrk'])
    expect(contend('end-to-end', '--window=2'), 2, err=['--window=2', '50 to'])
    expect(contend('end-to-end', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (every_strategy_answers_and_counts, wrk_asks_the_same, a_budget_ends_it,
                 ctrl_c_leaves_nothing_behind, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
