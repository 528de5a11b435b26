"""Debug print."""
from server import Server


class Broken(Server):
    def call(self, params):
        self.write(f"DEBUG called with {params}\n")
        return super().call(params)


Broken().run()
