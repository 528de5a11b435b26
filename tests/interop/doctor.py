"""hexmcp doctor stdio against public servers: what is wrong with them, and nothing else."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

from tap import Tap  # noqa: E402

MODULES = os.path.join(os.environ["INTEROP_NODE_HOME"], "node_modules")
OFFICIAL = "@modelcontextprotocol/server-"


def code(method):
    """TypeScript SDK 1.x takes wrong params for a fault of its own."""
    return ("warning", "bad-params", f"{method} without params is refused with the code -32603")


# A package of package.json, arguments of its server, and its findings.
SERVERS = [
    (OFFICIAL + "everything", [],
     [code("tools/call"), code("prompts/get"), code("resources/read")]),
    (OFFICIAL + "filesystem", ["{folder}"], [code("tools/call")]),
    (OFFICIAL + "memory", [], [code("tools/call"), code("resources/read")]),
    (OFFICIAL + "sequential-thinking", [], [code("tools/call")]),
    ("@upstash/context7-mcp", [], [code("prompts/get"), code("resources/read")]),
]
# How long a program of Node takes to start says nothing on a crowded machine.
OPTIONS = ["--json", "--timeout", "10", "--skip", "first-answer"]


def examine(package, arguments, folder):
    """(exit status, findings, ids of the checks that were made)"""
    server = os.path.join(MODULES, package, "dist", "index.js")
    environment = {"HOME": folder, "PATH": "/usr/bin:/bin", "NODE_ENV": "production",
                   "MEMORY_FILE_PATH": os.path.join(folder, "memory.json")}
    if os.path.isdir(os.environ.get("HEXMCP_MCP_SCHEMA", "")):
        environment["HEXMCP_MCP_SCHEMA"] = os.environ["HEXMCP_MCP_SCHEMA"]
    done = subprocess.run([os.environ["HEXMCP"], "doctor", "stdio", *OPTIONS, "--",
                           os.environ["INTEROP_NODE"], server,
                           *(a.format(folder=folder) for a in arguments)],
                          env=environment, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, timeout=240)
    report = json.loads(done.stdout)
    return (done.returncode, [(f["severity"], f["id"], f["seen"]) for f in report["findings"]],
            [c["id"] for c in report["checks"] if c["state"] != "skipped"])


with Tap() as tap, tempfile.TemporaryDirectory() as folder:
    for package, arguments, expected in SERVERS:
        status, findings, made = examine(package, arguments, folder)
        tap.equal(f"{package}: what is wrong, and nothing else", findings, expected)
        tap.equal(f"{package}: the exit status", status, 0)
        tap.check(f"{package}: it was really spoken to",
                  {"initialize", "tools", "tool-calls", "eof-exit", "sigterm"} <= set(made), made)
