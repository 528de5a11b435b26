#!/usr/bin/env python3
"""test_attacks.py HEXMCP

Every way out of a granted folder that a path can take, with every operation of file-operations and
with file-search: nothing of what is outside comes back, and nothing outside changes.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "wire"), os.path.join(HERE, "..", "..", "tools")]
from attacks import OPERATIONS, SECRET, Tree, arguments, operations, table  # noqa: E402
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
SETTINGS = json.dumps({"hexmcp.file-operations": {"allowRecursiveDelete": True}})


def serve(place, *options):
    return Server(place, "--set", f"plugins.settings={SETTINGS}", *options)


def granted(place, tree):
    return serve(place, "--allow-write", tree.proj, "--allow-read", tree.docs)


def read(server, path):
    return server.call("file-operations", {"operation": "read", "path": path})


def one_attack(tap, server, tree, row):
    defence, path, message = row
    before = tree.outside()
    tree.renew()
    tap.equal(f"{defence}: what it says", read(server, path), (message, True))
    leaks = []
    for tool, template in operations(tree, path):
        tree.renew()
        text, _ = server.call(tool, arguments(template, path))
        if SECRET in text or "only-outside" in text.replace(path, ""):
            leaks.append((template, text))
        if tree.outside() != before:
            leaks.append((template, "changed something outside"))
            tree.restore()
            before = tree.outside()
    tap.equal(f"{defence}: nothing comes out, nothing is changed", leaks, [])


def whole_tree_as_a_grant(tap, place, tree):
    """Even then: no devices, nothing of the kernel's."""
    server = serve(place, "--allow-read", "/")
    for path, message in (
            ("/dev/zero", "/dev/zero is a device; only files and folders may be opened"),
            ("/proc/self/environ", "/proc/self/environ is part of a file system of the kernel; only files and "
                                   "folders may be opened"),
            ("/proc/self/root/etc/hostname", "/proc/self/root/etc/hostname goes through too many links, or "
                                             "through one of /proc"),
            (f"{tree.proj}/to-zero", f"{tree.proj}/to-zero leads out of the granted folder / through a link; "
                                     "links are followed inside of it only")):
        tap.equal(f"everything granted: {path}", read(server, path), (message, True))
    text, _ = server.call("file-search", {"path": f"{tree.proj}", "pattern": "zero", "recursive": True})
    tap.equal("a search does not follow links", json.loads(text)["matches"], [])
    server.end()


def no_grant(tap, place):
    server = serve(place)
    message = ("no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or "
               "--allow-write FOLDER, or set grants.read or grants.write in its configuration", True)
    for tool, template in OPERATIONS:
        tap.equal(f"no grant: {tool} {template.get('operation', '')}",
                  server.call(tool, arguments(template, "file")), message)
    server.end()


def only_reading(tap, place, tree):
    server = serve(place, "--allow-read", tree.proj)
    tree.renew()
    before = os.listdir(tree.proj)
    message = (f" may be read but not changed: {tree.proj} is granted for reading. --allow-write or grants.write "
               "grants more")
    for tool, template in OPERATIONS:
        name = template.get("operation", tool)
        paths = ("sub/x", f"{tree.proj}/sub/x")
        for path in paths:
            text, failed = server.call(tool, arguments(template, path))
            if name in ("read", "list_dir", "metadata", "exists", "file-search"):
                tap.check(f"reading is granted: {name}", "but not changed" not in text, text)
            else:
                tap.check(f"writing is not: {name} {template.get('target_path', '')}",
                          failed and text.endswith(message), text)
    tap.equal("nothing changed", (os.listdir(tree.proj), snapshot_of(tree)), (before, ["content", "inside"]))
    server.end()


def snapshot_of(tree):
    contents = []
    for name in ("file", "sub/x"):
        with open(f"{tree.proj}/{name}", encoding="utf-8") as file:
            contents.append(file.read())
    return contents


