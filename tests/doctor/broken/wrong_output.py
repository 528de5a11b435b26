"""Wrong output."""
from server import Server


class Broken(Server):
    tools = [dict(Server.tools[0], outputSchema={
        "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})]

    def call(self, params):
        return dict(super().call(params), structuredContent={"n": "one"})


Broken().run()
