"""A small server without fault. The scripts beside it change one thing each, and run it."""
import json
import os
import sys

REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]


class Server:
    tools = [{"name": "now", "description": "Tells nothing new.",
              "inputSchema": {"type": "object", "additionalProperties": False},
              "annotations": {"readOnlyHint": True}}]
    line_end = "\n"

    def __init__(self):
        self.rest = b""

    # ---- bytes

    def read(self):
        """Some bytes; none at the end."""
        return os.read(0, 65536)

    def write(self, text):
        os.write(1, text.encode())

    def send(self, message):
        self.write(json.dumps(message) + self.line_end)

    def run(self):
        self.begin()
        while True:
            more = self.read()
            if not more:
                return self.end()
            self.rest += more
            *lines, self.rest = self.rest.split(b"\n")
            for line in lines:
                self.take_line(line)

    def begin(self):
        pass

    def end(self):
        pass

    # ---- messages

    def take_line(self, line):
        if not line.strip():
            return
        try:
            message = json.loads(line)
        except ValueError:
            self.unreadable()
            return
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            self.send({"jsonrpc": "2.0", "error": {"code": -32600, "message": "no message"}})
        elif "id" in message:
            self.answer(message)
        else:
            self.notified(message)

    def unreadable(self):
        self.send({"jsonrpc": "2.0", "error": {"code": -32700, "message": "not JSON"}})

    def notified(self, message):
        pass

    def answer(self, message):
        try:
            result = self.result(message["method"], message.get("params") or {})
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        except LookupError as error:
            code, text = error.args
            self.send({"jsonrpc": "2.0", "id": message["id"],
                       "error": {"code": code, "message": text}})

    def result(self, method, params):
        if method == "initialize":
            return self.initialize(params)
        if method == "ping":
            return {}
        if method == "tools/list":
            return self.list(params)
        if method == "tools/call":
            return self.call(params)
        raise LookupError(-32601, f"there is no method {method}")

    def initialize(self, params):
        asked = params.get("protocolVersion")
        return {"protocolVersion": asked if asked in REVISIONS else REVISIONS[-1],
                "capabilities": {"tools": {}}, "serverInfo": {"name": "broken", "version": "1"}}

    def list(self, params):
        return {"tools": self.tools}

    def call(self, params):
        if params.get("name") != "now":
            raise LookupError(-32602, "there is no such tool")
        return {"content": [{"type": "text", "text": "nothing new"}]}


def log(text):
    print(text, file=sys.stderr, flush=True)
