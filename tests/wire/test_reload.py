#!/usr/bin/env python3
"""Reloading a plugin of a server that runs: asked for, and by itself when its files change.

usage: test_reload.py HEXMCP FOLDER, FOLDER being that of the versions of hexmcp.test.versions
"""
import json
import os
import shutil
import sys
import time

from session import PATIENCE, Place, Server
from tap import Tap

ID = "hexmcp.test.versions"
HEXMCP, VERSIONS = (os.path.abspath(path) for path in sys.argv[1:])


class Bundle:
    """The plugin in the home of a place, in one version or another."""

    def __init__(self, place):
        self.folder = place.folder(f"plugins/{ID}")

    def put(self, version):
        for name in ("plugin.so", "plugin.json"):
            new = os.path.join(self.folder, "new")
            shutil.copyfile(os.path.join(VERSIONS, version, ID, name), new)
            os.chmod(new, 0o644)
            os.replace(new, os.path.join(self.folder, name))


def version(server):
    """(version, how many calls it has counted, its own included)"""
    answer = server.answer(server.start("tools/call", {"name": "version", "arguments": {}}))
    content = answer["result"]["structuredContent"]
    return content["version"], content["count"]


def tools(server):
    answer = server.answer(server.start("tools/list", {}))
    return sorted(tool["name"] for tool in answer["result"]["tools"]
                  if tool["name"] in ("version", "hold", "let_go", "added", "removed"))


def begin(place, mode, *more):
    bundle = Bundle(place)
    bundle.put("one")
    place.write("home/.config/hexmcp/config.json", {
        "plugins": {"isolation": {ID: mode}},
        "hooks": {"use": {"log": {"hook": "logging", "points": ["ConfigurationChange"],
                                  "level": "warning", "data": True}}}})
    return bundle, Server(place, "--plugin", bundle.folder, *more)


def test_asked(tap, place, mode):
    socket = os.path.join(place.top, "socket")
    bundle, server = begin(place, mode, "--stdio", "--unix", socket)

    def reload():
        return place.run("plugin", "reload", ID, "--unix", socket)

    tap.equal(f"{mode}: version 1 answers", version(server), ("1.0.0", 1))
    tap.equal(f"{mode}: it lists its tools", tools(server), ["hold", "let_go", "removed", "version"])
    listen = server.start("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
    tap.equal(f"{mode}: a client listens", server.message()["method"],
              "notifications/subscriptions/acknowledged")
    waits = server.start("tools/call", {"name": "hold", "arguments": {}})
    version(server)
    bundle.put("two")
    tap.equal(f"{mode}: the reload is done", reload(), (0, f"Reloaded {ID}.\n", ""))
    heard = server.message()
    tap.equal(f"{mode}: the client hears that the list has changed",
              (heard["method"], heard["params"]["_meta"]),
              ("notifications/tools/list_changed",
               {"io.modelcontextprotocol/subscriptionId": listen}))
    tap.equal(f"{mode}: version 2 goes on where version 1 was", version(server), ("2.0.0", 3))
    tap.equal(f"{mode}: its tools are listed", tools(server), ["added", "hold", "let_go", "version"])
    gone = server.answer(server.start("tools/call", {"name": "removed", "arguments": {}}))
    tap.equal(f"{mode}: who still calls what is gone is told",
              (gone["error"]["code"], "removed" in gone["error"]["message"]), (-32602, True))
    server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                            "params": {"requestId": waits}}))
    for name, why in (("no-start", "the new version cannot be used: start failed: nothing works today"),
                      ("bad-test", "the self-test of the new version failed: it answered "
                                   '{"message":"one and one is three"}')):
        bundle.put(name)
        status, out, err = reload()
        tap.equal(f"{mode}: {name} is not taken", (status, out, err),
                  (70, "", f"hexmcp: kept {ID} 2.0.0: {why}\n"))
        tap.equal(f"{mode}: {name}: version 2 stays", version(server)[0], "2.0.0")
    status, out, err = place.run("plugin", "reload", "org.example.none", "--unix", socket)
    tap.equal(f"{mode}: an unknown plugin is named", (out, err),
              ("", "hexmcp: there is no plugin org.example.none\n"))
    status, _, errors = server.end()
    tap.equal(f"{mode}: the server ends well", status, 0)
    tap.equal(f"{mode}: hooks heard of the reload, once", [
        line for line in errors.splitlines() if "ConfigurationChange" in line],
        [f'hexmcp: warning: hooks: ConfigurationChange {ID} {{"plugin":"{ID}"}}'])
    tap.equal(f"{mode}: without a server there is advice", reload(),
              (70, "", f"hexmcp: no server on {socket}: No such file or directory; start one with: "
                       f"hexmcp serve --unix {socket}\n"))


def test_watched(tap, place):
    bundle, server = begin(place, "always", "--set", "plugins.watch=true")
    server.send(json.dumps({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"}}}))
    server.answer("i")
    server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
    call = {"jsonrpc": "2.0", "id": "c", "method": "tools/call",
            "params": {"name": "version", "arguments": {}}}
    server.send(json.dumps(call))
    tap.equal("watched: version 1 answers",
              server.answer("c")["result"]["structuredContent"]["version"], "1.0.0")
    bundle.put("two")
    tap.equal("watched: a client of the older era is told", server.message(),
              {"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": {}})
    server.send(json.dumps(call))
    tap.equal("watched: version 2 answers with the state",
              server.answer("c")["result"]["structuredContent"], {"version": "2.0.0", "count": 2})
    bundle.put("no-start")
    until = time.monotonic() + PATIENCE
    while "is kept" not in server.stderr() and time.monotonic() < until:
        time.sleep(0.02)
    server.send(json.dumps(call))
    tap.equal("watched: what does not start is not taken",
              server.answer("c")["result"]["structuredContent"], {"version": "2.0.0", "count": 3})
    tap.equal("watched: the server ends well", server.end()[0], 0)


def test_unseen(tap, place):
    """Nobody has asked for a list before the first reload."""
    socket = os.path.join(place.top, "socket")
    bundle, server = begin(place, "always", "--stdio", "--unix", socket)
    server.answer(server.start("server/discover"))
    for version_name, listed in (("two", ["added", "hold", "let_go", "version"]),
                                 ("one", ["hold", "let_go", "removed", "version"])):
        bundle.put(version_name)
        tap.equal(f"unseen: the reload to {version_name} is done",
                  place.run("plugin", "reload", ID, "--unix", socket), (0, f"Reloaded {ID}.\n", ""))
        tap.equal(f"unseen: the tools of {version_name} are listed", tools(server), listed)
    status, _, err = server.end()
    tap.equal("unseen: nothing is published twice", (status, "twice" in err), (0, False))


with Tap() as tap:
    with Place(HEXMCP) as place:
        test_unseen(tap, place)
    for mode in ("never", "always"):
        with Place(HEXMCP) as place:
            test_asked(tap, place, mode)
    with Place(HEXMCP) as place:
        test_watched(tap, place)
