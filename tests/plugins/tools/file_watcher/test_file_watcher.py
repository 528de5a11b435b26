"""file-watcher: what is done to files while a call watches them."""

import os
import re
import shutil
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Failed, Library, Tap  # noqa: E402

TOOL = "file-watcher"


class Watch:
    """A call that watches, in which things are done."""

    def __init__(self, library, **arguments):
        self.library = library
        self.progress = []
        self.ident = library.server.start("tools/call", {
            "name": TOOL, "arguments": {"operation": "watch", **arguments}, "_meta": {**CLAIM, "progressToken": 1}})
        self.wait_ready()

    def wait_ready(self):
        message = self.library.server.message()
        if message.get("id") == self.ident:
            raise Failed(str(message["result"]["content"]))
        self.progress.append(message["params"])

    def result(self):
        while True:
            message = self.library.server.message()
            if message.get("id") == self.ident:
                if message["result"].get("isError"):
                    raise Failed(message["result"]["content"][0]["text"])
                return message["result"]["structuredContent"]
            self.progress.append(message["params"])


def short(result):
    return [(e["event_type"], e["path"], *([e["old_path"]] if "old_path" in e else [])) for e in result["events"]]


def tells_kinds(tap, library):
    os.makedirs(library.path("w/sub"))
    library.put("w/there", "1")
    watch = Watch(library, input=["w"], max_events=7, timeout_ms=20000, debounce_ms=50)
    tap.equal("it says when it has begun", watch.progress[0]["message"], "watching 2 folders")
    steps = (
        lambda: library.put("w/new", "12"),
        lambda: library.put("w/there", "2"),
        lambda: os.remove(library.path("w/there")),
        lambda: os.rename(library.path("w/new"), library.path("w/sub/renamed")),
        lambda: os.chmod(library.path("w/sub/renamed"), 0o600),
        lambda: os.mkdir(library.path("w/folder")),
        lambda: os.rmdir(library.path("w/folder")),
    )
    for step in steps:
        step()
        time.sleep(0.1)
    got = watch.result()
    tap.equal("each kind of change is told", short(got), [
        ("create", "w/new"), ("modify", "w/there"), ("delete", "w/there"), ("rename", "w/sub/renamed", "w/new"),
        ("other", "w/sub/renamed"), ("create", "w/folder"), ("delete", "w/folder")])
    tap.equal("folders are told as such", [e["is_dir"] for e in got["events"]], [False] * 5 + [True] * 2)
    tap.equal("it ends when there were enough", (got["ended_by"], got["event_count"], got["overflow"]), ("max_events", 7, False))
    tap.check("times are in UTC", all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", e["timestamp"])
                                      for e in got["events"]), got)
    tap.check("changes go out as progress", any("w/" in p.get("message", "") for p in watch.progress), watch.progress)


def ends(tap, library):
    os.makedirs(library.path("quiet"))
    got = library.call(TOOL, operation="watch", input="quiet", timeout_ms=200)
    tap.equal("it ends when the time is over", (got["events"], got["ended_by"], got["watched_folders"]), ([], "timeout", 1))
    watch = Watch(library, input="quiet", timeout_ms=1500, debounce_ms=10000)
    library.put("quiet/late", "1")
    tap.equal("what is held back is told at the end", short(watch.result()), [("create", "quiet/late")])
    os.makedirs(library.path("doomed/in"))
    watch = Watch(library, input=["doomed"], timeout_seconds=20)
    shutil.rmtree(library.path("doomed"))
    got = watch.result()
    tap.equal("it ends when there is nothing to watch any more", (got["ended_by"], ("delete", "doomed") in short(got)), ("gone", True))
    watch = Watch(library, input=["quiet"], timeout_ms=200000)
    library.server.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}' % watch.ident)
    watches = [Watch(library, input=["quiet"], timeout_ms=400) for _ in range(1)]
    tap.equal("it ends when it is cancelled: another call gets its place", watches[0].result()["ended_by"], "timeout")


def folds_many_into_one(tap, library):
    library.put("busy/f", "")
    watch = Watch(library, input=["busy"], timeout_ms=1500, debounce_ms=300)
    for i in range(50):
        with open(library.path("busy/f"), "a", encoding="utf-8") as file:
            file.write(str(i))
    tap.equal("many changes of a file are one", short(watch.result()), [("modify", "busy/f")])
    watch = Watch(library, input=["busy"], timeout_ms=800)
    library.put("busy/f.tmp", "new")
    os.rename(library.path("busy/f.tmp"), library.path("busy/f"))
    tap.equal("a file that is replaced", short(watch.result())[-1], ("rename", "busy/f", "busy/f.tmp"))


