#!/usr/bin/env python3
"""Tools that hold every worker do not hold up large messages, nor what comes behind them.

usage: test_hanging.py HEXMCP SLOW_PLUGIN
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from tap import Tap  # noqa: E402

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}


def message(ident, method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": ident, "method": method,
                       "params": {**params, "_meta": META}}) + "\n"


def main():
    hexmcp, slow = sys.argv[1], sys.argv[2]
    lines = [message(i, "tools/call", name="slow", arguments={"steps": 1, "delay_ms": 1500})
             for i in range(16)]
    lines.append(message("large", "tools/call", name="hello", arguments={"name": "x" * 100000}))
    lines.append(message("behind", "server/discover"))
    with Tap() as tap:
        with subprocess.Popen([hexmcp, "serve", "--plugin", slow], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as server:
            server.stdin.write("".join(lines))
            server.stdin.flush()
            first = [json.loads(server.stdout.readline())["id"] for _ in range(2)]
            tap.equal("the large message and the one behind it are answered first", sorted(first),
                      ["behind", "large"])
            server.stdin.write(message("ping", "server/discover"))
            server.stdin.close()
            rest = [json.loads(line)["id"] for line in server.stdout]
        tap.equal("every other request is answered once", sorted(map(str, rest)),
                  sorted([str(i) for i in range(16)] + ["ping"]))


if __name__ == "__main__":
    main()
