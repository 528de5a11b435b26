"""Asks for roots."""
from server import Server


class Broken(Server):
    def notified(self, message):
        if message["method"] == "notifications/initialized":
            self.send({"jsonrpc": "2.0", "id": 0, "method": "roots/list"})

    def take_line(self, line):
        if b'"method"' in line or b'"error"' not in line:
            super().take_line(line)


Broken().run()
