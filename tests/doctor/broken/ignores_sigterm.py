"""Ignores sigterm."""
import signal

from server import Server


class Broken(Server):
    def begin(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


Broken().run()
