#!/usr/bin/env python3
"""`hexmcp connect` between a client and servers that restart, break and lie.

usage: test_connect.py HEXMCP
"""
import json
import os
import select
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from shim import Place, Server, Shim, error, notification, request, result  # noqa: E402
from tap import Tap  # noqa: E402

INITIALIZE = request(1, "initialize", protocolVersion="2025-11-25", capabilities={"roots": {}},
                     clientInfo={"name": "t", "version": "1"})
CAPABILITIES = {"tools": {"listChanged": True}, "resources": {"subscribe": True}}
INITIALIZED = notification("notifications/initialized")
MAY_HAVE_RUN = ("the server was restarted while the tool \"{}\" ran. It may have done its work or not. "
                "It is not marked as read-only or idempotent, so it was not called again: see what it "
                "has done before you do")
# KiB that a shim without bounds would go beyond; far above what is needed, for sanitizers.
UNBOUNDED = 65536
TWICE = "the server ended twice while it worked on this request; it is not sent again"


class Scene:
    """A server that listens, and a shim that has reached it."""

    def __init__(self, hexmcp, *arguments):
        self.place = Place()
        self.server = Server(self.place.path)
        self.shim = Shim(hexmcp, "--unix", self.place.path, *arguments, env=self.place.env)
        self.peer = self.server.greeted()

    def restart(self):
        """The server is gone at once, and another one is there."""
        self.peer.close()
        self.peer = self.server.greeted()

    def session(self, revision="2025-11-25"):
        self.shim.put(INITIALIZE)
        self.peer.get()
        self.peer.put(result(1, protocolVersion=revision, capabilities=CAPABILITIES))
        self.shim.get()
        self.shim.put(INITIALIZED)
        self.peer.get()

    def end(self):
        self.shim.process.stdin.close()
        while self.peer.get():
            pass
        self.peer.close()
        return self.shim.end()


def test_plain(tap, hexmcp):
    place = Place()
    server = Server(place.path)
    shim = Shim(hexmcp, "--unix", place.path, "--allow-read", place.folder.name, "--allow-write", "/",
                env=place.env)
    peer = server.accept()
    hello = peer.greet()
    tap.equal("it says what it speaks", hello[:17], "HEXMCP-CONNECT/1 ")
    hello = json.loads(hello[17:])
    tap.equal("it says who it is", hello.pop("client"), {"name": "connect", "pid": shim.process.pid})
    tap.equal("it brings its folders", hello.pop("allow"),
              {"read": [place.folder.name], "write": ["/"]})
    tap.equal("it says nothing else", list(hello), ["version"])
    line = '{"jsonrpc":"2.0", "id":"é\\u0000", "method":"x", "params":{"n":1.0}}\n'
    shim.write(line)
    tap.equal("a request arrives as it was sent", peer.line(), line)
    peer.write('{"id":"é\\u0000","jsonrpc":"2.0",  "result":{}}\n')
    tap.equal("so does its answer", shim.process.stdout.readline().decode(),
              '{"id":"é\\u0000","jsonrpc":"2.0",  "result":{}}\n')
    shim.write("no json\n")
    tap.equal("the server judges what is no JSON", peer.line(), "no json\n")
    peer.put(error(None, "parse error", -32700))
    tap.equal("and its judgement comes back", shim.get(), error(None, "parse error", -32700))
    shim.put(request(7, "ping"))
    tap.equal("the last request arrives", peer.get(), request(7, "ping"))
    shim.process.stdin.close()
    tap.equal("the end of input arrives", peer.line(), "")
    peer.put(result(7))
    peer.close()
    tap.equal("what was asked before it is answered", shim.end(), ([result(7)], "", 0))


def test_large(tap, hexmcp):
    scene = Scene(hexmcp)
    text = "x" * 5_000_000
    scene.shim.put(request(1, "m", text=text))
    tap.equal("a message of 5 MB arrives", scene.peer.get(), request(1, "m", text=text))
    scene.peer.put(result(1, text=text))
    tap.equal("and one comes back", scene.shim.get(), result(1, text=text))
    scene.shim.write('{"jsonrpc":"2.0","id":2,"method":"' + "x" * 67_108_864 + '"}\n')
    tap.equal("one over the limit is refused", scene.shim.get(),
              {"jsonrpc": "2.0", "error": {"code": -32700, "message":
               "the message is longer than 67108864 bytes (setting stdio.max_message_bytes)"}})
    tap.equal("and all ends well", scene.end(), ([], "", 0))


