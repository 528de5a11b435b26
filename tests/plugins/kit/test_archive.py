#!/usr/bin/env python3
"""hexmcp plugin pack, install and remove: what they do, and what they refuse with nothing left behind.

usage: test_archive.py HEXMCP ROOT
"""
import contextlib
import gzip
import hashlib
import http.server
import io
import json
import os
import shutil
import sys
import tarfile
import threading

HEXMCP, ROOT = (os.path.abspath(path) for path in sys.argv[1:3])
for below_root in ("tests/tools", "tests/wire"):
    sys.path.insert(0, os.path.join(ROOT, below_root))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

USAGE, CONFIGURATION, NOT_FOUND, DENIED, INTERNAL = 2, 3, 4, 5, 70
ID = "org.example.hi"
HELLO = os.path.join(os.path.dirname(HEXMCP), "plugins", "hexmcp.examples.hello")
DATA = "home/.local/share/hexmcp/plugins"


def renamed(data):
    """The hello plugin under a name that is not bundled, of the same length in the binary."""
    old, new = b"hexmcp.examples.hello", b"org.example.hi"
    return data.replace(old, new + b"\0" * (len(old) - len(new)))


def make_bundle(place, version="0.1.0"):
    folder = place.folder(f"work/{version}/{ID}")
    with open(os.path.join(HELLO, "plugin.so"), "rb") as file:
        code = renamed(file.read())
    with open(os.path.join(HELLO, "plugin.json"), encoding="utf-8") as file:
        manifest = file.read().replace("hexmcp.examples.hello", ID)
    with open(os.path.join(folder, "plugin.so"), "wb") as file:
        file.write(code.replace(b"0.1.0\0", version.encode() + b"\0"))
    with open(os.path.join(folder, "plugin.json"), "w", encoding="utf-8") as file:
        file.write(manifest.replace('"0.1.0"', f'"{version}"'))
    return folder


def sha256(path):
    with open(path, "rb") as file:
        return "sha256:" + hashlib.sha256(file.read()).hexdigest()


def installed(place):
    folder = os.path.join(place.top, DATA)
    return sorted(name for name in os.listdir(folder) if name != ".lock") \
        if os.path.isdir(folder) else []


# ---- pack ----------------------------------------------------------------------------------------

def check_pack(tap, place, bundle):
    name = f"{ID}-0.1.0.hexplugin"
    path = os.path.join(place.work, name)
    done = place.run("plugin", "pack", bundle)
    tap.equal("packs and says the digest", done, (0, f"{sha256(path)}  {name}\n", ""))
    place.run("plugin", "pack", bundle, "--output", "again/../twice.hexplugin")
    os.mkdir(os.path.join(place.work, "again"))
    tap.equal("again, into another file",
              place.run("plugin", "pack", bundle, "--output", "again/twice.hexplugin"),
              (0, f"{sha256(path)}  again/twice.hexplugin\n", ""))
    with tarfile.open(path) as archive:
        tap.equal("holds the two files and nothing of this machine",
                  [(m.name, m.mode, m.mtime, m.uid, m.uname, m.type) for m in archive],
                  [(f"{ID}/plugin.json", 0o644, 0, 0, "", b"0"),
                   (f"{ID}/plugin.so", 0o644, 0, 0, "", b"0")])
        packed = archive.extractfile(f"{ID}/plugin.json").read().decode()
    with open(os.path.join(bundle, "plugin.json"), encoding="utf-8") as file:
        source = file.read()
    digest = sha256(os.path.join(bundle, "plugin.so"))
    tap.equal("the manifest is the author's and a digest at its end", packed,
              source.rstrip()[:-2] + f',\n  "digest": "{digest}"\n}}\n')
    tap.equal("the folder is left as it was", sorted(os.listdir(bundle)), ["plugin.json", "plugin.so"])
    tap.equal("nothing else is left", sorted(os.listdir(place.work)), ["0.1.0", "again", name])
    return path


