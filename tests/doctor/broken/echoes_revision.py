"""Echoes revision."""
from server import Server


class Broken(Server):
    def initialize(self, params):
        return dict(super().initialize(params), protocolVersion=params["protocolVersion"])


Broken().run()
