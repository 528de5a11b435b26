"""A tool that may change something, and whose fault shows only when it is called."""
from server import Server


class Broken(Server):
    tools = [{key: value for key, value in Server.tools[0].items() if key != "annotations"}]

    def call(self, params):
        if params.get("name") == "now":
            self.write("written\n")
        return super().call(params)


Broken().run()