def sees_new_folders(tap, library):
    """Also what was in them before they were watched."""
    os.makedirs(library.path("grow"))
    watch = Watch(library, input=["grow"], timeout_ms=2500)
    for i in range(20):
        library.put(f"grow/{i}/deep/er/file", "1")
    time.sleep(0.3)
    library.put("grow/0/deep/er/later", "1")
    events = short(watch.result())
    made = {path for kind, path, *_ in events if kind == "create"}
    expected = {f"grow/{i}{tail}" for i in range(20) for tail in ("", "/deep", "/deep/er", "/deep/er/file")}
    tap.equal("all that is made in new folders is told", expected - made, set())
    tap.equal("once", len(events), len(expected) + 1)
    tap.check("... and what comes later", ("create", "grow/0/deep/er/later") in events, events)
    watch = Watch(library, input=["grow"], recursive=False, timeout_ms=500)
    library.put("grow/0/other", "1")
    library.put("grow/top", "1")
    tap.equal("not recursive", short(watch.result()), [("create", "grow/top")])


def follows_moved_folders(tap, library):
    os.makedirs(library.path("move/a/b"))
    os.makedirs(library.path("aside"))
    watch = Watch(library, input=["move"], timeout_ms=1500)
    os.rename(library.path("move/a"), library.path("move/z"))
    time.sleep(0.2)
    library.put("move/z/b/f", "1")
    time.sleep(0.2)
    os.rename(library.path("move/z"), library.path("aside/z"))
    time.sleep(0.3)
    library.put("aside/z/b/unseen", "1")
    tap.equal("a folder is followed within, and not out", short(watch.result()), [
        ("rename", "move/z", "move/a"), ("create", "move/z/b/f"), ("delete", "move/z")])


def fits_patterns(tap, library):
    os.makedirs(library.path("pat/sub"))
    watch = Watch(library, input=["pat/"], pattern="*.txt", timeout_ms=600)
    library.put("pat/a.txt", "1")
    library.put("pat/a.log", "1")
    library.put("pat/sub/b.txt", "1")
    tap.equal("a pattern of names", short(watch.result()), [("create", "pat/a.txt"), ("create", "pat/sub/b.txt")])
    watch = Watch(library, path="pat", pattern="[ab].txt", timeout_ms=600)
    library.put("pat/b.txt", "1")
    library.put("pat/d.txt", "1")
    tap.equal("a set in a pattern; path is input", short(watch.result()), [("create", "pat/b.txt")])
    watch = Watch(library, input=["pat"], pattern="sub/*", timeout_ms=600)
    library.put("pat/c.txt", "1")
    library.put("pat/sub/c.txt", "1")
    tap.equal("a pattern of paths", short(watch.result()), [("create", "pat/sub/c.txt")])


def watches_files(tap, library):
    library.put("one/f", "1")
    library.put("one/g", "1")
    watch = Watch(library, input=["one/f", "pat"], timeout_ms=900)
    library.put("one/g", "2")
    library.put("one/f.new", "22")
    os.rename(library.path("one/f.new"), library.path("one/f"))
    time.sleep(0.2)
    library.put("one/f", "3")
    tap.equal("a file is seen when it is replaced, its neighbours are not", short(watch.result()),
              [("create", "one/f"), ("modify", "one/f")])


