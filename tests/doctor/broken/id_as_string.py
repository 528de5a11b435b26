"""Id as string."""
from server import Server


class Broken(Server):
    def send(self, message):
        if "id" in message:
            message["id"] = str(message["id"])
        super().send(message)


Broken().run()
