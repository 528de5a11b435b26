"""Crashes at end."""
import os

from server import Server


class Broken(Server):
    def end(self):
        os.abort()


Broken().run()
