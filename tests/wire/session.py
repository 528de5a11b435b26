"""The real program, run by hand: a command that ends, or a server spoken to line by line."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))

PATIENCE = 20  # seconds until something counts as missing
CLAIM = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
         "io.modelcontextprotocol/clientCapabilities": {}}


class Place:
    """An empty home and working folder, so that nobody's configuration plays a part."""

    def __init__(self, program):
        self.program = program
        self.top = tempfile.mkdtemp(prefix="hexmcp-wire-")
        self.home = self.folder("home")
        self.work = self.folder("work")
        self.environment = {"HOME": self.home, "PATH": "/usr/bin:/bin"}

    def folder(self, name):
        path = os.path.join(self.top, name)
        os.makedirs(path, mode=0o755, exist_ok=True)
        return path

    def write(self, path, value):
        """`value` as it is if it is text, else as JSON; `path` below the place."""
        path = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(value if isinstance(value, str) else json.dumps(value))
        return path

    def remove(self, path):
        os.remove(os.path.join(self.top, path))

    def run(self, *arguments, stdin="", environment=None):
        """(exit status, stdout, stderr)"""
        done = subprocess.run([self.program, *arguments], input=stdin, capture_output=True,
                              text=True, cwd=self.work, timeout=PATIENCE,
                              env={**self.environment, **(environment or {})})
        return done.returncode, done.stdout, done.stderr

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class Server:
    """hexmcp serve. Every line of its stdout must be a message of the protocol."""

    def __init__(self, place, *arguments):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([place.program, "serve", *arguments], cwd=place.work,
                                        env=place.environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.rest = b""
        self.serial = 0

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def message(self):
        """The next one, whatever it is; None at the end of the output."""
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise TimeoutError(f"no message within {PATIENCE} s; stderr: {self.stderr()}")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def answer(self, raw_id):
        """The next message, which must answer the id; notifications before it are passed over."""
        message = self.message()
        while message and "method" in message:
            message = self.message()
        if not message or message.get("jsonrpc") != "2.0" or message.get("id") != raw_id:
            raise ValueError(f"not the answer to {raw_id!r}: {message}; stderr: {self.stderr()}")
        return message

    def start(self, method, params=None):
        """Sends a modern request; its id."""
        self.serial += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.serial, "method": method,
                              "params": {"_meta": CLAIM, **(params or {})}}))
        return self.serial

    def call(self, tool, arguments=None):
        """(text, is it an error of the tool) of the result, or (message, code) of an error."""
        answer = self.answer(self.start("tools/call", {"name": tool, "arguments": arguments or {}}))
        if "error" in answer:
            return answer["error"]["message"], answer["error"]["code"]
        return answer["result"]["content"][0]["text"], answer["result"].get("isError", False)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def end(self):
        """Ends the input: (exit status, what was still on stdout, stderr)."""
        self.process.stdin.close()
        left = self.rest + self.process.stdout.read()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        text = self.stderr()
        self.errors.close()
        return status, left.decode(), text
