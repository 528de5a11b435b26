"""Same names."""
from server import Server


class Broken(Server):
    tools = Server.tools * 2


Broken().run()
