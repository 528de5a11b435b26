"""Endless pages."""
from server import Server


class Broken(Server):
    def list(self, params):
        return {"tools": [], "nextCursor": "again"}


Broken().run()
