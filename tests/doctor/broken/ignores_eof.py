"""Ignores eof."""
import time

from server import Server


class Broken(Server):
    def end(self):
        time.sleep(60)


Broken().run()
