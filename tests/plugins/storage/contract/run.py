#!/usr/bin/env python3
"""run.py TEST_CONTRACT STORE PLUGINS [PART...]: holds one store against the contract.

STORE is memory, sqlite, postgresql or redis; the last two get a server of their own, which is stopped at
the end. PLUGINS is the folder of the bundles.
"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "..", "tools")
sys.path.insert(0, TOOLS)
sys.path.insert(0, os.path.join(TOOLS, "servers"))
from tap import Tap  # noqa: E402
import postgresql as postgresql_server  # noqa: E402
import redis as redis_server  # noqa: E402

PARTS = ["events", "projections", "values", "blobs", "search", "dump", "life"]
LINE = re.compile(r"(not )?ok \d+ - (.*)")


def run(tap, command, part, options):
    """Runs one part and takes its lines over."""
    got = subprocess.run([command[0], *command[1:3], part, *options], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    notes, count, failed = [], 0, 0
    for line in got.stdout.splitlines():
        match = LINE.match(line)
        if match:
            tap.check(f"{part}: {match[2]}", not match[1], "\n".join(notes))
            notes, count, failed = [], count + 1, failed + bool(match[1])
        elif not line.startswith("1.."):
            notes.append(line)
    tap.check(f"{part} runs to its end", count and got.returncode == failed,
              f"status {got.returncode}\n" + "\n".join(notes))


def memory(plugins, folder):
    return {"url": "memory:", "folder": folder}, ["--memory"], PARTS


def sqlite(plugins, folder):
    return {"url": "sqlite:", "folder": folder}, other(plugins), PARTS


def other(plugins):
    return ["--other", os.path.join(plugins, "hexmcp.storage-memory"), '{"url":"memory:"}']


def served(server, plugins, url, refused, more=()):
    """The settings and options of a store behind a server, which has been started."""
    def config(url, timeout):
        return {"url": url, "folder": server.folder, "timeoutMs": timeout}
    options = other(plugins) + ["--server", server.control(), "--slow", json.dumps(config(url, 400)),
                                "--refused", json.dumps(config(refused, 5000)), *more]
    return config(url, 20000), options, PARTS + ["faults"]


SERVERS = {"postgresql": (postgresql_server.PostgreSQL, ()),
           "redis": (redis_server.Redis, ("--no-dump",))}


def main():
    program, store, plugins = sys.argv[1:4]
    wanted = sys.argv[4:]
    # A limit of time ends this program so: the server must not stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with Tap() as tap, tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        if store in SERVERS:
            kind, more = SERVERS[store]
            server = kind(folder)
            if not server.program:
                tap.skip("the contract", f"there is no {server.name} server here")
                return
            stack.enter_context(server)
            config, options, parts = served(server, plugins, server.url(), server.url("wr0ng-s3cret"),
                                            more)
        else:
            config, options, parts = STORES[store](plugins, folder)
        command = [program, os.path.join(plugins, "hexmcp.storage-" + store), json.dumps(config)]
        for part in wanted or parts:
            run(tap, command, part, options)


STORES = {"memory": memory, "sqlite": sqlite}

if __name__ == "__main__":
    main()
