#!/usr/bin/env python3
"""Clients that are slow or silent are given up in time, and delay nobody meanwhile.

Usage: slow.py CONTEND
"""

import socket
import threading
import time

import tap
from service import PATIENCE_S, Service, eventually
from websocket import WebSocket

PARTS = {'silent': b'',
         'half a head': b'GET /health HTTP/1.1\r\nHost: x\r\n',
         'half a body': b'POST /posts/1/claps HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n{"reader":'}


# What a WebSocket sends that answers no ping, and what it is closed with.
SOCKETS = {'nothing': (b'', 1001), 'half a frame': (b'\x81', 1002), 'half a message': (b'\x01\x80mask', 1001)}


def ended(client, said):
    """The service has closed it; what it says before is added to a list."""
    client.settimeout(0.01)
    try:
        part = client.recv(4096)
    except socket.timeout:
        return False
    except ConnectionError:
        return True
    said.append(part)
    return part == b''


def do_not_read(service, path):
    """A client that asks for more than its socket takes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect(('127.0.0.1', service.port))
    client.sendall(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
    return client


def watch_sockets(service):
    """Those above, with the codes that they are closed with later; and one that answers pings."""
    codes = {}

    def watch(name, ws):
        codes[name] = ws.closed_with()
    for name, (data, _) in SOCKETS.items():
        ws = WebSocket(service.port, '/live', answers=False, timeout=PATIENCE_S)
        ws.sock.sendall(data)
        threading.Thread(target=watch, args=(name, ws), daemon=True).start()
    stays = WebSocket(service.port, '/live?user=1', timeout=PATIENCE_S)

    def answer():
        while stays.message() is not None:
            pass
    threading.Thread(target=answer, daemon=True).start()
    return codes, stays


def slow_clients_are_given_up_and_delay_nobody():
    with Service('--readers=10', '--post-count=41', '--samples=40', '--connections=16', workers=1) as s:
        clients, said = {}, {name: [] for name in PARTS}
        for name, data in PARTS.items():
            clients[name] = socket.create_connection(('127.0.0.1', s.port), timeout=PATIENCE_S)
            clients[name].sendall(data)
        stuck = [do_not_read(s, path) for path in ('/claps/stream', '/chart.js')]
        wanted = len(clients) + len(stuck) + len(SOCKETS)
        codes, stays = watch_sockets(s)
        eventually('a stream', lambda: s.get('/stats')['streams'] == 1)
        answered, n = s.connect(), 0
        until = time.monotonic() + PATIENCE_S
        while (clients or s.get('/stats')['too_slow'] < wanted) and time.monotonic() < until:
            # The others are served all the while, and what they do fills the one that does not read.
            for post in range(1, 41):
                status, _, text = s.ask('POST', f'/posts/{post}/claps', connection=answered,
                                        body={'reader': n % 2, 'claps': 1 if n % 4 < 2 else -1})
                assert status == 200 and 'granted' in text, (status, text)
            n += 1
            clients = {name: c for name, c in clients.items() if not ended(c, said[name])}
            time.sleep(0.05)
        assert not clients, f'{PATIENCE_S} s later still there: {", ".join(clients)}'
        for name, parts in said.items():
            told = b''.join(parts)
            assert told == b'' if name == 'silent' else told.startswith(b'HTTP/1.1 408 '), (name, told)
        eventually('the end of the WebSockets', lambda: len(codes) == len(SOCKETS))
        assert codes == {name: code for name, (_, code) in SOCKETS.items()}, codes
        stats = s.get('/stats')
        assert stats['sockets'] == 1, 'the one that answers pings'
        stays.close()
        assert stats['streams'] == 0 and stats['too_slow'] == wanted, stats
        assert s.get('/posts/1/claps?reader=5')['given'] == 0
        for client in stuck:
            client.close()


def main():
    cases = tap.Cases()
    cases.run('slow clients are given up, and delay nobody', slow_clients_are_given_up_and_delay_nobody)
    cases.finish()


if __name__ == '__main__':
    main()
