"""Strict revision."""
from server import Server


class Broken(Server):
    def initialize(self, params):
        if params.get("protocolVersion") != "2025-11-25":
            raise LookupError(-32602, "unsupported protocol version")
        return super().initialize(params)


Broken().run()