def test_nobody(tap, hexmcp):
    place = Place()
    text = f"no server on {place.path}: nobody listens; start one with: hexmcp serve --unix {place.path}"
    shim = Shim(hexmcp, "--unix", place.path, env=place.env)
    tap.equal("without a server stderr says so at once", shim.process.stderr.readline().decode(),
              f"hexmcp: {text}\n")
    shim.put(INITIALIZE)
    tap.equal("the first request is answered with it, and it ends", shim.end(),
              ([error(1, text)], "", 70))
    shim = Shim(hexmcp, "--unix", place.path, env=place.env)
    tap.equal("without a request it ends with its input", shim.end(),
              ([], f"hexmcp: {text}\n", 70))
    shim = Shim(hexmcp, "--unix", "/" + 120 * "x", env=place.env)
    tap.equal("a path that no socket can have", shim.end()[1:],
              (f"hexmcp: no server on /{120 * 'x'}: the path is longer than 107 bytes; start one with: "
               f"hexmcp serve --unix /{120 * 'x'}\n", 70))


def test_default_place(tap, hexmcp):
    place = Place()
    for name, value, path in [("XDG_RUNTIME_DIR", "/nowhere", "/nowhere/hexmcp/hexmcp.sock"),
                              ("HOME", "/n", "/n/.local/state/hexmcp/hexmcp.sock")]:
        shim = Shim(hexmcp, env={**place.env, name: value})
        tap.equal(f"the socket by default, by {name}", shim.end()[1],
                  f"hexmcp: no server on {path}: nobody listens; start one with: hexmcp serve --unix "
                  f"{path}\n")


def test_refused(tap, hexmcp):
    for name, answer, text in [
            ("an error", 'HEXMCP-CONNECT/1 {"error":"too many connections"}\n',
             "the server refuses: too many connections"),
            ("another protocol", "HTTP/1.1 400 Bad Request\r\n",
             "what listens there is no hexmcp; it answers: HTTP/1.1 400 Bad Request"),
            ("nonsense", "HEXMCP-CONNECT/1 {\n",
             "what listens there is no hexmcp; it answers: HEXMCP-CONNECT/1 {"),
            ("nothing", "", "it ended the connection")]:
        place = Place()
        server = Server(place.path)
        shim = Shim(hexmcp, "--unix", place.path, env=place.env)
        peer = server.accept()
        peer.line()
        peer.write(answer)
        peer.close()
        text = f"no server on {place.path}: {text}; start one with: hexmcp serve --unix {place.path}"
        shim.put(INITIALIZE)
        tap.equal(f"{name} in place of a greeting", shim.end(), ([error(1, text)], f"hexmcp: {text}\n", 70))


def test_modern_restart(tap, hexmcp):
    scene = Scene(hexmcp)
    asked = [request(1, "tools/list", modern=True), request("a", "resources/read", modern=True, uri="x:"),
             request(3, "prompts/get", modern=True, name="p")]
    for message in asked:
        scene.shim.put(message)
        scene.peer.get()
    scene.peer.put(result("a"))
    tap.equal("one is answered", scene.shim.get(), result("a"))
    scene.peer.write('{"jsonrpc":"2.0","id":1,"resu')
    scene.restart()
    tap.equal("what was not answered is sent again", [scene.peer.get(), scene.peer.get()],
              [asked[0], asked[2]])
    scene.peer.put(result(3))
    scene.peer.put(result(1))
    tap.equal("and answered once", [scene.shim.get(), scene.shim.get()], [result(3), result(1)])
    tap.equal("nothing is left", scene.end(), ([], "", 0))


TOOLS = [{"name": "look", "annotations": {"readOnlyHint": True}},
         {"name": "set", "annotations": {"idempotentHint": True}},
         {"name": "add", "annotations": {"destructiveHint": False}}, {"name": "plain"},
         {"name": "pretends", "annotations": {"readOnlyHint": "yes"}}]


