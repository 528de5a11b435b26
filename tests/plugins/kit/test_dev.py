#!/usr/bin/env python3
"""hexmcp plugin dev: what can be typed, and what happens when a source is saved.

usage: test_dev.py HEXMCP ROOT
"""
import os
import re
import select
import subprocess
import sys
import time

HEXMCP, ROOT = (os.path.abspath(path) for path in sys.argv[1:3])
for below_root in ("tests/tools", "tests/wire"):
    sys.path.insert(0, os.path.join(ROOT, below_root))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

USAGE, NOT_FOUND = 2, 4
PATIENCE = 120
ID = "org.example.counter"
PROMPT = f"{ID}> "


class Dev:
    """The command, with its two outputs in one pipe as on a terminal."""

    def __init__(self, place, folder):
        self.process = subprocess.Popen(
            [HEXMCP, "plugin", "dev", folder], cwd=place.work, env=place.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = ""

    def until(self, end):
        """What came, up to and with `end`."""
        limit = time.monotonic() + PATIENCE
        while end not in self.text:
            if not select.select([self.process.stdout], [], [], max(0, limit - time.monotonic()))[0]:
                raise TimeoutError(f"no {end!r} in {self.text!r}")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise EOFError(f"no {end!r} in {self.text!r}")
            self.text += more.decode()
        at = self.text.index(end) + len(end)
        came, self.text = self.text[:at], self.text[at:]
        return came

    def type(self, line):
        """What the line gives, without the time that it took."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return re.sub(r", \d+\.\d ms\]", "]", self.until(PROMPT))[:-len(PROMPT)]

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        return self.process.wait(PATIENCE)


def make(place):
    place.run("plugin", "new", "--kind", "tool", "counter", "--id", ID)
    return os.path.join(place.work, "counter")


def change(folder, old, new, name="counter.c"):
    """As an editor does it: a new file in the place of the old one."""
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if old not in text:
        raise ValueError(f"{old} is not in {name}")
    with open(path + "~", "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    os.rename(path + "~", path)


def check_typed(tap, dev):
    for line, expected in [
            ("list", "count_words             Counts the lines, words and characters of a text.\n"),
            ('count_words text="a b c"', '{"lines":1,"words":3,"characters":5}\n[done]\n'),
            ("count_words {\"text\": \"x\\ny\"}", '{"lines":2,"words":2,"characters":3}\n[done]\n'),
            ("call count_words text='it''s'", '{"lines":1,"words":1,"characters":3}\n[done]\n'),
            ("", ""),
            ("count_words txt=1", 'hexmcp: --arg txt: no such argument; did you mean "text"?\n'),
            ("count_word text=1", 'hexmcp: there is no tool "count_word"; did you mean "count_words"?\n'),
            ('count_words "x', "hexmcp: a quote is not closed\n"),
            ("count_words {", "hexmcp: the arguments are not JSON: expected a key in quotes at byte 1\n"),
            ("read nothing://here", 'hexmcp: there is no resource "nothing://here"\n[failed]\n')]:
        tap.equal(f"typed: {line}", dev.type(line), expected)
    tap.check("typed: help", "name=value" in dev.type("help"))


def check_saved(tap, dev, folder):
    change(folder, '"lines", c.lines)', '"lines", c.lines + 100)')
    came = dev.until("built and loaded\n" + PROMPT)
    tap.check("a saved source is built and loaded", "saved; building ...\n" in came, came)
    tap.equal("and runs", dev.type("count_words text=x"),
              '{"lines":101,"words":1,"characters":1}\n[done]\n')
    change(folder, "return c;", "return c")
    came = dev.until("the build failed; the plugin stays what it was\n" + PROMPT)
    tap.check("an error of the compiler is shown", "counter.c:" in came and "error:" in came, came)
    tap.equal("the old one stays", dev.type("count_words text=x"),
              '{"lines":101,"words":1,"characters":1}\n[done]\n')
    change(folder, "return c\n", "return c;\n/* the same code */\n")
    dev.until(PROMPT)
    change(folder, '"description": "Counts the lines, words', '"description": "Counts lines, words',
           "plugin.json")
    dev.until("built and loaded\n" + PROMPT)
    tap.equal("a saved manifest counts, too", dev.type("list"),
              "count_words             Counts lines, words and characters of a text.\n")


def check_crash(tap, dev, folder):
    """A plugin that dies takes nothing with it: it runs in a process of its own."""
    change(folder, "    free(text);", "    abort();")
    dev.until("built and loaded\n" + PROMPT)
    came = dev.type("count_words text=x")
    tap.check("a crash is told", came.endswith(
        f"plugin {ID} crashed with signal 6 (aborted) while this call ran\n[failed]\n"), came)
    change(folder, "    abort();", "    free(text);")
    dev.until("built and loaded\n" + PROMPT)
    tap.equal("and the next version runs", dev.type("count_words text=x"),
              '{"lines":101,"words":1,"characters":1}\n[done]\n')


def check_refused(tap, dev, folder):
    change(folder, '"abi": {', '"abj": {', "plugin.json")
    came = dev.until(PROMPT)
    while "saved; building" in came and "hexmcp: the new version" not in came:
        came += dev.until(PROMPT)
    tap.check("a manifest that is refused is told", f"hexmcp: the new version of {ID} is not taken: "
              'plugin.json: /abj: unknown key; did you mean "abi"?\n' in came, came)
    tap.equal("and the old version stays", dev.type("count_words text=x"),
              '{"lines":101,"words":1,"characters":1}\n[done]\n')


def check_begins(tap, place):
    empty = place.folder("work/empty")
    tap.equal("a folder without a plugin", place.run("plugin", "dev", "empty"), (
        NOT_FOUND, "", f"hexmcp: {empty}/plugin.json: No such file or directory; \"hexmcp plugin new\" "
        "makes the folder of a plugin\n"))
    tap.equal("a folder that is not there", place.run("plugin", "dev", "nothing"),
              (NOT_FOUND, "", "hexmcp: nothing: No such file or directory\n"))
    place.write("work/empty/plugin.json", "{}")
    tap.equal("a manifest without an id", place.run("plugin", "dev", "empty"),
              (USAGE, "", f"hexmcp: {empty}/plugin.json: is no manifest with the id of a plugin\n"))
    place.write("work/empty/plugin.json", '{"id": "org.example.x"}')
    tap.equal("a plugin that meson does not build", place.run("plugin", "dev", "empty"), (
        NOT_FOUND, "", f"hexmcp: {empty}/meson.build: No such file or directory; meson builds the "
        "plugin\n"))
    place.write("work/empty/meson.build", "project('x', 'c'")
    status, _, errors = place.run("plugin", "dev", "empty")
    tap.check("meson's own errors are shown", status == USAGE and "ERROR:" in errors and
              errors.endswith("hexmcp: meson setup failed; what it said is above\n"), errors)
    tap.equal("without meson", place.run("plugin", "dev", "empty", environment={"PATH": "/nothing"})[2],
              "hexmcp: meson cannot be started: No such file or directory\n")


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        place.environment.update({
            "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"],
            "PKG_CONFIG_PATH": os.path.join(os.path.dirname(HEXMCP), "meson-uninstalled")})
        check_begins(tap, place)
        folder = make(place)
        dev = Dev(place, "counter")
        tap.equal("builds, loads and says so", dev.until(PROMPT).splitlines()[0],
                  f"{ID} is loaded from {folder}/build/{ID}. \"help\" says what you can type.")
        check_typed(tap, dev)
        check_saved(tap, dev, folder)
        check_crash(tap, dev, folder)
        check_refused(tap, dev, folder)
        tap.equal("ends with its input", dev.end(), 0)


main()
