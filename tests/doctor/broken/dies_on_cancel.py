"""Dies on cancel."""
from server import Server


class Broken(Server):
    def notified(self, message):
        if message["method"] == "notifications/cancelled":
            raise SystemExit(f"cannot cancel {message['params']['requestId']}")


Broken().run()
