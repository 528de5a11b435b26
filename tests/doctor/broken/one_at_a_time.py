"""One at a time."""
from server import Server


class Broken(Server):
    def run(self):
        """Takes what one read gives for one message."""
        while more := self.read():
            self.take_line(more.split(b"\n")[0])


Broken().run()
