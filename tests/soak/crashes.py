#!/usr/bin/env python3
"""Crashes of an isolated plugin in a row, while two others are called all the time.

usage: crashes.py --runs N HEXMCP STEADY_SO

No call of the others is lost or wrong, each call that crashed says how, and nothing is left behind.
"""
import argparse
import time

from steady import Place, Plugin, Server, Steady, check_flat, os, read, sanitized
from tap import Tap

WAYS = (("segv", "signal 11 (segmentation fault)"), ("abort", "signal 6 (aborted)"),
        ("trap", "signal 4 (illegal instruction)"))
MOST = 400  # KiB


class Crashes:
    def __init__(self, server, plugin):
        self.server, self.plugin = server, plugin
        self.number = 0
        self.wrong = []
        # The address sanitizer makes the others its own.
        self.ways = [way for way in WAYS
                     if way[0] == "abort" or not sanitized(server.place.program)]

    def one(self):
        how, words = self.ways[self.number % len(self.ways)]
        self.number += 1
        number, answers = self.number, []
        self.server.main.ask("tools/call", {"name": f"{self.plugin.word}-crash",
                                            "arguments": {"n": number, "how": how}}, answers.append)
        self.server.until(lambda: answers, f"crash {number}")
        result = answers[0].get("result", {})
        text = "".join(block.get("text", "") for block in result.get("content", []))
        want = (f"plugin {self.plugin.id} crashed with {words} while this call ran; its last words: "
                f"crash {number}")
        if text != want or not result.get("isError"):
            self.wrong.append(f"crash {number}: {answers[0]}")

    def some(self, count, steady):
        """The census after so many of them, while the others are called."""
        for each in steady:
            each.start()
        for _ in range(count):
            self.one()
        self.server.settle(steady)
        return self.server.census()


def soak(tap, place, binary, runs):
    isolated, local, crashing = (Plugin(place, binary, word).put("1.0.0")
                                 for word in ("isolated", "local", "crashing"))
    place.write("home/.config/hexmcp/config.json", {
        "plugins": {"isolation": {isolated.id: "always", local.id: "never", crashing.id: "always"}},
        "isolation": {"crash_limit": 0, "backoff_ms": 0}})
    server = Server(place, [isolated, local, crashing])
    try:
        steady = [Steady(server.main, plugin) for plugin in (isolated, local)]
        crashes = Crashes(server, crashing)
        began = time.monotonic()
        counts = [crashes.some(part, steady) for part in (max(runs // 20, 5), runs // 2, runs // 2)]
        spent = time.monotonic() - began
        tap.equal(f"{crashes.number} crashes are told as what they were", crashes.wrong[:3], [])
        tap.note(f"{crashes.number} crashes in {spent:.0f} s; {steady[0].number} calls of the isolated "
                 f"plugin and {steady[1].number} of the one in the process were answered exactly")
        check_flat(tap, place.program, counts, MOST, lambda: crashes.some(runs // 2, steady))
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
