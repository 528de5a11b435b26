"""test_host.py HEXMCP MUSEUM: the host survives every exhibit in a helper process.

While the exhibit does its harm, another plugin answers exactly; every line of the wire is a message;
the error of the call that failed names the plugin and says what happened; and when the server has
ended, nothing of it is left.
"""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))
sys.path.insert(0, HERE)
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402
from exhibits import ANSWERED, EXHIBITS, IN_HOST  # noqa: E402

HEXMCP, MUSEUM = map(os.path.abspath, sys.argv[1:3])
ONLY = sys.argv[3:]
SETTINGS = ["isolation.mode=always", "isolation.ping_ms=200", "isolation.pong_ms=1500",
            "isolation.term_ms=300"]
GREETING = ("Hello, Ada!", False)


def children(pid):
    """All processes below this one."""
    found = []
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            direct = [int(word) for word in file.read().split()]
    except OSError:
        direct = []
    for child in direct:
        found += [child, *children(child)]
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except OSError:
        return False


def answers(server, ids):
    """The answers to these ids, in whatever order they come: {id: (text, error or code)}."""
    got = {}
    while len(got) < len(ids):
        message = server.message()
        if message is None:
            raise EOFError("the server ended; stderr: " + server.stderr())
        if message.get("id") not in ids:
            if "method" not in message:
                raise ValueError(f"an answer to nothing: {message}")
            continue
        if "error" in message:
            got[message["id"]] = (message["error"]["message"], message["error"]["code"])
        else:
            result = message["result"]
            got[message["id"]] = (result["content"][0]["text"], result.get("isError", False))
    return got


def wait_gone(pids):
    for _ in range(500):
        if not any(map(alive, pids)):
            return True
        time.sleep(0.02)
    return False


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def visit(tap, place, name):
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    server = Server(place, "--plugin", os.path.join(MUSEUM, f"museum.{name}"), *settings)
    tap.equal(f"{name}: the neighbour answers before", server.call("hello", {"name": "Ada"}), GREETING)
    before = descriptors(server.process.pid)
    seen = set()
    for attempt in range(2):
        bad = server.start("tools/call", {"name": "bad", "arguments": {}})
        well = server.start("tools/call", {"name": "hello", "arguments": {"name": "Ada"}})
        got = answers(server, {bad, well})
        seen.update(children(server.process.pid))
        tap.equal(f"{name}: the neighbour answers beside call {attempt + 1}", got[well], GREETING)
        judge(tap, name, got[bad])
    if not seen:
        tap.skip(f"{name}: isolated", "this hexmcp runs no plugin in a helper process")
    tap.equal(f"{name}: the neighbour answers after", server.call("hello", {"name": "Ada"}), GREETING)
    after = descriptors(server.process.pid)
    # Each helper has four: its two outputs, its process and its connection.
    tap.check(f"{name}: the server has no more descriptors than helpers need", after <= before + 8,
              f"{before}, then {after}")
    status, rest, errors = server.end()
    tap.check(f"{name}: the server ends well", status == 0 and not rest, f"{status} {rest!r}\n{errors}")
    tap.check(f"{name}: nothing of it is left", wait_gone(seen), str([p for p in seen if alive(p)]))
    return errors


def judge(tap, name, answer):
    text, error = answer
    if name in IN_HOST:
        tap.check(f"{name}: what its call gives", error is not False and re.search(IN_HOST[name], text),
                  f"{answer}\nwanted: {IN_HOST[name]}")
    else:
        tap.equal(f"{name}: what its call gives", answer, (ANSWERED.get(name, "ok"), False))


with Tap() as tap:
    for exhibit in ONLY or EXHIBITS:
        if not os.path.isdir(os.path.join(MUSEUM, f"museum.{exhibit}")):
            tap.skip(f"{exhibit}: survived", "it was not built: there is no C++ compiler")
            continue
        with Place(HEXMCP) as place:
            visit(tap, place, exhibit)
