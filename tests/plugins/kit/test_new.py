#!/usr/bin/env python3
"""hexmcp plugin new: what it makes, and what it refuses with nothing left behind.

usage: test_new.py HEXMCP ROOT
"""
import os
import sys

HEXMCP, ROOT = (os.path.abspath(path) for path in sys.argv[1:3])
for below in ("tests/tools", "tests/wire"):
    sys.path.insert(0, os.path.join(ROOT, below))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

USAGE, CONFIGURATION, NOT_FOUND, INTERNAL = 2, 3, 4, 70
KINDS = "tool, provider, storage, hook, resource"
NAME_RULE = ("cannot be the name of a plugin; use a-z, 0-9 and single dashes, a letter first, at most "
             "48 characters: word-counter")

REFUSED = [
    (["word-counter"], f"say what it shall provide: --kind with one of {KINDS}"),
    (["word-counter", "--kind", "tolo"], "--kind tolo: there is no such kind; did you mean tool?"),
    (["word-counter", "--kind", "storge"],
     "--kind storge: there is no such kind; did you mean storage?"),
    (["word-counter", "--kind", "zzz"], f"--kind zzz: there is no such kind; there are {KINDS}"),
    (["word-counter", "--kind", ""], f"--kind : there is no such kind; there are {KINDS}"),
    (["word-counter", "--kind", "tool", "--language", "java"],
     "--language java: there is no such language; there are c, c++, rust"),
    (["word-counter", "--kind", "tool", "--language", "rusd"],
     "--language rusd: there is no such language; did you mean rust?"),
    (["word-counter", "--knid", "tool"], "unknown option --knid; did you mean --kind?"),
    (["Word", "--kind", "tool"], f"Word: {NAME_RULE}"),
    (["word counter", "--kind", "tool"], f"word counter: {NAME_RULE}"),
    (["-", "--kind", "tool"], f"-: {NAME_RULE}"),
    (["1st", "--kind", "tool"], f"1st: {NAME_RULE}"),
    (["word-", "--kind", "tool"], f"word-: {NAME_RULE}"),
    (["a--b", "--kind", "tool"], f"a--b: {NAME_RULE}"),
    (["../up", "--kind", "tool"], f"../up: {NAME_RULE}"),
    (["a" * 49, "--kind", "tool"], f"{'a' * 49}: {NAME_RULE}"),
    (["word", "--kind", "tool", "--id", "word"],
     "--id word: is no id of a plugin; write a domain of yours backwards and the name: "
     "org.example.word (a-z 0-9 - and dots, at most 127 bytes)"),
    (["word", "--kind", "tool", "--id", "org.Example.word"],
     "--id org.Example.word: is no id of a plugin; write a domain of yours backwards and the name: "
     "org.example.word (a-z 0-9 - and dots, at most 127 bytes)"),
    (["word", "--kind", "tool", "--directory", ""], "--directory: the name of the folder is empty"),
    ([], "too few words; usage: hexmcp plugin new NAME"),
]

MADE = """word-counter has a plugin with the id org.example.word-counter. Next:

  cd word-counter
  meson setup build && meson compile -C build
  meson test -C build
  hexmcp plugin validate build/org.example.word-counter

README.md there says more.
"""


def below(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names)


def check_refused(tap, place):
    for arguments, text in REFUSED:
        tap.equal("refuses " + " ".join(arguments), place.run("plugin", "new", *arguments),
                  (USAGE, "", f"hexmcp: {text}\n"))
    tap.equal("and made nothing", os.listdir(place.work), [])


def check_made(tap, place):
    tap.equal("makes a plugin", place.run("plugin", "new", "--kind", "tool", "word-counter", "--id",
                                          "org.example.word-counter"), (0, MADE, ""))
    folder = os.path.join(place.work, "word-counter")
    tap.equal("of these files", below(folder),
              [".github/workflows/ci.yml", ".gitignore", "README.md", "meson.build", "plugin.json",
               "plugin.map", "test_word-counter.c", "word-counter.c"])
    left = [name for name in below(folder)
            if "{{" in open(os.path.join(folder, name), encoding="utf-8").read()
            .replace("${{ vars.HEXMCP_DEB }}", "")]
    tap.equal("with nothing left to fill in", left, [])
    tap.equal("the id goes by the name without --id",
              place.run("plugin", "new", "--kind", "tool", "other")[1].splitlines()[0],
              "other has a plugin with the id local.other. Next:")


def check_existing(tap, place):
    before = {name: os.stat(os.path.join(place.work, "word-counter", name)).st_mtime_ns
              for name in below(os.path.join(place.work, "word-counter"))}
    tap.equal("overwrites nothing", place.run("plugin", "new", "--kind", "tool", "word-counter"),
              (CONFIGURATION, "", "hexmcp: word-counter/.github/workflows/ci.yml exists and is not "
               "overwritten; choose another --directory\n"))
    tap.equal("and changed nothing", before,
              {name: os.stat(os.path.join(place.work, "word-counter", name)).st_mtime_ns
               for name in below(os.path.join(place.work, "word-counter"))})
    place.write("work/mine/plugin.json", "mine")
    tap.equal("stops at a file in the way", place.run(
        "plugin", "new", "--kind", "tool", "word", "--directory", "mine"),
        (CONFIGURATION, "", "hexmcp: mine/plugin.json exists and is not overwritten; choose another "
         "--directory\n"))
    tap.equal("and takes away what it had made", below(os.path.join(place.work, "mine")),
              ["plugin.json"])
    os.mkdir(os.path.join(place.work, "empty"))
    tap.equal("an empty folder is as good as none",
              place.run("plugin", "new", "--kind", "tool", "word", "--directory", "empty")[0], 0)


def check_unwritable(tap, place):
    tap.equal("a folder without a parent", place.run(
        "plugin", "new", "--kind", "tool", "word", "--directory", "no/where"),
        (INTERNAL, "", "hexmcp: no/where cannot be made: No such file or directory\n"))
    place.write("work/file", "")
    tap.equal("a file in place of the parent", place.run(
        "plugin", "new", "--kind", "tool", "word", "--directory", "file/word"),
        (INTERNAL, "", "hexmcp: file/word cannot be made: Not a directory\n"))
    tap.equal("a folder that nobody can write", place.run(
        "plugin", "new", "--kind", "tool", "word", "--directory", "/proc/word"),
        (INTERNAL, "", "hexmcp: /proc/word cannot be made: No such file or directory\n"))


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        check_refused(tap, place)
        check_made(tap, place)
        check_existing(tap, place)
        check_unwritable(tap, place)


main()
