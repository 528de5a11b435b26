#!/usr/bin/env python3
"""test_isolated.py HEXMCP PLUGINS

Foreign plugins in the real program: each in a process of its own, which can do nothing but that, whose
end is told to those who called, and which does not outlive the program.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place, Server, children  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, PLUGINS = map(os.path.abspath, sys.argv[1:])
WILD = os.path.join(PLUGINS, "hexmcp.test.wild")
NEVER = ("--set", 'plugins.isolation={"hexmcp.test.wild":"never"}')


def gone(pid):
    """True as soon as there is no such process, or it is a zombie of somebody else's."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def reaches(server, path):
    return {
        "file": server.call("work", {"what": "read", "path": path})[0],
        "socket": server.call("work", {"what": "socket"})[0],
        "program": server.call("work", {"what": "program"})[0],
        "variable": server.call("work", {"what": "variable", "path": "HOME"})[0],
    }


def confined(tap, place):
    path = place.write("secret", "of somebody")
    server = Server(place, "--plugin", WILD)
    tap.equal("in a helper it reaches nothing", reaches(server, path),
              {"file": "Permission denied", "socket": "Operation not permitted",
               "program": "Operation not permitted", "variable": "not set"})
    tap.equal("it has one helper", len(children(server.process.pid)), 1)
    status, left, errors = server.end()
    tap.equal("the end is a good one", (status, left), (0, ""))
    for what in ("tried to open a network socket", "tried to start a process"):
        tap.check(f"the log says: {what}", f"hexmcp.test.wild: denied: it {what};" in errors, errors)
    server = Server(place, "--plugin", WILD, *NEVER)
    tap.equal("in the process of hexmcp it reaches all", reaches(server, path),
              {"file": "it worked", "socket": "it worked", "program": "it worked",
               "variable": place.home})
    tap.equal("and has no helper", children(server.process.pid), [])
    tap.equal("the control ends well", server.end()[0], 0)


def crashes(tap, place):
    server = Server(place, "--plugin", WILD)
    held = server.start("tools/call", {"name": "work", "arguments": {"what": "hang"}})
    tap.equal("another plugin answers", server.call("hello", {"name": "World"}),
              ("Hello, World!", False))
    crash = server.start("tools/call", {"name": "do", "arguments": {"what": "signal", "n": 11}})
    text = ("plugin hexmcp.test.wild crashed with signal 11 (segmentation fault) while this call ran; "
            "its last words: the end is near")
    answers = {}
    while len(answers) < 2:
        message = server.message()
        if "id" in message:
            answers[message["id"]] = message["result"]["content"][0]["text"]
    tap.equal("every call that it had is told", answers, {held: text, crash: text})
    tap.equal("the next call has a new helper", server.call("do", {"what": "x"}), ("done", False))
    tap.equal("other plugins go on", server.call("hello", {"name": "World"}), ("Hello, World!", False))
    tap.equal("the end is a good one after a crash", server.end()[:2], (0, ""))


def killed(tap, place):
    server = Server(place, "--plugin", WILD)
    server.call("do", {"what": "x"})
    helper = children(server.process.pid)[0]
    held = server.start("tools/call", {"name": "do", "arguments": {"what": "hang"}})
    time.sleep(0.1)
    os.kill(helper, signal.SIGKILL)
    tap.equal("a helper that is killed fails its call",
              server.answer(held)["result"]["content"][0]["text"],
              "plugin hexmcp.test.wild was killed (signal 9), by somebody or because the machine has no "
              "memory left while this call ran")
    server.start("tools/call", {"name": "do", "arguments": {"what": "hang"}})
    end = time.monotonic() + PATIENCE
    while not children(server.process.pid) and time.monotonic() < end:
        time.sleep(0.01)
    helper = children(server.process.pid)[0]
    server.process.kill()
    server.process.wait()
    tap.check("no helper is left when hexmcp is killed", gone(helper))
    server.process.stdin.close()
    server.process.stdout.close()
    server.errors.close()


def bundled_too(tap, place):
    server = Server(place, "--set", "isolation.mode=always")
    tap.equal("a bundled plugin in a helper", server.call("hello", {"name": "World"}),
              ("Hello, World!", False))
    tap.equal("which is a process", len(children(server.process.pid)), 1)
    tap.equal("and ends with the program", server.end()[:2], (0, ""))


def files(tap, place):
    """What hexmcp.files/1 opens for a call can be changed from a helper, and nothing beside it."""
    mine, other = (os.path.realpath(place.folder(name)) for name in ("mine", "other"))
    place.write("other/kept", "as it is")
    server = Server(place, "--set", "isolation.mode=always", "--allow-write", mine, "--allow-read", other)

    def do(operation, **more):
        return server.call("file-operations", {"operation": operation, **more})[1]

    for operation, more in (("create_dir", {"path": f"{mine}/d"}),
                            ("write", {"path": f"{mine}/d/a", "input": "text"}),
                            ("copy", {"source_path": f"{mine}/d/a", "target_path": f"{mine}/b"}),
                            ("move", {"source_path": f"{mine}/b", "target_path": f"{mine}/d/c"}),
                            ("delete", {"path": f"{mine}/d/a"})):
        tap.equal(f"in a helper: {operation}", do(operation, **more), False)
    with open(f"{mine}/d/c", encoding="utf-8") as file:
        tap.equal("what is left is what was moved", (os.listdir(f"{mine}/d"), file.read()),
                  (["c"], "text"))
    tap.equal("what may only be read stays", do("delete", path=f"{other}/kept"), True)
    tap.equal("and is there", os.listdir(other), ["kept"])
    tap.equal("it ends with the program", server.end()[:2], (0, ""))


with Tap() as tap, Place(HEXMCP) as place:
    confined(tap, place)
    crashes(tap, place)
    killed(tap, place)
    bundled_too(tap, place)
    files(tap, place)
