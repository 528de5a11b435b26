"""Archives that were made to get out of the folder, to fill the disk or to break what reads them."""

import gzip
import io
import os
import signal
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "archive-handler"
REFUSED = (" is not extracted: its entry {} {}. Use list to see the others and name those you want in entries")


class Attack:
    """A library with a file outside of the granted folder that no archive may reach."""

    def __init__(self, tap, library):
        self.tap, self.library = tap, library
        self.outside = library.place.folder("outside")
        with open(os.path.join(self.outside, "secret"), "w", encoding="utf-8") as file:
            file.write("SECRET")
        self.serial = 0

    def tar(self, *entries, form=tarfile.DEFAULT_FORMAT):
        """(name, type, link) or (name, bytes): the name of a tar of these."""
        self.serial += 1
        name = f"attack-{self.serial}.tar"
        with tarfile.open(self.library.path(name), "w", format=form) as archive:
            for entry in entries:
                info = tarfile.TarInfo(entry[0])
                if isinstance(entry[1], bytes) and len(entry) == 2:
                    info.size = len(entry[1])
                    archive.addfile(info, io.BytesIO(entry[1]))
                else:
                    info.type, info.linkname = entry[1], entry[2]
                    archive.addfile(info)
        return name

    def zip(self, *entries):
        self.serial += 1
        name = f"attack-{self.serial}.zip"
        with zipfile.ZipFile(self.library.path(name), "w") as archive:
            for path, data in entries:
                archive.writestr(path, data)
        return name

    def refused(self, what, archive, entry, problem):
        """Refused for this reason, and nothing of it is anywhere."""
        folder = f"out-{self.serial}"
        got = self.library.fails(TOOL, operation="extract", path=archive, target_path=folder)
        self.tap.equal(what, got, archive + REFUSED.format(entry, problem))
        self.unharmed(what)
        self.tap.equal(f"{what}: nothing is written", os.path.exists(self.library.path(folder)), False)
        listed = self.library.call(TOOL, operation="list", path=archive)
        self.tap.equal(f"{what}: list tells it", [f["problem"] for f in listed["files"] if "problem" in f], [problem])

    def unharmed(self, what):
        names = sorted(os.listdir(self.outside))
        with open(os.path.join(self.outside, "secret"), encoding="utf-8") as file:
            self.tap.equal(f"{what}: what is outside is as it was", (names, file.read()), (["secret"], "SECRET"))


def names_that_lead_out(a):
    for make in (a.tar, a.zip):
        kind = make.__name__
        for name in ("../outside/evil", "a/../../outside/evil", "a/b/.."):
            a.refused(f"{kind}: {name}", make((name, b"evil")), name, 'has ".." in it')
        name = os.path.join(a.outside, "evil")
        archive = make(("fine", b"fine"), (name, b"evil"))
        a.refused(f"{kind}: an absolute name", archive, name, "is an absolute path")
    a.library.call(TOOL, operation="extract", path=archive, target_path="picked", entries=["fine"])
    a.tap.equal("what is good of it can be picked", os.listdir(a.library.path("picked")), ["fine"])
    # For a system with other separators; here it is a name.
    archive = a.zip(("..\\outside\\evil", b"x"))
    a.library.fails(TOOL, operation="extract", path=archive, target_path="back")
    a.unharmed("zip: backslashes")


