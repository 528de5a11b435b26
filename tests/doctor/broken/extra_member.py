"""Extra member."""
from server import Server


class Broken(Server):
    def send(self, message):
        super().send(dict(message, elapsed=1))


Broken().run()
