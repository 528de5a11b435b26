"""The echo server on the real module, as a process."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import websocket  # noqa: E402
from tap import Tap  # noqa: E402,F401  (for the tests)


class Server:
    def __init__(self, **settings):
        program, modules = sys.argv[1:3]
        arguments = [f"{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen([program, modules, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline())

    def connect(self, **what):
        return websocket.connect(self.port, **what)

    def raw(self, data=None, **what):
        return websocket.Client(self.port, data, **what)

    def refused(self, request, **what):
        """(status, headers, message of the error) for a request that is refused."""
        client = websocket.Client(self.port, request, **what)
        got = client.answer()
        ended = client.at_end()
        client.close()
        if got is None:
            return None
        status, headers, body = got
        error = json.loads(body)
        if not ended or list(error) != ["jsonrpc", "error"] or error["error"]["code"] != -32600:
            raise RuntimeError(f"an odd refusal: {body}, {ended}")
        return status, headers, error["error"]["message"]

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def facts(self):
        self.say("facts")
        return json.loads(self.process.stdout.readline())

    def serves(self):
        """Somebody else is served as if nothing had been."""
        client = self.connect()
        said = client.ask("still here")
        client.close()
        return said == "echo still here"

    def end(self):
        """The server's last line, and its status."""
        self.process.stdin.close()
        line = self.process.stdout.readline().strip()
        return line, self.process.wait(timeout=websocket.PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