def links(a):
    secret = os.path.join(a.outside, "secret")
    archive = a.tar(("link", tarfile.SYMTYPE, a.outside))
    a.refused("a link to an absolute path", archive, "link", "is a link that leads out of the folder")
    archive = a.tar(("d/link", tarfile.SYMTYPE, "../../outside"))
    a.refused("a link by ..", archive, "d/link", "is a link that leads out of the folder")
    archive = a.tar(("d/link", tarfile.SYMTYPE, "x/../../../outside"))
    a.refused("a link by .. further on", archive, "d/link", "is a link that leads out of the folder")
    archive = a.tar(("link", tarfile.SYMTYPE, "."), ("link/evil", b"evil"))
    a.refused("a file through a link of the archive", archive, "link/evil", "lies beneath a link of the archive")
    archive = a.tar(("hard", tarfile.LNKTYPE, secret))
    a.refused("a hard link to an absolute path", archive, "hard", "is a hard link that leads out of the folder")
    archive = a.tar(("hard", tarfile.LNKTYPE, "../outside/secret"))
    a.refused("a hard link by ..", archive, "hard", "is a hard link that leads out of the folder")
    archive = a.tar(("soft", tarfile.SYMTYPE, "x"), ("hard", tarfile.LNKTYPE, "soft"))
    got = a.library.fails(TOOL, operation="extract", path=archive, target_path="hard")
    a.tap.equal("a hard link to a link", got, archive + REFUSED.format(
        "hard", "is another name of a file that was not extracted before it"))


def things_that_are_no_files(a):
    for what, kind in (("a device", tarfile.CHRTYPE), ("a disk", tarfile.BLKTYPE), ("a pipe", tarfile.FIFOTYPE)):
        a.refused(what, a.tar(("dev", kind, "")), "dev", "is a device, a pipe or a socket")
    a.refused("a name twice", a.tar(("x", b"1"), ("./x", b"2")), "./x", "is there twice")
    a.refused("a file and a folder", a.tar(("x", b"1"), ("x/y", b"2")), "x/y", "lies beneath a file of the archive")
    deep = "/".join("d" * 65)
    a.refused("a very deep name", a.tar((deep, b"1")), deep, "is too long or too deep")


def links_on_the_disk(a):
    """Laid there before, or while it is extracted."""
    archive = a.tar(("sub/evil", b"evil"))
    folder = a.library.path("trap")
    os.makedirs(folder)
    os.symlink(a.outside, os.path.join(folder, "sub"))
    got = a.library.fails(TOOL, operation="extract", path=archive, target_path="trap", overwrite=True)
    a.tap.equal("a link on the disk is not followed", got,
                "sub/evil cannot be made in trap: a link or a file stands in its way; move that away or give another "
                "target_path")
    os.remove(os.path.join(folder, "sub"))
    os.makedirs(os.path.join(folder, "sub"))
    os.symlink(os.path.join(a.outside, "secret"), os.path.join(folder, "sub", "evil"))
    got = a.library.fails(TOOL, operation="extract", path=archive, target_path="trap", overwrite=True)
    a.tap.equal("a link as the file is not written through", got,
                "sub/evil is in trap already and is no file; move it away")
    os.symlink(a.outside, a.library.path("way-out"))
    got = a.library.fails(TOOL, operation="extract", path=archive, target_path="way-out")
    a.tap.check("target_path that is a link out", "structuredContent" not in got and "granted" in got, got)
    got = a.library.fails(TOOL, operation="create", path="stolen.zip", input=["way-out/secret"])
    a.tap.check("input through a link out", "structuredContent" not in got and "granted" in got, got)
    got = a.library.fails(TOOL, operation="create", path="../outside/evil.zip", input=["trap"])
    a.tap.equal("an archive outside", got, '"../outside/evil.zip" leads above the folder that it begins in')
    a.unharmed("links on the disk")


def swaps(a):
    """Somebody swaps the folder for a link while files go into it."""
    archive = a.tar(*[(f"race/f{i}", b"evil") for i in range(300)])
    top = a.library.path("raced")
    os.makedirs(os.path.join(top, "race"))
    os.symlink(a.outside, os.path.join(top, "link"))
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            try:
                os.rename(os.path.join(top, "race"), os.path.join(top, "away"))
                os.rename(os.path.join(top, "link"), os.path.join(top, "race"))
                os.rename(os.path.join(top, "race"), os.path.join(top, "link"))
                os.rename(os.path.join(top, "away"), os.path.join(top, "race"))
            except OSError:
                pass

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(20):
            a.library.fails(TOOL, operation="extract", path=archive, target_path="raced", overwrite=True)
    finally:
        stop.set()
        thread.join()
    a.unharmed("a folder swapped for a link meanwhile")


