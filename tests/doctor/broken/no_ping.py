"""No ping."""
from server import Server


class Broken(Server):
    def result(self, method, params):
        if method == "ping":
            raise LookupError(-32601, "there is no method ping")
        return super().result(method, params)


Broken().run()