def check_old_digest(tap, place, bundle):
    """A digest of yesterday's binary is replaced where it stands."""
    manifest = os.path.join(bundle, "plugin.json")
    with open(manifest, encoding="utf-8") as file:
        text = file.read()
    old = "sha256:" + "0" * 64
    with open(manifest, "w", encoding="utf-8") as file:
        file.write(text.replace('"manifest": 1,', f'"manifest": 1,\n  "digest": "{old}",'))
    tap.equal("a bundle with an old digest is packed", place.run(
        "plugin", "pack", bundle, "--output", "old.hexplugin")[::2], (0, ""))
    with tarfile.open(os.path.join(place.work, "old.hexplugin")) as archive:
        packed = archive.extractfile(f"{ID}/plugin.json").read().decode()
    digest = sha256(os.path.join(bundle, "plugin.so"))
    tap.equal("in the old one's place", packed,
              text.replace('"manifest": 1,', f'"manifest": 1,\n  "digest": "{digest}",'))
    with open(manifest, "w", encoding="utf-8") as file:
        file.write(text)
    os.remove(os.path.join(place.work, "old.hexplugin"))


def check_bad_bundles(tap, place, bundle):
    before = sorted(os.listdir(place.work))

    def refused(title, change, text, status=DENIED, arguments=()):
        broken = os.path.join(place.top, "broken", ID)
        shutil.copytree(bundle, broken)
        change(broken)
        tap.equal(f"does not pack {title}", place.run("plugin", "pack", broken, *arguments),
                  (status, "", f"hexmcp: {text.format(broken=broken)}\n"))
        shutil.rmtree(os.path.dirname(broken))

    def write(name, text):
        def change(folder):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return change

    def remove(name):
        return lambda folder: os.remove(os.path.join(folder, name))

    refused("a bundle without code", remove("plugin.so"),
            "{broken}: plugin.so: No such file or directory")
    refused("a bundle without a manifest", remove("plugin.json"),
            "{broken}: plugin.json: No such file or directory")
    refused("a manifest that is no JSON", write("plugin.json", "{"),
            "{broken}: plugin.json: expected a key in quotes at byte 1", USAGE)
    refused("a manifest that lacks nearly all", write("plugin.json", '{"manifest": 1}'),
            '{broken}: plugin.json: the key "id" is missing')
    refused("code that is no library", write("plugin.so", "no ELF"),
            "{broken}: plugin.so: no ELF file")
    refused("a link", lambda folder: os.symlink("/etc/passwd", os.path.join(folder, "link")),
            "{broken}: link is no regular file; a bundle holds nothing else", USAGE)
    refused("a pipe", lambda folder: os.mkfifo(os.path.join(folder, "pipe")),
            "{broken}: pipe is no regular file; a bundle holds nothing else", USAGE)
    refused("a name with a line break", write("a\nb", ""),
            "{broken}: a\nb is a name with other characters than those of printable ASCII", USAGE)
    refused("into a folder", lambda _: None, "--output .: is no file", USAGE, ["--output", "."])
    refused("into nowhere", lambda _: None, "no cannot be opened: No such file or directory",
            INTERNAL, ["--output", "no/where"])
    tap.equal("does not pack what is not there", place.run("plugin", "pack", "nothing"),
              (NOT_FOUND, "", "hexmcp: nothing: No such file or directory\n"))
    tap.equal("and left nothing", sorted(os.listdir(place.work)), before)


# ---- install -------------------------------------------------------------------------------------

def told(place, version="0.1.0"):
    return (f"{ID} {version} is installed in {place.top}/{DATA}/{ID}.\nIt is off until you trust it:\n\n"
            f"  hexmcp plugin trust {ID}\n")


def version_of(place):
    with open(os.path.join(place.top, DATA, ID, "plugin.json"), encoding="utf-8") as file:
        return json.load(file)["version"]


