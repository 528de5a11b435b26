#!/usr/bin/env python3
"""test_reach.py HEXMCP ROOT ID...

What tools must not reach, tried with every tool of these plugins that takes paths or asks for hosts. The
calls are the tool's examples with one argument exchanged, so a new tool is tried as soon as it has some.

Paths: each way out of the granted folder, in each argument that is a path. Nothing of what is outside
comes back and nothing outside changes. Hosts: addresses that were not granted, at once and by a redirect of
a server that was; nobody connects to them. And without any grant the answer says that one is missing.
"""
import copy
import json
import os
import socket
import sys
import threading

from examples import Around, folders, load, through, tool_of
from library import Failed, Tap

HEXMCP, ROOT = map(os.path.abspath, sys.argv[1:3])
SECRET = "what-stands-outside-4711"


class Outside:
    """A folder beside the granted one, and links to it in the granted one."""

    def __init__(self, library):
        self.folder = library.place.folder("outside")
        with open(os.path.join(self.folder, "secret.txt"), "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        os.symlink(os.path.join(self.folder, "secret.txt"), library.path("link"))
        os.symlink(self.folder, library.path("links"))
        self.before = self.state()

    def state(self):
        found = {}
        for name in sorted(os.listdir(self.folder)):
            path = os.path.join(self.folder, name)
            with open(path, "rb") as file:
                found[name] = (file.read(), os.stat(path).st_mode)
        return found

    def ways(self):
        """(name, path) of what must not be reached."""
        for name in ("secret.txt", "new.txt"):
            yield "..", "../outside/" + name
            yield "a path from the root", os.path.join(self.folder, name)
            yield "a linked folder", "links/" + name
        yield "the folder itself", self.folder
        yield "the folder above", ".."
        yield "a file of the kernel", "/proc/self/environ"
        yield "a device", "/dev/zero"
        yield "a link", "link"  # the last: it may be moved away


class Forbidden:
    """A server that must not be reached; what came is counted."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.came += 1
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
                             + SECRET.encode())


def run_of(manifest, name):
    return next(tool for tool in manifest["tools"] if tool["name"] == name).get("run", {})


def bases(manifest, examples, argument):
    """The (tool, arguments) of examples that have the argument."""
    return [(tool_of(manifest, each), each["arguments"]) for each in examples["examples"]
            if argument in each["arguments"] and "result" in each]


def outcome(around, tool, arguments):
    """(did it fail, all that came back)"""
    try:
        return False, json.dumps(around.library.result(tool, **through(arguments, around.real)))
    except Failed as failed:
        return True, str(failed)


def fitted(schema, path):
    """The path as a value of an argument of this schema: a text, or in an array or an object."""
    if schema.get("type") == "array":
        return [fitted(schema["items"], path)]
    if schema.get("type") == "object":
        return {name: path if "path" in name else "x" for name in schema["properties"]
                if name in schema.get("required", []) or "path" in name}
    return path


def swapped(manifest, tool, arguments, argument, path):
    changed = copy.deepcopy(arguments)
    schema = next(each for each in manifest["tools"] if each["name"] == tool)["inputSchema"]
    changed[argument] = fitted(schema["properties"][argument], path)
    if "overwrite" in changed or argument == "target_path":
        changed["overwrite"] = True
    return changed


def paths(tap, manifest, examples, name):
    for argument in run_of(manifest, name).get("pathArguments", []):
        tried = bases(manifest, examples, argument)
        if not tap.check(f"{name}: an example has {argument}", tried):
            continue
        with Around(HEXMCP, examples) as around:
            outside = Outside(around.library)
            bad = []
            for tool, arguments in tried:
                for way, path in outside.ways():
                    failed, text = outcome(around, tool,
                                           swapped(manifest, tool, arguments, argument, path))
                    # A link is an entry of the granted folder: it can be looked at, moved, deleted.
                    if SECRET in text or outside.state() != outside.before or (
                            not failed and way != "a link"):
                        bad.append((way, path, arguments, text[:300]))
            tap.equal(f"{name}: {argument} leads to nothing outside", bad, [])


def without_folders(tap, manifest, examples, name):
    bare = {**examples, "config": {**examples.get("config", {}),
                                   "grants": {"write": [], "read": []}}}
    with Around(HEXMCP, bare) as around:
        told = []
        for argument in run_of(manifest, name).get("pathArguments", []):
            for tool, arguments in bases(manifest, examples, argument)[:1]:
                told.append(outcome(around, tool, arguments))
        tap.check(f"{name}: without a granted folder it says so",
                  all(failed and "grant" in text for failed, text in told), told)


def with_urls(manifest, examples):
    return [(tool_of(manifest, each), each["arguments"]) for each in examples["examples"]
            if "{{http}}" in json.dumps(each["arguments"]) and "result" in each]


def hosts(tap, manifest, examples, name):
    tried = with_urls(manifest, examples)
    forbidden = Forbidden()
    away = {"an address of this machine": f"http://127.0.0.1:{forbidden.port}/",
            "the same, written otherwise": f"http://0x7f000001:{forbidden.port}/",
            "IPv6": f"http://[::1]:{forbidden.port}/",
            "where clouds keep credentials": "http://169.254.169.254/latest/",
            "a private network": "http://10.0.0.1/",
            "a redirect": "{{http}}/to-forbidden",
            "a file": "file:///etc/passwd"}
    pages = {"/to-forbidden": {"status": 302, "body": "",
                               "headers": {"Location": f"http://127.0.0.1:{forbidden.port}/"}}}
    with Around(HEXMCP, {**examples, "http": {**examples.get("http", {}), **pages}}) as around:
        bad = []
        for tool, arguments in tried:
            for way, url in away.items():
                changed = through(arguments, lambda text, to=url: to if "{{http}}" in text else text)
                _, text = outcome(around, tool, changed)
                if SECRET in text or "root:x" in text:
                    bad.append((way, arguments, text[:300]))
        tap.equal(f"{name}: nothing comes from hosts that were not granted", bad, [])
        tap.equal(f"{name}: nobody connects to them", forbidden.came, 0)
    forbidden.socket.close()


def main():
    wanted = sys.argv[3:]
    with Tap() as tap:
        for folder in folders(ROOT):
            manifest, examples = load(folder)
            if manifest["id"] not in wanted or not examples:
                continue
            for tool in manifest["tools"]:
                name = tool["name"]
                if tool.get("run", {}).get("pathArguments"):
                    paths(tap, manifest, examples, name)
                    without_folders(tap, manifest, examples, name)
                if manifest.get("grants", {}).get("hosts") and with_urls(manifest, examples):
                    hosts(tap, manifest, examples, name)


main()
