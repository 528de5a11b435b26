"""Banner."""
from server import Server


class Broken(Server):
    def begin(self):
        self.write("Server starting on stdio...\n")


Broken().run()