def tells_overflow(tap, library):
    """More changes than the kernel keeps while nobody reads: the server is stopped meanwhile."""
    os.makedirs(library.path("flood"))
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="utf-8") as file:
        most = int(file.read())
    if most > 40000:
        tap.skip("an overflow is told", f"the system keeps {most} changes, too many for a test")
        return
    watch = Watch(library, input=["flood"], timeout_ms=60000, max_events=1, pattern="late")
    process = library.server.process
    process.send_signal(19)
    try:
        for i in range(most // 2 + 2000):
            path = library.path(f"flood/{i % 2}-{i % 7}")
            with open(path, "w", encoding="utf-8"):
                pass
            os.remove(path)
        os.makedirs(library.path("flood/new"))
    finally:
        process.send_signal(18)
    over = threading.Event()

    def touch():
        while not over.wait(0.2):
            library.put("flood/new/late", "1")

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        got = watch.result()
    finally:
        over.set()
        thread.join()
    tap.equal("after it new folders are watched all the same", [e["path"] for e in got["events"]], ["flood/new/late"])
    tap.equal("an overflow is told", (got["overflow"], got["message"]), (
        True, "There were more changes at once than the system keeps, so some are missing; list the folders to see "
        "what is there."))


def tells_config(tap, library):
    tap.equal("config", library.call(TOOL, operation="config"), {
        "operation": "config",
        "defaults": {"recursive": True, "debounce_ms": 100, "timeout_ms": 300000, "max_events": 1000},
        "limits": {"paths": 100, "folders": 8192, "depth": 64, "debounce_ms": 10000, "timeout_ms": 300000,
                   "max_events": 1000}})


def refuses(tap, library):
    wrong = {
        "nothing to watch": ({"operation": "watch"}, "watch needs input: the files and folders to watch"),
        "two times": ({"operation": "watch", "input": ["w"], "timeout_ms": 1, "timeout_seconds": 1},
                      'invalid arguments for tool "file-watcher": the argument "timeout_ms" came twice, one time as '
                      '"timeout_seconds"; give it once'),
        "what is not there": ({"operation": "watch", "input": ["w", "nowhere"], "timeout_ms": 1},
                              "nowhere does not exist"),
        "a set that is not closed": ({"operation": "watch", "input": ["w"], "timeout_ms": 1, "pattern": "[ab"},
                                     "pattern has a [ that is not closed; close it, or put \\ before it"),
        "outside": ({"operation": "watch", "input": ["/etc"], "timeout_ms": 1},
                    f"/etc is in no granted folder; granted: {library.folder}"),
        "..": ({"operation": "watch", "input": ["../work"], "timeout_ms": 1},
               '"../work" leads above the folder that it begins in'),
    }
    for name, (arguments, text) in wrong.items():
        got = library.fails(TOOL, **arguments)
        tap.check(f"refused: {name}", got.startswith(text), got)
    got = library.fails(TOOL, operation="watch", input=["w"] * 101)
    tap.check("refused: too many", "100" in got and "structuredContent" not in got, got)


def attacks(tap, library):
    """Links are no way to see what is outside."""
    outside = library.place.folder("outside")
    os.symlink(outside, library.path("out"))
    os.makedirs(library.path("trap"))
    os.symlink(outside, library.path("trap/link"))
    got = library.fails(TOOL, operation="watch", input=["out"], timeout_ms=1)
    tap.check("a link out is refused", "structuredContent" not in got and "granted" in got, got)
    watch = Watch(library, input=["trap"], timeout_ms=1500)
    os.symlink(outside, library.path("trap/new"))
    os.makedirs(library.path("trap/swap"))
    os.rmdir(library.path("trap/swap"))
    os.symlink(outside, library.path("trap/swap"))
    time.sleep(0.3)
    with open(os.path.join(outside, "secret"), "w", encoding="utf-8") as file:
        file.write("SECRET")
    events = short(watch.result())
    tap.check("links are seen themselves", ("create", "trap/new") in events, events)
    tap.check("what is behind them is not", not any("secret" in path for _, path, *_ in events), events)


def needs_grants(tap, program):
    with Library(program, {"grants": {"read": []}}) as library:
        got = library.fails(TOOL, operation="watch", input=["/tmp"], timeout_ms=1)
        tap.check("without a granted folder nothing is watched", "structuredContent" not in got and "grant" in got, got)
        tap.equal("config needs no grant", library.call(TOOL, operation="config")["operation"], "config")
    with Library(program, {"isolation": {"mode": "always"}}) as library:
        library.put("f", "1")
        tap.equal("in a process of its own it says why not", library.fails(TOOL, operation="watch", input=["."], timeout_ms=1),
                  "a plugin in a process of its own may not watch files; the operator can set plugins.isolation of "
                  "hexmcp.file-watcher to never")


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            for test in (tells_kinds, ends, folds_many_into_one, sees_new_folders, follows_moved_folders, fits_patterns,
                         watches_files, tells_overflow, tells_config, refuses, attacks):
                test(tap, library)
        needs_grants(tap, sys.argv[1])


if __name__ == "__main__":
    main()
