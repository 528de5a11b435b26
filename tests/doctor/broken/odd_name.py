"""Odd name."""
from server import Server


class Broken(Server):
    tools = [dict(Server.tools[0], name="tell now!")]


Broken().run()
