#!/usr/bin/env python3
"""`contend hold` at the command line: what is promised is held, or said not to be.

Usage: hold.py CONTEND
"""

import tap
from experiments import is_interrupted, ran
from tool import contend, expect


def what_is_promised_is_held():
    results, shapes, printed = ran('hold', '--window=100', '--sockets=40', reached=False)
    if 'no libwebsockets' in results['left_out']:
        raise tap.Skip('this build has no live service (Debian: libwebsockets-dev and libwslay-dev)')
    assert set(shapes) == {'hello', 'held', 'reconnect', 'slow', 'delay', 'kill'}, shapes
    assert all(s['outcome'] != 'not_reached' for s in shapes.values()), shapes
    crowd, kill, slow = results['crowd'], results['kill'], results['slow']
    assert crowd['sockets'] == crowd['held'] == crowd['came_back'] == 40, crowd
    assert crowd['refused'] == 0 and crowd['beats'] >= 80 and crowd['bytes'] <= 20000, crowd
    assert 0 < kill['saved'] <= kill['restored'] <= kill['given'], kill
    assert 0 < slow['answered'] == slow['asked'] and slow['failed'] == 0, slow
    speed = results['speed']
    assert speed['hello_per_s'] > 0 and speed['service_per_s'] > 0 and speed['ratio'] > 0, speed
    assert 'WebSockets at once' in printed, printed


def a_budget_ends_it():
    results, _, printed = ran('hold', '--window=9000', '--budget=1', reached=False)
    assert results['out_of_budget'] and 'CUT SHORT' in printed, printed


def ctrl_c_keeps_what_there_is():
    is_interrupted('hold', '--window=5000')


def wrong_usage():
    expect(contend('hold', '--help'), 0, ['Usage: contend hold', 'Exit status', '--sockets'])
    expect(contend('hold', '--sockets=20000'), 2, err=['--sockets=20000', '1 to'])
    expect(contend('hold', '--json=/nonexistent/d'), 1, err=['/nonexistent/d'])


def main():
    cases = tap.Cases()
    for case in (what_is_promised_is_held, a_budget_ends_it, ctrl_c_keeps_what_there_is, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
