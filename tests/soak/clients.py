#!/usr/bin/env python3
"""Calls of one isolated plugin by 64 clients at once.

usage: clients.py --calls N HEXMCP STEADY_SO

Each client is a process of its own (hexmcp connect). Every call is answered once and exactly.
"""
import argparse
import time

from steady import CALLS, Place, Plugin, Server, Steady, check_flat, os, read
from tap import Tap

CLIENTS = 64
MOST = 400  # KiB


def load(server, clients, calls):
    """So many calls more, by all clients together."""
    most = [each.number + calls // CLIENTS for each in clients]
    for each in clients:
        each.start()

    def enough():
        for each, last in zip(clients, most):
            each.running = each.running and each.number < last
        return not any(each.running for each in clients)

    server.until(enough, f"{calls} calls")
    server.settle(clients)
    return server.census()


def soak(tap, place, binary, calls):
    plugin = Plugin(place, binary, "shared").put("1.0.0")
    place.write("home/.config/hexmcp/config.json",
                {"plugins": {"isolation": {plugin.id: "always"}}})
    socket = os.path.join(place.top, "socket")
    server = Server(place, [plugin], "--stdio", "--unix", socket)
    try:
        answers = []
        server.main.ask("server/discover", {}, answers.append)
        server.until(lambda: answers, "the server is up")
        clients = [Steady(server.shim(socket), plugin) for _ in range(CLIENTS)]
        counts = [load(server, clients, CLIENTS * CALLS)]
        began = time.monotonic()
        counts += [load(server, clients, calls // 2) for _ in range(2)]
        spent = time.monotonic() - began - 5
        asked = sum(each.number for each in clients)
        done = sum(each.connection.done for each in clients)
        tap.equal(f"{CLIENTS} clients: every call was answered once and exactly", done, asked)
        tap.note(f"{asked} calls in {spent:.1f} s")
        check_flat(tap, place.program, counts, MOST, lambda: load(server, clients, calls // 2))
        tap.equal("the server ends well", server.end(), 0)
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("hexmcp")
    parser.add_argument("binary")
    options = parser.parse_args()
    with Tap() as tap, Place(os.path.abspath(options.hexmcp)) as place:
        soak(tap, place, read(options.binary), options.calls)


main()
