#!/usr/bin/env python3
"""test_swaps.py HEXMCP

A process swaps names inside the granted folder without pause, a folder with a link that leads out and
a file with such a link, while thousands of calls use them. Nothing from outside ever comes back and
nothing outside changes.
"""
import ctypes
import json
import multiprocessing
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "wire"), os.path.join(HERE, "..", "..", "tools")]
from attacks import SECRET, Tree, arguments  # noqa: E402
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
SETTINGS = json.dumps({"hexmcp.file-operations": {"allowRecursiveDelete": True}})
ROUNDS, MOST_ROUNDS = 100, 400
IN_FLIGHT = 8
WALKED = 40  # folders of one tree
EXCHANGE = 2  # of renameat2
AT_FDCWD = -100

# "swap" is a folder or a link to ../outside, "last" a file or a link to ../secret.
CALLS = (
    ("file-operations", {"operation": "read", "path": "swap/x"}),
    ("file-operations", {"operation": "read", "path": "last"}),
    ("file-operations", {"operation": "write", "path": "swap/x", "input": "inside"}),
    ("file-operations", {"operation": "write", "path": "swap/new", "input": "inside"}),
    ("file-operations", {"operation": "write", "path": "last", "input": "inside"}),
    ("file-operations", {"operation": "append", "path": "swap/x", "input": ""}),
    ("file-operations", {"operation": "append", "path": "last", "input": "+"}),
    ("file-operations", {"operation": "list_dir", "path": "swap"}),
    ("file-operations", {"operation": "metadata", "path": "swap/x"}),
    ("file-operations", {"operation": "exists", "path": "swap/deep/only-outside"}),
    ("file-operations", {"operation": "create_dir", "path": "swap/made/deeper", "recursive": True}),
    ("file-operations", {"operation": "copy", "source_path": "swap/x", "target_path": "got", "overwrite": True}),
    ("file-operations", {"operation": "copy", "source_path": "last", "target_path": "got", "overwrite": True}),
    ("file-operations", {"operation": "copy", "source_path": "file", "target_path": "swap/copied",
                         "overwrite": True}),
    ("file-operations", {"operation": "copy", "source_path": "swap", "target_path": "copies/{}",
                         "recursive": True}),
    ("file-operations", {"operation": "move", "source_path": "swap/copied", "target_path": "got",
                         "overwrite": True}),
    ("file-operations", {"operation": "move", "source_path": "got", "target_path": "swap/moved",
                         "overwrite": True}),
    ("file-operations", {"operation": "delete", "path": "swap/made", "recursive": True}),
    ("file-operations", {"operation": "delete", "path": "swap/copied"}),
    ("file-operations", {"operation": "delete", "path": "copies/{}", "recursive": True}),
    ("file-operations", {"operation": "read", "path": "got"}),
    ("file-search", {"path": ".", "pattern": SECRET[:6], "recursive": True}),
    ("file-search", {"path": "swap", "pattern": SECRET[:6], "recursive": True}),
)


def swap_without_end(proj):
    libc = ctypes.CDLL(None, use_errno=True)
    pairs = [(f"{proj}/{a}".encode(), f"{proj}/{b}".encode()) for a, b in (("swap", "other"), ("last", "lost"))]
    while True:
        for a, b in pairs:
            libc.renameat2(AT_FDCWD, a, AT_FDCWD, b, EXCHANGE)


def exchange_without_end(pairs):
    libc = ctypes.CDLL(None, use_errno=True)
    while True:
        for a, b in pairs:
            libc.renameat2(AT_FDCWD, a, AT_FDCWD, b, EXCHANGE)


def prepare(tree):
    tree.renew()
    os.makedirs(f"{tree.proj}/swap/deep")
    os.makedirs(f"{tree.proj}/copies")
    tree.put("proj/swap/x", "inside")
    tree.put("proj/last", "inside")
    tree.link("../outside", "other")
    tree.link("../secret", "lost")


class Counts:
    def __init__(self):
        self.calls = self.good = self.out = 0
        self.leaks = []

    def add(self, message):
        result = message.get("result", {})
        text = result["content"][0]["text"] if result else json.dumps(message)
        self.calls += 1
        self.good += bool(result) and not result.get("isError", False)
        self.out += "leads out of the granted folder" in text
        if SECRET in text or '"only-outside"' in text or '"exists":true' in text:
            self.leaks.append(text)


def attack(server, counts, number):
    """Every call of the table once, a few at a time."""
    waiting = 0
    for tool, values in CALLS:
        server.start("tools/call", {"name": tool, "arguments": arguments(values, str(number))})
        waiting += 1
        if waiting == IN_FLIGHT:
            counts.add(server.message())
            waiting -= 1
    for _ in range(waiting):
        counts.add(server.message())


def copied_secrets(tree):
    """Files in the granted folder, not through links, that hold the secret."""
    found = []
    for folder, _, names in os.walk(tree.proj):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path) or name == "second-name":
                continue
            with open(path, encoding="utf-8") as file:
                found += [path] if SECRET in file.read() else []
    return found


def links_within(tap, server, tree):
    """A folder of a tree that is a link to another granted folder a moment later is not gone into."""
    for name in ("walk", "kept", "walked", "links"):
        os.makedirs(f"{tree.proj}/{name}")
    tree.put("proj/kept/kept", "kept")
    pairs = []
    for number in range(WALKED):
        os.makedirs(f"{tree.proj}/walk/{number}")
        tree.link("../kept", f"links/{number}")
        pairs.append((f"{tree.proj}/walk/{number}".encode(), f"{tree.proj}/links/{number}".encode()))
    swapper = multiprocessing.Process(target=exchange_without_end, args=(pairs,), daemon=True)
    swapper.start()
    met = 0
    try:
        for number in range(MOST_ROUNDS):
            text, failed = server.call("file-operations", {
                "operation": "copy", "source_path": "walk", "target_path": f"walked/{number}", "recursive": True})
            met += failed and "is changed by somebody else meanwhile" in text
            if met >= 3:
                break
    finally:
        swapper.kill()
        swapper.join()
    tap.note(f"{met} copies met a folder that became a link")
    found = [folder for folder, _, names in os.walk(f"{tree.proj}/walked") if "kept" in names]
    tap.equal("and what the link leads to is not taken for it", found, [])


with Tap() as tap, Place(HEXMCP) as place:
    tree = Tree(place.folder("tree"))
    prepare(tree)
    before = tree.outside()
    server = Server(place, "--set", f"plugins.settings={SETTINGS}", "--allow-write", tree.proj)
    swapper = multiprocessing.Process(target=swap_without_end, args=(tree.proj,), daemon=True)
    swapper.start()
    counts = Counts()
    number = 0
    # Until both faces of the names were met, or it must be given up.
    while not counts.leaks and (number < ROUNDS or (number < MOST_ROUNDS and not (counts.good and counts.out))):
        attack(server, counts, number)
        number += 1
    swapper.kill()
    swapper.join()
    tap.note(f"{counts.calls} calls: {counts.good} answered, {counts.out} met the link")
    tap.check("both faces were met", counts.good > 0 and counts.out > 0)
    tap.equal("nothing came out", counts.leaks, [])
    tap.equal("nothing outside was changed", tree.outside(), before)
    tap.equal("nothing was copied from outside", copied_secrets(tree), [])
    links_within(tap, server, tree)
    tap.equal("the server has nothing to say", server.end(), (0, "", ""))
