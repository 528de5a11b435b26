"""Wrong code."""
from server import Server


class Broken(Server):
    def result(self, method, params):
        try:
            return super().result(method, params)
        except LookupError as error:
            raise LookupError(-32603, error.args[1]) from None


Broken().run()
