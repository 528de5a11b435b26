"""Bad json kills."""
from server import Server


class Broken(Server):
    def unreadable(self):
        raise SystemExit("Unexpected token")


Broken().run()
