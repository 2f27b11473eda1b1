#!/usr/bin/env python3
"""`contend serve` over real sockets: who is online, claps, limits, and its end.

Usage: requests.py CONTEND
"""

import json
import re
import shutil
import signal
import threading

import tap
from service import Service, eventually
from tool import contend, expect
from wire import Wire

# What a presence map that keeps no times says of somebody who is not online.
NEVER_HERE = {'user': 4, 'online': False, 'text': 'offline'}


def people_are_online_and_then_not():
    with Service('--presence=presence_map/mutex') as s:
        assert s.post('/users/7/heartbeat') == {'user': 7, 'came_online': True}
        assert s.post('/users/7/heartbeat')['came_online'] is False
        user = s.get('/users/7')
        assert user['online'] is True and user['text'] == 'online', user
        assert s.get('/users/online?ids=6,7,8') == {'online': [7]}
    with Service('--speed=200', '--presence=presence_map/mutex') as s:  # 30 s pass in 0.15
        s.post('/users/7/heartbeat')
        eventually('going offline', lambda: not s.get('/users/online?ids=7')['online'])
        gone = s.get('/users/7')
        assert gone['online'] is False and gone['age_ms'] > 30000, gone
        assert re.fullmatch(r'active \d+ (second|minute|hour)s? ago', gone['text']), gone
        assert s.ask('GET', '/users/8')[0] == 404
        assert s.post('/users/7/heartbeat')['came_online'] is True


def they_are_counted():
    with Service() as s:
        for user in range(20):
            s.post(f'/users/{user}/heartbeat')
        eventually('a count of 20', lambda: s.get('/online/count')['online'] == 20)


def comings_and_goings_are_told():
    with Service('--speed=100') as s:
        events = s.stream('/online/stream')
        first = next(events)  # the greeting: from here on it is told of everything
        assert 'came' not in first, first
        s.post('/users/3/heartbeat')
        seen = []
        while not any(3 in e.get('went', []) for e in seen):
            seen.append(next(events))
        assert any(3 in e.get('came', []) for e in seen), seen
        events.close()


def readers_give_at_most_fifty():
    with Service('--post-count=3', '--readers=10') as s:
        clap = lambda n, reader=1: s.post('/posts/2/claps', {'reader': reader, 'claps': n})
        assert clap(30) == {'post': 2, 'granted': 30, 'given': 30, 'total': 30}
        assert clap(30) == {'post': 2, 'granted': 20, 'given': 50, 'total': 50}
        assert clap(-45) == {'post': 2, 'granted': -45, 'given': 5, 'total': 5}
        assert clap(-45)['granted'] == -5
        assert clap(2, reader=9)['total'] == 2
        assert s.get('/posts/2/claps?reader=9') == {'post': 2, 'total': 2, 'given': 2}
        for body in ('', '{', '[]', '{"reader":1}', '{"reader":-1,"claps":1}',
                     '{"reader":1,"claps":0}', '{"reader":1,"claps":51}', '{"reader":1,"claps":1.5}',
                     '{"reader":1,"reader":1,"claps":1}', '{"reader":"1","claps":1}',
                     '{"reader":1,"claps":1}}'):
            status, _, said = s.ask('POST', '/posts/2/claps', body)
            assert status == 400 and said['error'], (body, status, said)
        for path in ('/posts/3/claps', '/posts/0/claps', '/posts/18446744073709551615/claps'):
            assert s.ask('POST', path, {'reader': 1, 'claps': 1})[0] == 404
        assert s.ask('POST', '/posts/2/claps', {'reader': 10, 'claps': 1})[0] == 404
        assert s.get('/posts/2/claps')['total'] == 2


def two_readers_at_once_are_two_claps():
    """From many connections, on every core strategy for bounded claps that keeps its promises."""
    names = [n for n in contend('list', '--names').stdout.split()
             if n.startswith('counters/claps/') and not n.endswith(('/null', '/check_then_write'))]
    for name in tap.share(names):
        with Service(f'--claps={name}', '--readers=64') as s:
            def clap(reader):
                c = s.connect()
                for _ in range(25):
                    s.ask('POST', '/posts/3/claps', {'reader': reader, 'claps': 1}, connection=c)
                c.close()
            readers = [threading.Thread(target=clap, args=(r,)) for r in range(4)]
            for r in readers:
                r.start()
            for r in readers:
                r.join()
            assert s.get('/posts/3/claps')['total'] == 100, name


