#!/usr/bin/env python3
"""test_program.py HEXMCP

base64-encoder with files, in the real program: what the grants and the links in a folder make of it.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
NO_GRANT = ("no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or "
            "--allow-write FOLDER, or set grants.read or grants.write in its configuration", True)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def prepare(place):
    place.folder("data/sub")
    place.write("data/text", "hello\n")
    place.write("secret", "secret\n")
    os.symlink("../secret", f"{place.top}/data/out")
    os.symlink("..", f"{place.top}/data/up")
    os.symlink("text", f"{place.top}/data/in")
    os.mkfifo(f"{place.top}/data/pipe")


def ungranted(tap, place):
    server = Server(place)
    tap.equal("text needs no grant", json.loads(server.call(
        "base64-encoder", {"operation": "encode", "input": "hello"})[0])["output"], "aGVsbG8=")
    for name, arguments in (("path", {"path": "text"}),
                            ("target_path", {"input": "", "target_path": f"{place.top}/data/new"})):
        tap.equal(f"{name} does", server.call("base64-encoder", {"operation": "encode", **arguments}),
                  NO_GRANT)
    tap.equal("it ends well", server.end(), (0, "", ""))


def read_only(tap, place):
    server = Server(place, "--set", f"grants.read={place.top}/data")
    tap.equal("a file is read", json.loads(server.call(
        "base64-encoder", {"operation": "encode", "path": "in"})[0])["output"], "aGVsbG8K")
    text, failed = server.call("base64-encoder", {"operation": "encode", "path": "text",
                                                  "target_path": "new"})
    tap.equal("and none written", (text, failed),
              (f"new may be read but not changed: {place.top}/data is granted for reading. "
               "--allow-write or grants.write grants more", True))
    tap.equal("not even a temporary one", sorted(os.listdir(f"{place.top}/data")),
              ["in", "out", "pipe", "sub", "text", "up"])
    server.end()


def writable(tap, place):
    server = Server(place, "--set", f"grants.write={place.top}/data")

    def call(**arguments):
        return server.call("base64-encoder", {"operation": "encode", **arguments})
    tap.equal("a new file", json.loads(call(path="text", target_path="sub/new")[0])["target_path"],
              "sub/new")
    tap.equal("holds base64", read(f"{place.top}/data/sub/new"), b"aGVsbG8K")
    tap.equal("its mode is that of new files", os.stat(f"{place.top}/data/sub/new").st_mode & 0o777,
              0o644 & ~umask())
    tap.equal("it is not replaced unasked", call(path="text", target_path="sub/new"),
              ("sub/new exists already; give overwrite true to replace it, or another path",
               True))
    call(input="x", target_path="sub/new", overwrite=True)
    tap.equal("but when asked", read(f"{place.top}/data/sub/new"), b"eA==")
    dry_runs(tap, place, call)
    for name, arguments in (
            ("above the folder", {"path": "../secret"}),
            ("an absolute path", {"path": f"{place.top}/secret"}),
            ("a link out", {"path": "out"}),
            ("through a link out", {"path": "up/secret"}),
            ("a pipe", {"path": "pipe"}),
            ("a folder", {"path": "sub"}),
            ("a NUL", {"path": "text\0"}),
            ("a target above the folder", {"input": "", "target_path": "../secret", "overwrite": True}),
            ("a target through a link out", {"input": "", "target_path": "up/secret",
                                             "overwrite": True}),
            ("a target that is a link out", {"input": "", "target_path": "out", "overwrite": True}),
            ("a target that is a pipe", {"input": "", "target_path": "pipe", "overwrite": True}),
            ("a target that is a folder", {"input": "", "target_path": "sub", "overwrite": True}),
            ("a target in no folder", {"input": "", "target_path": "none/new"})):
        text, failed = call(**arguments)
        tap.check(f"{name} is refused", failed is True and "secret\n" not in text, text)
    tap.equal("nothing outside was changed", read(f"{place.top}/secret"), b"secret\n")
    tap.equal("nothing was left behind", sorted(os.listdir(f"{place.top}/data/sub")), ["new"])
    tap.equal("it ends well", server.end(), (0, "", ""))


def dry_runs(tap, place, call):
    """A dry run tells what would be written, refuses what would be refused, and writes nothing."""
    before = sorted(os.listdir(f"{place.top}/data/sub"))
    real = {"operation": "encode", "variant": "standard", "bytes_in": 6, "bytes_out": 8, "target_path": "sub/dry",
            "dry_run": True}
    tap.equal("a dry run", json.loads(call(path="text", target_path="sub/dry", dry_run=True)[0]), real)
    tap.equal("one over a file", json.loads(call(path="text", target_path="sub/new", overwrite=True, dry_run=True)[0]),
              {**real, "target_path": "sub/new"})
    tap.equal("it refuses a file that is there", call(path="text", target_path="sub/new", dry_run=True),
              ("sub/new exists already; give overwrite true to replace it, or another path", True))
    tap.equal("and a wrong input", call(operation="decode", input="!", target_path="sub/dry", dry_run=True)[1], True)
    tap.equal("and a target above the folder", call(input="", target_path="../dry", dry_run=True)[1], True)
    tap.equal("all that wrote nothing", (sorted(os.listdir(f"{place.top}/data/sub")), read(f"{place.top}/data/sub/new")),
              (before, b"eA=="))
    tap.equal("the same without it", json.loads(call(path="text", target_path="sub/dry")[0]), {**real, "dry_run": False})
    os.remove(f"{place.top}/data/sub/dry")


def umask():
    now = os.umask(0)
    os.umask(now)
    return now


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        prepare(place)
        for part in (ungranted, read_only, writable):
            part(tap, place)


if __name__ == "__main__":
    main()
