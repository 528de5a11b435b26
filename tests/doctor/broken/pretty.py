"""Pretty."""
import json

from server import Server


class Broken(Server):
    def send(self, message):
        self.write(json.dumps(message, indent=1) + "\n")


Broken().run()
