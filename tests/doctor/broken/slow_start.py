"""Slow start."""
import time

from server import Server


class Broken(Server):
    def begin(self):
        time.sleep(5.5)


Broken().run()
