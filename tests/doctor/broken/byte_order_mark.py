"""Byte order mark."""
from server import Server


class Broken(Server):
    def begin(self):
        self.write("\ufeff")


Broken().run()
