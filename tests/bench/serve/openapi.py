#!/usr/bin/env python3
"""docs/service.openapi.json and docs/service.md against the server: the same paths, and answers of
the form that is promised.

Usage: openapi.py CONTEND SOURCE_ROOT
"""

import json
import os
import re
import shutil
import signal
import sys
import tempfile

import tap
from service import Service, eventually
from tool import contend
from websocket import WebSocket
from wire import Wire, request

try:
    import jsonschema
except ImportError:
    jsonschema = None

with open(os.path.join(sys.argv[2], 'docs', 'service.openapi.json')) as f:
    API = json.load(f)
ELSEWHERE = {('GET', '/live')}  # no route of HTTP: it becomes a WebSocket
ANYBODY = {('post', '/users/{id}/heartbeat'), ('put', '/users/{id}/profile')}
BODIES = {('put', '/strategies'): {'presence': 'mutex'},
          ('put', '/users/{id}/profile'): {'name': 'Ada', 'bio': 'Writes.'},
          ('post', '/users/{id}/blogs'): {'title': 'Notes'},
          ('post', '/blogs/{id}/posts'): {'title': 'Hello', 'body': 'World.'},
          ('put', '/posts/{id}'): {'title': 'Hi'},
          ('post', '/posts/{id}/claps'): {'reader': 1, 'claps': 1}}
QUERIES = {'/users/online': '?ids=1,2', '/posts/{id}/claps/wait': '?since=99'}


def operations():
    for path, methods in API['paths'].items():
        for method, operation in methods.items():
            yield method, path, operation


def schema_of(response, kind):
    """With what it refers to inside, as the library wants it."""
    schema = dict(response['content'][kind]['schema'])
    return {**schema, 'components': API['components']}


def check(answer, response, kind):
    if not jsonschema:
        raise tap.Skip('jsonschema is not installed (Debian: python3-jsonschema)')
    jsonschema.validate(answer, schema_of(response, kind))


def the_server_knows_the_same_paths():
    """Every route is in the metrics from the beginning."""
    with Service() as s:
        routes = set(re.findall(r'route="([A-Z]+) ([^"]+)"', s.get('/metrics')))
    described = {(method.upper(), path) for method, path, _ in operations()}
    assert described - ELSEWHERE == routes, described ^ routes


def the_page_lists_the_same_paths():
    with open(os.path.join(sys.argv[2], 'docs', 'service.md')) as f:
        listed = set(re.findall(r'^\| `([A-Z]+) ([^`?]+)', f.read(), flags=re.M))
    assert listed == {(m.upper(), p) for m, p, _ in operations()}, listed


def answers_have_the_promised_form():
    with Service('--post-count=6', '--readers=3') as s:
        s.post('/users/1/heartbeat')
        for method, path, operation in operations():
            promised = operation['responses']
            full = path.replace('{id}', '1') + QUERIES.get(path, '')
            if path == '/live':
                with WebSocket(s.port, '/live?user=1&post=1') as ws:
                    check(json.loads(ws.message()), {'content': {'x': {'schema': {
                        '$ref': '#/components/schemas/News'}}}}, 'x')
                continue
            good = next(iter(promised))
            kind = next(iter(promised[good].get('content', {'': 0})))
            if kind == 'text/event-stream':
                events = s.stream(full)
                check(next(events), promised[good], kind)
                events.close()
                continue
            status, headers, answer = s.ask(method.upper(), full, BODIES.get((method, path), ''))
            assert status == int(good) and headers['Content-Type'] == kind, (full, status, headers)
            if kind == 'application/json':
                check(answer, promised[good], kind)


def errors_have_the_promised_form():
    """Ids that are none, and posts that are not there, wherever a path has one."""
    with Service('--post-count=6', '--readers=3') as s:
        for method, path, operation in operations():
            if '{id}' not in path:
                continue
            promised = operation['responses']
            for wrong in ('x', '-1', '99999999999999999999', '99999999'):
                full = path.replace('{id}', wrong) + QUERIES.get(path, '')
                if wrong == '99999999' and (method, path) in ANYBODY:
                    continue  # a user like any other
                status, _, answer = s.ask(method.upper(), full, BODIES.get((method, path), ''))
                assert str(status) in promised and 400 <= status < 500, (full, status, answer)
                check(answer, promised[str(status)], 'application/json')


def stores_of(pid):
    """Servers of stores that the process has started."""
    found = []
    for entry in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{entry}/stat') as f:
                name, rest = f.read().rsplit(')', 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest.split()[1]) == pid and 'redis-server' in name:
            found.append(int(entry))
    return found