def overlapping_zip(path, copies, data):
    """A zip bomb as David Fifield's: each entry begins with the next one's header in a block that is not packed,
    and goes on with its data, so that all share what is packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body, plain, names = packer.compress(data) + packer.flush(), data, []
    for i in range(copies):
        name = b"%04d" % i
        sums = (zlib.crc32(plain), len(body), len(plain))
        header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *sums, len(name), 0) + name
        names.append((name, sums, len(header) + len(body)))
        whole = header + body
        body = struct.pack("<BHH", 0, len(header), len(header) ^ 0xffff) + whole
        plain = header + plain
    listed = b"".join(struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, *sums, len(name), 0, 0, 0, 0, 0,
                                  len(whole) - from_end) + name for name, sums, from_end in names)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, len(listed), len(whole), 0)
    with open(path, "wb") as file:
        file.write(whole + listed + end)


def bombs(a):
    library, tap = a.library, a.tap
    with zipfile.ZipFile(library.path("bomb.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50 << 20))
    what = " is not unpacked: {} (at {}); take another archive, or other entries of it"
    ratio = what.format("its entries are more than 100 times as large as itself", "zeros")
    tap.equal("a bomb as zip", library.fails(TOOL, operation="extract", path="bomb.zip", target_path="bomb"),
              "bomb.zip" + ratio)
    for kind in ("gz", "bz2", "xz"):
        with tarfile.open(library.path(f"bomb.tar.{kind}"), f"w:{kind}") as archive:
            info = tarfile.TarInfo("zeros")
            info.size = 50 << 20
            archive.addfile(info, io.BytesIO(bytes(info.size)))
        for operation in ("extract", "list"):
            tap.equal(f"a bomb as tar.{kind}: {operation}", library.fails(
                TOOL, operation=operation, path=f"bomb.tar.{kind}",
                **({"target_path": "bomb"} if operation == "extract" else {})), f"bomb.tar.{kind}" + ratio)
    overlapping_zip(library.path("overlap.zip"), 100, os.urandom(20000) + bytes(1 << 20))
    with zipfile.ZipFile(library.path("overlap.zip")) as archive:
        tap.equal("Python unpacks an entry that shares its data", len(archive.read("0050")), archive.getinfo("0050").file_size)
    got = library.fails(TOOL, operation="extract", path="overlap.zip", target_path="bomb")
    tap.check("a bomb of entries that share their data", "its entries are more than 100 times as large" in got, got)
    with open(library.path("hole"), "wb") as file:
        file.truncate(1 << 30)
    subprocess.run(["tar", "-cSf", "hole.tar", "hole"], cwd=library.folder, check=True)
    got = library.fails(TOOL, operation="extract", path="hole.tar", target_path="bomb")
    tap.check("a bomb of a hole", got.startswith("hole.tar is not unpacked: "), got)
    os.remove(library.path("hole"))
    archive = a.tar(*[(f"{i}", b"") for i in range(10001)])
    for operation in ("extract", "list"):
        tap.equal(f"too many entries: {operation}", library.fails(
            TOOL, operation=operation, path=archive, **({"target_path": "bomb"} if operation == "extract" else {})),
            f"{archive} has more than 10000 entries, the most that are taken; give a smaller archive")
    archive = a.tar(("first", os.urandom(2 << 20)), *[(f"l{i}", tarfile.LNKTYPE, "first") for i in range(600)])
    got = library.fails(TOOL, operation="extract", path=archive, target_path="bomb")
    tap.equal("a bomb of hard links", got, archive + what.format("its entries are more than 100 times as large as itself", "l113"))
    archive = a.tar(("large", os.urandom(101 << 20)))
    tap.equal("a large entry", library.fails(TOOL, operation="extract", path=archive, target_path="bomb"),
              archive + what.format("one entry has more than 100 MiB", "large"))
    os.remove(library.path(archive))
    body = gzip.compress(os.urandom(1200000) + bytes((99 << 20) - 1200000), 1)
    with open(library.path("whole.tar.gz"), "wb") as file:
        for i in range(11):
            info = tarfile.TarInfo(f"part{i}")
            info.size = 99 << 20
            file.write(gzip.compress(info.tobuf()) + body)
        file.write(gzip.compress(bytes(1024)))
    tap.equal("too much together", library.fails(TOOL, operation="extract", path="whole.tar.gz", target_path="bomb"),
              "whole.tar.gz" + what.format("its entries have more than 1 GiB together", "part10"))
    os.remove(library.path("whole.tar.gz"))
    tap.equal("bombs leave nothing", os.path.exists(library.path("bomb")), False)


def alike(a):
    """Names that are one file on other systems."""
    library, tap = a.library, a.tap
    for what, first, second in (("case", "d/README", "d/readme"), ("Unicode form", "caf\u00e9", "cafe\u0301"),
                                ("both", "STRASSE", "stra\u00dfe")):
        archive = a.tar((first, b"1"), ("other", b"2"), (second, b"3"), form=tarfile.GNU_FORMAT)
        listed = library.call(TOOL, operation="list", path=archive)
        tap.equal(f"names that differ by {what}: list tells it", [(f["name"], f.get("alike")) for f in listed["files"]],
                  [(first, None), ("other", None), (second, first)])
        got = library.fails(TOOL, operation="extract", path=archive, target_path="alike", overwrite=True)
        tap.equal(f"names that differ by {what}: none replaces the other", got, archive + REFUSED.format(
            second, f"differs from {first} only by case or Unicode form, so overwrite could let it replace that"))
        tap.equal(f"names that differ by {what}: nothing is written", os.path.exists(library.path("alike")), False)
        folder = f"alike-{a.serial}"
        got = library.call(TOOL, operation="extract", path=archive, target_path=folder)
        tap.equal(f"names that differ by {what}: here both are made", got["extracted_files"], 3)
    archive = a.tar(("caf\u00e9", b"1"), ("cafe\u0301", b"2"))
    a.refused("names that say they are Unicode, in two forms", archive, "caf\u00e9", "is there twice")
    archive = a.tar((b"\xff".decode("utf-8", "surrogateescape"), b"1"), ("x", b"2"))
    tap.equal("a name that is no UTF-8 is like none", library.call(TOOL, operation="list", path=archive)["total"], 2)


def lies(a):
    """A zip whose sizes are not those of what is in it."""
    library, tap = a.library, a.tap
    data = os.urandom(300000) + bytes(3 << 20)
    for what, says in (("less", 10), ("more", 90 << 20), ("nothing", 0)):
        for where in ("the list", "both"):
            name = f"lies-{what}-{where.split()[-1]}.zip"
            with zipfile.ZipFile(library.path(name), "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("x", data)
            whole = bytearray(library.get(name))
            at = whole.rindex(b"PK\1\2")
            whole[at + 24:at + 28] = struct.pack("<L", says)
            if where == "both":
                whole[22:26] = struct.pack("<L", says)
            library.put(name, bytes(whole))
            folder = name[:-4]
            got = library.fails(TOOL, operation="extract", path=name, target_path=folder)
            path = library.path(folder, "x")
            if "structuredContent" in got:
                tap.check(f"a size that says {what} in {where}: what is told is what is there",
                          f'"total_size": {os.path.getsize(path)},' in got and
                          library.get(f"{folder}/x") == data[:os.path.getsize(path)], got[:300])
            else:
                tap.check(f"a size that says {what} in {where}: refused", name in got and not os.path.exists(path), got)
    with zipfile.ZipFile(library.path("liar.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50 << 20))
    whole = bytearray(library.get("liar.zip"))
    at = whole.rindex(b"PK\1\2")
    whole[at + 24:at + 28] = whole[22:26] = struct.pack("<L", 10)
    library.put("liar.zip", bytes(whole))
    got = library.fails(TOOL, operation="extract", path="liar.zip", target_path="liar")
    made = os.path.getsize(library.path("liar/zeros")) if "structuredContent" in got else 0
    tap.check("a bomb that says it is small is none", made <= 1 << 20, (made, got[:300]))


def nests(a):
    inner = gzip.compress(open(a.library.path(a.tar(("x", b"1"))), "rb").read())
    a.library.put("twice.tar.gz", gzip.compress(inner))
    got = a.library.fails(TOOL, operation="list", path="twice.tar.gz")
    a.tap.check("a file packed twice is not unpacked twice", got.startswith("twice.tar.gz cannot be read as an archive"), got)
    a.library.put("in.tar", open(a.library.path(a.tar(("x.tar", inner))), "rb").read())
    a.library.call(TOOL, operation="extract", path="in.tar", target_path="nest")
    a.tap.equal("an archive in an archive stays one", os.listdir(a.library.path("nest")), ["x.tar"])


def looks_inside(a):
    """Archives in archives, three deep at most, measured by the outermost."""
    library, tap = a.library, a.tap

    def wrap(name, inner, kind="w"):
        with tarfile.open(library.path(name), kind) as archive:
            info = tarfile.TarInfo("d/" + inner)
            info.size = os.path.getsize(library.path(inner))
            with open(library.path(inner), "rb") as file:
                archive.addfile(info, file)

    with zipfile.ZipFile(library.path("l3.zip"), "w") as archive:
        archive.writestr("deep.txt", b"deep")
        archive.writestr("../evil", b"evil")
    wrap("l2.tar.gz", "l3.zip", "w:gz")
    wrap("l1.tar.xz", "l2.tar.gz", "w:xz")
    wrap("l0.tar", "l1.tar.xz")
    down = ["d/l1.tar.xz", "./d/l2.tar.gz", "d/l3.zip"]
    got = library.call(TOOL, operation="list", path="l0.tar", inside=down)
    tap.equal("three deep: list", ([f["name"] for f in got["files"]], got["format"], got["inside"]),
              (["deep.txt", "../evil"], "zip", down))
    got = library.call(TOOL, operation="list", path="l0.tar", inside="d/l1.tar.xz")
    tap.equal("one deep: list", ([f["name"] for f in got["files"]], got["format"]), (["d/l2.tar.gz"], "tar.xz"))
    got = library.call(TOOL, operation="extract", path="l0.tar", inside=down, target_path="inner", entries="deep.txt")
    tap.equal("three deep: extract", (library.get("inner/deep.txt"), got["extracted_files"]), (b"deep", 1))
    tap.equal("what is dangerous is so there, too",
              library.fails(TOOL, operation="extract", path="l0.tar", inside=down, target_path="inner2"),
              "l0.tar" + REFUSED.format("../evil", 'has ".." in it'))
    for what, inside, text in (
            ("four deep", down + ["x"], None),
            ("a name that is not there", ["d/none"], "no file in l0.tar is named d/none; use list to see the names"),
            ("a folder", ["d"], "no file in l0.tar is named d; use list to see the names"),
            ("a name that leads out", ["../x"], '../x in inside has ".." in it; give a name that list shows'),
            ("what is no archive", down + [], None)):
        got = library.fails(TOOL, operation="list", path="l0.tar" if what != "what is no archive" else "l3.zip",
                            inside=inside if what != "what is no archive" else ["deep.txt"])
        tap.check(f"inside: {what}", got == text or (text is None and "structuredContent" not in got), got)
    tap.equal("inside of nothing is created", library.fails(TOOL, operation="create", path="c.zip", input="l3.zip",
                                                            inside=["x"]), "inside is for list and extract; leave it out")
    with zipfile.ZipFile(library.path("many.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        data = os.urandom(40000) + bytes(3 << 20)
        for i in range(60):
            archive.writestr(f"{i:04}", data)
    library.call(TOOL, operation="extract", path="many.zip", target_path="many-alone", dry_run=True)
    wrap("many.tar.xz", "many.zip", "w:xz")
    got = library.fails(TOOL, operation="extract", path="many.tar.xz", inside="d/many.zip", target_path="many", dry_run=True)
    tap.check("a bomb in two steps", "its entries are more than 100 times as large" in got, got[:300])


def memory(a):
    """A frame that asks for a window of 2 GiB."""
    if not any(os.access(os.path.join(p, "zstd"), os.X_OK) for p in ("/usr/bin", "/bin")):
        a.tap.skip("a window of 2 GiB", "there is no program zstd here")
        return
    data = open(a.library.path(a.tar(("x", b"1" * 1000))), "rb").read()
    packed = subprocess.run(["zstd", "-q", "--ultra", "--long=31", "-1", "-c"], input=data, capture_output=True,
                            check=True).stdout
    a.library.put("wide.tar.zst", packed)
    got = a.library.fails(TOOL, operation="list", path="wide.tar.zst")
    a.tap.check("a window of 2 GiB is refused", got.startswith("wide.tar.zst cannot be read as an archive"), got)
    a.tap.note(got)


def helpers(server):
    """Ids of the processes that the server started."""
    found = []
    for task in os.listdir(f"/proc/{server}/task"):
        try:
            with open(f"/proc/{server}/task/{task}/children", encoding="utf-8") as file:
                found += [int(pid) for pid in file.read().split()]
        except OSError:
            pass
    return found


def runs_apart(a):
    library, tap = a.library, a.tap
    server = library.server.process.pid
    archive = a.tar(("x", b"1"))
    library.call(TOOL, operation="list", path=archive)
    processes = helpers(server)
    tap.check("the archive is read in a process of its own", len(processes) > 0, "the server has no children")
    for pid in processes:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        tap.equal("... whose system calls are filtered", (status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
    for i in range(40):
        library.put(f"slow/{i}", os.urandom(1 << 20))
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "create", "path": "slow.tar.gz", "input": ["slow"], "level": 9}})
    deadline = time.monotonic() + 10
    while not any(name.startswith(".hexmcp-") for name in os.listdir(library.folder)) and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in helpers(server):
        os.kill(pid, signal.SIGSEGV)
    answer = library.server.answer(ident)
    text = str(answer.get("error", {}).get("message") or answer.get("result", {}).get("content"))
    tap.check("a crash of the parser is told", "crashed with signal 11" in text, text)
    tap.equal("the server lives on, and the tool, too",
              library.call(TOOL, operation="list", path=archive)["total"], 1)


def stops(a):
    """A call that is given up ends its work."""
    library, tap = a.library, a.tap
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "create", "path": "given-up.tar.gz", "input": ["slow"], "level": 9}})
    deadline = time.monotonic() + 10
    before = set(os.listdir(library.folder))
    while set(os.listdir(library.folder)) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    library.server.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}' % ident)
    tap.equal("the server answers others", library.call(TOOL, operation="list", path="in.tar")["total"], 1)
    deadline = time.monotonic() + 10
    while set(os.listdir(library.folder)) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    tap.equal("a call that was given up leaves no file", set(os.listdir(library.folder)) - before, set())


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            attack = Attack(tap, library)
            for test in (names_that_lead_out, links, things_that_are_no_files, links_on_the_disk, swaps, bombs, alike,
                         lies, nests, looks_inside, memory, runs_apart, stops):
                test(attack)
            attack.unharmed("in the end")
        # The sandbox would stop these, too: here it is not there.
        with Library(sys.argv[1], {"plugins": {"isolation": {"hexmcp.archive-handler": "never"}}}) as library:
            attack = Attack(tap, library)
            for test in (links_on_the_disk, swaps):
                test(attack)
            tap.equal("there is no helper", helpers(library.server.process.pid), [])


if __name__ == "__main__":
    main()
