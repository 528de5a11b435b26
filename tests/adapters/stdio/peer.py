"""The client's side of a stdio wire, for tests: raw descriptors, and nothing waits for ever."""

import fcntl
import os
import select
import signal
import socket
import subprocess
import time

PATIENCE = 20.0  # seconds after which a test fails instead of hanging
LEAST_PRIVATE = 10


class Silence(Exception):
    """The server said nothing for PATIENCE."""


class Reader:
    """Lines from a descriptor."""

    def __init__(self, fd):
        self.fd = fd
        self.data = bytearray()

    def _more(self):
        ready, _, _ = select.select([self.fd], [], [], PATIENCE)
        if not ready:
            raise Silence(f"no bytes for {PATIENCE} s; so far {bytes(self.data[-200:])!r}")
        try:
            got = os.read(self.fd, 1 << 20)
        except OSError:  # a pty whose other end is closed
            got = b""
        self.data += got
        return bool(got)

    def line(self):
        """The next line as text, without its end; None at the end."""
        while b"\n" not in self.data:
            if not self._more():
                return None
        end = self.data.index(b"\n")
        line = self.data[:end].decode()
        del self.data[:end + 1]
        return line

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def rest(self):
        """Everything up to the end, as a list of lines."""
        while self._more():
            pass
        lines = self.data.decode().split("\n")
        self.data.clear()
        return lines[:-1] if lines[-1] == "" else lines


class Server:
    """A running server. `stdin` and `stdout` are descriptors for it, which the caller closes."""

    def __init__(self, command, stdin=None, stdout=None, stderr=subprocess.PIPE, wrap=()):
        self.process = subprocess.Popen(
            [*wrap, *command],
            stdin=subprocess.PIPE if stdin is None else stdin,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=stderr,
            bufsize=0,
        )
        self.input = self.process.stdin
        self.out = Reader(self.process.stdout.fileno()) if self.process.stdout else None
        self.err = Reader(self.process.stderr.fileno()) if self.process.stderr else None

    def send(self, data):
        view = memoryview(data.encode() if isinstance(data, str) else data)
        while view:
            view = view[self.input.write(view):]

    def line(self):
        return self.out.line()

    def lines(self, count):
        return self.out.lines(count)

    def end_input(self):
        self.input.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit code; negative if a signal killed it."""
        return self.process.wait(PATIENCE)

    def finish(self, data=""):
        """Sends, ends the input; returns all lines and the exit code."""
        self.send(data)
        self.end_input()
        return self.out.rest(), self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream and not stream.closed:
                stream.close()


def nonblocking(fd):
    return bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)


def alive(pid):
    """True for a process that runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid):
    """Waits until the process, which is no child of ours, has ended. False if it does not."""
    until = time.monotonic() + PATIENCE
    while alive(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(0.005)
    return True


def socketpair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
