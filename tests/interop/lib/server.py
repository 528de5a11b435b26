"""The server under test: how it is started, and whether it is gone (the twin of server.mjs)."""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))

STRUCTURED_SINCE = "2025-06-18"
LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
MODERN = "2026-07-28"
INVALID_PARAMS = -32602

# What a server leaves behind becomes our child and cannot hide from processes().
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

with open(os.path.join(HERE, "..", "calls.json"), encoding="utf-8") as file:
    DATA = json.load(file)

with open(os.path.join(HERE, "..", "primitives.json"), encoding="utf-8") as file:
    PRIMITIVES = json.load(file)

TOOLS = list(dict.fromkeys(call["tool"] for call in DATA["calls"]))


def read(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except OSError:
        return ""


def stat(pid):
    """(parent, start time) of a process that runs, else None."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[1]), fields[19]) if fields and fields[0] != "Z" else None


# How the clients reach the server: stdio or http.
WIRE = os.environ.get("INTEROP_WIRE", "stdio")


class ServerUnderTest:
    """Home and folder are empty, so that only the server's built-in settings count; a tag in the
    environment marks the server and what it starts."""

    def __init__(self):
        self.tag = str(uuid.uuid4())
        self.home = tempfile.mkdtemp(prefix="hexmcp-interop-")
        self.child = None
        self.url = None
        self.command = os.environ["HEXMCP"]
        self.args = os.environ.get("HEXMCP_ARGS", "serve").split()
        kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        self.env = {"PATH": os.environ["PATH"], **kept, "HOME": self.home, "INTEROP_TAG": self.tag}

    def __enter__(self):
        """A server on the network is started here; one on stdio by its client."""
        if WIRE == "stdio":
            return self
        self.child = subprocess.Popen([self.command, *self.args, "--listen", "127.0.0.1:0"],
                                      env=self.env, cwd=self.home, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.child.stderr:
            found = re.search(r"listening on (http:\S+)", line)
            if found:
                self.url = found.group(1)
                return self
            sys.stderr.write(line)
        raise RuntimeError("the server ended before it listened")

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait()
            self.child.stderr.close()
            self.child = None

    def __exit__(self, *_):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def target(self):
        """For command lines that take either an address or a command."""
        if self.url:
            return ["--transport", "http", "--server-url", self.url]
        return ["--", self.command, *self.args]

    def processes(self):
        """{pid: start time} of our children, of all with the tag, and of their descendants."""
        running = {int(name): stat(name) for name in os.listdir("/proc") if name.isdigit()}
        running = {pid: info for pid, info in running.items() if info and pid != os.getpid()}
        found = {pid for pid, (parent, _) in running.items() if parent == os.getpid()
                 or f"INTEROP_TAG={self.tag}\0" in read(f"/proc/{pid}/environ")}
        before = -1
        while before != len(found):
            before = len(found)
            found |= {pid for pid, (parent, _) in running.items() if parent in found}
        return {pid: running[pid][1] for pid in found}

    def remaining(self, processes, deadline):
        """Waits until all of these, and all with the tag, are gone; the pids still there at the
        deadline (time.monotonic)."""
        while True:
            known = {pid for pid, start in processes.items() if (stat(pid) or (0, ""))[1] == start}
            left = known | self.processes().keys()
            if not left or time.monotonic() >= deadline:
                return sorted(left)
            time.sleep(0.01)


def reversed_text(text):
    return "".join(reversed(text))


def pick(found, expected):
    """The members of found that expected names."""
    return {key: (found or {}).get(key) for key in expected}


def answers(result, revision):
    """The structured answer of a CallToolResult (as JSON), from each place that carries it."""
    found = [json.loads(result["content"][0]["text"])]
    if revision >= STRUCTURED_SINCE:
        found.append(result.get("structuredContent"))
    return found


def check_result(tap, name, result, expected, revision):
    known = [pick(one, expected) for one in answers(result, revision)]
    tap.equal(name, [result.get("isError", False), known], [False, [expected] * len(known)])
