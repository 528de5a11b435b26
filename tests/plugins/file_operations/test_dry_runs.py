#!/usr/bin/env python3
"""test_dry_runs.py HEXMCP

Each call that changes something is made twice: with dry_run, after which all is as it was before, and
then for real. Both say the same.
"""
import json
import os
import shutil
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "wire"), os.path.join(HERE, "..", "..", "tools")]
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
SETTINGS = json.dumps({"hexmcp.file-operations": {"allowRecursiveDelete": True}})

# What it does, the call, members of its result (None: it is refused).
CALLS = (
    ("a new file", {"operation": "write", "path": "new", "input": "12345"},
     {"is_new": True, "bytes_written": 5, "size": 5}),
    ("a file anew", {"operation": "write", "path": "file", "input": "x"}, {"is_new": False, "size": 1}),
    ("a file anew by a link", {"operation": "write", "path": "inner", "input": "x"}, {"is_new": False, "size": 1}),
    ("a file that may not be replaced", {"operation": "write", "path": "file", "input": "x", "overwrite": False}, None),
    ("a file that is another", {"operation": "write", "path": "file", "input": "x",
                                "expected_modified": "2000-01-01T00:00:00.000000000Z"}, None),
    ("a file in no folder", {"operation": "write", "path": "none/new", "input": "x"}, None),
    ("a link that leads nowhere", {"operation": "write", "path": "nowhere", "input": "x"}, None),
    ("base64", {"operation": "write", "path": "new", "input": "AAEC", "encoding": "base64"},
     {"bytes_written": 3, "size": 3}),
    ("more text", {"operation": "append", "path": "file", "input": "678"},
     {"is_new": False, "bytes_written": 3, "size": 10}),
    ("the first text", {"operation": "append", "path": "new", "input": "678"}, {"is_new": True, "size": 3}),
    ("more text in no folder", {"operation": "append", "path": "none/new", "input": "x"}, None),
    ("more text for a folder", {"operation": "append", "path": "tree", "input": "x"}, None),
    ("a file away", {"operation": "delete", "path": "file"}, {"type": "file", "deleted": 1}),
    ("a link away", {"operation": "delete", "path": "inner"}, {"type": "link", "deleted": 1}),
    ("an empty folder away", {"operation": "delete", "path": "empty"}, {"type": "folder", "deleted": 1}),
    ("a full folder away", {"operation": "delete", "path": "tree"}, None),
    ("a tree away", {"operation": "delete", "path": "tree", "recursive": True},
     {"type": "folder", "deleted": 6, "size": 1003, "files": 2, "folders": 3, "links": 1}),
    ("a tree in a folder that may not be changed", {"operation": "delete", "path": "fixed", "recursive": True}, None),
    ("what is not there away", {"operation": "delete", "path": "none"}, None),
    ("a folder", {"operation": "create_dir", "path": "made"}, {"is_new": True, "folders": 1}),
    ("a folder that is there", {"operation": "create_dir", "path": "tree"}, None),
    ("a folder that is there, recursive", {"operation": "create_dir", "path": "tree", "recursive": True},
     {"is_new": False, "folders": 0}),
    ("folders", {"operation": "create_dir", "path": "a/b/../c/d", "recursive": True}, {"is_new": True, "folders": 3}),
    ("folders in one that is there", {"operation": "create_dir", "path": "tree/b/c", "recursive": True},
     {"is_new": True, "folders": 2}),
    ("folders in a file", {"operation": "create_dir", "path": "file/b/c", "recursive": True}, None),
    ("a folder in none", {"operation": "create_dir", "path": "a/b"}, None),
    ("a copy", {"operation": "copy", "source_path": "file", "target_path": "copy"}, {"type": "file", "size": 7}),
    ("a copy over a file", {"operation": "copy", "source_path": "file", "target_path": "tree/large",
                            "overwrite": True}, {"size": 7, "replaced": True}),
    ("a copy over a file that may not be", {"operation": "copy", "source_path": "file", "target_path": "tree/large"},
     None),
    ("a copy to itself", {"operation": "copy", "source_path": "file", "target_path": "inner", "overwrite": True},
     {"replaced": True}),
    ("a copy of nothing", {"operation": "copy", "source_path": "none", "target_path": "copy"}, None),
    ("a copy of a large file", {"operation": "copy", "source_path": "huge", "target_path": "copy"}, None),
    ("a copy of a tree", {"operation": "copy", "source_path": "tree", "target_path": "copy", "recursive": True},
     {"type": "folder", "size": 1003, "files": 2, "folders": 3, "links": 1}),
    ("a copy of a tree with a pipe", {"operation": "copy", "source_path": "odd", "target_path": "copy",
                                      "recursive": True}, {"files": 0, "skipped": 1}),
    ("a copy of a tree, not recursive", {"operation": "copy", "source_path": "tree", "target_path": "copy"}, None),
    ("a copy of a tree into itself", {"operation": "copy", "source_path": "tree", "target_path": "tree/copy",
                                      "recursive": True}, None),
    ("a copy of a tree over one", {"operation": "copy", "source_path": "tree", "target_path": "empty",
                                   "recursive": True}, None),
    ("a new name", {"operation": "move", "source_path": "file", "target_path": "tree/moved"}, {"type": "file"}),
    ("a new name that is there", {"operation": "move", "source_path": "file", "target_path": "tree/large"}, None),
    ("a new name over a file", {"operation": "move", "source_path": "file", "target_path": "tree/large",
                                "overwrite": True}, {"type": "file", "replaced": True}),
    ("a new name for a tree", {"operation": "move", "source_path": "tree", "target_path": "moved"},
     {"type": "folder"}),
    ("a new name for a link", {"operation": "move", "source_path": "inner", "target_path": "moved"}, {"type": "link"}),
    ("a tree into itself", {"operation": "move", "source_path": "tree", "target_path": "tree/deep/moved"}, None),
    ("a new name for nothing", {"operation": "move", "source_path": "none", "target_path": "moved"}, None),
    ("out of a folder that may not be changed", {"operation": "move", "source_path": "fixed/in",
                                                 "target_path": "moved"}, None),
    ("a file outside", {"operation": "write", "path": "../outside", "input": "x"}, None),
    ("to outside", {"operation": "move", "source_path": "file", "target_path": "../outside"}, None),
)


