#!/usr/bin/env python3
"""Webhooks of the real program over SQLite, posted to a server that fails, is slow and refuses.

usage: test_webhooks.py HEXMCP
"""
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

from session import Place, Server
from tap import Tap

HEXMCP = os.path.abspath(sys.argv[1])
SECRET = "the secret of the wire"
PATIENCE = 60  # seconds: a process that was killed keeps its lease for a while
OK = (200, {})


def text_of(body):
    return json.loads(body)["data"]["parts"][0]["text"]


class Receiver:
    """Answers with what was planned, in its order, then with 200; a plan of None waits and answers
    nothing until it is let go."""

    def __init__(self):
        self.plan, self.got, self.changed = [], [], threading.Condition()
        self.release = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.place = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self.changed:
            answer = self.plan.pop(0) if self.plan else OK
            self.got.append((dict(request.headers), body, answer))
            self.changed.notify_all()
        if answer is None:
            self.release.wait(PATIENCE)
            return
        request.send_response(answer[0])
        for name, value in answer[1].items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def texts(self, answer=OK):
        """Of the events that were so answered."""
        return [text_of(body) for _, body, told in self.got if told == answer]

    def wait(self, count):
        """Until so many requests have come in all; False if they do not."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.got) >= count, PATIENCE)

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


class World:
    def __init__(self, place, receiver):
        self.place, self.receiver = place, receiver
        place.environment["HOOK_SECRET"] = SECRET
        self.config = place.write("work/hooks.json", {
            "secrets": {"sources": {"hook": {"env": "HOOK_SECRET"}}},
            "events": {"webhooks": {"one": {"url": receiver.place + "/in/deep?key=hidden",
                                            "events": ["store.session.*.MessageSent"],
                                            "secret": "hook", "timeoutMs": 1000}}}})
        self.said = ""

    def start(self):
        self.server = Server(self.place, "--config", self.config)

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()
        self.server.process.stdin.close()
        self.server.process.stdout.close()
        self.said += self.server.stderr()
        self.server = None

    def end(self):
        status, _, text = self.server.end()
        self.said += text
        self.server = None
        return status

    def close(self):
        if getattr(self, "server", None):
            self.server.process.kill()
            self.server.process.wait()

    def send(self, text):
        answer, failed = self.server.call("session-send", {"id": self.session, "text": text})
        if failed:
            raise ValueError(answer)

    def command(self, *arguments):
        status, out, err = self.place.run("events", "webhooks", *arguments, "--config", self.config)
        self.said += out + err
        return status, out, err


def test_begin(tap, world):
    """A new webhook begins with what happens once it listens: it is told apart by its first event."""
    receiver = world.receiver
    world.start()
    text, _ = world.server.call("session-create", {"title": "Told"})
    world.session = json.loads(text)["id"]
    end = time.monotonic() + PATIENCE
    while not receiver.got and time.monotonic() < end:
        world.send("begin")
        time.sleep(0.5)
    tap.check("events are posted", receiver.got, world.server.stderr())
    world.send("first")
    end = time.monotonic() + PATIENCE
    while "first" not in receiver.texts() and time.monotonic() < end:
        time.sleep(0.1)
    tap.equal("in their order", [text for text in receiver.texts() if text != "begin"], ["first"])


def test_envelope(tap, world):
    headers, body, _ = world.receiver.got[-1]
    event = json.loads(body)
    tap.equal("the event", (event["type"], event["stream"], event["tenant"], text_of(body)),
              ("MessageSent", "session/" + world.session, "local", "first"))
    tap.equal("its headers", (headers["Content-Type"], headers["X-Hexmcp-Event"],
                              headers["X-Hexmcp-Delivery"]),
              ("application/json", "MessageSent", event["id"]))


def test_retried(tap, world):
    receiver = world.receiver
    before = len(receiver.got)
    receiver.plan = [(503, {}), None, (429, {"Retry-After": "1"})]
    world.send("second")
    tap.check("it is tried until it is taken", receiver.wait(before + 4), world.server.stderr())
    tap.equal("one event, four times",
              [(text_of(body), told) for _, body, told in receiver.got[before:]],
              [("second", (503, {})), ("second", None), ("second", (429, {"Retry-After": "1"})),
               ("second", OK)])
    receiver.release.set()


def test_dead(tap, world):
    receiver = world.receiver
    before = len(receiver.got)
    receiver.plan = [(400, {})]
    world.send("refused")
    world.send("after")
    tap.check("who refuses gets the next one", receiver.wait(before + 2), world.server.stderr())
    tap.equal("which it takes", (receiver.texts((400, {})), receiver.texts()[-1]), (["refused"], "after"))
    tap.equal("a dead letter is counted", world.command(),
              (0, f"one: {receiver.place}, 1 dead\n    store.session.*.MessageSent\n", ""))
    status, out, _ = world.command("--dead", "one", "--json")
    letter = json.loads(out)["dead"][0]
    tap.equal("and told", (status, letter["stream"], letter["type"], letter["attempts"], letter["status"]),
              (0, "session/" + world.session, "MessageSent", 1, 400))
    tap.equal("another position is no letter",
              world.command("--retry", "one", "--position", str(letter["position"] + 1)),
              (0, "0 dead letters will be tried again.\n", ""))
    tap.equal("another process has it tried again", world.command("--retry", "one"),
              (0, "1 dead letter will be tried again.\n", ""))
    tap.check("and it comes", receiver.wait(before + 3), world.server.stderr())
    tap.equal("as it was", receiver.texts()[-1], "refused")
    tap.equal("no letter is left", world.command("--dead", "one"), (0, "No dead letters.\n", ""))


def test_restarted(tap, world):
    """Killed while one is under way and more wait."""
    receiver = world.receiver
    receiver.release.clear()
    receiver.plan = [None]
    before = len(receiver.got)
    for text in ("a", "b", "c"):
        world.send(text)
    tap.check("one is under way", receiver.wait(before + 1), world.server.stderr())
    world.kill()
    receiver.release.set()
    world.start()
    end = time.monotonic() + PATIENCE
    while receiver.texts()[-1] != "c" and time.monotonic() < end:
        time.sleep(0.1)
    tap.equal("nothing is lost, and in order",
              [text for text in receiver.texts() if text in "abc"], ["a", "b", "c"])
    tap.equal("the server ends well", world.end(), 0)


def test_stopped(tap, world):
    """What is stored while nobody serves is posted by the next that does; commands do not deliver."""
    receiver = world.receiver
    before = len(receiver.got)
    status, out, err = world.place.run("sessions", "send", world.session, "while away", "--config", world.config)
    tap.equal("a command stores an event", (status, err), (0, ""))
    tap.equal("and posts none", len(receiver.got), before)
    world.start()
    tap.check("the server does", receiver.wait(before + 1), world.server.stderr())
    tap.equal("that event", receiver.texts()[-1], "while away")
    tap.equal("and ends well", world.end(), 0)


def test_signatures(tap, world):
    wrong = []
    for headers, body, _ in world.receiver.got:
        told = headers["X-Hexmcp-Timestamp"].encode() + b"." + body
        made = "sha256=" + hmac.new(SECRET.encode(), told, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made, headers["X-Hexmcp-Signature"]):
            wrong.append(headers["X-Hexmcp-Delivery"])
    tap.equal("all are signed", wrong, [])


REFUSED = [
    (["--dead", "two"], 4,
     'events.webhooks has no webhook "two"; webhook.list names those that there are'),
    (["--dead", "one", "--drop", "one"], 2, "--dead, --retry and --drop do not go together"),
    (["--position", "1"], 2, "--position goes with --retry or --drop"),
    (["--drop", "one", "--position", "x"], 2, '--position takes a whole number from 1 on, not "x"'),
]


def test_refused(tap, world):
    for arguments, code, text in REFUSED:
        tap.equal(" ".join(arguments), world.command(*arguments), (code, "", f"hexmcp: {text}\n"))
    tap.equal("nothing is there to drop", world.command("--drop", "one"), (0, "0 dead letters dropped.\n", ""))
    config = world.place.write("work/bad.json", {"events": {"webhooks": {"one": {"url": "x"}}}})
    status, _, err = world.place.run("events", "webhooks", "--config", config)
    tap.equal("a bad setting is named", (status, err),
              (3, 'hexmcp: webhooks: events.webhooks: "one": "url" is no URL that begins with https:// or '
                  'http://\n'))


def test_secrets(tap, world):
    tap.equal("neither the secret nor the rest of the URL is told",
              [text for text in (SECRET, "deep", "hidden") if text in world.said], [])


with Tap() as tap, Place(HEXMCP) as place:
    receiver = Receiver()
    world = World(place, receiver)
    try:
        for test in (test_begin, test_envelope, test_retried, test_dead, test_restarted, test_stopped,
                     test_signatures, test_refused, test_secrets):
            test(tap, world)
    finally:
        world.close()
        receiver.close()
