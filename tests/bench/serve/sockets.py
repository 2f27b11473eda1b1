#!/usr/bin/env python3
"""WebSockets of `contend serve`: they are their own heartbeat, and slow clients delay nobody.

Usage: sockets.py CONTEND
"""

import json
import socket
import struct
import threading

import tap
from service import PATIENCE_S, Service, eventually
from websocket import CLOSE, PING, PONG, TEXT, WebSocket
from wire import Wire, request


def read_on(ws, into):
    """Keeps reading, so that pings are answered."""
    def loop():
        while (text := ws.message()) is not None:
            into.append(json.loads(text))
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


def online(s, user):
    """Asked of the list, where a user who is not there yet, or no longer, is no error."""
    return user in s.get(f'/users/online?ids={user}')['online']


def stays_for_its_time(s, user):
    """After a socket has ended its user is online until the last pong is 30 s old.  Whether that was seen."""
    with WebSocket(s.port, f'/live?user={user}') as ws:
        assert ws.open, ws.head
    eventually('its end', lambda: s.get('/stats')['sockets'] == 0)
    seen = 0
    while (now := s.get(f'/users/{user}'))['online']:
        assert now['age_ms'] <= 30000, now
        seen += 1
    assert now['age_ms'] >= 30000, now
    return seen > 0


def it_is_its_own_heartbeat():
    """While pings are answered its user stays online; when they are not, the user goes."""
    with Service('--speed=100') as s:
        seen = []
        with WebSocket(s.port, '/live?user=5') as ws:
            assert ws.open, ws.head
            read_on(ws, seen)
            for _ in range(20):  # each request takes some ms, so many virtual seconds
                start = s.get('/stats')['virtual_ms']
                eventually('10 s more', lambda: s.get('/stats')['virtual_ms'] > start + 10000)
                # On a busy machine a pong may be late; then it comes back.
                eventually('being online', lambda: online(s, 5))
        eventually('going', lambda: not online(s, 5))
        while not stays_for_its_time(s, 7):  # the machine was busy for all of it
            pass
        # Being told misses nothing, as a look would on a machine that is busy for 0.3 s.
        told = s.stream('/online/stream')
        next(told)
        with WebSocket(s.port, '/live?user=6', answers=False):
            for what in ('came', 'went'):
                while 6 not in next(told).get(what, []):
                    pass
            assert not online(s, 6)
        told.close()


def claps_through_it_are_seen_by_all():
    with Service('--readers=10') as s:
        sockets = [WebSocket(s.port, f'/live?user={u}') for u in (1, 2, 3)]
        seen = [[], [], []]
        for ws, list_ in zip(sockets, seen):
            read_on(ws, list_)
        eventually('three sockets', lambda: s.get('/stats')['sockets'] == 3)
        sockets[0].send('{"post":1,"claps":2}')
        sockets[1].send('{"post":1,"claps":1}')
        totals = lambda list_: [t for m in list_ for p, t in m.get('claps', []) if p == 1]
        for list_ in seen:
            eventually('a total of 3', lambda: totals(list_) and totals(list_)[-1] == 3)
        for ws in sockets:
            ws.close()
        eventually('no socket', lambda: s.get('/stats')['sockets'] == 0)


def only_those_that_ask_are_told_who_comes():
    with Service('--readers=10') as s:
        asks, other = WebSocket(s.port, '/live?online=1'), WebSocket(s.port, '/live')
        told, untold = [], []
        read_on(asks, told)
        read_on(other, untold)
        eventually('both', lambda: s.get('/stats')['sockets'] == 2)
        s.post('/users/77/heartbeat')
        eventually('the word', lambda: any(77 in m.get('came', []) for m in told))
        s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
        eventually('a clap', lambda: any(m.get('claps') for m in untold))
        assert not any('came' in m for m in untold), untold
        asks.close()
        other.close()


