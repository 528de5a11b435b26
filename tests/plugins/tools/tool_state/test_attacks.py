"""tool-state: one caller does not reach what another one keeps. The owner of a place is the caller of the call
(call_place() in core/state/operations.c), and no argument of the tool names anybody."""
import http.client
import json
import os
import select
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("..", "../../../wire", "../../../tools"):
    sys.path.insert(0, os.path.join(HERE, folder))
from session import CLAIM, PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

TOOL = "tool-state"


class Listening:
    """hexmcp serve on a port, for those who have a key."""

    def __init__(self, place):
        self.process = subprocess.Popen(
            [place.program, "serve", "--listen", "127.0.0.1:0", "--set", "auth.mode=keys", "--set", "storage.url=memory:"],
            cwd=place.work, env=place.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        line = ""
        while "listening on " not in line:
            if not select.select([self.process.stderr], [], [], PATIENCE)[0]:
                raise TimeoutError("the server does not say where it listens")
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError("the server ended")
        self.port = int(line.rpartition("listening on ")[2].split("/")[2].split(":")[1])

    def call(self, credential, /, **arguments):
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": TOOL, "arguments": arguments, "_meta": CLAIM}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", "/mcp", json.dumps(body), {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": TOOL,
            "Authorization": f"Bearer {credential}"})
        text = connection.getresponse().read().decode()
        connection.close()
        for line in text.splitlines():
            if line.startswith("data:"):
                text = line[5:]
        answer = json.loads(text)
        if "result" not in answer:
            raise RuntimeError(text)
        return answer["result"].get("structuredContent") or answer["result"]["content"][0]["text"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stderr.close()


def create(place, name):
    code, out, err = place.run("key", "create", name)
    if code:
        raise RuntimeError(err)
    return out.strip()


with Tap() as tap, Place(os.path.abspath(sys.argv[1])) as place:
    ann, bob = create(place, "ann"), create(place, "bob")
    with Listening(place) as server:
        for scope in ({}, {"namespace": "plans"}, {"scope": "session", "session_id": "s1"}):
            told = server.call(ann, operation="set", key="k", value="Ann's", **scope)
            tap.check(f"Ann keeps something in {scope}", told["changed"], told)
            tap.equal("Bob does not find it", server.call(bob, operation="get", key="k", **scope)["found"], False)
            tap.equal("nor list it", server.call(bob, operation="list", **scope)["entries"], [])
            tap.equal("nor count it", server.call(bob, operation="stats", **scope)["keys"], 0)
            tap.equal("nor remove it", (server.call(bob, operation="delete", key="k", **scope)["removed"],
                                        server.call(bob, operation="clear", **scope)["removed"]), (0, 0))
            server.call(bob, operation="set", key="k", value="Bob's", **scope)
            tap.equal("what he keeps there is his", server.call(ann, operation="get", key="k", **scope)["value"], "Ann's")
        for name in ("../ann", "default/../../ann", "ann%2Fdefault"):
            tap.equal(f"a namespace is no path: {name}",
                      server.call(bob, operation="list", namespace=name)["entries"], [])
