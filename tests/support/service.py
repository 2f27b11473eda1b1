"""`contend serve` as tests use it: a process of its own, on a port that was free."""

import http.client
import json
import signal
import socket
import subprocess
import time

import tap
from tool import CONTEND

PATIENCE_S = 100  # for anything that a busy machine may hold up


class Service:
    def __init__(self, *options, workers=2):
        self.process = subprocess.Popen(
            [CONTEND, 'serve', '--port=0', '--quiet', f'--workers={workers}', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            _, err = self.process.communicate(timeout=PATIENCE_S)
            if 'this build has no libwebsockets' in err:
                raise tap.Skip('this build has no live service (Debian: libwebsockets-dev and libwslay-dev)')
            raise AssertionError(f'it did not start: {err}')
        self.port = int(line.strip().rstrip('/').rsplit(':', 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self, how=signal.SIGTERM):
        """Asks it to end; its exit status, and what it said on standard error."""
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, err

    def connect(self):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE_S)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """Status, headers, and the text of the answer; read as JSON if it is."""
        c = connection or self.connect()
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        c.request(method, path, body=body, headers=headers or {})
        answer = c.getresponse()
        text = answer.read().decode()
        if connection is None:
            c.close()
        if answer.headers.get('Content-Type') == 'application/json' and text:
            text = json.loads(text)
        return answer.status, answer.headers, text

    def get(self, path):
        status, _, text = self.ask('GET', path)
        assert status == 200, (path, status, text)
        return text

    def post(self, path, body=None):
        status, _, text = self.ask('POST', path, body if body is not None else '')
        assert status == 200, (path, status, text)
        return text

    def raw(self, data, timeout=PATIENCE_S):
        """What comes back for these bytes until the server closes, or says nothing for a while."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=timeout) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it was refused before all of it was sent
            answer = b''
            try:
                while part := s.recv(65536):
                    answer += part
            except ConnectionError:
                pass
            return answer

    def stream(self, path):
        """The events of a stream, each read as JSON, from the first one on."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S) as s:
            s.sendall(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            with s.makefile('r') as lines:
                assert lines.readline().startswith('HTTP/1.1 200'), path
                for line in lines:
                    if line.startswith('data: '):
                        yield json.loads(line[6:])


def eventually(what, condition):
    """Waits until the condition holds; the bound is for a busy machine, and no expectation."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        got = condition()
        if got:
            return got
        time.sleep(0.01)
    raise AssertionError(f'{what} did not happen in {PATIENCE_S} s')