def nonsense_changes_nothing():
    with Service('--readers=10') as s:
        with WebSocket(s.port, '/live?user=1') as ws:
            for text in ('', '{', 'null', '{"post":1}', '{"post":-1,"claps":1}', '{"post":1,"claps":51}',
                         '{"post":1,"claps":"1"}', '{"post":100,"claps":1}', '\x00' * 100):
                ws.send(text)
            ws.send('{"post":2,"claps":1}')  # it is still there
            eventually('a clap', lambda: s.get('/posts/2/claps')['total'] == 1)
        for breaks in (lambda w: w.send('x' * 5000), lambda w: w.send('x', kind=5),
                       lambda w: w.send('x', kind=7), lambda w: w.send('x' * 100, final=False)):
            with WebSocket(s.port, '/live?user=2') as ws:
                breaks(ws)
                try:
                    ws.send(b'\x03\xe8', CLOSE)
                except OSError:
                    pass  # it is closed already
                while ws.message() is not None:
                    pass
        with WebSocket(s.port, '/live') as ws:  # nobody's: it sees, and cannot clap
            ws.send('{"post":1,"claps":1}')
            s.post('/posts/2/claps', {'reader': 3, 'claps': 1})
            while not json.loads(ws.message()).get('claps'):
                pass
        assert s.get('/posts/1/claps')['total'] == 0
        for path, status in (('/nothing', b'404'), ('/live?user=x', b'400'), ('/live?post=-1', b'400')):
            with WebSocket(s.port, path) as ws:
                assert ws.head.startswith(b'HTTP/1.1 ' + status), ws.head
        assert s.get('/health') == {'status': 'ok'}


