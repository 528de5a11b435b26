#!/usr/bin/env python3
"""test_bad_plugins.py HEXMCP PLUGINS

Plugins that break their contract, inside the real server: the client is told what happened, and the
session goes on.
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, PLUGINS = map(os.path.abspath, sys.argv[1:])
BAD = os.path.join(PLUGINS, "hexmcp.test.bad")
BROKE = "plugin hexmcp.test.bad broke its contract: "
INTERNAL = -32603
OK = ("ok", False)

# tool of hexmcp.test.bad: what the client gets
ANSWERS = {
    "broken-json": (BROKE + 'tool "broken-json" returned broken JSON: unexpected character at '
                    "byte 12", INTERNAL),
    "nothing": (BROKE + 'tool "nothing" returned HEXMCP_OK without completing the call', INTERNAL),
    "twice": OK,
    "complete-and-fail": (BROKE + 'tool "complete-and-fail" returned the error -3 after it '
                          "completed the call", INTERNAL),
    "complete-and-pending": OK,
    "fail": ("no grant for that", True),
    "no-text": ("the plugin gave no reason", True),
    "endless-text": (BROKE + "its error text is longer than 479 bytes", INTERNAL),
    "status": (BROKE + 'tool "status" returned the unknown status 7', INTERNAL),
    "outcome": (BROKE + 'tool "outcome" completed the call with the unknown outcome 9', INTERNAL),
    "huge": (BROKE + 'tool "huge" gave a result of 67108865 bytes; the limit is 64 MiB', INTERNAL),
    "wrong-id": OK,
    "print": OK,
}

# bundle: what a call of its tool gives; it was accepted and breaks when it is first used
BROKEN_AT_USE = {
    "create": "create failed: the weather is bad",
    "init": 'init failed: "port" is missing',
    "undefined": "plugin.so cannot be loaded: undefined symbol: hexmcp_test_is_nowhere",
}

# bundle: why it is refused, as `plugin list` says
REFUSED = {
    "abi": "plugin.so: made for plugin ABI 2.0, this hexmcp serves 1.0; use a newer hexmcp",
    "min-host": "plugin.so: needs a host with plugin ABI 1.99, this hexmcp serves 1.0; use a newer "
                "hexmcp",
    "no-create": "plugin.so: exports no function hexmcp_plugin_create; use HEXMCP_PLUGIN_DEFINE",
    "other-id": 'plugin.json has the id "hexmcp.test.bad-other-id", plugin.so '
                '"hexmcp.test.somebody-else"; build the plugin anew',
    "version": "plugin.json has the version 1.0.0, plugin.so 2.0.0; build the plugin anew",
}


def with_short_limit(place):
    """hexmcp.test.bad, with a time limit of 200 ms on the tool that hangs."""
    folder = place.folder("hexmcp.test.bad")
    with open(os.path.join(BAD, "plugin.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    for tool in manifest["tools"]:
        if tool["name"] == "hang":
            tool["run"] = {"mode": "worker", "timeoutMs": 200}
    place.write(os.path.join(folder, "plugin.json"), manifest)
    shutil.copyfile(os.path.join(BAD, "plugin.so"), os.path.join(folder, "plugin.so"))
    return folder


def clean_end(tap, server, name):
    status, left, errors = server.end()
    tap.equal(f"{name}: the server ends with status 0", status, 0)
    tap.equal(f"{name}: nothing else came on stdout", left, "")
    return errors


def broken_calls(tap, place):
    server = Server(place, "--plugin", BAD, "--set", "log.level=info")
    for tool, expected in ANSWERS.items():
        tap.equal(f"{tool}: the answer", server.call(tool), expected)
        tap.equal(f"{tool}: the session goes on", server.call("hello", {"name": "World"}),
                  ("Hello, World!", False))
    tap.equal("the bad plugin's good tool works to the end", server.call("good"), OK)
    errors = clean_end(tap, server, "broken calls")
    tap.check("what a plugin prints is in the log",
              'hexmcp.test.bad: {"jsonrpc":"2.0","id":1,"result":"from a plugin"}\n' in errors, errors)
    tap.check("a second completion is logged", "which is not running: completed before" in errors,
              errors)


def hanging_call(tap, place):
    server = Server(place, "--plugin", with_short_limit(place))
    never = os.path.join(place.top, "never")
    hang = server.start("tools/call", {"name": "hang", "arguments": {"until": never}})
    quick = server.start("tools/call", {"name": "hello", "arguments": {"name": "World"}})
    tap.equal("hang: others are answered meanwhile",
              server.answer(quick)["result"]["content"][0]["text"], "Hello, World!")
    result = server.answer(hang)["result"]
    tap.equal("hang: the client is told of the time limit",
              (result["content"][0]["text"], result["isError"]),
              ('tool "hang" did not finish within its time limit of 200 ms and was stopped', True))
    tap.equal("hang: the plugin's other tools go on", server.call("good"), OK)
    errors = clean_end(tap, server, "hang")
    tap.check("hang: the log says that it was left",
              "hexmcp.test.bad: left as it is: a call has not returned" in errors or
              "was killed: it does not stop in time" in errors, errors)


def broken_at_use(tap, place):
    for name, reason in BROKEN_AT_USE.items():
        plugin = f"hexmcp.test.bad-{name}"
        server = Server(place, "--plugin", os.path.join(PLUGINS, plugin))
        for turn in ("first", "second"):
            tap.equal(f"{name}: {turn} call", server.call("good"),
                      (f"plugin {plugin} cannot be used: {reason}", True))
        tap.equal(f"{name}: the session goes on", server.call("hello", {"name": "World"}),
                  ("Hello, World!", False))
        errors = clean_end(tap, server, name)
        tap.equal(f"{name}: logged once", errors,
                  f"hexmcp: error: {plugin}: cannot be used: {reason}\n")


def refused(tap, place):
    for name, reason in REFUSED.items():
        plugin = f"hexmcp.test.bad-{name}"
        option = ["--plugin", os.path.join(PLUGINS, plugin)]
        server = Server(place, *option)
        tap.equal(f"{name}: its tools are not there", server.call("good"),
                  ('unknown tool "good"; tools/list names all', -32602))
        tap.equal(f"{name}: the session goes on", server.call("hello", {"name": "World"}),
                  ("Hello, World!", False))
        clean_end(tap, server, name)
        status, listed, _ = place.run("plugin", "inspect", plugin, *option)
        tap.equal(f"{name}: plugin inspect works", status, 0)
        tap.check(f"{name}: plugin inspect says why", f"reason       {reason}\n" in listed, listed)


def talking_constructor(tap, place):
    server = Server(place, "--plugin", os.path.join(PLUGINS, "hexmcp.test.bad-constructor"),
                    "--set", "log.level=info")
    tap.equal("constructor: works", server.call("good"), OK)
    errors = clean_end(tap, server, "constructor")
    tap.check("constructor: what it prints is in the log", "hello from a constructor\n" in errors,
              errors)


def unstoppable(tap, place):
    server = Server(place, "--plugin", os.path.join(PLUGINS, "hexmcp.test.bad-stop"))
    tap.equal("stop: works", server.call("good"), OK)
    errors = clean_end(tap, server, "stop")
    tap.equal("stop: the log says that it was left", errors,
              "hexmcp: warning: hexmcp.test.bad-stop: left as it is: it does not stop in time\n")


with Tap() as tap, Place(HEXMCP) as place:
    broken_calls(tap, place)
    hanging_call(tap, place)
    broken_at_use(tap, place)
    refused(tap, place)
    talking_constructor(tap, place)
    unstoppable(tap, place)
