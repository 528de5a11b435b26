"""Chatty."""
from server import Server, log


class Broken(Server):
    def begin(self):
        log("x" * 2000000)


Broken().run()
