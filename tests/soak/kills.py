#!/usr/bin/env python3
"""kill -9 at random moments while sessions are written: what was acknowledged is there.

usage: kills.py --runs N [--seed N] HEXMCP

In each run WRITERS sessions get messages, one after the other each, while other clients of the same store
do too; the server is killed in the middle, and the next one must give each session with its messages in
order, each once, none of the acknowledged ones missing, and at most the one that was on its way besides.
"""
import argparse
import os
import random
import signal
import time

from steady import Failure, Place, Server
from tap import Tap

WRITERS = 6


class Writer:
    """Messages to one session: the next when the last is acknowledged."""

    def __init__(self, server, number):
        self.server, self.number = server, number
        self.ident = None
        self.sent = self.acknowledged = 0
        self.call("session-create", {"title": f"writer {number}"}, self.created)

    def call(self, tool, arguments, told):
        self.server.main.ask("tools/call", {"name": tool, "arguments": arguments}, told)

    def created(self, message):
        self.ident = structured(message)["id"]
        self.send()

    def send(self):
        self.sent += 1
        self.call("session-send", {"id": self.ident, "text": f"message {self.sent}"}, self.told)

    def told(self, message):
        version = structured(message)["version"]
        if version != self.sent + 1:
            raise Failure(f"message {self.sent} of session {self.ident} became version {version}")
        self.acknowledged = self.sent
        self.send()


def structured(message):
    result = message.get("result", {})
    if result.get("isError") or "structuredContent" not in result:
        raise Failure(f"answered with {message}")
    return result["structuredContent"]


def history(server, ident):
    """The texts of all messages of a session."""
    texts, after = [], None
    while True:
        got = []
        arguments = {"id": ident, "limit": 500, **({"after": after} if after else {})}
        server.main.ask("tools/call", {"name": "session-history", "arguments": arguments}, got.append)
        server.until(lambda: got, "a history")
        page = structured(got[0])
        texts += [item["data"]["parts"][0]["text"] for item in page["items"]
                  if item["type"] == "MessageSent"]
        if "next" not in page:
            return texts
        after = page["next"]


def check(server, writers):
    for writer in writers:
        if not writer.ident:
            continue
        texts = history(server, writer.ident)
        want = [f"message {i + 1}" for i in range(len(texts))]
        if texts != want or not writer.acknowledged <= len(texts) <= writer.sent:
            raise Failure(f"session {writer.ident}: {writer.acknowledged} messages were acknowledged and "
                          f"{writer.sent} sent; there are {len(texts)}: {texts[-3:]}")


def kill(server):
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    for end in (server.process.stdin, server.process.stdout, server.errors):
        try:
            end.close()
        except BrokenPipeError:
            pass


def soak(tap, place, runs, chance):
    acknowledged, before, began = 0, [], time.monotonic()
    for _ in range(runs):
        server = Server(place, [])
        check(server, before)
        writers = [Writer(server, number) for number in range(WRITERS)]
        end = time.monotonic() + chance.uniform(0.0, 0.15)
        while time.monotonic() < end:
            server.turn(0.01)
        kill(server)
        acknowledged += sum(writer.acknowledged for writer in writers)
        before = writers
    server = Server(place, [])
    check(server, before)
    tap.equal("the last server ends well", server.end(), 0)
    tap.equal(f"after {runs} kills every acknowledged message was there, in order, once",
              acknowledged > 0, True)
    tap.note(f"{acknowledged} messages were acknowledged in {time.monotonic() - began:.0f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("hexmcp")
    options = parser.parse_args()
    seed = options.seed or random.randrange(1, 1 << 30)
    with Tap() as tap, Place(os.path.abspath(options.hexmcp)) as place:
        tap.note(f"seed {seed}")
        soak(tap, place, options.runs, random.Random(seed))


if __name__ == "__main__":
    main()
