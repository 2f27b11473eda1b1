"""HTTP/1.1 byte by byte: what a test sends is sent as it stands, and each answer is read on its own."""

import socket

PATIENCE_S = 100  # for anything that a busy machine may hold up


def request(method, path, body=None, *fields):
    """The bytes of a request, with a Content-Length if there is a body."""
    lines = [f'{method} {path} HTTP/1.1', 'Host: x', *fields]
    if body is not None:
        lines.append(f'Content-Length: {len(body)}')
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + (body or b'')


class Wire:
    def __init__(self, port, receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(('127.0.0.1', port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b''
        self.taken = 0  # bytes of answers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        """Each part by a call of its own; what the network makes of it is its own business."""
        for part in parts:
            self.socket.sendall(part)

    def more(self):
        """False once the server has closed."""
        try:
            part = self.socket.recv(65536)
        except ConnectionError:
            part = b''
        self.rest += part
        return bool(part)

    def answer(self, head=False):
        """Status, fields with small letters, and body; None once the server has closed."""
        while b'\r\n\r\n' not in self.rest:
            if not self.more():
                assert not self.rest, f'half an answer: {self.rest[:200]}'
                return None
        text, _, self.rest = self.rest.partition(b'\r\n\r\n')
        first, *lines = text.decode('latin-1').split('\r\n')
        fields = {name.lower(): value for name, value in (line.split(': ', 1) for line in lines)}
        length = 0 if head else int(fields.get('content-length', 0))
        while len(self.rest) < length:
            assert self.more(), f'half a body: {self.rest[:200]}'
        body, self.rest = self.rest[:length], self.rest[length:]
        self.taken += len(text) + 4 + length
        assert first.startswith('HTTP/1.1 '), first
        return int(first.split()[1]), fields, body

    def answers(self):
        """All that come until the server closes."""
        got = []
        while (answer := self.answer()) is not None:
            got.append(answer)
        return got
