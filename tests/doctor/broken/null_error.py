"""Null error."""
from server import Server


class Broken(Server):
    def send(self, message):
        super().send({"result": None, "error": None} | message)


Broken().run()
