#!/usr/bin/env python3
"""Sessions that share one server: `hexmcp connect` with the server that it is for.

usage: test_shared.py HEXMCP SLOW_PLUGIN
"""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from shim import TIMEOUT, Place, Shim, error, notification, request  # noqa: E402
from tap import Tap  # noqa: E402

SESSIONS = 20
INITIALIZE = request(0, "initialize", protocolVersion="2025-11-25", capabilities={},
                     clientInfo={"name": "t", "version": "1"})


def servers(place):
    """The processes that serve on the socket."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[1:2] == [b"serve"] and place.path.encode() in words:
            found.append(int(pid))
    return found


def wait_for(what):
    until = time.monotonic() + TIMEOUT
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()


def end_all(place, shims):
    ends = [shim.end() for shim in shims]
    for pid in servers(place):
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not servers(place))
    return ends


def test_start(tap, hexmcp):
    place = Place()
    shims = [Shim(hexmcp, "--unix", place.path, "--start", env=place.env) for _ in range(SESSIONS)]
    for shim in shims:
        shim.put(INITIALIZE)
    names = {shim.get()["result"]["serverInfo"]["name"] for shim in shims}
    tap.equal("sessions that begin at once are all served", names, {"hexmcp"})
    before = servers(place)
    tap.equal("by one server", len(before), 1)
    for shim in shims:
        shim.put(notification("notifications/initialized"))
        shim.put(request(1, "tools/list"))
    lists = [shim.get() for shim in shims]
    os.kill(before[0], signal.SIGKILL)
    for shim in shims:
        shim.put(request(2, "tools/list"))
    told = [notification(f"notifications/{name}/list_changed") for name in ("tools", "prompts", "resources")]
    after = []
    for shim in shims:
        answer = shim.get()
        while answer in told:
            answer = shim.get()
        after.append(answer)
    tap.equal("when it is killed the sessions go on", after, [{**old, "id": 2} for old in lists])
    now = servers(place)
    tap.check("with one other server", len(now) == 1 and now != before, f"{before}, then {now}")
    ends = end_all(place, shims)
    tap.equal("and end well", [(rest, said, code) for rest, said, code in ends
                               if (said, code) != ("", 0) or any(m not in told for m in rest)], [])


def test_orderly(tap, hexmcp, slow):
    """A server that is told to end while calls run."""
    place = Place()
    shim = Shim(hexmcp, "--unix", place.path, "--start", "--plugin", slow, env=place.env)
    shim.put(request(1, "tools/list", modern=True))
    names = [tool["name"] for tool in shim.get()["result"]["tools"]]
    tap.check("a plugin of the session that starts the server is there", "slow" in names, names)
    shim.put(request(2, "tools/call", modern=True, name="slow", arguments={"steps": 600, "delay_ms": 100}))
    shim.put(request(3, "tools/list", modern=True))
    shim.get()
    os.kill(servers(place)[0], signal.SIGTERM)
    answer = shim.get()
    tap.equal("a call that may have had effects is not made again", answer,
              error(2, "the server was restarted while the tool \"slow\" ran. It may have done its "
                       "work or not. It is not marked as read-only or idempotent, so it was not called "
                       "again: see what it has done before you do"))
    tap.equal("the session ends well", end_all(place, [shim]), [([], "", 0)])


def test_folders(tap, hexmcp):
    place = Place()
    path = os.path.join(place.folder.name, "text")
    with open(path, "w", encoding="utf-8") as file:
        file.write("inside")
    may = Shim(hexmcp, "--unix", place.path, "--start", "--allow-read", place.folder.name, env=place.env)
    call = request(1, "tools/call", modern=True, name="file-operations",
                   arguments={"operation": "read", "path": path})
    may.put(call)
    first = may.get()
    may_not = Shim(hexmcp, "--unix", place.path, env=place.env)
    may_not.put(call)
    second = may_not.get()
    tap.check("a session has the folders that it brought", "inside" in json.dumps(first), first)
    tap.check("and no other session has them", "inside" not in json.dumps(second) and
              second["result"]["isError"], second)
    tap.equal("both end well", end_all(place, [may, may_not]), 2 * [([], "", 0)])


def test_idle(tap, hexmcp):
    place = Place()
    shim = Shim(hexmcp, "--unix", place.path, "--start", "--set", "connect.idle_exit_ms=200",
                env=place.env)
    shim.put(INITIALIZE)
    shim.get()
    pid = servers(place)
    tap.equal("a session keeps its server", len(pid), 1)
    tap.equal("the session ends well", shim.end(), ([], "", 0))
    tap.check("and the server after it", wait_for(lambda: not servers(place)), pid)
    tap.check("its socket is gone", not os.path.exists(place.path), place.path)


def test_no_start(tap, hexmcp):
    place = Place()
    with open(place.path, "w", encoding="utf-8"):
        pass
    shim = Shim(hexmcp, "--unix", place.path, "--start", env=place.env)
    shim.put(INITIALIZE)
    log = os.path.join(place.folder.name, ".local/state/hexmcp/server.log")
    rest, said, code = shim.end()
    tap.equal("a server that cannot start", (said.split(" with status ")[0], rest[0]["id"], code),
              (f"hexmcp: no server on {place.path}: the one that was started ended", 0, 70))
    tap.check("the message leads to the log", said.endswith(f"; see {log}\n"), said)
    with open(log, encoding="utf-8") as file:
        text = file.read()
    tap.check("which says why", place.path in text, text)
    shim = Shim(hexmcp, "--unix", "/proc/none/s", "--start", env=place.env)
    tap.equal("a place where nothing can be made", shim.process.stderr.readline().decode(),
              "hexmcp: no server on /proc/none/s: none can be started: /proc/none/s.lock: No such file or "
              "directory\n")
    shim.end()


def test_doctor(tap, hexmcp):
    """What is true of a server on stdio is true of the shim and its server."""
    place = Place()
    keeper = Shim(hexmcp, "--unix", place.path, "--start", env=place.env)
    keeper.put(INITIALIZE)
    keeper.get()
    done = subprocess.run([hexmcp, "doctor", "stdio", "--skip", "first-answer", "--", hexmcp, "connect",
                           "--unix", place.path], env=place.env, capture_output=True, text=True, timeout=100)
    tap.check("the doctor finds nothing", done.returncode == 0 and "\n0 errors, 0 warnings" in done.stdout,
              done.stdout + done.stderr)
    tap.equal("the server is still there", end_all(place, [keeper]), [([], "", 0)])


def main():
    hexmcp, slow = sys.argv[1:3]
    with Tap() as tap:
        test_start(tap, hexmcp)
        test_orderly(tap, hexmcp, slow)
        test_folders(tap, hexmcp)
        test_idle(tap, hexmcp)
        test_no_start(tap, hexmcp)
        test_doctor(tap, hexmcp)


if __name__ == "__main__":
    main()
