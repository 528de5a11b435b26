"""Silent on unknown."""
from server import Server


class Broken(Server):
    def answer(self, message):
        if message["method"] in ("initialize", "ping") or message["method"].startswith("tools/"):
            super().answer(message)


Broken().run()