def check_install(tap, place, packed, bundle, newer):
    tap.equal("installs a file", place.run("plugin", "install", packed), (0, told(place), ""))
    tap.equal("which is found and off", place.run("plugin", "list")[1].splitlines()[-2].split(),
              [ID, "0.1.0", "user", "off", "1", "tool"])
    tap.equal("replaces nothing without a word", place.run("plugin", "install", newer),
              (USAGE, "", f"hexmcp: {ID} 0.1.0 is installed; --yes replaces it by 0.2.0 without asking\n"))
    tap.equal("and left the old one", (installed(place), version_of(place)), ([ID], "0.1.0"))
    tap.equal("replaces with --yes, from a folder", place.run("plugin", "install", newer, "--yes"),
              (0, told(place, "0.2.0"), ""))
    tap.equal("the new one alone is there", (installed(place), version_of(place)), ([ID], "0.2.0"))
    tap.equal("takes the right digest",
              place.run("plugin", "install", packed, "--yes", "--digest", sha256(packed)),
              (0, told(place), ""))
    tap.equal("names what is not installed", place.run("plugin", "remove", "org.example.ho"),
              (NOT_FOUND, "", f"hexmcp: there is no plugin org.example.ho in {place.top}/{DATA}; did you "
               f"mean {ID}?\n"))
    tap.equal("leads out of no folder", place.run("plugin", "remove", "../plugins")[0], NOT_FOUND)
    tap.equal("removes it", place.run("plugin", "remove", ID),
              (0, f"{ID} is removed from {place.top}/{DATA}.\n", ""))
    tap.equal("and nothing is left", installed(place), [])


def check_words(tap, place, packed, bundle):
    wrong = "sha256:" + "0" * 64
    for title, arguments, status, text in [
            ("another digest", [packed, "--digest", wrong], DENIED,
             f"{packed}: its digest is {sha256(packed)}, not the {wrong} that was asked for"),
            ("what is no digest", [packed, "--digest", "0000"], USAGE,
             "--digest 0000: is no digest; it is sha256: and 64 digits of 0-9 a-f"),
            ("the digest of a folder", [bundle, "--digest", wrong], USAGE,
             f"--digest is that of a file; {bundle} is a folder: pack it, or leave --digest out"),
            ("what is not there", ["nothing"], NOT_FOUND, "nothing: No such file or directory"),
            ("a device", ["/dev/null"], USAGE, "/dev/null: is no regular file"),
            ("what comes with hexmcp", [HELLO], DENIED,
             "hexmcp.examples.hello: comes with hexmcp and is not replaced")]:
        tap.equal(f"does not install {title}", place.run("plugin", "install", *arguments),
                  (status, "", f"hexmcp: {text}\n"))
    tap.equal("nor without a home", place.run("plugin", "install", packed,
                                              environment={"HOME": "", "XDG_DATA_HOME": ""}),
              (INTERNAL, "", "hexmcp: there is no home to install plugins in; set HOME or "
               "XDG_DATA_HOME\n"))
    tap.equal("and left nothing", installed(place), [])


class Files(http.server.BaseHTTPRequestHandler):
    """/file: the archive; /moved: leads there; /endless: less than it says; all else: 404."""

    def do_GET(self):  # the library calls it so
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
        elif self.path in ("/file", "/endless"):
            self.send_response(200)
            if self.path == "/endless":
                self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            self.wfile.write(self.server.content)
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


def check_addresses(tap, place, packed):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        with open(packed, "rb") as file:
            server.content = file.read()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        digest = ["--digest", sha256(packed)]
        tap.equal("installs what lies at an address",
                  place.run("plugin", "install", base + "/file", *digest), (0, told(place), ""))
        tap.equal("follows a redirect",
                  place.run("plugin", "install", base + "/moved", "--yes", *digest),
                  (0, told(place), ""))
        place.run("plugin", "remove", ID)
        wrong = "sha256:" + "0" * 64
        for title, arguments, status, text in [
                ("without a digest", [base + "/file"], USAGE,
                 f"{base}/file: --digest is needed for what comes from an address; who made the plugin "
                 'says what it is, as "hexmcp plugin pack" printed it'),
                ("with another digest", [base + "/file", "--digest", wrong], DENIED,
                 f"{base}/file: its digest is {sha256(packed)}, not the {wrong} that was asked for"),
                ("where nothing is", [base + "/nothing", *digest], NOT_FOUND,
                 f"{base}/nothing: the server answered with status 404"),
                ("of another kind", ["ftp://localhost/file", *digest], USAGE,
                 "ftp://localhost/file: is no address that can be got; it begins with https:// and a "
                 "host")]:
            tap.equal(f"does not install from an address {title}",
                      place.run("plugin", "install", *arguments), (status, "", f"hexmcp: {text}\n"))
        tap.equal("does not install what breaks off",
                  place.run("plugin", "install", base + "/endless", *digest), (INTERNAL, "",
                  f"hexmcp: {base}/endless: {base}: its answer breaks off after "
                  f"{len(server.content)} bytes\n"))
        server.shutdown()
    tap.equal("and left nothing of it", installed(place), [])