def what_cannot_be_watched_is_refused_before_the_upgrade():
    with Service('--readers=10', '--post-count=9', '--samples=4') as s:
        assert s.ask('DELETE', '/posts/3')[0] == 200
        for path, status in (('/live?user=1&post=5000', 404), ('/live?post=0', 404), ('/live?post=8', 404),
                             ('/live?post=3', 404), (f'/live?post={2 ** 64 - 1}', 404),
                             (f'/live?user={2 ** 64 - 1}', 400), (f'/live?user={2 ** 64}', 400),
                             ('/live?user=', 400), ('/live?online=x', 400), ('/live/', 404)):
            with WebSocket(s.port, path) as ws:
                assert ws.head.startswith(b'HTTP/1.1 %d ' % status), (path, ws.head)
        assert s.get('/stats')['beats'] == s.get('/stats')['sockets'] == 0
        with WebSocket(s.port, '/live?user=1&post=4') as ws:
            assert json.loads(ws.message())['claps'] == [[4, 0]]
        fields = {'Upgrade': 'websocket', 'Connection': 'keep-alive, Upgrade', 'Sec-WebSocket-Version': '13',
                  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ=='}
        keys = ('short', 'dGhlIHNhbXBsZSBub25jZQ=', 'dGhlIHNhbXBsZSBub25jZQ==A', 'dGhlIHNhbXBsZSBub25jZR==',
                'dGhlIHNhbXBsZSBub25jZQA=', 'dGhlIHNhbXBsZSBub25jZQAA', '?' * 22 + '==', '=' * 24, '')
        for name, value, status in (*(('Sec-WebSocket-Key', key, 400) for key in keys),
                                    ('Sec-WebSocket-Version', '12', 426),
                                    ('Upgrade', 'h2c', 404), ('Upgrade', 'WebSocket', 101)):
            with Wire(s.port) as client:
                lines = [f'{n}: {v}' for n, v in {**fields, name: value}.items()]
                client.send(request('GET', '/live', None, *lines))
                got, answered, _ = client.answer(head=True)
                assert got == status, (name, value, got)
                # Of the key and the answer to it there is an example in RFC 6455, 1.3.
                assert got != 101 or answered['sec-websocket-accept'] == 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', answered
                assert got != 426 or answered['sec-websocket-version'] == '13', answered


def what_breaks_the_protocol_is_closed_with_its_code():
    claps = b'{"post":1,"claps":1}'
    with Service('--readers=10') as s:
        for code, send in ((1002, lambda w: w.send(claps, masked=False)),
                           (1002, lambda w: w.send(claps, kind=TEXT | 0x40)),
                           (1002, lambda w: w.send(claps, kind=3)), (1002, lambda w: w.send(claps, kind=11)),
                           (1002, lambda w: w.send(claps, kind=0)),
                           (1002, lambda w: (w.send('{', final=False), w.send(claps))),
                           (1002, lambda w: w.send('x', kind=PING, final=False)),
                           (1002, lambda w: w.send('x' * 126, kind=PING)),
                           (1002, lambda w: w.sock.sendall(b'\x81\xfe\x00\x05')),
                           (1002, lambda w: w.send(b'\x03', kind=CLOSE)),
                           (1002, lambda w: w.send(b'\x03\xee', kind=CLOSE)),
                           (1007, lambda w: w.send(b'\x03\xe8\xff', kind=CLOSE)),
                           (1007, lambda w: w.send(b'\xff\xfe')), (1007, lambda w: w.send(b'\xed\xa0\x80')),
                           (1007, lambda w: w.send(b'\xc0\xaf')), (1007, lambda w: w.send(b'\xf4\x90\x80\x80')),
                           (1007, lambda w: (w.send(b'\xe2\x82', final=False), w.send(b'x', kind=0))),
                           (1009, lambda w: w.send('x' * 129)), (1009, lambda w: w.send('x' * 70000)),
                           (1009, lambda w: w.sock.sendall(b'\x81\xfe\xff\xffmask.')),  # and no more comes
                           (1009, lambda w: (w.send('x' * 100, final=False), w.send('x' * 29, kind=0))),
                           (1000, lambda w: w.send(b'', kind=CLOSE)),
                           (1000, lambda w: w.send(b'\x0f\xa0bye', kind=CLOSE))):
            with WebSocket(s.port, '/live?user=1', timeout=PATIENCE_S) as ws:
                send(ws)
                got = ws.closed_with()
                assert got == code, (code, got)
        assert s.get('/posts/1/claps')['total'] == 0
        eventually('no socket', lambda: s.get('/stats')['sockets'] == 0)


def what_breaks_the_protocol_may_come_byte_by_byte():
    with Service('--readers=10') as s:
        for code, send in ((1002, lambda w: w.send('x', masked=False)), (1002, lambda w: w.send('x', kind=3)),
                           (1002, lambda w: w.send('x' * 126, kind=PING)),
                           (1002, lambda w: w.sock.sendall(b'\x81\xfe\x00\x05')),
                           (1002, lambda w: w.send(b'\x03', kind=CLOSE)),
                           (1007, lambda w: w.send(b'\xed\xa0\x80')), (1009, lambda w: w.send('x' * 129)),
                           (1009, lambda w: (w.send('x' * 100, final=False), w.send('x' * 29, kind=0))),
                           (1000, lambda w: w.send(b'\x0f\xa0bye', kind=CLOSE))):
            with WebSocket(s.port, '/live?user=1', timeout=PATIENCE_S) as ws:
                real, sent = ws.sock, []
                ws.sock = type('Kept', (), {'sendall': staticmethod(sent.append)})
                send(ws)
                ws.sock = real
                try:
                    for byte in b''.join(sent):
                        real.sendall(bytes([byte]))
                except ConnectionError:
                    pass  # it was closed before the last one
                got = ws.closed_with()
                assert got == code, (code, got)


def pongs(ws, count):
    """What is in the next pongs."""
    found = []
    while len(found) < count:
        kind, text = ws.frame()
        found += [text] if kind == PONG else []
    return found


def frames_come_as_the_network_cuts_them():
    """Byte by byte, several at once, in fragments with a ping between them, and with the request itself."""
    with Service('--readers=10') as s:
        total = lambda: s.get('/posts/1/claps')['total']
        with WebSocket(s.port, '/live?user=1') as ws:
            real, sent = ws.sock, []

            class Kept:
                sendall = staticmethod(sent.append)
            ws.sock = Kept
            ws.send('{"post":1,', final=False)
            ws.send('between', PING)
            ws.send('"claps"', kind=0, final=False)
            ws.send(':1}', kind=0)
            ws.send('{"post":1,"claps":2}', kind=2)
            ws.send('\U0001f44f\u20ac\u00e9')  # of four bytes, of three and of two
            ws.sock = real
            data = b''.join(sent)
            for byte in data:
                real.sendall(bytes([byte]))
            eventually('three claps', lambda: total() == 3)
            real.sendall(data * 4)
            eventually('twelve more', lambda: total() == 15)
            assert pongs(ws, 5) == [b'between'] * 5
            ws.sock = Kept
            sent.clear()
            for n in range(3000):  # more than is read at once
                ws.send(str(n), PING)
            ws.sock = real
            threading.Thread(target=real.sendall, args=[b''.join(sent)]).start()
            assert pongs(ws, 3000) == [b'%d' % n for n in range(3000)]
        with Wire(s.port) as client:
            client.send(request('GET', '/live?user=2', None, 'Upgrade: websocket', 'Connection: Upgrade',
                                'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==') + data)
            eventually('three of another', lambda: total() == 18)


def a_client_that_does_not_read_delays_nobody():
    """It is overrun and told so, while another one sees all; memory is that of the rings."""
    with Service('--readers=10', workers=1) as s:
        slow = socket.create_connection(('127.0.0.1', s.port))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.sendall(b'GET /claps/stream HTTP/1.1\r\nHost: x\r\n\r\n')
        fast, seen = WebSocket(s.port, '/live?user=1'), []
        read_on(fast, seen)
        eventually('both', lambda: s.get('/stats')['streams'] == 1 and s.get('/stats')['sockets'] == 1)
        c = s.connect()
        while s.get('/stats')['events'] < 40000:  # rings hold some thousands
            for n in range(88):
                fast.send(json.dumps({'post': 1 + n % 4, 'claps': 1 if n % 8 < 4 else -1}))
            s.ask('GET', '/health', connection=c)
        # Messages may still be on their way when the total is asked for the first time.
        eventually('the last total at the fast one', lambda: [
            t for m in seen for p, t in m.get('claps', []) if p == 1][-1:] == [s.get('/posts/1/claps')['total']])
        text = b''
        slow.settimeout(60)
        try:
            while b'"lost":' not in text:
                part = slow.recv(65536)
                assert part or s.get('/stats')['too_slow'] == 1, 'it was closed, and told nothing'
                text += part or b'"lost":'
        except ConnectionError:
            # On a machine so busy that all this took the half minute for which such a client is waited for.
            assert s.get('/stats')['too_slow'] == 1
        slow.close()
        c.close()


def who_leaves_a_silent_stream_is_missed():
    """Nothing is sent to it, and nothing comes from it but its end, in either form."""
    reset = struct.pack('ii', 1, 0)  # closing tells nothing but that the connection is no more
    with Service(workers=1) as s:
        for path, gauge in (('/posts/1/claps/stream', 'streams'), ('/posts/1/claps/wait?since=0', 'waiting')):
            for abrupt in (False, True):
                client = socket.create_connection(('127.0.0.1', s.port))
                client.sendall(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
                eventually('a subscriber', lambda: s.get('/stats')[gauge] == 1)
                if abrupt:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                client.close()
                eventually('its end', lambda: s.get('/stats')[gauge] == 0)
        with socket.create_connection(('127.0.0.1', s.port), timeout=PATIENCE_S) as client:
            # One that stays has its answer, and may ask again over the same connection.
            with client.makefile('rw', newline='') as lines:
                for total in (0, 1):
                    lines.write(f'GET /posts/1/claps/wait?since={total} HTTP/1.1\r\nHost: x\r\n\r\n')
                    lines.flush()
                    eventually('waiting', lambda: s.get('/stats')['waiting'] == 1)
                    s.post('/posts/1/claps', {'reader': 1, 'claps': 1})
                    while not (line := lines.readline()).startswith('{'):
                        assert line, 'it was closed'
                    assert json.loads(line)['total'] == total + 1, line


def it_says_goodbye():
    with Service() as s:
        with WebSocket(s.port, '/live?user=1') as ws:
            ws.message()
            status, err = s.stop()
            kind = None
            try:
                while kind != CLOSE:
                    kind, data = ws.frame()
            except EOFError:
                pass
            assert kind == CLOSE and data[:2] == b'\x03\xe9', (kind, data)  # 1001: going away
            assert (status, err) == (0, '')


def main():
    cases = tap.Cases()
    for case in (it_is_its_own_heartbeat, claps_through_it_are_seen_by_all,
                 only_those_that_ask_are_told_who_comes, nonsense_changes_nothing,
                 what_cannot_be_watched_is_refused_before_the_upgrade,
                 what_breaks_the_protocol_is_closed_with_its_code,
                 what_breaks_the_protocol_may_come_byte_by_byte, frames_come_as_the_network_cuts_them,
                 a_client_that_does_not_read_delays_nobody, who_leaves_a_silent_stream_is_missed,
                 it_says_goodbye):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
