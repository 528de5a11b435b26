"""Loses requests."""
from server import Server


class Broken(Server):
    def run(self):
        """Throws away what comes while it is at work."""
        while more := self.read():
            self.rest += more
            if b"\n" in self.rest:
                line, rest = self.rest.split(b"\n", 1)
                self.rest = b"" if rest.endswith(b"\n") else rest
                self.take_line(line)


Broken().run()