def a_store_that_is_dead_is_503_where_it_is_asked():
    """Where that is promised, and nowhere else; and nothing takes an error for a number."""
    if not shutil.which('redis-server') or contend('list', 'presence_map/redis_zset').returncode != 0:
        raise tap.Skip('no Redis (Debian: redis-server and libhiredis-dev)')
    with tempfile.TemporaryDirectory() as folder, \
            Service('--presence=redis_zset', '--claps=redis_lua', '--counter=redis_incr', '--users=100',
                    '--post-count=6', '--readers=3', '--save=1', f'--state={folder}/state') as s:
        s.post('/users/1/heartbeat')
        s.ask('PUT', '/users/1/profile', BODIES[('put', '/users/{id}/profile')])
        s.post('/posts/1/claps', {'reader': 1, 'claps': 7})
        saves = s.get('/stats')['saves']
        eventually('two saves', lambda: s.get('/stats')['saves'] >= saves + 2)
        for pid in stores_of(s.process.pid):
            os.kill(pid, signal.SIGKILL)
        eventually('silence', lambda: s.ask('GET', '/health')[2] == {
            'status': 'failing', 'silent': ['presence', 'claps', 'counter']})
        for method, path, operation in operations():
            promised = operation['responses']
            full = path.replace('{id}', '1') + QUERIES.get(path, '')
            if path == '/live':
                with WebSocket(s.port, '/live?user=1') as ws:
                    assert ws.head.startswith(b'HTTP/1.1 503 '), ws.head
                continue
            good = next(iter(promised.values())).get('content', {})
            if path == '/strategies' or ('503' not in promised and 'text/event-stream' in good):
                continue  # a switch, which is for later, and streams that ask no store
            status, _, answer = s.ask(method.upper(), full, BODIES.get((method, path), ''))
            assert str(status) in promised and (status == 503) == ('503' in promised), (full, status, answer)
            if status == 503:
                check(answer, promised['503'], 'application/json')
        assert s.ask('GET', '/posts/1/claps?reader=1')[0] == 503
        assert s.get('/stats')['online'] is None
        assert not re.search(r'^contend_online ', s.get('/metrics'), flags=re.M)
        eventually('a save that fails', lambda: s.get('/stats')['saves_failed'] > 0)
        assert re.search(r'^contend_saves_failed_total [1-9]', s.get('/metrics'), flags=re.M)
        s.ask('PUT', '/strategies', {'counter': 'mutex', 'claps': 'mutex'})
        eventually('a switch that fails', lambda: not s.get('/strategies')['pending'])
        now = s.get('/strategies')
        assert (now['counter'], now['claps'], now['switches']) == ('redis_incr', 'redis_lua', 0), now
        assert 'nothing was switched: the store of presence does not answer' in now['last_error'], now
        with open(f'{folder}/state') as f:
            assert 'clap 1 1 7\n' in f.read()


def head_is_get_without_a_body():
    """Whatever follows over the same connection is the next answer, or the end where GET would have a stream."""
    with Service('--post-count=6', '--readers=3') as s:
        s.post('/users/1/heartbeat')
        s.ask('PUT', '/users/1/profile', {'name': 'Ada', 'bio': ''})
        for method, path, operation in operations():
            if method != 'get' or path == '/live':
                continue
            full = path.replace('{id}', '1') + QUERIES.get(path, '').replace('since=99', 'since=0')
            views = s.get('/posts/1')['views']
            with Wire(s.port) as client:
                client.send(request('HEAD', full) + request('GET', '/health', None, 'Connection: close'))
                status, fields, _ = client.answer(head=True)
                good = next(iter(operation['responses']))
                kind = next(iter(operation['responses'][good]['content']))
                assert (status, fields['content-type']) == (int(good), kind), (full, status, fields)
                rest = client.answers()
            assert (rest == []) == (kind == 'text/event-stream'), (full, rest)
            assert all(json.loads(body) == {'status': 'ok'} for _, _, body in rest), (full, rest)
            assert s.get('/posts/1')['views'] == views + 1, full
            assert s.get('/stats')['streams'] == s.get('/stats')['waiting'] == 0, full
            if path not in ('/metrics', '/stats', '/posts/{id}', '/users/{id}') and rest:
                length = fields['content-length']
                got = s.ask('GET', full.replace('since=0', 'since=99'))[1]['Content-Length']
                assert length == got, (full, length, got)


def other_methods_are_told_what_there_is():
    with Service('--post-count=6') as s:
        for path, methods in API['paths'].items():
            if path == '/live':
                continue
            there = {method.upper() for method in methods} | ({'HEAD'} if 'get' in methods else set())
            status, headers, _ = s.ask('PATCH', path.replace('{id}', '1'))
            assert status == 405 and set(headers['Allow'].split(', ')) == there, (path, status, headers['Allow'])


def main():
    cases = tap.Cases()
    for case in (the_server_knows_the_same_paths, the_page_lists_the_same_paths,
                 answers_have_the_promised_form, errors_have_the_promised_form,
                 a_store_that_is_dead_is_503_where_it_is_asked,
                 head_is_get_without_a_body, other_methods_are_told_what_there_is):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