def renew(folder):
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o755)
            shutil.rmtree(path)
        else:
            os.unlink(path)
    os.makedirs(f"{folder}/tree/deep/er")
    for name, content in (("file", "content"), ("tree/large", "x" * 1000), ("tree/deep/er/small", "123")):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(content)
    os.symlink("../file", f"{folder}/tree/link")
    os.symlink("file", f"{folder}/inner")
    os.symlink("missing", f"{folder}/nowhere")
    for name in ("empty", "odd", "fixed/in"):
        os.makedirs(f"{folder}/{name}")
    os.mkfifo(f"{folder}/odd/pipe")
    with open(f"{folder}/huge", "wb") as file:
        file.truncate((100 << 20) + 1)
    os.chmod(f"{folder}/fixed", 0o555)


def snapshot(path):
    st = os.lstat(path)
    found = [(path, st.st_mode, st.st_size, st.st_mtime_ns, st.st_ino)]
    if stat.S_ISDIR(st.st_mode):
        for name in sorted(os.listdir(path)):
            found += snapshot(os.path.join(path, name))
    return found


def call(server, arguments):
    text, failed = server.call("file-operations", arguments)
    return (text, None) if failed else (None, json.loads(text))


def one(tap, server, folder, row):
    what, arguments, members = row
    renew(folder)
    before = snapshot(folder)
    refused, told = call(server, {**arguments, "dry_run": True})
    tap.equal(f"{what}: a dry run changes nothing", snapshot(folder), before)
    if members is None:
        tap.check(f"{what}: is refused", refused is not None, told)
    else:
        tap.check(f"{what}: says so", told is not None and told.pop("dry_run") is True, (refused, told))
        tap.equal(f"{what}: says what would be", {key: told.get(key) for key in members}, members)
    really_refused, done = call(server, arguments)
    if done:
        for key in ("dry_run", "modified"):
            done.pop(key, None)
    tap.equal(f"{what}: is then what happens", (refused, told), (really_refused, done))
    if members is not None and what != "a folder that is there, recursive":
        tap.check(f"{what}: and it does happen", snapshot(folder) != before, "all is as it was")


with Tap() as tap, Place(HEXMCP) as place:
    folder = place.folder("granted")
    server = Server(place, "--set", f"plugins.settings={SETTINGS}", "--allow-write", folder)
    rows = [row for row in CALLS if os.geteuid() != 0 or "may not be changed" not in row[0]]
    if len(rows) < len(CALLS):
        tap.skip("folders that may not be changed", "the superuser may change all of them")
    for row in rows:
        one(tap, server, folder, row)
    text, failed = server.call("file-operations", {"operation": "read", "path": "huge", "length": 4, "dry_run": True})
    tap.check("what changes nothing takes dry_run, too", not failed and "dry_run" not in json.loads(text), text)
    text, failed = server.call("file-operations", {"operation": "delete", "path": "huge", "dry_run": "yes"})
    tap.check("dry_run must be true or false", failed and "dry_run" in text, text)
    tap.check("it is there all the same", os.path.exists(f"{folder}/huge"), text)
    os.chmod(f"{folder}/fixed", 0o755)
    server.end()
