"""file-converter: what Python's codecs and iconv make of the same text, backups, times, and refusals."""

import os
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "file-converter"
TEXTS = {
    "windows-1252": "Ein Text mit Umlauten: äöü ß €, “quoted”.\n" * 4,
    "iso-8859-1": "Déjà vu, garçon, naïve, Übermut.\n" * 4,
    "windows-1251": "Съешь же ещё этих мягких французских булок, да выпей чаю.\n" * 4,
    "koi8-r": "Съешь же ещё этих мягких французских булок, да выпей чаю.\n" * 4,
    "iso-8859-15": "Prix : 10 €, œuvre, ŒUVRE\n" * 4,
    "shift_jis": "これは日本語の文章です。文字コードの判定を試します。\n" * 4,
    "euc-jp": "これは日本語の文章です。文字コードの判定を試します。\n" * 4,
    "iso-2022-jp": "これは日本語の文章です。\n" * 4,
    "gb18030": "这是一个用于检测编码的中文句子。\n" * 4,
    "big5": "這是一個用於檢測編碼的中文句子。\n" * 4,
    "euc-kr": "이것은 인코딩 감지를 위한 한국어 문장입니다.\n" * 4,
    "ibm850": "Größe und Länge\n" * 4,
    "utf-16le": "wide text 漢 😀\n" * 4,
    "utf-16be": "wide text 漢 😀\n" * 4,
    "utf-32le": "wider text 漢 😀\n",
    "utf-32be": "wider text 漢 😀\n",
    "utf-8": "plain äöü 漢 😀\n",
    "ascii": "plain\n",
}
PYTHON = {"ibm850": "cp850", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-32le": "utf-32-le",
          "utf-32be": "utf-32-be"}
DETECTED = ("windows-1251", "koi8-r", "shift_jis", "euc-jp", "iso-2022-jp", "gb18030", "big5")


def encode(text, name):
    return text.encode(PYTHON.get(name, name))


def decodes(tap, library):
    for name, text in TEXTS.items():
        library.put(f"{name}.txt", encode(text, name))
        got = library.call(TOOL, operation="encoding", path=f"{name}.txt", target_path=f"{name}.out",
                           from_encoding=name)
        tap.equal(f"from {name}, as Python reads it", library.get(f"{name}.out").decode(), text)
        tap.equal(f"from {name}: told", (got["from"], got["to"], got["detected_by"]), (name, "utf-8", "given"))
        if name not in ("iso-8859-15", "euc-kr", "big5"):
            system = subprocess.run(["iconv", "-f", name, "-t", "utf-8", library.path(f"{name}.txt")],
                                    capture_output=True, check=True).stdout
            tap.equal(f"from {name}, as iconv reads it", library.get(f"{name}.out") == system, True)
    library.put("other.txt", "ä€".encode("cp1252"))
    got = library.call(TOOL, operation="encoding", path="other.txt", from_encoding="CP1252", target_path="other.out")
    tap.equal("another name of an encoding", (got["from"], library.get("other.out").decode()), ("windows-1252", "ä€"))
    for name in DETECTED:
        library.put("guess.txt", encode(TEXTS[name], name))
        got = library.call(TOOL, operation="encoding", path="guess.txt", dry_run=True)
        # A pure 7-bit encoding with escapes is ASCII by its bytes.
        if name == "iso-2022-jp":
            continue
        tap.equal(f"guessed: {name}", (got["from"], got["detected_by"]), (name, "guess"))


