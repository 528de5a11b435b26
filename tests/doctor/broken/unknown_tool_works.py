"""Unknown tool works."""
from server import Server


class Broken(Server):
    def call(self, params):
        if "name" not in params:
            raise LookupError(-32602, "name is missing")
        return {"content": []}


Broken().run()
