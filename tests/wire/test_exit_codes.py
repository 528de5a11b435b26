#!/usr/bin/env python3
"""test_exit_codes.py HEXMCP EVERYTHING

Each documented exit code, got as a script would get it.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from terminal import Terminal  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, EVERYTHING = (os.path.abspath(path) for path in sys.argv[1:3])
FAIL = ["call", "fail", "--plugin", EVERYTHING, "--arg"]

# exit code, words
CODES = [
    (0, ["call", "hello", "--arg", "name=x"]),
    (0, ["tools"]),
    (0, ["completion", "bash"]),
    (1, [*FAIL, "how=result"]),
    (1, [*FAIL, "how=invalid"]),
    (1, ["call", "hello"]),
    (1, ["call", "list-roots", "--plugin", EVERYTHING]),
    (2, ["nothing"]),
    (2, ["call", "hello", "--nothing"]),
    (2, ["call", "hello", "{"]),
    (3, ["tools", "--set", "log.level=loud"]),
    (3, ["serve", "--config", "/nonexistent"]),
    (4, ["call", "nothing"]),
    (4, ["tools", "show", "nothing"]),
    (4, ["resources", "read", "nothing:x"]),
    (4, ["prompts", "render", "nothing"]),
    (4, ["plugin", "inspect", "nothing"]),
    (5, [*FAIL, "how=denied"]),
    (5, ["resources", "read", "everything://secret", "--plugin", EVERYTHING]),
    (6, [*FAIL, "how=timeout"]),
    (70, [*FAIL, "how=generic"]),
]


def by_hand(tap, place):
    for code, words in CODES:
        shown = " ".join(words).replace(EVERYTHING, "...")
        tap.equal(f"{code}: hexmcp {shown}", place.run(*words)[0], code)
    full = os.open("/dev/full", os.O_WRONLY)
    done = subprocess.run([HEXMCP, "tools"], stdout=full, stderr=subprocess.PIPE, text=True,
                          env=place.environment, cwd=place.work, timeout=PATIENCE, check=False)
    os.close(full)
    tap.equal("70: standard output is full", (done.returncode, done.stderr),
              (70, "hexmcp: standard output cannot be written: No space left on device\n"))


def interrupted(tap, place):
    terminal = Terminal([HEXMCP, "call", "count", "--plugin", EVERYTHING, "--arg", "to=1000", "--arg",
                         "delayMs=600"], place.environment, place.work)
    terminal.wait_for("step 1 of 1000")
    terminal.press("\x03")
    tap.equal("130: Ctrl-C", terminal.end()[0], 130)


def documented(tap, place):
    facts = json.loads(place.run("help", "--json")[1])
    tap.equal("each documented code was got", [code["code"] for code in facts["exitCodes"]],
              sorted({code for code, _ in CODES} | {130}))


with Tap() as tap, Place(HEXMCP) as place:
    by_hand(tap, place)
    interrupted(tap, place)
    documented(tap, place)
