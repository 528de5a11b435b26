"""A stdio MCP client that sees the bytes: every line kept, ids compared as text."""

import json
import subprocess
import threading
import time
from collections import Counter

from server import MODERN

DECODER = json.JSONDecoder()
PATIENCE = 15  # seconds until an answer counts as missing

CLIENT = {"name": "hexmcp-interop", "version": "1"}
CLAIM = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}


def members(text):
    """The members of a JSON object as {name: raw text}; a second one of a name is an error."""
    found, at = {}, _blank(text, 0)
    if text[at] != "{":
        raise ValueError("not an object")
    at = _blank(text, at + 1)
    while text[at] != "}":
        name, at = DECODER.raw_decode(text, at)
        at = _blank(text, _blank(text, at) + 1)  # beyond the colon
        _, end = DECODER.raw_decode(text, at)
        if name in found:
            raise ValueError(f"two members '{name}'")
        found[name] = text[at:end]
        at = _blank(text, end)
        at = _blank(text, at + 1) if text[at] == "," else at
    return found


def _blank(text, at):
    while text[at] in " \t\r\n":
        at += 1
    return at


class Wire:
    """capabilities: what modern requests claim; answer(method, params): what to say when a legacy
    server asks, a result or an Exception."""

    def __init__(self, server, capabilities=None, answer=None):
        self.claim = {**CLAIM, "io.modelcontextprotocol/clientCapabilities": capabilities or {}}
        self.answer = answer
        self.requests = []  # what the server asked, as it came
        self.process = subprocess.Popen([server.command, *server.args], env=server.env,
                                        cwd=server.home, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.changed = threading.Condition()
        self.answers = {}  # raw id: message
        self.counts = Counter()  # raw id: how often answered
        self.order = []  # every message, as it came
        self.bad_lines = []
        self.asked = {}  # raw id: (method, revision)
        self.ended = False
        self.serial = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                try:
                    self._take(line)
                except (ValueError, IndexError) as error:
                    self.bad_lines.append(f"{error}: {line[:200]!r}")
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _take(self, line):
        text = line.decode("utf-8")
        message = json.loads(text)
        raw = members(text)
        self.order.append(message)
        if "method" in message and "id" in message:
            self._reply(raw["id"], message)
        if "method" not in message:
            self.counts[raw.get("id")] += 1
            self.answers[raw.get("id")] = message

    def _reply(self, raw_id, message):
        self.requests.append(message)
        said = self.answer(message["method"], message.get("params")) if self.answer else KeyError()
        if isinstance(said, Exception):
            said = f'"error":{{"code":-32603,"message":{json.dumps(str(said))}}}'
        else:
            said = f'"result":{json.dumps(said)}'
        self.send(f'{{"jsonrpc":"2.0","id":{raw_id},{said}}}')

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def line(self, revision, method, params=None, raw_id=None):
        """A request as text; its id is new unless given."""
        if raw_id is None:
            self.serial += 1
            raw_id = f'"own-{self.serial}"'
        self.asked[raw_id] = (method, revision)
        params = dict(params or {})
        if revision == MODERN:
            params["_meta"] = {**self.claim, **params.get("_meta", {})}
        return raw_id, (f'{{"jsonrpc":"2.0","id":{raw_id},"method":{json.dumps(method)},'
                        f'"params":{json.dumps(params, ensure_ascii=False)}}}')

    def notify(self, method, params):
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def request(self, revision, method, params=None):
        """The whole answer."""
        raw_id, line = self.line(revision, method, params)
        self.send(line)
        return self.wait([raw_id])[raw_id]

    def wait(self, raw_ids):
        """The answers to all of these; raises if one is missing."""
        self.until(lambda: self.ended or all(one in self.answers for one in raw_ids))
        with self.changed:
            missing = [one for one in raw_ids if one not in self.answers]
            if missing:
                raise TimeoutError(f"{len(missing)} answers are missing, the first to "
                                   f"{missing[:3]}; unreadable lines: {self.bad_lines[:3]}")
            return {one: self.answers[one] for one in raw_ids}

    def until(self, condition):
        with self.changed:
            return self.changed.wait_for(condition, PATIENCE)

    def notifications(self, method, token):
        return [one for one in self.told(method) if one.get("progressToken") == token]

    def told(self, method):
        """The params of all notifications of this method."""
        with self.changed:
            return [one.get("params", {}) for one in self.order if one.get("method") == method]

    def close(self):
        """Ends the input; (exit status, seconds until the exit)."""
        start = time.monotonic()
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        seconds = time.monotonic() - start
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        return status, seconds
