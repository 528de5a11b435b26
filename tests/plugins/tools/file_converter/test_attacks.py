"""file-converter while somebody else works on the same names: files that grow, that become something else,
and texts that become very long."""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402

TOOL = "file-converter"
CHANGED = "{} was changed by somebody else meanwhile, so it is left as it is; try again"


def temporary(folder):
    return [name for name in os.listdir(folder) if name.startswith(".hexmcp-")]


class Busy:
    """What somebody else does again and again meanwhile."""

    def __init__(self, step):
        self.stop, self.step = threading.Event(), step
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stop.is_set():
            self.step()

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def grows(tap, library):
    """A line is added as soon as the new content is on its way. It is never lost."""
    refused = 0
    for backup in (False, True, False, True):
        path = library.put("grow/f", b"line\r\n" * 1000000)
        added = []

        def add():
            if not added and temporary(library.path("grow")):
                added.append(True)
                with open(path, "ab") as file:
                    file.write(b"added\r\n")
            time.sleep(0.0001)

        with Busy(add):
            got = library.fails(TOOL, operation="line_endings", path="grow/f", backup=backup)
        if not added:
            continue
        refused += got == CHANGED.format("grow/f")
        tap.check(f"what is added meanwhile stays: backup {backup}", library.get("grow/f").endswith(b"added\r\n"), got)
    tap.check("and the call says so", refused > 0, refused)
    tap.equal("nothing half is left", temporary(library.path("grow")), [])


def becomes_something_else(tap, library):
    outside = library.place.folder("outside")
    with open(os.path.join(outside, "secret"), "wb") as file:
        file.write(b"SECRET\r\n")
    name, away = library.put("swap/f", b"inside\r\n"), library.path("swap/away")
    others = {"a pipe": library.path("swap/pipe"), "a link out": library.path("swap/link"),
              "a link to a device": library.path("swap/zero"), "a folder": library.path("swap/folder")}
    os.mkfifo(others["a pipe"])
    os.symlink(os.path.join(outside, "secret"), others["a link out"])
    os.symlink("/dev/zero", others["a link to a device"])
    os.makedirs(others["a folder"])
    for what, other in others.items():
        def swap(other=other):
            os.rename(name, away)
            os.rename(other, name)
            os.rename(name, other)
            os.rename(away, name)

        said = []
        with Busy(swap):
            for i in range(150):
                said.append(library.fails(TOOL, operation="line_endings", path="swap/f", backup=False,
                                          line_ending=("lf", "crlf")[i % 2]))
                library.fails(TOOL, operation="encoding", path="swap/f", target_path="swap/out", overwrite=True,
                              to_encoding="utf-16le")
        tap.check(f"{what} in its place: each call ends", len(said) == 150 and "SECRET" not in str(said), said[-1])
        with open(os.path.join(outside, "secret"), "rb") as file:
            tap.equal(f"{what} in its place: what is outside is as it was", (file.read(), os.listdir(outside)),
                      (b"SECRET\r\n", ["secret"]))
        out = library.path("swap/out")
        if os.path.exists(out):
            with open(out, "rb") as file:
                tap.check(f"{what} in its place: nothing came from outside",
                          "SECRET" not in file.read().decode("utf-16"), out)
            os.remove(out)
    tap.equal("nothing half is left", temporary(library.path("swap")), [])


def explodes(tap, library):
    library.put("tabs", b"\t" * (17 << 20))
    tap.equal("tabs that become too many spaces",
              library.fails(TOOL, operation="indentation", path="tabs", tab_size=16),
              "tabs would have more than 268435456 bytes with 16 spaces for each tab; give a smaller tab_size")
    library.put("bad", b"\xff" * (4 << 20))
    got = library.call(TOOL, operation="encoding", path="bad", from_encoding="utf-8", lossy=True, target_path="bad.out",
                       to_encoding="utf-16le")
    tap.equal("bytes that fit nothing are as many characters", (got["replaced"], got["bytes_out"]),
              (4 << 20, 2 + (8 << 20)))
    tap.equal("no file is left of it", sorted(n for n in os.listdir(library.folder) if n.startswith(("tabs", ".hexmcp"))),
              ["tabs"])
    for name in ("tabs", "bad", "bad.out"):
        os.remove(library.path(name))


def stops(tap, library):
    """A call that is given up in the midst of it changes nothing."""
    library.put("long", b"\n" * (50 << 20))
    ident = library.server.start("tools/call", {
        "name": TOOL, "arguments": {"operation": "line_endings", "path": "long", "line_ending": "crlf", "backup": False},
        "_meta": {**CLAIM, "progressToken": 1}})
    told = []
    while not told or told[-1].get("message") == "reading":
        told.append(library.server.message().get("params", {"message": "it was answered"}))
    tap.check("progress is told while it converts", told[-1]["message"] == "bytes converted", told)
    tap.check("... and grows", sorted(t["progress"] for t in told) == [t["progress"] for t in told], told)
    library.server.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}' % ident)
    library.put("short", b"\n")
    for _ in range(5):
        library.call(TOOL, operation="line_endings", path="short", line_ending="crlf", dry_run=True)
    deadline = time.monotonic() + 20
    while temporary(library.folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    tap.equal("what was given up is not done", (os.path.getsize(library.path("long")), temporary(library.folder)),
              (50 << 20, []))


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            for test in (grows, becomes_something_else, explodes, stops):
                test(tap, library)


if __name__ == "__main__":
    main()
