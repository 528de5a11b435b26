"""The real program on a terminal of its own: what it shows, and keys that are pressed."""

import os
import pty
import select
import struct
import subprocess
import sys
import termios
import fcntl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))

PATIENCE = 20  # seconds until something counts as missing


class Terminal:
    """A program on a terminal. `apart` names streams that are not the terminal: "stdout" is kept."""

    def __init__(self, command, environment, folder, columns=80, apart=()):
        self.screen = b""
        self.seen = 0
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        out = subprocess.PIPE if "stdout" in apart else slave
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=out, stderr=slave, cwd=folder,
            env={"TERM": "xterm", **environment}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0))
        os.close(slave)

    def _more(self):
        """False at the end."""
        if not select.select([self.master], [], [], PATIENCE)[0]:
            raise TimeoutError(f"nothing more within {PATIENCE} s after {self.screen!r}")
        try:
            more = os.read(self.master, 65536)
        except OSError:  # nobody has the terminal open any more
            return False
        self.screen += more
        return bool(more)

    def wait_for(self, text):
        """Until the text is shown, after what was waited for before."""
        wanted = text.encode()
        while wanted not in self.screen[self.seen:]:
            if not self._more():
                raise EOFError(f"{text!r} does not come: {self.screen!r}")
        self.seen = self.screen.index(wanted, self.seen) + len(wanted)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """(exit status, all that was shown, stdout if it was apart)"""
        while self._more():
            pass
        out = self.process.stdout.read().decode() if self.process.stdout else ""
        status = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self.master)
        return status, self.screen.decode(), out
