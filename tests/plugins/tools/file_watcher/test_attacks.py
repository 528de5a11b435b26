"""file-watcher: what is outside stays unseen, what happens in a hurry is not missed, and the system's limits
are told."""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Failed, Library, Tap  # noqa: E402
from test_file_watcher import TOOL, Watch, short  # noqa: E402

EXCHANGE = 2  # of renameat2
AT_FDCWD = -100


def write(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("SECRET")


def moved_out(tap, library):
    """However long changes are held back: a folder that left the granted ones is not watched any more."""
    outside = library.place.folder("outside")
    os.makedirs(library.path("leave/sub/deep"))
    watch = Watch(library, input=["leave"], timeout_ms=2500, debounce_ms=10000)
    os.rename(library.path("leave/sub"), os.path.join(outside, "sub"))
    time.sleep(0.6)
    write(os.path.join(outside, "sub/secret"))
    write(os.path.join(outside, "sub/deep/secret"))
    tap.equal("what happens in a folder that was moved out is not seen", short(watch.result()), [("delete", "leave/sub")])
    os.makedirs(library.path("given/deep"))
    watch = Watch(library, input=["given"], timeout_ms=2500, debounce_ms=10000)
    os.rename(library.path("given"), os.path.join(outside, "given"))
    time.sleep(0.6)
    write(os.path.join(outside, "given/secret"))
    write(os.path.join(outside, "given/deep/secret"))
    got = watch.result()
    tap.equal("nor if it is the one that was given", (short(got), got["ended_by"]), ([("delete", "given")], "gone"))


def links(tap, library):
    """Folders that become links while they are looked at."""
    outside = library.place.folder("elsewhere")
    os.makedirs(os.path.join(outside, "in"))
    trap = library.path("trap")
    os.makedirs(trap)
    watch = Watch(library, input=["trap"], timeout_ms=3000, debounce_ms=0)
    over = threading.Event()

    def change_outside():
        for i in range(10 ** 9):
            if over.wait(0.002):
                return
            write(os.path.join(outside, "in" if i % 2 else "", f"secret-{i % 5}"))

    thread = threading.Thread(target=change_outside)
    thread.start()
    try:
        for i in range(300):
            path = os.path.join(trap, f"f{i}")
            os.makedirs(path)
            os.rmdir(path)
            os.symlink(outside, path)
            if i % 3 == 0:
                time.sleep(0.001)
            os.remove(path)
            os.symlink(outside, path)
        got = watch.result()
    finally:
        over.set()
        thread.join()
    tap.check("folders that become links lead nowhere", not any("secret" in str(e) for e in got["events"]), got["events"][:20])
    tap.check("they were met", got["event_count"] > 100, got["event_count"])
    shutil.rmtree(trap)


def things_that_are_no_files(tap, library):
    os.mkfifo(library.path("pipe"))
    os.symlink("/dev/zero", library.path("zero"))
    os.symlink("/proc/self/fd", library.path("descriptors"))
    for name, text in (("pipe", "pipe is a pipe; only files and folders may be opened"),
                       ("zero", "zero leads out of the granted folder"),
                       ("descriptors", "descriptors leads out of the granted folder"),
                       ("/proc/self/fd", "/proc/self/fd is in no granted folder")):
        got = library.fails(TOOL, operation="watch", input=[name], timeout_ms=1)
        tap.check(f"refused: {name}", got.startswith(text), got)
    library.put("odd/f", "1")
    watch = Watch(library, input=["odd/f"], timeout_ms=1500, debounce_ms=0)
    for make in (lambda path: os.mkfifo(path), lambda path: os.symlink("/dev/zero", path)):
        make(library.path("odd/x"))
        os.rename(library.path("odd/x"), library.path("odd/f"))
        time.sleep(0.1)
    tap.equal("a file that becomes a pipe and a device is told and not opened", short(watch.result()),
              [("create", "odd/f"), ("create", "odd/f")])


def hurry(tap, library):
    """Folders and what is in them, made faster than anybody can watch."""
    os.makedirs(library.path("hurry"))
    watch = Watch(library, input=["hurry"], timeout_ms=6000, debounce_ms=200, max_events=720)
    made = set()
    for i in range(120):
        path = library.path("hurry", str(i))
        for tail in ("", "/a", "/a/b"):
            os.mkdir(path + tail)
            write(path + tail + "/f")
            made |= {f"hurry/{i}{tail}", f"hurry/{i}{tail}/f"}
    events = short(watch.result())
    told = [path for kind, path, *_ in events if kind == "create"]
    tap.equal("nothing is missed", made - set(told), set())
    tap.equal("nothing is told twice", len(told), len(made))


def renames(tap, library):
    for name in ("pairs/one/in", "pairs/two/in", "others"):
        os.makedirs(library.path(name))
    library.put("pairs/f", "1")
    library.put("others/g", "1")
    watch = Watch(library, input=["pairs", "others"], timeout_ms=1500)
    os.rename(library.path("pairs/f"), library.path("others/f"))
    time.sleep(0.2)
    os.rename(library.path("others/f"), library.path("others/g"))
    time.sleep(0.2)
    os.rename(library.path("others/g"), library.path("h"))
    tap.equal("from one watched folder to another, over a file, and out", short(watch.result()), [
        ("rename", "others/f", "pairs/f"), ("rename", "others/g", "others/f"), ("delete", "others/g")])
    libc = ctypes.CDLL(None, use_errno=True)
    watch = Watch(library, input=["pairs"], timeout_ms=1500)
    one, two = (library.path(name).encode() for name in ("pairs/one", "pairs/two"))
    if libc.renameat2(AT_FDCWD, one, AT_FDCWD, two, EXCHANGE) != 0:
        tap.skip("two folders change places", "the file system cannot exchange names")
        watch.result()
        return
    time.sleep(0.3)
    library.put("pairs/one/in/f1", "1")
    library.put("pairs/two/in/f2", "1")
    events = short(watch.result())
    tap.equal("two folders change places", sorted(events[:2]),
              [("rename", "pairs/one", "pairs/two"), ("rename", "pairs/two", "pairs/one")])
    tap.equal("... and each has its new name then", sorted(events[2:]),
              [("create", "pairs/one/in/f1"), ("create", "pairs/two/in/f2")])


def limited(program, watches, folder):
    """The program where the system lets it watch only so many folders; None if that cannot be had."""
    path = os.path.join(folder, "limited")
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexec unshare -Ur sh -c 'echo %d > /proc/sys/user/max_inotify_watches && exec \"$0\" \"$@\"' "
                   "'%s' \"$@\"\n" % (watches, os.path.abspath(program)))
    os.chmod(path, 0o755)
    works = subprocess.run(["unshare", "-Ur", "sh", "-c", "echo 5 > /proc/sys/user/max_inotify_watches"],
                           capture_output=True, check=False).returncode == 0 if shutil.which("unshare") else False
    return path if works else None


def meets_limits(tap, program, folder):
    place = limited(program, 20, folder)
    if not place:
        tap.skip("the limit of the system", "no user namespace can be made here")
        return
    with Library(place) as library:
        for i in range(30):
            os.makedirs(library.path(f"many/{i}"))
        try:
            got = str(Watch(library, input=["many"], timeout_ms=1).result())
        except Failed as failed:
            got = str(failed)
        tap.check("more folders than the system watches",
                  "the system lets nobody watch more folders, at many/" in got and
                  "; watch fewer, or ask the operator to raise fs.inotify.max_user_watches" in got, got)
        os.makedirs(library.path("few"))
        watch = Watch(library, input=["few"], timeout_ms=1500)
        for i in range(30):
            os.makedirs(library.path(f"few/{i}"))
        got = watch.result()
        tap.equal("if they are made later, what was seen is told", (got["event_count"], got["message"]), (
            30, "There are more folders than are watched at once, or deeper ones; watch the others by a call of their "
            "own."))


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            for test in (moved_out, links, things_that_are_no_files, hurry, renames):
                test(tap, library)
            meets_limits(tap, sys.argv[1], library.place.folder("limits"))


if __name__ == "__main__":
    main()
