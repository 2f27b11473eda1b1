"""A WebSocket client of a few lines: what tests send and expect is seen in full."""

import base64
import os
import socket
import struct

CLOSE, PING, PONG, TEXT = 8, 9, 10, 1


class WebSocket:
    """Pings are answered while the test waits for a message, unless answers is False."""

    def __init__(self, port, path, answers=True, timeout=60):
        self.answers = answers
        self.rest = b''
        self.sock = socket.create_connection(('127.0.0.1', port), timeout=timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f'GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'
                           f'Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n'
                           'Sec-WebSocket-Version: 13\r\n\r\n').encode())
        head = b''
        while b'\r\n\r\n' not in head:
            part = self.sock.recv(4096)
            if not part:
                break
            head += part
        self.head, _, self.rest = head.partition(b'\r\n\r\n')
        self.open = self.head.startswith(b'HTTP/1.1 101')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Without a word, also while another thread reads."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server was first
        self.sock.close()

    def exactly(self, n):
        while len(self.rest) < n:
            part = self.sock.recv(65536)
            if not part:
                raise EOFError
            self.rest += part
        taken, self.rest = self.rest[:n], self.rest[n:]
        return taken

    def frame(self):
        """The next frame: its kind, and what is in it."""
        first, length = self.exactly(2)
        if length == 126:
            length, = struct.unpack('!H', self.exactly(2))
        elif length == 127:
            length, = struct.unpack('!Q', self.exactly(8))
        return first & 15, self.exactly(length)

    def message(self):
        """The next text; None once the server has closed."""
        while True:
            try:
                kind, data = self.frame()
            except (EOFError, OSError):
                return None
            if kind == PING and self.answers:
                self.send(data, PONG)
            elif kind == CLOSE:
                return None
            elif kind == TEXT:
                return data.decode()

    def closed_with(self):
        """The code that the server closes with, before it ends the connection; None if it says none."""
        code = None
        try:
            while True:
                kind, data = self.frame()
                if kind == CLOSE:
                    code = int.from_bytes(data, 'big')
        except (EOFError, ConnectionError):
            return code

    def send(self, data, kind=TEXT, final=True, masked=True):
        data = data.encode() if isinstance(data, str) else data
        mask = os.urandom(4)
        head = bytes([(128 if final else 0) | kind])
        size = len(data)
        bit = 128 if masked else 0
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += bytes([bit | 126]) + struct.pack('!H', size)
        else:
            head += bytes([bit | 127]) + struct.pack('!Q', size)
        if masked:
            data = mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.sock.sendall(head + data)
