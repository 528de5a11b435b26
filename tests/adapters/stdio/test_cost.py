"""System calls of a sequential round trip: python3 test_cost.py ECHO_SERVER"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from peer import Server, socketpair, Reader
from tap import Tap

ECHO = sys.argv[1]
ROUNDS = 300


def calls_between(text):
    """Counts the calls between the answers to `start` and to `stop`."""
    counts, inside = collections.Counter(), False
    for line in text.splitlines():
        if '"echo stop' in line:
            break
        match = re.match(r"\d+ +(\w+)\(", line)
        if inside and match:
            counts[match[1].replace("epoll_pwait", "epoll_wait")] += 1
        if '"echo start' in line:
            inside = True
    # The stop request was waited for and read inside.
    return counts - collections.Counter({"epoll_wait": 1, "read": 1, "recvfrom": 1})


def trace(tap, name, expected, use_socket):
    with tempfile.NamedTemporaryFile("r") as log:
        wrap = ["strace", "-f", "-qq", "-o", log.name]
        ours, theirs = socketpair()
        ends = {"stdin": theirs, "stdout": theirs} if use_socket else {}
        with ours, theirs, Server([ECHO], wrap=wrap, **ends) as server:
            reader = Reader(ours.fileno()) if use_socket else server.out
            send = ours.sendall if use_socket else server.send
            for text in ["warm", "start", *["ping"] * ROUNDS, "stop"]:
                send(text.encode() + b"\n")
                reader.line()
            if use_socket:
                ours.shutdown(1)
            else:
                server.end_input()
            server.wait()
        tap.equal(name, dict(calls_between(log.read())), dict.fromkeys(expected, ROUNDS))


with Tap() as tap:
    try:
        usable = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
        reason = usable.stderr.decode() if usable.returncode else ""
    except FileNotFoundError:
        reason = "strace is not installed"
    if reason:
        tap.skip("system calls of a round trip", reason)
    else:
        trace(tap, "a round trip over pipes", ["epoll_wait", "read", "write"], False)
        trace(tap, "a round trip over a socket", ["epoll_wait", "recvfrom", "sendto"], True)
