#!/usr/bin/env python3
"""Follows docs/plugins/tutorial.md to the letter: an installed hexmcp, an empty folder, every block of
commands in its order. A block of text behind it is what it must print: each of its lines, in order. A
line behind a prompt is typed.

usage: test_tutorial.py ROOT BUILD PREFIX
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT, BUILD, PREFIX = sys.argv[1:4]
sys.path.insert(0, os.path.join(ROOT, "tests", "tools"))
from tap import Tap  # noqa: E402

PATIENCE = 240
PROMPT = "org.example.word-counter> "
PAGE = os.path.join(ROOT, "docs", "plugins", "tutorial.md")


def blocks():
    """[commands, what they must print] of each block of commands."""
    found = []
    with open(PAGE, encoding="utf-8") as file:
        for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", file.read(), re.M | re.S):
            if language == "sh":
                found.append([body, ""])
            elif language == "text":
                found[-1][1] = body
    return found


def install(top):
    done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", top],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return os.path.join(top, PREFIX.lstrip("/"))


def python_client():
    """(the folder of the Python SDK that tests/interop/setup installed, why there is none)"""
    told = subprocess.run(
        ["sh", "-c", 'here=$1; . "$1/lib/paths.sh"; echo "$python_home"; '
         'why_missing "$python_home" "$(python_key)"', "sh", os.path.join(ROOT, "tests", "interop")],
        capture_output=True, text=True, timeout=20, check=True).stdout.splitlines()
    return told[0], "".join(told[1:])


class Reader:
    """Somebody at a shell, who does what the page says."""

    def __init__(self, top, prefix):
        self.top = top
        self.folder = os.path.join(top, "empty")
        os.mkdir(self.folder)
        [pc] = glob.glob(prefix + "/**/hexmcp.pc", recursive=True)
        self.environment = {"HOME": os.path.join(top, "home"), "LC_ALL": "C.UTF-8",
                            "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin",
                            "PKG_CONFIG_PATH": os.path.dirname(pc)}
        os.mkdir(self.environment["HOME"])

    def run(self, commands, typed):
        """(status, all output); stays in the folder that the commands end in."""
        place = os.path.join(self.top, "place")
        done = subprocess.run(["sh", "-ec", f'{commands}\npwd > "{place}"'], cwd=self.folder,
                              env=self.environment, input=typed, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        if done.returncode == 0:
            with open(place, encoding="utf-8") as file:
                self.folder = file.read().rstrip("\n")
        return done.returncode, done.stdout


def plain(line):
    return " ".join(line.split())


def missing(expected, output):
    """The first line that was not printed where it should have been; None if all were."""
    left = [plain(line) for line in output.splitlines()]
    for line in expected.splitlines():
        if line.startswith(PROMPT):
            continue
        while left and plain(line) not in left[0]:
            left.pop(0)
        if not left:
            return line
        left.pop(0)
    return None


def typed_in(expected):
    return "".join(line[len(PROMPT):] + "\n" for line in expected.splitlines()
                   if line.startswith(PROMPT))


def follow(tap, reader, commands, expected):
    title = commands.splitlines()[0]
    status, output = reader.run(commands, typed_in(expected))
    lost = missing(expected, output)
    return tap.check(title, status == 0 and lost is None,
                     f"status {status}; not printed: {lost}\n{output}")


def main():
    sdk, why_not = python_client()
    with Tap() as tap, tempfile.TemporaryDirectory() as top:
        reader = Reader(top, install(os.path.join(top, "root")))
        for commands, expected in blocks():
            title = commands.splitlines()[0]
            if "pip install" in commands:
                # What it would fetch is here already.
                os.symlink(os.path.join(sdk, "venv"), os.path.join(reader.folder, "venv"))
                tap.skip(title, "tests/interop/setup installs the SDK")
            elif "venv/bin" in commands and why_not:
                tap.skip(title, why_not)
            elif not follow(tap, reader, commands, expected):
                break  # nothing behind it can go well


main()
