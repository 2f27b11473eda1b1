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
import time

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
QUERIES = {'/users/online': '?ids=1,2', '/meters': '?ids=1,2', '/posts/{id}/claps/wait': '?since=99'}


def operations():
    for path, methods in API['paths'].items():
        for method, operation in methods.items():
            if not method.startswith('x-'):
                yield method, path, operation


def meant(node):
    """What a reference refers to, or what is there itself."""
    for name in node.get('$ref', '#').split('/')[1:]:
        node = API[name] if name == 'components' else node[name]
    return node


def schema_of(response, kind):
    """With what it refers to inside, as the library wants it."""
    schema = dict(meant(response)['content'][kind]['schema'])
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
        time.sleep(0.2)  # twice as long as a count may be old
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
            there = {method.upper() for method in methods if not method.startswith('x-')} | ({'HEAD'} if 'get' in methods else set())
            status, headers, answer = s.ask('PATCH', path.replace('{id}', '1'))
            check(answer, methods['x-other-methods'][str(status)], 'application/json')
            assert status == 405 and set(headers['Allow'].split(', ')) == there, (path, status, headers['Allow'])


def ask_quickly(s, method, path, value, parameter):
    """The status of an operation with that value of a parameter, and another's where one is needed."""
    where = parameter['name'] if parameter['in'] == 'path' else ''
    full = path.replace('{id}', str(value) if where else '1')
    others = dict(p.split('=') for p in QUERIES.get(path, '?')[1:].split('&') if p)
    if not where:
        others[parameter['name']] = value
    full += '?' + '&'.join(f'{k}={v}' for k, v in others.items())
    if path == '/live':
        with WebSocket(s.port, full) as ws:
            return int(ws.head.split()[1])
    with Wire(s.port) as client:
        client.send(request(method.upper(), full, json.dumps(BODIES.get((method, path))).encode()
                            if (method, path) in BODIES else None))
        return client.answer(head=True)[0]  # of a long poll: it is not waited for longer than it takes


def bounds_of_parameters_are_the_servers():
    """What lies within them is understood, whether or not there is such a thing, and what does not is 400."""
    tried = 0
    with Service('--post-count=6', '--readers=3') as s:
        s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
        for method, path, operation in operations():
            for parameter in map(meant, operation.get('parameters', [])):
                schema = parameter['schema']

                def status(value):
                    return ask_quickly(s, method, path, value, parameter)
                if schema['type'] == 'integer':
                    least, most = schema['minimum'], schema['maximum']
                    for value in (least, most):
                        assert status(value) not in (400, 405), (method, path, parameter['name'], value)
                    wrong = (least - 1, most + 1, 'x', '1.0')
                else:
                    assert re.search(schema['pattern'], parameter['example']) and status(parameter['example']) == 200
                    assert status(','.join(['1'] * 1000)) == 200
                    wrong = (','.join(['1'] * 1001), '1,,2', 'x', '1,', ',')
                    assert not any(re.search(schema['pattern'], value) for value in wrong[1:])
                for value in wrong:
                    assert status(value) == 400, (method, path, parameter['name'], value)
                    tried += 1
                if parameter['in'] == 'query':
                    full = path.replace('{id}', '1')
                    without = {k: v for k, v in (p.split('=') for p in QUERIES.get(path, '?')[1:].split('&') if p)}
                    if parameter['required']:
                        assert parameter['name'] in without and s.ask('GET', full)[0] == 400, (path, parameter)
    assert tried > 100, tried


def refusals_are_promised_of_every_operation():
    """Those of a head or a body that nobody looks behind; a client that is slow is one of slow.py's."""
    with Service('--post-count=6', '--readers=3') as s:
        for method, path, operation in operations():
            line = f"{method.upper()} {path.replace('{id}', '1')}"
            for wanted, data in (
                    (400, f'{line} HTTP/1.1\r\n\r\n'), (505, f'{line} HTTP/2.0\r\nHost: x\r\n\r\n'),
                    (411, f'{line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
                    (413, f'{line} HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n'),
                    (414, f'{line}?x={"y" * 33000} HTTP/1.1\r\nHost: x\r\n\r\n'),
                    (431, f'{line} HTTP/1.1\r\nHost: x\r\nX: {"y" * 33000}\r\n\r\n')):
                with Wire(s.port) as client:
                    client.send(data.encode())
                    (status, fields, body), = client.answers()
                assert status == wanted and fields['connection'] == 'close', (line, wanted, status, body)
                check(json.loads(body), operation['responses'][str(status)], 'application/json')
            assert '408' in operation['responses'], line


def main():
    cases = tap.Cases()
    for case in (the_server_knows_the_same_paths, the_page_lists_the_same_paths,
                 answers_have_the_promised_form, errors_have_the_promised_form,
                 a_store_that_is_dead_is_503_where_it_is_asked,
                 bounds_of_parameters_are_the_servers, refusals_are_promised_of_every_operation,
                 head_is_get_without_a_body, other_methods_are_told_what_there_is):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
