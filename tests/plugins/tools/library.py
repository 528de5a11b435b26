"""The tools that come with hexmcp, called through the real program as a client does."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../../wire", "../../tools", "../../adapters/http_client"):
    path = os.path.join(HERE, folder)
    if path not in sys.path:
        sys.path.insert(0, path)
from session import CLAIM, Place, Server  # noqa: E402
from tap import Tap  # noqa: E402,F401


class Failed(Exception):
    """What the model is told when a call went wrong."""


class Library:
    """A server with a granted folder, `folder`, and what `config` grants beside it.

    with Library(program, {"grants": {"hosts": ["localhost:8080"]}}) as library:
        library.put("a.txt", "text")
        result = library.call("file-converter", operation="line_endings", path="a.txt")
    """

    def __init__(self, program, config=None, write=True, options=(), environment=None,
                 start=True):
        self.place = Place(os.path.abspath(program))
        self.folder = self.place.folder("granted")
        config = {"policy": {"level": "privileged"}, "storage": {"url": "memory:"}, **(config or {})}
        grants = config.setdefault("grants", {})
        grants.setdefault("write" if write else "read", [self.folder])
        self.place.environment.update(environment or {})
        self.place.write("home/.config/hexmcp/config.json", config)
        self.server = Server(self.place, *options) if start else None
        self.progress = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.end()
        self.place.__exit__()

    def end(self):
        process = self.server.process
        if process.poll() is None:
            process.stdin.close()
            process.wait(20)
        process.stdout.close()
        self.server.errors.close()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def put(self, name, data):
        """A file in the granted folder, of bytes or text; its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return path

    def get(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def raw(self, method, params):
        """The result of a request; what it reported on the way is in `progress`."""
        self.progress = []
        ident = self.server.start(method, params)
        while True:
            message = self.server.message()
            if message is None:
                raise EOFError(f"the server has ended; stderr: {self.server.stderr()}")
            if message.get("method") == "notifications/progress":
                self.progress.append(message["params"])
            if message.get("id") == ident:
                break
        if "error" in message:
            raise Failed(message["error"]["message"])
        return message["result"]

    def result(self, tool, /, **arguments):
        """The whole result; Failed if it is an error of the tool."""
        result = self.raw("tools/call", {"name": tool, "arguments": arguments,
                                         "_meta": {**CLAIM, "progressToken": 1}})
        if result.get("isError"):
            raise Failed(result["content"][0]["text"])
        return result

    def call(self, tool, /, **arguments):
        """What is structured in the result."""
        return self.result(tool, **arguments)["structuredContent"]

    def fails(self, tool, /, **arguments):
        """The text of the error; the result if there was none."""
        try:
            return json.dumps(self.result(tool, **arguments))
        except Failed as failed:
            return str(failed)

    def tools(self):
        """The tools as they are listed, by name."""
        found, cursor = {}, None
        while True:
            page = self.raw("tools/list", {"cursor": cursor} if cursor else {})
            found.update({tool["name"]: tool for tool in page["tools"]})
            cursor = page.get("nextCursor")
            if not cursor:
                return found
