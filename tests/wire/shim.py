"""Both sides of `hexmcp connect`, driven by one test: the shim's client, and the server it talks to."""
import json
import os
import socket
import subprocess
import tempfile

TIMEOUT = 20
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}


class Peer:
    """One accepted connection, read and written by lines."""

    def __init__(self, connection):
        self.connection = connection
        self.connection.settimeout(TIMEOUT)
        self.file = connection.makefile("rb")

    def line(self):
        """Empty at the end, also if the other side went without reading what was said."""
        try:
            return self.file.readline().decode()
        except ConnectionResetError:
            return ""

    def get(self):
        line = self.line()
        return json.loads(line) if line else None

    def write(self, text):
        self.connection.sendall(text.encode())

    def put(self, message):
        self.write(json.dumps(message, separators=(",", ":")) + "\n")

    def greet(self):
        hello = self.line()
        self.write('HEXMCP-CONNECT/1 {"server":"hexmcp","version":"9"}\n')
        return hello

    def close(self):
        self.file.close()
        self.connection.close()


class Server:
    """A listening socket; what it says is the test's to decide."""

    def __init__(self, path):
        self.path = path
        self.socket = None
        self.listen()

    def listen(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.bind(self.path)
        self.socket.listen()

    def accept(self):
        return Peer(self.socket.accept()[0])

    def greeted(self):
        peer = self.accept()
        peer.greet()
        return peer

    def stop(self):
        self.socket.close()
        os.unlink(self.path)


class Shim:
    def __init__(self, hexmcp, *arguments, env=None, stdin=subprocess.PIPE):
        self.process = subprocess.Popen([hexmcp, "connect", *arguments], stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)

    def write(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def put(self, message):
        self.write(json.dumps(message, separators=(",", ":")) + "\n")

    def get(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def end(self):
        """What it still says, what it said on stderr, and its exit code."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "killed: it did not end"
        rest = [json.loads(line) for line in self.process.stdout.read().splitlines()]
        said = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return rest, said, code


class Place:
    """A folder of its own, so that nothing of the user's plays a part."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "s")
        self.env = {"HOME": self.folder.name, "PATH": os.environ["PATH"]}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]


def request(number, method, modern=False, **params):
    if modern:
        params["_meta"] = {**META, **params.get("_meta", {})}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def result(number, **members):
    return {"jsonrpc": "2.0", "id": number, "result": members}


def error(number, message, code=-32603):
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def notification(method, **params):
    message = {"jsonrpc": "2.0", "method": method}
    if params:
        message["params"] = params
    return message
