"""Answers twice."""
from server import Server


class Broken(Server):
    def answer(self, message):
        super().answer(message)
        if message["method"] == "tools/list":
            super().answer(message)


Broken().run()