def a_total_is_fetched_only_if_it_changed():
    with Service() as s:
        status, headers, _ = s.ask('GET', '/posts/1/claps')
        tag = headers['ETag']
        status, headers, text = s.ask('GET', '/posts/1/claps', headers={'If-None-Match': tag})
        assert (status, text, headers['ETag']) == (304, '', tag), (status, text)
        s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
        status, headers, text = s.ask('GET', '/posts/1/claps', headers={'If-None-Match': tag})
        assert status == 200 and text['total'] == 1 and headers['ETag'] != tag


def a_long_poll_ends_with_a_clap():
    with Service() as s:
        answers = []
        waits = [threading.Thread(target=lambda: answers.append(
            s.get('/posts/1/claps/wait?since=0&seconds=60'))) for _ in range(3)]
        for wait in waits:
            wait.start()
        eventually('three polls waiting', lambda: s.get('/stats')['waiting'] == 3)
        s.post('/posts/3/claps', {'reader': 1, 'claps': 1})  # another post
        assert not answers, answers
        s.post('/posts/1/claps', {'reader': 1, 'claps': 2})
        for wait in waits:
            wait.join()
        assert answers == [{'post': 1, 'total': 2}] * 3, answers
        assert s.get('/posts/1/claps/wait?since=0') == {'post': 1, 'total': 2}
        assert s.get('/posts/1/claps/wait?since=2&seconds=1')['total'] == 2
        for wrong in ('', '?since=', '?since=-1', '?since=2&seconds=0', '?since=2&seconds=61'):
            assert s.ask('GET', '/posts/1/claps/wait' + wrong)[0] == 400, wrong


def a_stream_begins_with_what_is_and_goes_on():
    with Service() as s:
        s.post('/posts/1/claps', {'reader': 1, 'claps': 4})
        events = s.stream('/posts/1/claps/stream')
        assert next(events)['claps'] == [[1, 4]]
        s.post('/posts/3/claps', {'reader': 1, 'claps': 1})
        s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
        event = next(events)
        assert event['claps'] == [[1, 5]] and event['late_us'] >= 0, event
        events.close()


def what_is_wrong_gets_4xx_and_changes_nothing():
    with Service('--post-count=3') as s:
        before = s.get('/stats')
        for method, path, status in (
                ('GET', '/nothing', 404), ('GET', '/users', 404), ('GET', '/users/', 404),
                ('GET', '/users/x', 400), ('GET', '/users/-1', 400), ('GET', '/users/+1', 400),
                ('GET', '/users/18446744073709551616', 400), ('POST', '/users/x/heartbeat', 400),
                ('POST', '/users/18446744073709551615/heartbeat', 400),
                ('GET', '/users/1/heartbeat', 405), ('PUT', '/users/1', 405),
                ('DELETE', '/posts/1/claps', 405), ('GET', '/users/online', 400),
                ('GET', '/users/online?ids=', 400), ('GET', '/users/online?ids=1,,2', 400),
                ('GET', '/users/online?ids=' + ','.join(map(str, range(1001))), 400),
                ('GET', '/posts/3', 404), ('GET', '/posts/1/claps?reader=x', 400)):
            got, headers, text = s.ask(method, path)
            assert got == status and text['error'], (method, path, got, text)
            assert (got == 405) == ('Allow' in headers), (method, path, headers)
        for data in (b'\x00\x01\x02\x03\r\n\r\n', b'HELLO / HTTP/1.1\r\n\r\n', b'\xff' * 300,
                     b'GET nothing HTTP/1.1\r\n\r\n',
                     b'POST /users/1/heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
                     b'POST /users/1/heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\nx',
                     b'POST /users/1/heartbeat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
                     b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nxx',
                     b'GET /' + b'a' * 20000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
                     b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'y' * 100000 + b'\r\n\r\n'):
            answer = s.raw(data)
            assert re.match(rb'HTTP/1\.1 4\d\d ', answer), (data[:60], answer[:100])
        after = s.get('/stats')
        for count in ('beats', 'claps', 'events', 'online'):
            assert after[count] == before[count], (count, after)
        assert s.get('/health') == {'status': 'ok'}


