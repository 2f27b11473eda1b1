"""The tool with a terminal, as test scripts run it."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time

from tool import CONTEND

PATIENCE = 200  # seconds: for what takes a moment, on a machine with other work to do


class OnTerminal:
    """The tool with a terminal for its progress, which says where it is."""

    def __init__(self, *arguments, columns=80, term='xterm', **options):
        self.terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        self.seen = ''
        options.setdefault('env', dict(os.environ, TERM=term))
        options.setdefault('stdin', subprocess.DEVNULL)
        self.process = subprocess.Popen([CONTEND, *arguments], stdout=subprocess.PIPE,
                                        stderr=theirs, text=True, **options)
        os.close(theirs)

    def wait_for(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen[-2000:]
            try:
                self.seen += os.read(self.terminal, 4096).decode(errors='replace')
            except OSError:
                raise AssertionError(f'it ended before {text!r}: {self.seen[-2000:]}') from None

    def read_to_the_end(self):
        """All that goes to the terminal, and the status."""
        while True:
            try:
                self.seen += os.read(self.terminal, 4096).decode(errors='replace')
            except OSError:
                return self.end()

    def end(self):
        """Its status and its standard output.  Standard error must not fill the terminal."""
        try:
            out = self.process.communicate(timeout=PATIENCE)[0]
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.terminal)
        return self.process.returncode, out

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()
