"""Dies on probe."""
from server import Server


class Broken(Server):
    def result(self, method, params):
        if method == "server/discover":
            raise SystemExit("initialize first")
        return super().result(method, params)


Broken().run()
