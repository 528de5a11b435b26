"""Bad schema."""
from server import Server


class Broken(Server):
    tools = [{"name": "now", "description": "Tells nothing new.",
              "inputSchema": {"type": "object", "properties": {"a": {"type": "strnig"}}}}]


Broken().run()