def without_a_length_there_is_no_body():
    """As `curl -X POST` asks.  What follows is the next request (RFC 9112, 6.3)."""
    with Service() as s:
        for behind, answers in ((b'', 1), (b'POST /users/2/heartbeat HTTP/1.1\r\nHost: x\r\n\r\n', 2)):
            answer = s.raw(b'POST /users/1/heartbeat HTTP/1.1\r\nHost: x\r\n\r\n' + behind)
            assert answer.startswith(b'HTTP/1.1 200 ') and answer.count(b'HTTP/1.1 200 ') == answers, answer
        assert s.get('/users/online?ids=1,2') == {'online': [1, 2]}
        answer = s.raw(b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\n\r\n')
        assert answer.startswith(b'HTTP/1.1 400 '), answer


def too_many_connections_are_turned_away():
    with Service('--connections=4') as s:
        held = [s.connect() for _ in range(4)]
        for c in held:
            assert s.ask('GET', '/health', connection=c)[0] == 200
        asks = b'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'
        with Wire(s.port) as client:  # it is told before it asks
            status, fields, body = client.answer()
        assert (status, fields['connection'], fields['content-type']) == (503, 'close', 'application/json'), fields
        assert json.loads(body)['error'], body
        held.pop().close()
        eventually('a free place', lambda: s.raw(asks).startswith(b'HTTP/1.1 200'))
        for c in held:
            c.close()


def it_drains():
    """A long poll is answered, a stream ends, an idle connection is closed; then it ends."""
    for how in (signal.SIGTERM, signal.SIGINT):
        with Service() as s:
            idle = s.connect()
            s.ask('GET', '/health', connection=idle)
            events = s.stream('/posts/1/claps/stream')
            next(events)
            answers = []
            wait = threading.Thread(target=lambda: answers.append(
                s.get('/posts/1/claps/wait?since=0&seconds=60')))
            wait.start()
            eventually('a poll waiting', lambda: s.get('/stats')['waiting'] == 1)
            status, err = s.stop(how)
            wait.join()
            assert (status, err) == (0, ''), (status, err)
            assert answers == [{'post': 1, 'total': 0}], answers
            assert list(events) == []


def its_metrics_are_prometheus_text():
    with Service() as s:
        s.post('/users/1/heartbeat')
        s.ask('GET', '/nothing')
        text = s.get('/metrics')
        sample = re.compile(r'[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? (\d+|\d*\.\d+(e-?\d+)?)$')
        names = set()
        for line in text.splitlines():
            if line.startswith('# '):
                names.add(line.split()[2])
                continue
            assert sample.match(line), line
            name = re.sub(r'_(bucket|sum|count)$', '', re.split(r'[{ ]', line)[0])
            assert name in names, line
        assert 'route="POST /users/{id}/heartbeat",status="2xx"} 1' in text, text
        assert 'route="none",status="4xx"} 1' in text, text
        assert 'contend_online 1' in text and 'contend_beats_total 1' in text, text
        counts = [int(n) for n in re.findall(r'_bucket\{le="[^"]+"\} (\d+)', text)]
        assert counts == sorted(counts) and counts[-1] > 0, counts


def every_map_serves():
    """A few of them each day: each answers as the contract says, whatever it is built of."""
    names = [n for n in contend('list', '--names').stdout.split() if n.startswith('presence_map/')
             and not n.endswith(('/null', '/lost_heartbeat'))]
    for name in tap.share(names):
        with Service(f'--presence={name}', '--users=1000') as s:
            assert s.post('/users/5/heartbeat')['came_online'] is True, name
            assert s.get('/users/online?ids=4,5') == {'online': [5]}, name
            assert s.get('/users/5')['online'] is True, name
            status, _, text = s.ask('GET', '/users/4')
            assert status == 404 or (status, text) == (200, NEVER_HERE), (name, status, text)
            assert s.get('/strategies')['presence'] == name.split('/')[1]
        with Service(f'--presence={name}', '--users=1000', '--speed=200') as s:
            s.post('/users/5/heartbeat')
            eventually('going offline', lambda: not s.get('/users/online?ids=5')['online'])
            gone = s.ask('GET', '/users/5')[2]
            assert gone.get('age_ms', 0) > 30000 or gone == {**NEVER_HERE, 'user': 5}, (name, gone)


def a_map_that_keeps_no_times_says_who_is_online():
    """And hands those over to any other map, and gets them from it, with one who was there long ago."""
    maps = ['bitmap_ring', *(['redis_bitmap'] if shutil.which('redis-server') and contend(
        'list', 'presence_map/redis_bitmap').returncode == 0 else [])]
    for name in maps:
        with Service(f'--presence={name}', '--users=1000') as s:
            assert s.get('/users/4') == NEVER_HERE
            s.post('/users/5/heartbeat')
            assert s.get('/users/5') == {'user': 5, 'online': True, 'text': 'online'}
            for other in ('mutex', name, 'packed'):
                s.ask('PUT', '/strategies', {'presence': other})
                eventually('a switch', lambda: not s.get('/strategies')['pending'])
                now = s.get('/strategies')
                assert (now['presence'], now['last_error']) == (other, ''), (name, now)
                assert s.get('/users/online?ids=4,5') == {'online': [5]}, (name, other)
        with Service(f'--presence={name}', '--users=1000', '--speed=500') as s:
            s.ask('PUT', '/strategies', {'presence': 'mutex'})
            eventually('a switch', lambda: s.get('/strategies')['presence'] == 'mutex')
            s.post('/users/5/heartbeat')
            eventually('four minutes', lambda: s.get('/users/5')['age_ms'] > 240000)
            s.post('/users/6/heartbeat')
            s.ask('PUT', '/strategies', {'presence': name})
            eventually('a switch', lambda: not s.get('/strategies')['pending'])
            now = s.get('/strategies')
            assert (now['presence'], now['last_error']) == (name, ''), (name, now)
            assert s.get('/users/5') == {**NEVER_HERE, 'user': 5}, name


def a_store_serves_as_well():
    """SQLite behind the same requests, in the same process."""
    if contend('list', 'counters/claps/sqlite').returncode != 0:
        raise tap.Skip('this build has no SQLite (Debian: libsqlite3-dev)')
    with Service('--presence=presence_map/sqlite', '--claps=counters/claps/sqlite',
                 '--counter=sqlite_atomic', '--post-count=3', '--readers=5') as s:
        assert s.post('/users/5/heartbeat')['came_online'] is True
        assert s.get('/users/online?ids=4,5') == {'online': [5]}
        assert s.post('/posts/2/claps', {'reader': 4, 'claps': 60 - 10})['total'] == 50
        assert s.post('/posts/2/claps', {'reader': 4, 'claps': 1})['granted'] == 0
        assert [s.get('/posts/2')['views'] for _ in range(3)] == [1, 2, 3]
        assert s.get('/strategies')['counter'] == 'sqlite_atomic'
        assert s.stop() == (0, '')


def a_switch_keeps_what_there_is_or_does_not_happen():
    with Service('--presence=presence_map/mutex', '--post-count=3', '--readers=3') as s:
        now = s.get('/strategies')
        assert all(now[part] in names for part, names in now['there'].items()), now  # so it can come back
        s.post('/posts/1/claps', {'reader': 2, 'claps': 7})
        s.post('/users/9/heartbeat')
        for body in ('', '{}', '[]', '{"presence":1}', '{"presence":"pakced"}', '{"presence":"faa"}',
                     '{"claps":"null"}', '{"presence":"mutex","x":1}', '{"posts":"packed"}',
                     '{"cache":"mutex"}'):
            assert s.ask('PUT', '/strategies', body)[0] == 400, body
        assert s.ask('PUT', '/strategies', {'presence': 'packed', 'claps': 'cas'})[0] == 202
        eventually('a switch', lambda: s.get('/strategies')['switches'] == 1)
        now = s.get('/strategies')
        assert (now['presence'], now['claps']) == ('packed', 'cas'), now
        assert s.get('/posts/1/claps?reader=2') == {'post': 1, 'total': 7, 'given': 7}
        assert s.get('/users/online?ids=8,9') == {'online': [9]}
        s.ask('PUT', '/strategies', {'presence': 'mutex'})
        eventually('a switch back', lambda: s.get('/strategies')['switches'] == 2)
        s.post(f'/users/{2 ** 60}/heartbeat')  # more than packed can hold
        s.ask('PUT', '/strategies', {'presence': 'packed', 'claps': 'mutex'})
        eventually('half a switch', lambda: s.get('/strategies')['claps'] == 'mutex')
        now = s.get('/strategies')
        assert now['presence'] == 'mutex' and not now['pending'], now
        assert 'presence was not switched to packed: ' in now['last_error'], now
        assert s.get(f'/users/online?ids=9,{2 ** 60}') == {'online': [9, 2 ** 60]}
        s.ask('PUT', '/strategies', {'claps': 'cas'})
        eventually('a switch', lambda: s.get('/strategies')['claps'] == 'cas')
        assert s.get('/strategies')['last_error'] == ''
        status, err = s.stop()
        assert status == 0 and 'presence was not switched to packed: ' in err, (status, err)


def posts_and_their_cache_are_switched_as_well():
    """Each means of posts in turn, with posts that are live, edited, deleted and purged."""
    with Service('--post-count=9', '--readers=3', '--samples=5') as s:
        s.ask('PUT', '/posts/2', {'title': 'Other', 'body': 'B' * 9000})
        assert s.ask('DELETE', '/posts/3')[0] == s.ask('DELETE', '/posts/4')[0] == 200
        s.post('/posts/2/claps', {'reader': 1, 'claps': 3})
        was = {n: s.get(f'/posts/{n}') for n in (1, 2, 5)}
        there = s.get('/strategies')['there']
        for n, means in enumerate(there['posts'][1:] + there['posts'][:1]):
            cache = there['cache'][n % len(there['cache'])]
            assert s.ask('PUT', '/strategies', {'posts': means, 'cache': cache})[0] == 202
            eventually('a switch', lambda: s.get('/strategies')['switches'] == n + 1)
            now = s.get('/strategies')
            assert (now['posts'], now['cache']) == (means, cache), now
            for post, before in was.items():
                after = s.get(f'/posts/{post}')
                assert {**after, 'views': 0} == {**before, 'views': 0}, (means, after)
            assert s.ask('GET', '/posts/3')[0] == 404 and s.ask('GET', '/posts/4')[0] == 404
            listed = [p['post'] for p in s.get('/blogs/1')['posts']]
            assert listed == [1, 2, 5], (means, listed)
        assert s.ask('POST', '/posts/3/restore')[0] == 200 and s.get('/posts/3')['title']
        assert s.ask('POST', '/blogs/1/posts', {'title': 'Later', 'body': ''})[2]['post'] == 6
        assert s.stop() == (0, '')


def mistakes_on_the_command_line_are_named():
    expect(contend('serve', '--help'), 0, ['Usage: contend serve', 'Exit status'])
    for option, word in (('--presence=pakced', "'packed'"), ('--presence=faa', '--presence'),
                         ('--port=70000', '--port'), ('--address=x', '--address'),
                         ('--set=x', '--set'), ('--set=counters/striped.stripes=2', 'serve'),
                         ('faa', "'faa'"), ('--workers=0', '--workers')):
        expect(contend('serve', '--for=1', option), 2, err=[word])
    with Service() as s:
        expect(contend('serve', f'--port={s.port}'), 1, err=[str(s.port), '--port=0'])


def main():
    cases = tap.Cases()
    for case in (people_are_online_and_then_not, they_are_counted, comings_and_goings_are_told,
                 readers_give_at_most_fifty, two_readers_at_once_are_two_claps,
                 a_total_is_fetched_only_if_it_changed, a_long_poll_ends_with_a_clap,
                 a_stream_begins_with_what_is_and_goes_on,
                 what_is_wrong_gets_4xx_and_changes_nothing, without_a_length_there_is_no_body,
                 too_many_connections_are_turned_away,
                 it_drains, its_metrics_are_prometheus_text, every_map_serves,
                 a_map_that_keeps_no_times_says_who_is_online, a_store_serves_as_well,
                 a_switch_keeps_what_there_is_or_does_not_happen,
                 posts_and_their_cache_are_switched_as_well,
                 mistakes_on_the_command_line_are_named):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
