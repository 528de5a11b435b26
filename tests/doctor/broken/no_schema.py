"""No schema."""
from server import Server


class Broken(Server):
    tools = [{"name": "now", "description": "Tells nothing new."}]


Broken().run()
