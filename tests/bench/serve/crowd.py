#!/usr/bin/env python3
"""A crowd of WebSockets: memory for each, a clap that all of them see, and all coming back at once.

Usage: crowd.py CONTEND NUMBER
"""

import base64
import os
import resource
import selectors
import socket
import sys
import time

import tap
from service import PATIENCE_S, Service, eventually

MOST_BYTES = 20000  # of the server, for each connection
SPARE = 200         # descriptors for anything else
PING, PONG = b'\x89\0', b'\x8a\x80\0\0\0\0'


class Crowd:
    """Reads what it is told, and keeps the last totals; where there may be a ping, it sends a pong."""

    def __init__(self, service, number):
        self.selector = selectors.DefaultSelector()
        self.told = {}
        self.sockets = []
        key = base64.b64encode(os.urandom(16)).decode()
        for user in range(number):
            s = socket.create_connection(('127.0.0.1', service.port), timeout=PATIENCE_S)
            s.sendall((f'GET /live?user={user} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'
                       f'Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n'
                       'Sec-WebSocket-Version: 13\r\n\r\n').encode())
            self.sockets.append(s)
        for s in self.sockets:
            head = s.recv(4096)
            assert head.startswith(b'HTTP/1.1 101'), head
            s.setblocking(False)
            self.selector.register(s, selectors.EVENT_READ)

    def read_until(self, text):
        """All have been told this text; how many were not when patience ended."""
        missing = set(self.sockets)
        until = time.monotonic() + PATIENCE_S
        while missing and time.monotonic() < until:
            for key, _ in self.selector.select(1):
                data = self.told.get(key.fileobj, b'')[-64:] + key.fileobj.recv(65536)
                if PING in data:
                    key.fileobj.send(PONG)
                    data = data.replace(PING, b'')
                self.told[key.fileobj] = data
                if text in data:
                    missing.discard(key.fileobj)
        return len(missing)

    def leave(self):
        for s in self.sockets:
            s.close()
        self.selector.close()


def memory(service):
    with open(f'/proc/{service.process.pid}/status') as f:
        return 1024 * next(int(line.split()[1]) for line in f if line.startswith('VmRSS'))


def a_crowd_comes_claps_and_comes_back(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    number = min(wanted, hard - SPARE)
    if number < wanted:
        print(f'# {number} connections: the limit of descriptors is {hard}')
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Service('--users=20000', '--readers=10') as s:
        s.get('/stats')
        before = memory(s)
        crowd = Crowd(s, number)
        each = (memory(s) - before) / number
        print(f'# {each:.0f} bytes a connection')
        if 'CONTEND_SANITIZED' not in os.environ:
            assert each <= MOST_BYTES, each
        assert s.get('/stats')['sockets'] == number
        s.post('/posts/1/claps', {'reader': 1, 'claps': 3})
        assert crowd.read_until(b'[[1,3]]') == 0
        crowd.leave()
        crowd = Crowd(s, number)  # all at once, while the server still finds them gone
        s.post('/posts/1/claps', {'reader': 1, 'claps': 4})
        assert crowd.read_until(b'[[1,7]]') == 0
        stats = s.get('/stats')
        assert stats['beats'] >= 2 * number and stats['refused'] == 0, stats
        crowd.leave()
        eventually('an empty house', lambda: s.get('/stats')['sockets'] == 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def main():
    cases = tap.Cases()
    cases.run('a crowd comes, claps and comes back', a_crowd_comes_claps_and_comes_back,
              int(sys.argv[2]))
    cases.finish()


if __name__ == '__main__':
    main()