def test_calls(tap, hexmcp, modern):
    scene = Scene(hexmcp)
    era = "modern" if modern else "legacy"
    if not modern:
        scene.session()
    names = ["plain", "look", "add", "set", "pretends", "unknown"]
    for number, name in enumerate(names, 10):
        scene.shim.put(request(number, "tools/call", modern=modern, name=name,
                               **({"_meta": {"progressToken": number}} if modern else {})))
        scene.peer.get()
    scene.restart()
    if not modern:
        scene.peer.get()
        scene.peer.put(result("hexmcp-connect-initialize", protocolVersion="2025-11-25",
                              capabilities={}))
        scene.peer.get()
    listing = scene.peer.get()
    tap.equal(f"{era}: the shim asks what the tools are", listing,
              request("hexmcp-connect-tools", "tools/list", modern=modern))
    scene.peer.put(result("hexmcp-connect-tools", tools=TOOLS[:1], nextCursor="c"))
    listing = scene.peer.get()
    tap.equal(f"{era}: all of them", listing["params"].pop("cursor"), "c")
    scene.peer.put(result("hexmcp-connect-tools", tools=TOOLS[1:]))
    tap.equal(f"{era}: what may run twice is called again",
              [scene.peer.get()["params"]["name"] for _ in range(2)], ["look", "set"])
    tap.equal(f"{era}: what may not is answered", [scene.shim.get() for _ in range(4)],
              [error(n, MAY_HAVE_RUN.format(names[n - 10])) for n in (10, 12, 14, 15)])
    scene.peer.put(result(11))
    scene.peer.put(result(13))
    tap.equal(f"{era}: and the others are answered once", scene.end(),
              ([result(11), result(13)], "", 0))


def test_progress(tap, hexmcp):
    scene = Scene(hexmcp)
    ask = request(1, "resources/read", modern=True, uri="x:", _meta={"progressToken": "t"})

    def at(progress):
        return notification("notifications/progress", progressToken="t", progress=progress)

    scene.shim.put(ask)
    scene.peer.get()
    scene.peer.put(at(1))
    scene.peer.put(at(2.5))
    tap.equal("progress arrives", [scene.shim.get(), scene.shim.get()], [at(1), at(2.5)])
    scene.restart()
    scene.peer.get()
    for progress in (1, 2.5, 3):
        scene.peer.put(at(progress))
    scene.peer.put(result(1))
    tap.equal("it never goes back", [scene.shim.get(), scene.shim.get()], [at(3), result(1)])
    scene.end()


def test_listen(tap, hexmcp):
    scene = Scene(hexmcp)
    meta = {"io.modelcontextprotocol/subscriptionId": "l"}
    granted = notification("notifications/subscriptions/acknowledged", _meta=meta,
                           notifications={"toolsListChanged": True, "resourceSubscriptions": ["x:1"]})
    scene.shim.put(request("l", "subscriptions/listen", modern=True,
                           notifications={"toolsListChanged": True, "resourceSubscriptions": ["x:1"]}))
    scene.peer.get()
    scene.peer.put(granted)
    tap.equal("it listens", scene.shim.get(), granted)
    scene.peer.put(notification("notifications/cancelled", _meta=meta, requestId="l",
                                reason="the server is shutting down"))
    scene.peer.put(result("l", resultType="complete", _meta=meta))
    scene.restart()
    tap.equal("it is asked again", scene.peer.get()["method"], "subscriptions/listen")
    scene.peer.put(granted)
    tap.equal("the client hears that all may have changed", [scene.shim.get(), scene.shim.get()],
              [notification("notifications/tools/list_changed", _meta=meta),
               notification("notifications/resources/updated", _meta=meta, uri="x:1")])
    scene.shim.process.stdin.close()
    scene.peer.line()
    last = [notification("notifications/cancelled", _meta=meta, requestId="l"),
            result("l", resultType="complete")]
    for message in last:
        scene.peer.put(message)
    scene.peer.close()
    tap.equal("at the end of input it is told the end", scene.shim.end(), (last, "", 0))