def encodes(tap, library):
    for name in ("utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "ascii", "utf-8"):
        text = "A\t~\n" if name == "ascii" else "A é ÿ ~\n" if name == "iso-8859-1" else TEXTS.get(name)
        library.put("text.txt", text)
        library.call(TOOL, operation="encoding", path="text.txt", target_path="text.out", to_encoding=name,
                     overwrite=True, byte_order_mark=False)
        tap.equal(f"to {name}, as Python writes it", library.get("text.out"), encode(text, name))
    whole = "".join(map(chr, [*range(0x20, 0x7f), *range(0xa0, 0x100)])) + \
        bytes(b for b in range(0x80, 0xa0) if b not in (0x81, 0x8d, 0x8f, 0x90, 0x9d)).decode("cp1252")
    library.put("all.txt", whole)
    library.call(TOOL, operation="encoding", path="all.txt", target_path="all.out", to_encoding="windows-1252")
    tap.equal("to windows-1252: all of it", library.get("all.out"), whole.encode("cp1252"))


def marks(tap, library):
    def run(data, **arguments):
        library.put("mark.txt", data)
        got = library.call(TOOL, path="mark.txt", target_path="mark.out", overwrite=True, **arguments)
        return library.get("mark.out"), got["from"], got["detected_by"]

    tap.equal("a mark of UTF-16 tells the encoding", run(b"\xff\xfea\0b\0", operation="encoding"), (b"ab", "utf-16le", "mark"))
    tap.equal("... big-endian", run(b"\xfe\xff\0a", operation="encoding"), (b"a", "utf-16be", "mark"))
    tap.equal("... UTF-32", run(b"\xff\xfe\0\0a\0\0\0", operation="encoding"), (b"a", "utf-32le", "mark"))
    tap.equal("a mark of UTF-8 stays", run(b"\xef\xbb\xbfa", operation="encoding"), (b"\xef\xbb\xbfa", "utf-8", "mark"))
    tap.equal("... or goes", run(b"\xef\xbb\xbfa", operation="encoding", byte_order_mark=False), (b"a", "utf-8", "mark"))
    tap.equal("UTF-16 gets one", run("ä", operation="encoding", to_encoding="utf-16be"), (b"\xfe\xff\0\xe4", "utf-8", "content"))
    tap.equal("zeros tell UTF-16 without a mark", run("text with no mark".encode("utf-16-le"), operation="encoding"),
              (b"text with no mark", "utf-16le", "content"))
    tap.equal("ASCII is known without doubt", run(b"abc", operation="encoding"), (b"abc", "ascii", "content"))
    tap.equal("lines of UTF-16 change, and the mark stays", run("a\r\nb\r\n".encode("utf-16"), operation="line_endings"),
              ("a\nb\n".encode("utf-16"), "crlf", "mark"))


def loses_nothing_unasked(tap, library):
    library.put("euro.txt", "price\nis € 5\n")
    tap.equal("a character that is lacking",
              library.fails(TOOL, operation="encoding", path="euro.txt", to_encoding="iso-8859-1"),
              "iso-8859-1 lacks the character U+20AC (line 2, column 4 of euro.txt); take utf-8 as to_encoding, or "
              "give lossy true to have ? in its place")
    tap.equal("... leaves the file", library.get("euro.txt").decode(), "price\nis € 5\n")
    got = library.call(TOOL, operation="encoding", path="euro.txt", to_encoding="iso-8859-1", lossy=True)
    tap.equal("lossy: ? and a count", (library.get("euro.txt"), got["replaced"]), (b"price\nis ? 5\n", 1))
    library.put("bad.txt", b"ab\xff\xfec")
    tap.equal("bytes that are no text",
              library.fails(TOOL, operation="encoding", path="bad.txt", from_encoding="utf-8", target_path="x"),
              "bad.txt is not utf-8: byte 0xff at offset 2 fits nothing (the encoding was given); give the right "
              "from_encoding, or lossy true to have U+FFFD in its place")
    got = library.call(TOOL, operation="encoding", path="bad.txt", from_encoding="utf-8", lossy=True)
    tap.equal("lossy: U+FFFD", (library.get("bad.txt").decode(), got["replaced"]), ("ab\ufffd\ufffdc", 2))
    library.put("half.txt", "ab".encode("utf-16-le") + b"\0")
    tap.equal("half a character at the end",
              library.fails(TOOL, operation="encoding", path="half.txt", from_encoding="utf-16le", target_path="x"),
              "half.txt is not utf-16le: byte 0x00 at offset 4 fits nothing (the encoding was given); give the right "
              "from_encoding, or lossy true to have U+FFFD in its place")
    library.put("lone.txt", b"a\0\x00\xd8b\0")
    got = library.call(TOOL, operation="encoding", path="lone.txt", from_encoding="utf-16le", lossy=True, target_path="lone.out")
    tap.equal("lossy: half a pair", library.get("lone.out").decode()[-1:], "b")


def ends_lines(tap, library):
    cases = {"lf": b"a\nb\n\nc", "crlf": b"a\r\nb\r\n\r\nc", "cr": b"a\rb\r\rc"}
    for was, data in {**cases, "mixed": b"a\r\nb\n\rc"}.items():
        for ending, expected in cases.items():
            library.put("lines.txt", data)
            got = library.call(TOOL, operation="line_endings", path="lines.txt", line_ending=ending, backup=False)
            tap.equal(f"{was} to {ending}", (library.get("lines.txt"), got["from"], got["to"], got["changed"]),
                      (expected, was, ending, was != ending))
    library.put("one.txt", b"no end")
    got = library.call(TOOL, operation="line_endings", path="one.txt")
    tap.equal("a line without an end", (got["from"], got["changed"], "backup" in got), ("none", False, False))
    library.put("sjis.txt", "表\r\n".encode("shift_jis"))
    library.call(TOOL, operation="line_endings", path="sjis.txt")
    tap.equal("the encoding of lines is left alone", library.get("sjis.txt"), "表\n".encode("shift_jis"))


def indents(tap, library):
    text = "\ta\n    b\n  \tc\td\n\n\t\t\n      e\n"
    library.put("in.txt", text)
    got = library.call(TOOL, operation="indentation", path="in.txt", backup=False)
    tap.equal("tabs to spaces", library.get("in.txt").decode(), "    a\n    b\n    c\td\n\n        \n      e\n")
    tap.equal("tabs to spaces: told", (got["from"], got["to"]), ("mixed", "spaces"))
    got = library.call(TOOL, operation="indentation", path="in.txt", convert_to_spaces=False, backup=False)
    tap.equal("spaces to tabs", library.get("in.txt").decode(), "\ta\n\tb\n\tc\td\n\n\t\t\n\t  e\n")
    library.put("in.txt", text)
    library.call(TOOL, operation="indentation", path="in.txt", tab_size=8, backup=False)
    expanded = subprocess.run(["expand", "-i", "-t", "8"], input=text.encode(), capture_output=True, check=True).stdout
    tap.equal("as the program expand does", library.get("in.txt"), expanded)


def keeps_the_old(tap, library):
    path = library.put("old.txt", b"a\r\n")
    os.chmod(path, 0o640)
    os.utime(path, (1500000000, 1600000000))
    got = library.call(TOOL, operation="line_endings", path="old.txt")
    tap.equal("a backup is named", got["backup"], "old.txt.bak")
    tap.equal("the backup is the old", library.get("old.txt.bak"), b"a\r\n")
    for name in ("old.txt", "old.txt.bak"):
        about = os.stat(library.path(name))
        tap.equal(f"{name}: rights and times are kept", (stat.S_IMODE(about.st_mode), about.st_mtime), (0o640, 1600000000))
    got = library.call(TOOL, operation="line_endings", path="old.txt", line_ending="crlf")
    tap.equal("another backup has another name", (got["backup"], library.get("old.txt.bak1")), ("old.txt.bak1", b"a\n"))
    tap.equal("the first backup stays", library.get("old.txt.bak"), b"a\r\n")
    got = library.call(TOOL, operation="line_endings", path="old.txt", dry_run=True)
    tap.equal("dry: told and not done", (got["changed"], got["dry_run"], library.get("old.txt")), (True, True, b"a\r\n"))
    result = library.result(TOOL, operation="line_endings", path="old.txt", dry_run=True)
    tap.equal("dry: the text for people", result["content"][1]["text"], "old.txt would be converted from crlf to lf.")
    got = library.call(TOOL, operation="line_endings", path="old.txt", target_path="new.txt")
    tap.equal("target_path: the file itself stays", (library.get("old.txt"), library.get("new.txt"), "backup" in got),
              (b"a\r\n", b"a\n", False))
    tap.equal("target_path: rights and times, too", stat.S_IMODE(os.stat(library.path("new.txt")).st_mode), 0o640)


def refuses(tap, library):
    library.put("binary", b"\x7fELF\0\0\1\2\3\0\0\0\0")
    library.put("there", b"1")
    library.put("a", "ä\n")
    library.put("wide", "a\n".encode("utf-32"))
    os.makedirs(library.path("folder"))
    wrong = {
        "binary": ({"operation": "line_endings", "path": "binary"},
                   "binary is no text that can be told: it is binary, or its encoding is not known; if it is text, "
                   "give from_encoding"),
        "an unknown encoding": ({"operation": "encoding", "path": "a", "from_encoding": "klingon"},
                                "from_encoding klingon is not known; leave it out to have it detected, or give a name "
                                "such as utf-8, utf-16le, windows-1251, iso-8859-15, shift_jis, gb18030"),
        "an encoding with an option of iconv": (
            {"operation": "encoding", "path": "a", "from_encoding": "utf-8//IGNORE"},
            "from_encoding utf-8//IGNORE is not known; leave it out to have it detected, or give a name such as "
            "utf-8, utf-16le, windows-1251, iso-8859-15, shift_jis, gb18030"),
        "lines of UTF-32": ({"operation": "line_endings", "path": "wide"},
                            "wide is utf-32le; convert it to utf-8 first, by operation encoding"),
        "a target that is there": ({"operation": "encoding", "path": "a", "target_path": "there"},
                                   "there exists already; give overwrite true to replace it, or another path"),
        "a target that is there, dry": ({"operation": "encoding", "path": "a", "target_path": "there", "dry_run": True},
                                        "there exists already; give overwrite true to replace it, or another path"),
        "a folder": ({"operation": "encoding", "path": "folder"}, "folder is a folder, not a file"),
        "outside": ({"operation": "encoding", "path": "/etc/hostname"},
                    f"/etc/hostname is in no granted folder; granted: {library.folder}"),
        "a target in no folder": ({"operation": "encoding", "path": "a", "target_path": "none/b"},
                                  "the folder of none/b does not exist; make it first (file-operations: create_dir "
                                  "with recursive true), or give another path"),
        "the file itself as target": (
            {"operation": "encoding", "path": "a", "target_path": "./a", "overwrite": True, "to_encoding": "utf-16le"},
            "./a is the file itself; leave target_path out to replace it, with a backup"),
        "a target outside": ({"operation": "encoding", "path": "a", "target_path": "../out"},
                             '"../out" leads above the folder that it begins in'),
    }
    for name, (arguments, text) in wrong.items():
        tap.equal(name, library.fails(TOOL, **arguments), text)
    got = library.fails(TOOL, operation="encoding", path="a", to_encoding="utf-7")
    tap.check("an encoding that is not written", "to_encoding" in got and "structuredContent" not in got, got)
    with open(library.path("large"), "wb") as file:
        file.truncate((50 << 20) + 1)
    tap.equal("a large file", library.fails(TOOL, operation="encoding", path="large"),
              "large has more than 52428800 bytes, the most that is taken; give a smaller file")
    os.remove(library.path("large"))


def attacks(tap, library):
    """A link is no way out: to read, to write, or as the backup."""
    outside = library.place.folder("outside")
    with open(os.path.join(outside, "secret"), "w", encoding="utf-8") as file:
        file.write("SECRET\r\n")
    os.symlink(os.path.join(outside, "secret"), library.path("link"))
    os.symlink(outside, library.path("way"))
    for name, arguments in {"a link to read": {"path": "link"}, "a folder that is a link": {"path": "way/secret"},
                            "a link to write": {"path": "a", "target_path": "way/new"},
                            "..": {"path": "../outside/secret"}}.items():
        got = library.fails(TOOL, operation="line_endings", **arguments)
        tap.check(f"{name} is refused", "structuredContent" not in got and "SECRET" not in got, got)
    library.put("a", "x\r\n")
    got = library.fails(TOOL, operation="line_endings", path="a", target_path="link", overwrite=True)
    tap.equal("a link is not written through", got, "link is a symbolic link; give the path of a file")
    os.symlink(os.path.join(outside, "new"), library.path("a.bak"))
    got = library.call(TOOL, operation="line_endings", path="a")
    tap.equal("a backup does not follow a link", (got["backup"], os.listdir(outside)), ("a.bak1", ["secret"]))
    with open(os.path.join(outside, "secret"), "rb") as file:
        tap.equal("what is outside is as it was", file.read(), b"SECRET\r\n")
    swapping(tap, library, outside)


def swapping(tap, library, outside):
    library.put("race/f", "x\r\n")
    with open(os.path.join(outside, "f"), "wb") as file:
        file.write(b"OUT\r\n")
    os.symlink(outside, library.path("race-link"))
    stop = threading.Event()

    def swap():
        race, link, away = (library.path(n) for n in ("race", "race-link", "race-away"))
        while not stop.is_set():
            os.rename(race, away)
            os.rename(link, race)
            os.rename(race, link)
            os.rename(away, race)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for i in range(300):
            library.fails(TOOL, operation="line_endings", path="race/f", line_ending=("lf", "crlf")[i % 2], backup=False)
    finally:
        stop.set()
        thread.join()
    with open(os.path.join(outside, "f"), "rb") as file:
        tap.equal("a folder swapped for a link meanwhile leads nowhere", file.read(), b"OUT\r\n")


def needs_grants(tap, program):
    with Library(program, {"grants": {}}, write=False) as library:
        library.put("a", "x\r\n")
        refusal = (f" may be read but not changed: {library.folder} is granted for reading. --allow-write or "
                   "grants.write grants more")
        for operation in ("encoding", "line_endings", "indentation"):
            library.put("a", "\tx\r\n")
            got = library.fails(TOOL, operation=operation, path="a", to_encoding="utf-16le")
            tap.equal(f"{operation}: a folder for reading is refused", got, "a" + refusal)
        tap.equal("nothing was made", os.listdir(library.folder), ["a"])


def main():
    with Tap() as tap:
        with Library(sys.argv[1]) as library:
            for test in (decodes, encodes, marks, loses_nothing_unasked, ends_lines, indents, keeps_the_old, refuses,
                         attacks):
                test(tap, library)
        needs_grants(tap, sys.argv[1])


if __name__ == "__main__":
    main()