def entry(name, data=b"x", kind=tarfile.REGTYPE, **more):
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data) if kind == tarfile.REGTYPE else 0, kind
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def archive_of(path, *entries):
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))


def attacks(packed):
    """(what, its entries, what is said)"""
    manifest, code = f"{ID}/plugin.json", f"{ID}/plugin.so"
    deep = ID + "/" + "/".join("d" * 9) + "/f"
    return [
        ("a way up", [entry(f"{ID}/../../evil")], f"../../evil leads out of the bundle"),
        ("a way up at the begin", [entry("../evil")], "its folder .. is not named by the id of a plugin"),
        ("a way up in the middle", [entry(f"{ID}/a/../b")], "a/../b leads out of the bundle"),
        ("an absolute name", [entry("/etc/evil")], "/etc/evil is an absolute name"),
        ("a name of dots", [entry(f"{ID}/./x")], "./x leads out of the bundle"),
        ("a name with an empty part", [entry(f"{ID}//x")], "/x is an absolute name"),
        ("a name with a backslash", [entry(f"{ID}/a\\b")],
         "a\\b is a name with other characters than those of printable ASCII"),
        ("a name with an escape", [entry(f"{ID}/a\x1bb")],
         "a\\u001bb is a name with other characters than those of printable ASCII"),
        ("a long name", [entry(f"{ID}/{'n' * 241}")],
         f"{'n' * 60}... is a name of more than 240 bytes"),
        ("a deep name", [entry(deep)], f"{deep[len(ID) + 1:]} lies more than 8 folders deep"),
        ("no folder", [entry("plugin.json")],
         "plugin.json lies in no folder that is named by the id of a plugin"),
        ("two folders", [entry(manifest), entry("org.example.other/x")],
         f"org.example.other/x lies beside the folder {ID}"),
        ("a folder that is no id", [entry("Plugin/x")],
         "its folder Plugin is not named by the id of a plugin"),
        ("a symbolic link", [entry(f"{ID}/l", kind=tarfile.SYMTYPE, linkname="/etc/passwd")],
         f"{ID}/l is a link; only regular files are taken"),
        ("a hard link", [entry(manifest), entry(f"{ID}/l", kind=tarfile.LNKTYPE, linkname=manifest)],
         f"{ID}/l is a hard link; only regular files are taken"),
        ("a device", [entry(f"{ID}/d", kind=tarfile.CHRTYPE, devmajor=1, devminor=3)],
         f"{ID}/d is a device; only regular files are taken"),
        ("a block device", [entry(f"{ID}/d", kind=tarfile.BLKTYPE)],
         f"{ID}/d is a device; only regular files are taken"),
        ("a pipe", [entry(f"{ID}/p", kind=tarfile.FIFOTYPE)],
         f"{ID}/p is a pipe; only regular files are taken"),
        ("a folder", [entry(f"{ID}/f", kind=tarfile.DIRTYPE)],
         f"{ID}/f/ is a folder; only regular files are taken"),
        ("a file twice", [entry(manifest), entry(manifest)], "plugin.json is there twice"),
        ("a file that is a folder, too", [entry(f"{ID}/a"), entry(f"{ID}/a/b")],
         "a/b is a file and a folder"),
        ("a folder that is a file, too", [entry(f"{ID}/a/b"), entry(f"{ID}/a")], "a is there twice"),
        ("too many files", [entry(f"{ID}/{i}", b"") for i in range(1025)],
         "there are more than 1024 files"),
        ("a bomb", [entry(code, b"\0" * (8 << 20))],
         "its files are more than 100 times as large as it is itself"),
        ("a bomb of many files", [entry(f"{ID}/{i}", b"\0" * (1 << 20)) for i in range(8)],
         "its files are more than 100 times as large as it is itself"),
        ("nothing", [], "is empty"),
        ("code without a manifest", [entry(code)], "plugin.json: No such file or directory"),
        ("a manifest alone", [entry(manifest, b'{"manifest":1}')], 'plugin.json: the key "id" is missing'),
    ]