def test_orderly_restart(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(request(1, "tools/list", modern=True))
    scene.peer.get()
    scene.peer.put(error(1, "the server is shutting down"))
    scene.peer.put({"jsonrpc": "2.0", "error": {"code": -32603, "message": "the server is shutting down"}})
    scene.restart()
    tap.equal("what a server leaves undone is sent to the next", scene.peer.get(),
              request(1, "tools/list", modern=True))
    scene.peer.put(result(1))
    tap.equal("and answered once", scene.end(), ([result(1)], "", 0))


def test_twice(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(request(1, "prompts/get", modern=True, name="crash"))
    scene.peer.get()
    scene.restart()
    scene.peer.get()
    scene.restart()
    tap.equal("what ends two servers is not sent to a third", scene.shim.get(), error(1, TWICE))
    scene.shim.put(request(2, "ping"))
    tap.equal("the next request arrives", scene.peer.get(), request(2, "ping"))
    scene.peer.put(result(2))
    tap.equal("and is answered", scene.end(), ([result(2)], "", 0))


def test_legacy_restart(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.session()
    for number, method, params in [(2, "resources/subscribe", {"uri": "x:1"}),
                                   (3, "resources/subscribe", {"uri": "x:2"}),
                                   (4, "resources/subscribe", {"uri": "x:3"}),
                                   (5, "resources/unsubscribe", {"uri": "x:\u0031"}),
                                   (6, "logging/setLevel", {"level": "info"}),
                                   (7, "logging/setLevel", {"level": "debug"})]:
        scene.shim.put(request(number, method, **params))
        scene.peer.get()
        scene.peer.put(error(4, "no such resource") if number == 4 else result(number))
        scene.shim.get()
    scene.peer.put(request("hexmcp-1", "roots/list"))
    tap.equal("the server's question arrives", scene.shim.get(), request("hexmcp-1", "roots/list"))
    scene.shim.put(request(8, "tools/list"))
    scene.peer.get()
    scene.restart()
    tap.equal("the question is withdrawn", scene.shim.get(),
              notification("notifications/cancelled", requestId="hexmcp-1",
                           reason="the server was restarted"))
    tap.equal("the session is opened again", scene.peer.get(),
              {**INITIALIZE, "id": "hexmcp-connect-initialize"})
    scene.peer.put(result("hexmcp-connect-initialize", protocolVersion="2025-11-25",
                          capabilities=CAPABILITIES))
    again = [scene.peer.get() for _ in range(3)]
    tap.equal("with what the client had said", again,
              [INITIALIZED, request("hexmcp-connect", "resources/subscribe", uri="x:2"),
               request("hexmcp-connect", "logging/setLevel", level="debug")])
    scene.peer.put(result("hexmcp-connect"))
    scene.peer.put(result("hexmcp-connect"))
    tap.equal("then what was open is sent", scene.peer.get(), request(8, "tools/list"))
    tap.equal("the client hears what may have changed", [scene.shim.get(), scene.shim.get()],
              [notification("notifications/tools/list_changed"),
               notification("notifications/resources/updated", uri="x:2")])
    scene.peer.put(request("hexmcp-1", "roots/list"))
    asked = scene.shim.get()
    tap.equal("a question with the same id gets another", asked,
              request('2/"hexmcp-1"', "roots/list"))
    scene.shim.put(result("hexmcp-1", roots=["old"]))
    scene.shim.put(result(asked["id"], roots=["new"]))
    tap.equal("and only its own answer", scene.peer.get(), result("hexmcp-1", roots=["new"]))
    scene.peer.put(result(8))
    tap.equal("every request is answered once", scene.end(), ([result(8)], "", 0))


def test_other_revision(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.session()
    scene.shim.put(request(2, "ping"))
    scene.peer.get()
    scene.restart()
    scene.peer.get()
    answer = result("hexmcp-connect-initialize", protocolVersion="2025-06-18", capabilities={})
    scene.peer.put(answer)
    text = (f"no server on {scene.place.path}: the server that was started anew does not open the session "
            f"again: it answers {json.dumps(answer, separators=(',', ':'))}; start one with: hexmcp serve "
            f"--unix {scene.place.path}")
    tap.equal("a session that cannot go on ends", scene.shim.end(),
              ([error(2, text)], f"hexmcp: {text}\n", 70))


def test_initialize_lost(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(INITIALIZE)
    scene.peer.get()
    scene.restart()
    tap.equal("an unanswered initialize is sent as it was", scene.peer.get(), INITIALIZE)
    scene.peer.put(result(1, protocolVersion="2025-11-25", capabilities={}))
    tap.equal("and answered", scene.end()[0],
              [result(1, protocolVersion="2025-11-25", capabilities={})])


def test_batch(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.session("2025-03-26")
    scene.shim.put([request(2, "ping"), INITIALIZED, request(3, "ping")])
    scene.peer.get()
    scene.peer.put([result(3), result(2)])
    tap.equal("a batch is answered", scene.shim.get(), [result(3), result(2)])
    scene.shim.put([request(4, "ping"), request(5, "ping")])
    scene.shim.put(request(6, "ping"))
    scene.peer.get()
    scene.peer.get()
    scene.restart()
    scene.peer.get()
    scene.peer.put(result("hexmcp-connect-initialize", protocolVersion="2025-03-26", capabilities={}))
    text = "the server was restarted; send the batch again"
    tap.equal("one that was lost is answered together", scene.shim.get(), [error(4, text), error(5, text)])
    tap.equal("the session is opened", scene.peer.get(), INITIALIZED)
    tap.equal("and the rest is sent again", scene.peer.get(), request(6, "ping"))
    scene.peer.put(result(6))
    tap.equal("nothing is left", scene.end(), ([result(6)], "", 0))


def test_cancelled(tap, hexmcp):
    scene = Scene(hexmcp)
    for number in (1, 2):
        scene.shim.put(request(number, "prompts/get", modern=True, name="p"))
        scene.peer.get()
    scene.shim.put(notification("notifications/cancelled", requestId=1))
    tap.equal("it is cancelled", scene.peer.get(), notification("notifications/cancelled", requestId=1))
    scene.restart()
    tap.equal("what was cancelled is not sent again", scene.peer.get()["id"], 2)
    scene.peer.put(result(2))
    tap.equal("nor answered", scene.end(), ([result(2)], "", 0))


def test_too_long_to_keep(tap, hexmcp):
    scene = Scene(hexmcp, "--set", "connect.max_kept_bytes=300")
    scene.shim.put(request(1, "prompts/get", modern=True, name="p" * 300))
    scene.shim.put(request(2, "prompts/get", modern=True, name="p"))
    scene.peer.get()
    scene.peer.get()
    scene.restart()
    tap.equal("what fits is sent again", scene.peer.get()["id"], 2)
    tap.equal("the other is answered", scene.shim.get(),
              error(1, "the server was restarted, and the request was too long to be kept (setting "
                       "connect.max_kept_bytes); send it again"))
    scene.peer.put(result(2))
    tap.equal("nothing is left", scene.end(), ([result(2)], "", 0))


def test_garbage(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(request(1, "prompts/get", modern=True, name="p"))
    scene.peer.get()
    scene.peer.write("Segmentation fault\n")
    tap.equal("a server that sends no JSON is left", scene.peer.line(), "")
    scene.restart()
    scene.peer.get()
    scene.peer.put(result(1))
    tap.equal("and nothing of it reaches the client", scene.end(), ([result(1)], "", 0))


def test_none_comes_back(tap, hexmcp):
    scene = Scene(hexmcp, "--set", "connect.reconnect_ms=50")
    path = scene.place.path
    scene.shim.put(request(1, "tools/list", modern=True))
    scene.peer.get()
    scene.server.stop()
    scene.peer.close()
    text = f"no server on {path}: nobody listens; start one with: hexmcp serve --unix {path}"
    tap.equal("if none comes back, what is open is answered, and it ends", scene.shim.get(),
              error(1, text))
    tap.equal("with the reason", scene.shim.end(), ([], f"hexmcp: {text}\n", 70))


def test_away(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.server.stop()
    scene.peer.close()
    scene.shim.put(request(1, "ping"))
    scene.server.listen()
    scene.peer = scene.server.greeted()
    tap.equal("what is said while there is no server waits for one", scene.peer.get(), request(1, "ping"))
    scene.peer.put(result(1))
    tap.equal("and is answered", scene.end(), ([result(1)], "", 0))
    scene = Scene(hexmcp)
    scene.server.stop()
    scene.peer.close()
    tap.equal("at the end of input no server is waited for", scene.shim.end(), ([], "", 0))


def test_signal(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(request(1, "tools/list", modern=True))
    scene.peer.get()
    scene.shim.process.send_signal(signal.SIGTERM)
    tap.equal("a signal answers what is open", scene.shim.get(), error(1, "the server is shutting down"))
    tap.equal("the server is left", scene.peer.line(), "")
    tap.equal("and it ends well", scene.shim.end(), ([], "", 0))


def test_signal_listening(tap, hexmcp):
    scene = Scene(hexmcp)
    meta = {"io.modelcontextprotocol/subscriptionId": "l"}
    scene.shim.put(request("l", "subscriptions/listen", modern=True, notifications={}))
    scene.peer.get()
    scene.shim.process.send_signal(signal.SIGTERM)
    tap.equal("a signal ends what listens", scene.shim.end(),
              ([notification("notifications/cancelled", _meta=meta, requestId="l",
                             reason="the server is shutting down"),
                result("l", resultType="complete", _meta=meta)], "", 0))


def test_unanswerable(tap, hexmcp):
    """What is answered without an id is not waited for, nor sent again."""
    scene = Scene(hexmcp)
    scene.session()
    odd = [{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, {"jsonrpc": "2.0", "id": None, "method": "ping"},
           [request(2, "ping")], [], 7]
    for message in odd:
        scene.shim.put(message)
    tap.equal("it goes to the server as it is", [scene.peer.get() for _ in odd], odd)
    refused = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "no"}}
    for _ in odd:
        scene.peer.put(refused)
    tap.equal("the answers come back", [scene.shim.get() for _ in odd], [refused for _ in odd])
    tap.equal("at the end nothing is open", scene.end(), ([], "", 0))


def test_client_gone(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.process.stdout.close()
    tap.equal("without a reader it ends", scene.shim.process.wait(20), 0)
    tap.equal("and leaves the server", scene.peer.line(), "")


def test_many(tap, hexmcp):
    """Servers that end after any byte of any answer: each request has one answer."""
    scene = Scene(hexmcp)
    wrong, number = [], 0
    for turn in range(120):
        asked = list(range(number, number + 1 + turn % 4))
        number += len(asked)
        for n in asked:
            scene.shim.put(request(n, "prompts/get", modern=True, name="p"))
        for _ in asked:
            scene.peer.get()
        said = "".join(json.dumps(result(n, turn=turn)) + "\n" for n in asked)
        cut = len(said) * turn // 119
        scene.peer.write(said[:cut])
        scene.restart()
        for n in asked[said[:cut].count("\n"):]:
            if scene.peer.get()["id"] != n:
                wrong.append(n)
            scene.peer.put(result(n, turn=turn))
        if [scene.shim.get() for _ in asked] != [result(n, turn=turn) for n in asked]:
            wrong.append(asked)
    tap.equal("all are answered once", wrong, [])
    tap.equal("and no more", scene.end(), ([], "", 0))


def test_listen_on(tap, hexmcp):
    scene = Scene(hexmcp)
    scene.shim.put(request("l", "subscriptions/listen", modern=True, notifications={}))
    again = []
    for _ in range(4):
        again.append(scene.peer.get()["id"])
        scene.restart()
    tap.equal("it listens to any number of servers", again, 4 * ["l"])
    scene.peer.close()
    scene.shim.process.kill()
    scene.shim.end()


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Rss"))


def test_slow_client(tap, hexmcp):
    scene = Scene(hexmcp)
    line = json.dumps(notification("notifications/message", data="x" * 9900)) + "\n"
    sent = 0
    scene.peer.connection.settimeout(2)
    try:
        for _ in range(10000):
            scene.peer.connection.sendall(line.encode())
            sent += 1
    except TimeoutError:
        pass
    tap.check("a server waits for a client that does not read", 100 < sent < 1500, f"{sent} lines sent")
    size = resident(scene.shim.process.pid)
    tap.check("and the memory in between is bounded", size < UNBOUNDED, f"{size} KiB")
    wrong = sum(scene.shim.process.stdout.readline().decode() != line for _ in range(sent))
    tap.equal("nothing is lost of it", wrong, 0)
    scene.peer.close()
    scene.shim.end()


def test_slow_server(tap, hexmcp):
    scene = Scene(hexmcp)
    line = json.dumps(notification("x", data="x" * 9900)) + "\n"
    pipe, data, sent = scene.shim.process.stdin.fileno(), line.encode() * 5000, 0
    os.set_blocking(pipe, False)
    while select.select([], [pipe], [], 2)[1] and sent < len(data):
        sent += os.write(pipe, data[sent:sent + 65536])
    tap.check("a client waits for a server that does not read", 1_000_000 < sent < 12_000_000,
              f"{sent} bytes sent")
    size = resident(scene.shim.process.pid)
    tap.check("and the memory in between is bounded, too", size < UNBOUNDED, f"{size} KiB")
    os.set_blocking(pipe, True)
    writer = threading.Thread(target=lambda: (os.write(pipe, data[sent:len(line) * (sent // len(line) + 1)]),
                                              scene.shim.process.stdin.close()))
    writer.start()
    wrong = sum(scene.peer.line() != line for _ in range(sent // len(line) + 1))
    writer.join()
    tap.equal("nothing is lost of that", wrong, 0)
    tap.equal("and it ends well", (scene.peer.line(), scene.peer.close(), scene.shim.end()),
              ("", None, ([], "", 0)))


def test_file(tap, hexmcp):
    place = Place()
    server = Server(place.path)
    with open(place.path + ".in", "w+", encoding="utf-8") as file:
        file.write(json.dumps(request(1, "ping")) + "\n" + json.dumps(request(2, "ping")))
        file.seek(0)
        shim = Shim(hexmcp, "--unix", place.path, env=place.env, stdin=file)
    peer = server.greeted()
    tap.equal("input from a file, the last line without its end", [peer.get(), peer.get(), peer.line()],
              [request(1, "ping"), request(2, "ping"), ""])
    peer.put(result(1))
    peer.put(result(2))
    peer.close()
    tap.equal("is answered", shim.end(), ([result(1), result(2)], "", 0))


def test_parent(tap, hexmcp):
    place = Place()
    server = Server(place.path)
    inside, outside = os.pipe()
    launcher = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys\nsubprocess.Popen(sys.argv[1:])\ninput()",
         hexmcp, "connect", "--unix", place.path], env=place.env, stdin=subprocess.PIPE,
        stdout=outside)
    os.close(outside)
    peer = server.greeted()
    launcher.kill()
    launcher.wait()
    tap.equal("when the client dies without a word it ends", peer.line(), "")
    os.close(inside)
    launcher.stdin.close()


def test_server_that_ends_always(tap, hexmcp):
    place = Place()
    server = Server(place.path)
    shim = Shim(hexmcp, "--unix", place.path, "--set", "connect.reconnect_ms=300", env=place.env)
    shim.put(request("l", "subscriptions/listen", modern=True, notifications={}))
    server.socket.settimeout(2)
    try:
        while True:
            server.greeted().close()
    except (TimeoutError, BrokenPipeError):
        pass
    text = (f"no server on {place.path}: it ended the connection; start one with: hexmcp serve --unix "
            f"{place.path}")
    tap.equal("servers that end again and again are not tried for ever", shim.end(),
              ([error("l", text)], f"hexmcp: {text}\n", 70))


def main():
    hexmcp = sys.argv[1]
    with Tap() as tap:
        for test in (test_plain, test_large, test_nobody, test_default_place, test_refused,
                     test_modern_restart, test_progress, test_listen, test_orderly_restart, test_twice,
                     test_legacy_restart, test_other_revision, test_initialize_lost, test_batch,
                     test_cancelled, test_too_long_to_keep, test_garbage, test_none_comes_back,
                     test_away, test_signal, test_signal_listening,
                     test_unanswerable, test_client_gone, test_many, test_listen_on,
                     test_slow_client, test_slow_server, test_file, test_parent,
                     test_server_that_ends_always):
            test(tap, hexmcp)
        test_calls(tap, hexmcp, True)
        test_calls(tap, hexmcp, False)


if __name__ == "__main__":
    main()
