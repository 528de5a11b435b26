"""Large line."""
from server import Server


class Broken(Server):
    def take_line(self, line):
        if len(line) > 65536:
            raise SystemExit("line too long")
        super().take_line(line)


Broken().run()
