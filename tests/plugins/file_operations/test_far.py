#!/usr/bin/env python3
"""test_far.py HEXMCP

Moves between two granted folders on different disks, where the system cannot rename.
"""
import json
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "wire"), os.path.join(HERE, "..", "..", "tools")]
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
OTHER_DISK = "/dev/shm"


def content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def moves(tap, place, far):
    near = place.folder("near")
    server = Server(place, "--allow-write", near, "--allow-write", far)

    def move(source, target, **more):
        text, failed = server.call("file-operations", {"operation": "move", "source_path": f"{near}/{source}",
                                                       "target_path": f"{far}/{target}", **more})
        return text if failed else json.loads(text)["type"]

    place.write("near/file", "content")
    os.chmod(f"{near}/file", 0o640)
    os.makedirs(f"{near}/first/deep")
    tap.equal("a dry run moves neither file nor folder",
              (move("file", "file", dry_run=True), move("first", "first", dry_run=True), sorted(os.listdir(near)),
               os.listdir(f"{near}/first"), os.listdir(far)),
              ("file", "folder", ["file", "first"], ["deep"], []))
    tap.equal("a file", move("file", "file"), "file")
    tap.equal("it is there and not here", (content(f"{far}/file"), os.path.exists(f"{near}/file"),
                                           os.stat(f"{far}/file").st_mode & 0o777), ("content", False, 0o640))
    place.write("near/file", "newer")
    tap.equal("nothing is replaced", move("file", "file"),
              f"{far}/file exists already; give overwrite true to replace it, or another path")
    tap.equal("unless asked", (move("file", "file", overwrite=True), content(f"{far}/file")), ("file", "newer"))
    os.symlink("nowhere", f"{near}/link")
    tap.equal("a link", (move("link", "link"), os.readlink(f"{far}/link"), os.path.lexists(f"{near}/link")),
              ("link", "nowhere", False))
    place.write("near/tree/deep/a", "a")
    os.symlink("deep/a", f"{near}/tree/link")
    tap.equal("a folder", move("tree", "tree"), "folder")
    tap.equal("with all that is in it", (content(f"{far}/tree/link"), os.path.exists(f"{near}/tree")),
              ("a", False))
    place.write("near/tree/a", "a")
    os.mkfifo(f"{near}/tree/pipe")
    tap.equal("what cannot be copied is not deleted", move("tree", "tree2"),
              f"{near}/tree is on another disk and was copied, but not deleted, because 1 entries in it could "
              f"not be copied, the first because {near}/tree/pipe is neither a file nor a folder nor a link")
    tap.check("it is still here", os.path.exists(f"{near}/tree/pipe"))
    tap.equal("nothing stays behind", sorted(os.listdir(far)), ["file", "link", "tree", "tree2"])
    tap.equal("it ends well", server.end(), (0, "", ""))


with Tap() as tap, Place(HEXMCP) as place:
    if not os.access(OTHER_DISK, os.W_OK) or os.stat(OTHER_DISK).st_dev == os.stat(place.top).st_dev:
        tap.skip("moves to another disk", f"{OTHER_DISK} is no other disk than {place.top}, or not writable")
    else:
        far = tempfile.mkdtemp(prefix="hexmcp-far-", dir=OTHER_DISK)
        try:
            moves(tap, place, far)
        finally:
            shutil.rmtree(far)
