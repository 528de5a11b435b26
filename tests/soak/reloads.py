#!/usr/bin/env python3
"""Reloads of an isolated plugin in a row, while two clients call it all the time.

usage: reloads.py --runs N HEXMCP STEADY_SO

Every call is answered once and exactly, by the version that was there when it came or a later one; both
eras hear that the list changed and find it changed; nothing is left behind.
"""
import argparse
import subprocess
import time

from steady import Failure, Place, Plugin, Server, Steady, check_flat, os, read
from tap import Tap

CHANGED = "notifications/tools/list_changed"
MOST = 400  # KiB


class Reloads:
    def __init__(self, place, server, plugin, socket):
        self.place, self.server, self.plugin, self.socket = place, server, plugin, socket
        self.number = 0
        self.steady = []

    def connect(self):
        """A client of the newer era on stdio, one of the older on the socket; both listen."""
        newer, told = self.server.main, []
        newer.ask("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, told.append)
        listening = newer.serial
        self.server.until(lambda: newer.heard, "the newer client listens")
        older = self.server.shim(self.socket)
        older.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                 "clientInfo": {"name": "soak", "version": "1"}}, told.append,
                  claim=False)
        self.server.until(lambda: told, "the older client is there")
        newer.waiting.pop(listening)  # it stays open
        older.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.steady = [Steady(newer, self.plugin), Steady(older, self.plugin, claim=False)]

    def ask(self):
        """Runs "hexmcp plugin reload" without keeping anybody waiting."""
        process = subprocess.Popen(
            [self.place.program, "plugin", "reload", self.plugin.id, "--unix", self.socket],
            env=self.place.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.server.until_soon(lambda: process.poll() is not None, "the reload")
        said = process.stdout.read().decode()
        process.stdout.close()
        if (process.returncode, said) != (0, f"Reloaded {self.plugin.id}.\n"):
            raise Failure(f"reload {self.number}: {process.returncode} {said}")

    def listed(self, version):
        for each in self.steady:
            answers = []
            each.connection.ask("tools/list", {}, answers.append, each.claim)
            self.server.until(lambda: answers, "tools/list")
            texts = [tool["description"] for tool in answers[0]["result"]["tools"]
                     if tool["name"] == f"{self.plugin.word}-twice"]
            if texts != [f"Of version {version}."]:
                raise Failure(f"after the reload to {version} the list says {texts}")

    def one(self):
        self.number += 1
        version = f"1.0.{self.number}"
        self.plugin.put(version)
        for each in self.steady:
            each.connection.heard.clear()
        self.ask()
        for each in self.steady:
            each.newest = version
        self.server.until(lambda: all(any(message["method"] == CHANGED
                                          for message in each.connection.heard)
                                      for each in self.steady), "both clients hear of the change")
        self.listed(version)


    def some(self, count):
        """The census after so many of them, while both clients call."""
        for each in self.steady:
            each.start()
        for _ in range(count):
            self.one()
        self.server.settle(self.steady)
        return self.server.census()


def count(server, steady):
    answers = []
    steady.connection.ask("tools/call", {"name": f"{steady.plugin.word}-count", "arguments": {}},
                          answers.append, steady.claim)
    server.until(lambda: answers, "the count")
    return answers[0]["result"]["structuredContent"]["n"]


def soak(tap, place, binary, runs):
    plugin = Plugin(place, binary, "hot").put("1.0.0")
    place.write("home/.config/hexmcp/config.json",
                {"plugins": {"isolation": {plugin.id: "always"}}})
    socket = os.path.join(place.top, "socket")
    server = Server(place, [plugin], "--stdio", "--unix", socket)
    try:
        reloads = Reloads(place, server, plugin, socket)
        reloads.connect()
        count(server, reloads.steady[0])  # version 1.0.0 runs before its files are replaced
        began = time.monotonic()
        counts = [reloads.some(part) for part in (max(runs // 20, 5), runs // 2, runs // 2)]
        spent = time.monotonic() - began
        calls = sum(each.number for each in reloads.steady)
        done = sum(each.connection.done for each in reloads.steady)
        tap.check(f"{reloads.number} reloads, each heard and seen by both eras", True)
        tap.check("every version answered",
                  len(set.union(*(each.seen for each in reloads.steady))) >= reloads.number,
                  f"{[len(each.seen) for each in reloads.steady]} of {reloads.number + 1}")
        tap.check("every call was answered once and exactly", done >= calls, f"{done} of {calls}")
        tap.check("the state went along", 0 < count(server, reloads.steady[0]) <= calls)
        tap.note(f"{reloads.number} reloads in {spent:.0f} s under {calls} calls")
        check_flat(tap, place.program, counts, MOST, lambda: reloads.some(runs // 2))
        tap.equal("the server ends well", server.end(), 0)
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("hexmcp")
    parser.add_argument("binary")
    options = parser.parse_args()
    with Tap() as tap, Place(os.path.abspath(options.hexmcp)) as place:
        soak(tap, place, read(options.binary), options.runs)


main()
