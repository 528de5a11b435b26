"""Id mixed."""
import select

from server import Server


class Broken(Server):
    def take_line(self, line):
        """Several requests at once: the first gets the answer of the second."""
        self.held = getattr(self, "held", [])
        super().take_line(line)
        if len(self.held) > 1 and all("id" in m for m in self.held) and self.held[0].get("result") != self.held[1].get("result"):
            a, b = self.held
            a["id"], b["id"] = b["id"], a["id"]
        if len(self.held) > 1 or b"\n" not in self.rest and not self.more():
            for message in self.held:
                super().send(message)
            self.held = []

    def more(self):
        return bool(select.select([0], [], [], 0)[0]) or self.left

    def run(self):
        self.left = 0
        while more := self.read():
            self.rest += more
            *lines, self.rest = self.rest.split(b"\n")
            for i, line in enumerate(lines):
                self.left = len(lines) - i - 1
                self.take_line(line)

    def send(self, message):
        self.held.append(message)


Broken().run()
