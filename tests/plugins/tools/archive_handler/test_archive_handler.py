"""archive-handler with archives of real programs: zip, tar, gzip, zstd, xz, bzip2, 7z and Python."""

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "archive-handler"
SMALL = {"docs/readme.txt": b"read me\n" * 40, "docs/deep/er/end.bin": bytes(range(256)),
         "empty": b"", "ümläut 世界.txt": "grüße".encode()}


def tree(folder):
    """{name: bytes, or None for a folder} of what is in a folder."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(top, name)
            key = os.path.relpath(path, folder)
            found[key] = None if os.path.isdir(path) else open(path, "rb").read()
    return found


def files_of(folder):
    return {name: data for name, data in tree(folder).items() if data is not None}


def put_all(library, files, top="src"):
    for name, data in files.items():
        library.put(os.path.join(top, name), data)


def run(library, *command, folder="src"):
    subprocess.run(command, cwd=library.path(folder), check=True, capture_output=True)


def reads_archives_of_programs(tap, library):
    put_all(library, SMALL)
    names = sorted(SMALL)
    makers = {
        "tar": ["tar", "-cf", "../made.tar", *names],
        "tar.gz": ["tar", "-czf", "../made.tar.gz", *names],
        "tar.bz2": ["tar", "-cjf", "../made.tar.bz2", *names],
        "tar.xz": ["tar", "-cJf", "../made.tar.xz", *names],
        "tar.zst": ["tar", "--zstd", "-cf", "../made.tar.zst", *names],
        "zip": ["zip", "-q", "../made.zip", *names],
        "7z": ["7z", "a", "-bd", "../made.7z", *names],
    }
    for kind, command in makers.items():
        if not shutil.which(command[0]) or (kind == "tar.zst" and not shutil.which("zstd")):
            with_python = {"zip": make_zip, "tar": None}.get(kind)
            if not with_python:
                tap.skip(f"{kind} of a real program", f"there is no program {command[0]} for it here")
                continue
            with_python(library.path("made.zip"), SMALL)
        else:
            run(library, *command)
        got = library.call(TOOL, operation="list", path=f"made.{kind}")
        tap.equal(f"{kind}: the format", got["format"], kind)
        tap.equal(f"{kind}: the names and sizes", {f["name"]: f["size"] for f in got["files"] if f["type"] == "file"},
                  {name: len(data) for name, data in SMALL.items()})
        got = library.call(TOOL, operation="extract", path=f"made.{kind}", target_path=f"out-{kind}")
        tap.equal(f"{kind}: extracted", files_of(library.path(f"out-{kind}")), SMALL)
        tap.equal(f"{kind}: counted", (got["extracted_files"], got["total_size"], got["dry_run"]),
                  (4, sum(map(len, SMALL.values())), False))


def make_zip(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def lists_details(tap, library):
    with zipfile.ZipFile(library.path("two.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a/", (2020, 5, 6, 7, 8, 10)), b"")
        archive.writestr(zipfile.ZipInfo("a/zeros", (2020, 5, 6, 7, 8, 10)), bytes(5000),
                         zipfile.ZIP_DEFLATED)
        archive.writestr("b", b"xyz", zipfile.ZIP_STORED)
    with zipfile.ZipFile(library.path("two.zip")) as archive:
        packed = {info.filename: info.compress_size for info in archive.infolist()}
    got = library.call(TOOL, operation="list", path="two.zip")
    tap.equal("list: the bytes of a file in a zip, as Python sees them",
              {f["name"]: f["compressed_size"] for f in got["files"] if not f["is_dir"]},
              {"a/zeros": packed["a/zeros"], "b": packed["b"]})
    tap.equal("list: folders", [f["is_dir"] for f in got["files"]], [True, False, False])
    tap.equal("list: sums", {k: got[k] for k in ("file_count", "total", "total_size", "archive_size",
                                                 "problem_count", "offset")},
              {"file_count": 2, "total": 3, "total_size": 5003, "problem_count": 0, "offset": 0,
               "archive_size": os.path.getsize(library.path("two.zip"))})
    page = library.call(TOOL, operation="list", path="two.zip", offset=1, limit=1)
    tap.equal("list: a page", ([f["name"] for f in page["files"]], page["next_offset"], page["total"]),
              (["a/zeros"], 2, 3))
    page = library.call(TOOL, operation="list", path="two.zip", offset=2)
    tap.equal("list: the last page has no next", "next_offset" in page, False)
    result = library.result(TOOL, operation="list", path="two.zip")
    tap.equal("list: the text for people", result["content"][1]["text"], "two.zip holds 2 files, 5003 bytes unpacked.")
    with tarfile.open(library.path("when.tar"), "w") as archive:
        info = tarfile.TarInfo("f")
        info.mtime = 1700000000
        archive.addfile(info)
    tap.equal("list: the time of a change",
              library.call(TOOL, operation="list", path="when.tar")["files"][0]["modified"], "2023-11-14T22:13:20Z")


def extracts_parts(tap, library):
    make_zip(library.path("parts.zip"), {"a/1": b"one", "a/2": b"two", "ab": b"three", "b/3": b"four"})
    library.call(TOOL, operation="extract", path="parts.zip", target_path="parts", entries=["a"])
    tap.equal("entries: a folder means what is beneath, not what begins alike",
              files_of(library.path("parts")), {"a/1": b"one", "a/2": b"two"})
    library.call(TOOL, operation="extract", path="parts.zip", target_path="parts", entries="b/3")
    tap.equal("entries: one name, into a folder that is there",
              files_of(library.path("parts")), {"a/1": b"one", "a/2": b"two", "b/3": b"four"})
    tap.equal("entries: a name that is not there",
              library.fails(TOOL, operation="extract", path="parts.zip", target_path="parts", entries=["c"]),
              "nothing in parts.zip is named c; use list to see the names")


def overwrites_when_told(tap, library):
    make_zip(library.path("new.zip"), {"x": b"new", "y": b"also"})
    library.put("over/y", b"old")
    tap.equal("extract: a file that is there stops all",
              library.fails(TOOL, operation="extract", path="new.zip", target_path="over"),
              "y is in over already; give overwrite true to replace such files, or another target_path")
    tap.equal("extract: ... and nothing is written", files_of(library.path("over")), {"y": b"old"})
    library.call(TOOL, operation="extract", path="new.zip", target_path="over", overwrite=True)
    tap.equal("extract: overwrite", files_of(library.path("over")), {"x": b"new", "y": b"also"})
    os.makedirs(library.path("over2/y"))
    tap.equal("extract: a folder is not replaced",
              library.fails(TOOL, operation="extract", path="new.zip", target_path="over2", overwrite=True),
              "y is in over2 already and is no file; move it away")


def tries_dry(tap, library):
    make_zip(library.path("dry.zip"), {"x": b"new"})
    got = library.call(TOOL, operation="extract", path="dry.zip", target_path="dry", dry_run=True)
    tap.equal("extract: dry", (got["extracted_files"], got["dry_run"], os.path.exists(library.path("dry"))),
              (1, True, False))
    library.put("packed/one", b"1")
    got = library.call(TOOL, operation="create", path="dry2.zip", input="packed", dry_run=True)
    tap.equal("create: dry", (got["file_count"], got["folders"], got["total_size"],
                              os.path.exists(library.path("dry2.zip"))), (1, 1, 1, False))
    tap.equal("create: dry tells what is there",
              library.fails(TOOL, operation="create", path="dry.zip", input="packed", dry_run=True),
              "dry.zip exists already; give overwrite true to replace it, or another path")


def creates(tap, library):
    put_all(library, SMALL, "pack")
    os.chmod(library.path("pack/empty"), 0o755)
    os.utime(library.path("pack/docs/readme.txt"), (1600000000, 1600000000))
    for kind in ("zip", "tar", "tar.gz", "tar.zst"):
        got = library.call(TOOL, operation="create", path=f"made2.{kind}", input=["pack"])
        tap.equal(f"create {kind}: counted", (got["format"], got["file_count"], got["folders"],
                                              got["archive_size"]),
                  (kind, 4, 4, os.path.getsize(library.path(f"made2.{kind}"))))
        back = os.path.join(library.place.top, f"back-{kind}")
        os.makedirs(back)
        if kind == "zip":
            with zipfile.ZipFile(library.path("made2.zip")) as archive:
                tap.equal("create zip: Python finds it whole", archive.testzip(), None)
                archive.extractall(back)
        elif kind == "tar.zst" and not shutil.which("zstd"):
            tap.skip("create tar.zst: tar reads it", "there is no program zstd here")
            continue
        else:
            subprocess.run(["tar", "-xf", library.path(f"made2.{kind}"), "-C", back], check=True)
        tap.equal(f"create {kind}: another program reads it", files_of(os.path.join(back, "pack")), SMALL)
        if kind != "zip":
            tap.equal(f"create {kind}: times and the right to run are kept",
                      (os.stat(f"{back}/pack/docs/readme.txt").st_mtime,
                       stat.S_IMODE(os.stat(f"{back}/pack/empty").st_mode)), (1600000000, 0o755))
    with tarfile.open(library.path("made2.tar")) as archive:
        tap.equal("create: sorted names", archive.getnames(), sorted(archive.getnames(), key=lambda n: n.split("/")))
        tap.equal("create: nobody's name is told", {(i.uid, i.gid, i.uname) for i in archive}, {(0, 0, "")})
    before = library.get("made2.tar.gz")
    library.call(TOOL, operation="create", path="made2.tar.gz", input=["pack"], overwrite=True)
    tap.equal("create: the same again gives the same bytes", library.get("made2.tar.gz") == before, True)


def names_what_it_packs(tap, library):
    library.put("in/one.txt", b"1")
    library.put("in/sub/two.txt", b"2")
    os.symlink("one.txt", library.path("in/link"))
    os.mkfifo(library.path("in/pipe"))
    got = library.call(TOOL, operation="create", path="in/self.zip", input=[library.path("in")])
    with zipfile.ZipFile(library.path("in/self.zip")) as archive:
        tap.equal("create: an absolute path gives its last part; the archive does not hold itself",
                  archive.namelist(), ["in/", "in/one.txt", "in/sub/", "in/sub/two.txt"])
    tap.equal("create: what is left out is told", (got["skipped_count"], got["skipped"]), (2, [
        {"name": "in/link", "reason": "symbolic links are not packed"},
        {"name": "in/pipe", "reason": "it is neither a file nor a folder"}]))
    library.call(TOOL, operation="create", path="in/self.zip", input=["in"], overwrite=True)
    with zipfile.ZipFile(library.path("in/self.zip")) as archive:
        tap.equal("create: nor the one that it replaces", archive.namelist(),
                  ["in/", "in/one.txt", "in/sub/", "in/sub/two.txt"])
    library.call(TOOL, operation="create", path="part", input=["in/sub", "./in//one.txt"], format="tar")
    with tarfile.open(library.path("part")) as archive:
        tap.equal("create: a relative path is the name", archive.getnames(), ["in/sub", "in/sub/two.txt", "in/one.txt"])


def refuses_arguments(tap, library):
    make_zip(library.path("ok.zip"), {"x": b"new"})
    library.put("no.zip", b"this is no archive")
    library.put("zero.zip", b"")
    make_zip(library.path("none.zip"), {})
    library.put("none.tar", bytes(10240))
    library.put("f", b"1")
    wrong = {
        "list needs an archive": (
            {"operation": "list", "path": "no.zip"},
            "no.zip cannot be read as an archive (zip, tar, tar.gz, tar.zst, tar.xz, tar.bz2, 7z): "
            "Unrecognized archive format; give another file"),
        "an empty file": (
            {"operation": "list", "path": "zero.zip"},
            "zero.zip cannot be read as an archive (zip, tar, tar.gz, tar.zst, tar.xz, tar.bz2, 7z): "
            "Unrecognized archive format; give another file"),
        "an archive of nothing": (
            {"operation": "list", "path": "none.zip"},
            "none.zip cannot be read as an archive (zip, tar, tar.gz, tar.zst, tar.xz, tar.bz2, 7z): "
            "Unrecognized archive format; give another file"),
        "a folder is no archive": (
            {"operation": "list", "path": "."}, ". is a folder, not a file"),
        "a tar of nothing": (
            {"operation": "list", "path": "none.tar"}, "none.tar has no entries; give another archive"),
        "extract needs target_path": (
            {"operation": "extract", "path": "ok.zip"}, "extract needs target_path: the folder to extract into"),
        "create needs input": (
            {"operation": "create", "path": "new2.zip"},
            "create needs input: the files and folders to put in"),
        "create needs a format": (
            {"operation": "create", "path": "new2", "input": ["f"]},
            "the name of path tells no format; end it with .zip, .tar, .tar.gz or .tar.zst, or give format"),
        "7z is only read": (
            {"operation": "create", "path": "new2.7z", "input": ["f"]},
            "7z is only read; make a zip, tar, tar.gz or tar.zst"),
        "a file twice": (
            {"operation": "create", "path": "new2.zip", "input": ["f", "f"]},
            "f cannot be packed under that name: it is there twice; give each file once"),
        "target_path is a file": (
            {"operation": "extract", "path": "ok.zip", "target_path": "f"},
            "f is a file; give the path of a folder as target_path"),
        "target_path in no folder": (
            {"operation": "extract", "path": "ok.zip", "target_path": "none/out"},
            "the folder of none/out does not exist; make it first (file-operations: create_dir with recursive true), "
            "or give another target_path"),
        "an archive in no folder": (
            {"operation": "create", "path": "none/new2.zip", "input": ["f"]},
            "the folder of none/new2.zip does not exist; make it first (file-operations: create_dir with recursive "
            "true), or give another path"),
        "the archive is there": (
            {"operation": "create", "path": "ok.zip", "input": ["f"]},
            "ok.zip exists already; give overwrite true to replace it, or another path"),
    }
    for name, (arguments, text) in wrong.items():
        got = library.fails(TOOL, **arguments)
        tap.equal(name, got, text)
    tap.equal("no archive is left by a failure", sorted(n for n in os.listdir(library.folder)
                                                        if n.startswith(("new2", ".hexmcp"))), [])


def refuses_the_encrypted(tap, library):
    if not shutil.which("7z"):
        tap.skip("an encrypted entry", "there is no program 7z here")
        return
    library.put("src/secret", b"hush")
    run(library, "7z", "a", "-bd", "-psecret", "-tzip", "../locked.zip", "secret")
    tap.equal("list: an encrypted entry is told",
              library.call(TOOL, operation="list", path="locked.zip")["files"][0]["encrypted"], True)
    tap.equal("extract: an encrypted entry",
              library.fails(TOOL, operation="extract", path="locked.zip", target_path="locked"),
              "secret in locked.zip is encrypted; entries with a password cannot be unpacked here")


def makes_hard_links_files(tap, library):
    with tarfile.open(library.path("hard.tar"), "w") as archive:
        info = tarfile.TarInfo("first")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
        info = tarfile.TarInfo("second")
        info.type, info.linkname = tarfile.LNKTYPE, "first"
        archive.addfile(info)
        info = tarfile.TarInfo("soft")
        info.type, info.linkname = tarfile.SYMTYPE, "first"
        archive.addfile(info)
    got = library.call(TOOL, operation="extract", path="hard.tar", target_path="hard")
    tap.equal("extract: a hard link becomes a file of its own",
              (files_of(library.path("hard")), os.stat(library.path("hard/second")).st_nlink),
              ({"first": b"hello", "second": b"hello"}, 1))
    tap.equal("extract: a link within is left out and told", got["skipped"],
              [{"name": "soft", "reason": "symbolic links are not made"}])
    tap.equal("extract: a hard link alone",
              library.fails(TOOL, operation="extract", path="hard.tar", target_path="hard2", entries=["second"]),
              "hard.tar is not extracted: its entry second is another name of a file that was not extracted before it. "
              "Use list to see the others and name those you want in entries")


def keeps_holes(tap, library):
    path = library.path("src/sparse")
    with open(path, "wb") as file:
        file.truncate(3_000_000)
        file.seek(1_000_000)
        file.write(os.urandom(70_000))
    run(library, "tar", "-cSf", "../sparse.tar", "sparse")
    library.call(TOOL, operation="extract", path="sparse.tar", target_path="sparse")
    tap.equal("extract: a file with holes is the same", library.get("sparse/sparse") == library.get("src/sparse"), True)


def tells_progress(tap, library):
    data = os.urandom(1 << 20)
    for i in range(60):
        library.put(f"big/{i:02}", data)
    library.call(TOOL, operation="create", path="big.tar.gz", input=["big"])
    tap.check("create: progress is told", len(library.progress) > 0, "nothing was told")
    tap.check("create: progress grows", all(a["progress"] < b["progress"] for a, b in
                                            zip(library.progress, library.progress[1:])), library.progress)


def needs_grants(tap, program):
    with Library(program, {"grants": {}}, write=False) as library:
        make_zip(library.path("a.zip"), {"x": b"1"})
        library.put("f", b"1")
        library.call(TOOL, operation="list", path="a.zip")
        tap.check("list: reading is enough", True)
        refusal = (f" may be read but not changed: {library.folder} is granted for reading. --allow-write or "
                   "grants.write grants more")
        tap.equal("extract: a folder for reading is refused",
                  library.fails(TOOL, operation="extract", path="a.zip", target_path="out"), "out" + refusal)
        tap.equal("create: a folder for reading is refused",
                  library.fails(TOOL, operation="create", path="b.zip", input=["f"]), "b.zip" + refusal)
        tap.equal("nothing was made", sorted(os.listdir(library.folder)), ["a.zip", "f"])
        tap.equal("list: a path outside is refused", library.fails(TOOL, operation="list", path="/etc/passwd"),
                  f"/etc/passwd is in no granted folder; granted: {library.folder}")


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            for test in (reads_archives_of_programs, lists_details, extracts_parts, overwrites_when_told,
                         tries_dry, creates, names_what_it_packs, refuses_arguments, refuses_the_encrypted,
                         makes_hard_links_files, keeps_holes, tells_progress):
                test(tap, library)
        needs_grants(tap, sys.argv[1])


if __name__ == "__main__":
    main()
