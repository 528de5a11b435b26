#!/usr/bin/env python3
"""Read models are built again from the first event while requests are served.

usage: rebuild.py --events N HEXMCP

Sessions get N messages in all. Then each projection is rebuilt by another process, while the server answers
calls and gives histories all the time, each as it must be; afterwards all is as it was.
"""
import argparse
import os
import subprocess
import time

from kills import history, structured
from steady import Place, Server
from tap import Tap

SESSIONS = 20
OPEN = 10  # messages on their way at once
PROJECTIONS = ("active-sessions", "session-history", "token-usage", "tool-usage")


def ask(server, tool, arguments):
    got = []
    server.main.ask("tools/call", {"name": tool, "arguments": arguments}, got.append)
    server.until(lambda: got, tool)
    return structured(got[0])


def fill(server, events):
    """The ids of sessions with so many messages in all."""
    idents = [ask(server, "session-create", {"title": f"number {i}"})["id"] for i in range(SESSIONS)]
    state = {"sent": 0, "done": 0}

    def send():
        number = state["sent"]
        state["sent"] += 1
        server.main.ask("tools/call", {"name": "session-send", "arguments": {
            "id": idents[number % SESSIONS], "text": f"message {number // SESSIONS + 1}"}}, told)

    def told(message):
        structured(message)
        state["done"] += 1
        if state["sent"] < events:
            send()

    for _ in range(OPEN):
        send()
    server.until(lambda: state["done"] == events, "the messages")
    return idents


def serve_meanwhile(server, process, ident, want):
    """Calls until the process has ended: how many, and how long the longest took."""
    calls, longest = 0, 0.0
    while process.poll() is None:
        began = time.monotonic()
        if ask(server, "calculator", {"operation": "evaluate", "input": "6*7"})["result"] != 42:
            raise ValueError("a wrong sum")
        if history(server, ident) != want:
            raise ValueError("a history that is not what it was")
        longest = max(longest, time.monotonic() - began)
        calls += 1
    return calls, longest


def soak(tap, place, events):
    server = Server(place, [])
    began = time.monotonic()
    idents = fill(server, events)
    tap.note(f"{events} messages in {time.monotonic() - began:.0f} s")
    want = history(server, idents[0])
    tap.equal("all messages are there", len(want), (events + SESSIONS - 1) // SESSIONS)
    before = ask(server, "session-list", {"limit": SESSIONS})
    for name in PROJECTIONS:
        began = time.monotonic()
        process = subprocess.Popen([place.program, "events", "rebuild", name], cwd=place.work,
                                   env=place.environment, stdout=subprocess.PIPE, text=True)
        calls, longest = serve_meanwhile(server, process, idents[0], want)
        tap.equal(f"{name} is rebuilt", (process.returncode, process.stdout.read()),
                  (0, f"{name} was built again from the first event.\n"))
        tap.note(f"{time.monotonic() - began:.1f} s; {calls} times a call and a history meanwhile, the "
                 f"longest {longest * 1000:.0f} ms")
    tap.equal("the history is what it was", history(server, idents[0]), want)
    tap.equal("so is the list", ask(server, "session-list", {"limit": SESSIONS}), before)
    tap.equal("the server ends well", server.end(), 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("hexmcp")
    options = parser.parse_args()
    with Tap() as tap, Place(os.path.abspath(options.hexmcp)) as place:
        soak(tap, place, options.events)


if __name__ == "__main__":
    main()
