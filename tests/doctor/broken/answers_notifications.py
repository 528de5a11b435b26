"""Answers notifications."""
from server import Server


class Broken(Server):
    def notified(self, message):
        self.send({"jsonrpc": "2.0", "id": None,
                   "error": {"code": -32601, "message": "unknown notification"}})


Broken().run()
