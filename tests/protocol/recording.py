"""Writes the expected lines of a transcript anew, as what came."""

import re
import time

from conversation import Conversation
from transcript import Malformed, matches

QUIET = 0.3  # seconds without output after which the lines that belong to a step are complete


# Members whose values differ from run to run: where --update puts variables of itself.
VARYING = {"nextCursor": ("cursor", "cursor"), "createdAt": ("created", "time"),
           "lastUpdatedAt": ("updated", "time"), "taskId": ("task", "task"),
           "requestState": ("state", "state"), "elicitationId": ("elicitation", "elicitation")}
SERVER = re.compile(r'("name":"hexmcp",(?:"title":"[^"]*",)?"version":)"([^"]+)"')


def generalise(got, known, several):
    """An expected line for what came, with variables where values vary."""
    def version(match):
        return f'{match.group(1)}"{_named(match.group(2), "version", "version", known)}"'

    got = SERVER.sub(version, got)
    for key, (stem, kind) in VARYING.items():
        got = re.sub(rf'("{key}":)"([^"]+)"',
                     lambda m: f'{m.group(1)}"{_named(m.group(2), stem, kind, known)}"', got)
    for name, value in known.items():
        if name.startswith(("task", "state", "cursor")):
            got = got.replace(value, f"${{{name}}}")
    return got.replace(known["revision"], "${revision}") if several else got


def _named(value, stem, kind, known):
    if value.startswith("${"):
        return value
    for name, one in known.items():
        if one == value and name.startswith(stem) and stem != "updated":
            return f"${{{name}}}"
    name, serial = stem, 1
    while name in known:
        serial += 1
        name = f"{stem}{serial}"
    known[name] = value
    return f"${{{name}:{kind}}}"


class Recording(Conversation):
    """Plays the transcript, and rewrites its expected lines as what came."""

    def __init__(self, transcript, revision, program):
        super().__init__(transcript, revision, program)
        self.several = len(transcript.revisions) > 1
        self.written = {}  # line number after which: lines

    def play(self):
        steps = [step for step in self.transcript.steps if step[1] != "<"]
        self.transcript.steps, self.old = steps, self._old()
        self.recorded = bool(self.old)
        super().play()

    def _old(self):
        return [line[2:] for line in self.transcript.lines if line.startswith("< ")]

    def _step(self, number, mark, text, following):
        super()._step(number, mark, text, following)
        if mark in ">%?!" and not self._goes_on(number):
            self.written[number] = list(self._record())

    def _goes_on(self, number):
        """A recorded transcript keeps lines together that it sends one after the other."""
        rest = [line for line in self.transcript.lines[number:] if line.strip()]
        return self.recorded and rest and rest[0][0] in ">%!"

    def _record(self):
        line = self.hear(QUIET)
        while line is not None:
            yield "< " + self._line(line)
            line = self.hear(QUIET)

    def repeat(self, line, _):
        time.sleep(2 * QUIET)
        self.send(line)

    def _line(self, line):
        for text in self.old:
            kept = dict(self.known)
            try:
                if matches(text, line, kept):
                    self.old.remove(text)
                    self.known.update(kept)
                    return text
            except Malformed:  # names a variable that is not captured any more
                continue
        return generalise(line, self.known, self.several)

    def text(self):
        lines = []
        for number, line in enumerate(self.transcript.lines, 1):
            if not line.startswith("< "):
                lines.append(line)
            lines += self.written.get(number, [])
        return "\n".join(lines)
