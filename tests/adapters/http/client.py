"""The test server of routes, and a client that sees every byte."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))

PATIENCE = 10  # seconds; a bound for what never comes, nothing is measured with it


class Server:
    """http_server with its options; `with` ends it and looks at how it ended."""

    def __init__(self, command, **options):
        args = [f"{name}={value}" for name, value in options.items()]
        self.unix = options.get("unix")
        self.process = subprocess.Popen([*command, *args], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.host = f"localhost:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it; what it printed, and its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        rest = self.process.stdout.read()
        return rest.decode(), self.process.wait(PATIENCE)

    def connect(self):
        return Client(self)

    def get(self, path, **headers):
        """One request on a connection of its own."""
        with self.connect() as client:
            return client.request("GET", path, **headers)

    def facts(self):
        return json.loads(self.get("/facts").body)

    def wait_for(self, name, value):
        """Until a figure has this value; the figures."""
        for _ in range(PATIENCE * 50):
            facts = self.facts()
            if facts[name] == value:
                return facts
            signal.sigtimedwait([], 0.02)
        raise AssertionError(f"{name} is {facts[name]}, not {value}")


class Answer:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def error(self):
        """The message of a refusal, after a look at its form."""
        value = json.loads(self.body)
        assert value.keys() == {"jsonrpc", "error"} and value["jsonrpc"] == "2.0", value
        assert value["error"].keys() == {"code", "message"}, value
        assert self.headers["content-type"] == "application/json", self.headers
        assert value["error"]["code"] == (-32603 if self.status >= 500 else -32600), value
        return value["error"]["message"]


class Client:
    def __init__(self, server):
        self.server = server
        if server.unix:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(server.unix)
        else:
            self.socket = socket.create_connection(("127.0.0.1", server.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(PATIENCE)
        self.got = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def head(self, method, path, version="HTTP/1.1", **headers):
        """The bytes of a head. Names are written with _ for -, values may be lists; host=None: none."""
        headers = {"host": self.server.host, **headers}
        lines = [f"{method} {path} {version}"]
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    lines.append(f"{name.replace('_', '-')}: {one}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def request(self, method, path, body=None, **headers):
        if body is not None:
            headers["content_length"] = len(body)
        self.send(self.head(method, path, **headers) + (body or b""))
        return self.answer(method)

    def more(self):
        """Some more bytes; False at the end."""
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        self.got += data
        return bool(data)

    def until(self, mark):
        while mark not in self.got:
            if not self.more():
                raise AssertionError(f"ended without {mark!r}: {self.got!r}")
        at = self.got.index(mark) + len(mark)
        data, self.got = self.got[:at], self.got[at:]
        return data

    def take(self, count):
        while len(self.got) < count:
            if not self.more():
                raise AssertionError(f"ended {count - len(self.got)} bytes early")
        data, self.got = self.got[:count], self.got[count:]
        return data

    def answer_head(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1", lines
        headers = {}
        for line in lines[1:-2]:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, lines
            headers[name.lower()] = value
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", headers.pop("date"))
        return Answer(int(status), reason, headers, b"")

    def chunk(self):
        """The next chunk; empty at the end."""
        data = self.take(int(self.until(b"\r\n"), 16))
        assert self.take(2) == b"\r\n"
        return data

    def answer(self, method="GET"):
        answer = self.answer_head()
        if method == "HEAD" or answer.status == 204:
            return answer
        if answer.headers.get("transfer-encoding") == "chunked":
            while chunk := self.chunk():
                answer.body += chunk
        else:
            answer.body = self.take(int(answer.headers["content-length"]))
        return answer

    def ended(self):
        """True if the server ends it without a further byte."""
        return self.got == b"" and not self.more()


def place():
    """A folder for a socket."""
    return tempfile.TemporaryDirectory(prefix="http")


__all__ = ["Server", "Client", "place", "os"]
