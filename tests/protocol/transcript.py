"""Reading and matching of transcripts; README.md says how they are written."""

import os
import re

REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
MODERN = "2026-07-28"
LEGACY = REVISIONS[:-1]
HEADERS = {"revisions", "rules", "plugins", "settings", "capabilities"}
MARKS = {">", "%", "<", "?", "~", "!", "=", "@"}

# What may stand in the place of a variable that is captured. State and cursors are opaque.
KINDS = {
    "cursor": r"[A-Za-z0-9_.=-]+",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    "task": r"[A-Za-z0-9_-]{22,}",
    "state": r"[A-Za-z0-9_.=-]+",
    "elicitation": r"[A-Za-z0-9_-]{22,}",
    "version": r"\d+\.\d+\.\d+[A-Za-z0-9.+-]*",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}")

CLAIM = ('"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
         '"io.modelcontextprotocol/clientCapabilities":')


class Malformed(Exception):
    """The transcript cannot be understood."""


class Transcript:
    """name; headers; steps: [(line number, mark, text)], in order."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".transcript")]
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        self.headers, self.steps = {}, []
        for number, line in enumerate(self.lines, 1):
            self._read(number, line)
        self.rules = [one for one in re.split(r"[,\s]+", self.headers.get("rules", "")) if one]
        self.revisions = self._revisions()
        if not self.rules:
            raise Malformed(f"{self.name}: no `rules:` header")

    def _read(self, number, line):
        if not line.strip() or line.startswith("#"):
            return
        if line[0] in MARKS and line[1:2] in ("", " "):
            self.steps.append((number, line[0], line[2:]))
            return
        key, colon, value = line.partition(":")
        if not colon or key not in HEADERS or self.steps:
            raise Malformed(f"{self.name}:{number}: neither a header nor a step: {line}")
        self.headers[key] = value.strip()

    def _revisions(self):
        asked = self.headers.get("revisions", "").split()
        groups = {"all": REVISIONS, "handshake": LEGACY, "modern": [MODERN]}
        found = [one for word in asked for one in groups.get(word, [word])]
        if not found or set(found) - set(REVISIONS):
            raise Malformed(f"{self.name}: `revisions:` must name some of {REVISIONS}")
        return found


def load(folder):
    return [Transcript(os.path.join(folder, name)) for name in sorted(os.listdir(folder))
            if name.endswith(".transcript")]


def builtins(transcript, revision):
    """Names that every transcript may use. ${claim} makes a request modern."""
    return {"revision": revision, "claim": CLAIM + transcript.headers.get("capabilities", "{}")}


def fill(text, known):
    """The text with each ${name} replaced; a name that was never captured is an error."""
    def value(match):
        if match.group(1) not in known:
            raise Malformed(f"${{{match.group(1)}}} was never captured")
        return known[match.group(1)]
    return VARIABLE.sub(value, text)


def pattern(text, known):
    """(regular expression, names that it captures) for an expected line."""
    parts, at, captured = [], 0, []
    for match in VARIABLE.finditer(text):
        name, kind = match.groups()
        parts.append(re.escape(text[at:match.start()]))
        at = match.end()
        if kind and name not in known and name not in captured:
            captured.append(name)
            parts.append(f"(?P<{name}>{KINDS[kind]})")
        elif name in captured:
            parts.append(f"(?P={name})")
        else:
            parts.append(re.escape(fill(f"${{{name}}}", known)))
    parts.append(re.escape(text[at:]))
    return "".join(parts), captured


def matches(text, got, known):
    """Whether `got` is the expected line; then what it captures is put into `known`."""
    expression, captured = pattern(text, known)
    match = re.fullmatch(expression, got)
    if match:
        known.update((name, match.group(name)) for name in captured)
    return match is not None