def check_attacks(tap, place, packed):
    bad = os.path.join(place.work, "bad.hexplugin")
    for title, entries, text in attacks(packed):
        archive_of(bad, *entries)
        status, out, errors = place.run("plugin", "install", bad)
        tap.equal(f"refuses an archive with {title}", (status in (USAGE, DENIED, INTERNAL), out, errors),
                  (True, "", f"hexmcp: {bad}: {text}\n"))
    with open(packed, "rb") as file:
        whole = file.read()
    plain = gzip.decompress(whole)
    for title, data, text in [
            ("that is cut off", whole[:len(whole) // 2], "is no archive of a plugin: truncated gzip input"),
            ("that is cut off at its end", gzip.compress(plain[:1000]),
             "is broken: Truncated tar archive"),
            ("that is no archive", b"hello", "is no archive of a plugin: Unrecognized archive format"),
            ("that is empty", b"", "is no archive of a plugin: Unrecognized archive format"),
            ("with a flipped bit", flipped(whole), None)]:
        with open(bad, "wb") as file:
            file.write(data)
        status, out, errors = place.run("plugin", "install", bad)
        tap.check(f"refuses a file {title}",
                  status in (USAGE, DENIED) and out == "" and
                  (text is None or errors == f"hexmcp: {bad}: {text}\n"), f"{status} {out}{errors}")
    os.remove(bad)
    tap.equal("and left nothing of all that", (installed(place), sorted(os.listdir(place.top))),
              ([], ["home", "work"]))
    left = [name for name in os.listdir(os.path.join(place.top, DATA)) if name != ".lock"]
    tap.equal("no folder of its work either", left, [])


def flipped(data):
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]


def check_wrong_inside(tap, place, packed):
    """An archive whose files are fine and whose manifest names another binary."""
    bad = os.path.join(place.work, "bad.hexplugin")
    with tarfile.open(packed) as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive}
    wrong = files[f"{ID}/plugin.so"] + b"\0"
    archive_of(bad, entry(f"{ID}/plugin.json", files[f"{ID}/plugin.json"]),
               entry(f"{ID}/plugin.so", wrong))
    status, out, errors = place.run("plugin", "install", bad)
    tap.check("refuses code that is not what the manifest's digest names",
              status == DENIED and hashlib.sha256(wrong).hexdigest() in errors, errors)
    tap.equal("and left nothing of it", installed(place), [])
    os.remove(bad)


def check_left_over(tap, place, packed):
    """What a killed command left goes with the next one."""
    os.makedirs(os.path.join(place.top, DATA, ".hexmcp-abcdef", "x"))
    place.run("plugin", "install", packed)
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(place.top, DATA, ".lock"))
    tap.equal("what a killed command left is removed",
              os.listdir(os.path.join(place.top, DATA)), [ID])


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        bundle, newer = make_bundle(place), None
        packed = check_pack(tap, place, bundle)
        check_old_digest(tap, place, bundle)
        check_bad_bundles(tap, place, bundle)
        newer = make_bundle(place, "0.2.0")
        check_install(tap, place, packed, bundle, newer)
        check_words(tap, place, packed, bundle)
        check_addresses(tap, place, packed)
        check_attacks(tap, place, packed)
        check_wrong_inside(tap, place, packed)
        check_left_over(tap, place, packed)


main()