def hard_links(tap, place, tree):
    server = granted(place, tree)
    tree.renew()
    whole = {"operation": "copy", "source_path": "sub", "target_path": "copied", "recursive": True}
    text, _ = server.call("file-operations", whole)
    told = json.loads(text)
    tap.equal("copying a folder leaves a second name out", (told["files"], told["skipped"]), (1, 1))
    tap.check("and says why", "sub/second-name has 2 names (hard links)" in told["message"], told)
    server.call("file-operations", {"operation": "copy", "source_path": "file", "target_path": "second-name",
                                    "overwrite": True})
    with open(f"{tree.top}/secret", encoding="utf-8") as file:
        tap.equal("a copy replaces the name and not the file", (file.read(), read(server, "second-name")[1]),
                  (SECRET, False))
    server.call("file-operations", {"operation": "move", "source_path": "sub/second-name", "target_path": "third"})
    tap.check("a moved name stays closed", "third has 2 names" in read(server, "third")[0])
    server.end()


def strange_names(tap, place, tree):
    """These are allowed, and mean themselves."""
    server = granted(place, tree)
    for name in ("line\nbreak", "tab\t", "quote\"'`$(id);|&", "-rf", " ", "...", "..hidden", "a..", "%2e%2e",
                 "\u202eback", "nbsp\u00a0", "n" * 255):
        tree.renew()
        answer = server.call("file-operations", {"operation": "write", "path": name, "input": name})
        tap.check(f"write {name[:20]!r}", not answer[1], answer)
        with open(f"{tree.proj}/{name}", encoding="utf-8") as file:
            tap.equal(f"{name[:20]!r} holds what was written", file.read(), name)
        listed = json.loads(server.call("file-operations", {"operation": "list_dir", "path": "."})[0])
        tap.check(f"{name[:20]!r} is one entry", name in [entry["name"] for entry in listed["entries"]])
        tap.equal(f"read {name[:20]!r}", json.loads(read(server, name)[0])["content"], name)
    server.end()


class RootsClient:
    """A client of a handshake revision with one root."""

    def __init__(self, server, folder):
        self.server = server
        self.root = "file://" + folder
        self.request("initialize", {"protocolVersion": "2025-06-18", "capabilities": {"roots": {}},
                                    "clientInfo": {"name": "c", "version": "1"}})

    def tell(self, message):
        self.server.send(json.dumps({"jsonrpc": "2.0", **message}))

    def request(self, method, params):
        self.tell({"id": method, "method": method, "params": params})
        message = self.server.message()
        while message.get("method") == "roots/list":
            self.tell({"id": message["id"], "result": {"roots": [{"uri": self.root}]}})
            message = self.server.message()
        return message

    def call(self, tool, values):
        result = self.request("tools/call", {"name": tool, "arguments": values})["result"]
        return result["content"][0]["text"], result.get("isError", False)


def roots_narrow(tap, place, tree):
    server = granted(place, tree)
    client = RootsClient(server, tree.proj + "/sub")
    message = (f"{tree.proj}/file is in no granted folder that is also a root of the client; granted: "
               f"{tree.proj}/sub", True)
    for tool, template in OPERATIONS:
        tree.renew()
        answer = client.call(tool, arguments(template, f"{tree.proj}/file"))
        if "{}" in (template.get("path"), template.get("source_path")):
            tap.equal(f"outside of the root: {tool} {template.get('operation', '')}", answer, message)
        else:
            tap.check(f"outside of the root: {tool} {template.get('operation', '')}", answer[1], answer)
    tap.check("in the root", not client.call("file-operations", {"operation": "read",
                                                                 "path": f"{tree.proj}/sub/x"})[1])
    server.end()


def attacks(tap, place, tree):
    server = granted(place, tree)
    for row in table(tree):
        one_attack(tap, server, tree, row)
    tap.equal("the server has nothing to say", server.end(), (0, "", ""))


with Tap() as tap, Place(HEXMCP) as place:
    tree = Tree(place.folder("tree"))
    tree.renew()
    attacks(tap, place, tree)
    whole_tree_as_a_grant(tap, place, tree)
    no_grant(tap, place)
    only_reading(tap, place, tree)
    hard_links(tap, place, tree)
    strange_names(tap, place, tree)
    roots_narrow(tap, place, tree)
