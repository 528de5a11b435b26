#!/usr/bin/env python3
"""test_streams.py HEXMCP

Standard input, output and error that are closed or full.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
DONE, INTERNAL = 0, 70
SUM = "call calculator --arg input=1+1"


def shell(place, words):
    """(exit status, stdout, stderr) of "hexmcp WORDS" in a shell."""
    done = subprocess.run(["sh", "-c", f'exec "$0" {words}', HEXMCP], capture_output=True,
                          text=True, cwd=place.work, env=place.environment,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


def lost_output(tap, place):
    closed = (INTERNAL, "", "hexmcp: standard output cannot be written: Bad file descriptor\n")
    full = (INTERNAL, "", "hexmcp: standard output cannot be written: No space left on device\n")
    for words in ["tools", SUM, "plugin list", "config show", "version", "help", "tools --help"]:
        tap.equal(f"{words}: closed stdout", shell(place, f"{words} >&-"), closed)
        tap.equal(f"{words}: full stdout", shell(place, f"{words} >/dev/full"), full)
    status, _, errors = shell(place, "call calculator --arg input=1/ >/dev/full")
    tap.equal("a tool that failed has failed, full stdout or not", (status, errors), (1, full[2]))
    tap.equal("a command that failed has printed nothing", shell(place, "call zzz >&-"),
              (4, "", 'hexmcp: there is no tool "zzz"; "hexmcp tools" lists them\n'))


def other_streams(tap, place):
    want = shell(place, SUM)
    tap.equal("the sum", want[0], DONE)
    tap.equal("closed stdin", shell(place, f"{SUM} <&-"), want)
    tap.equal("closed stderr", shell(place, f"{SUM} 2>&-"), want)
    tap.equal("closed stdin and stderr", shell(place, f"{SUM} <&- 2>&-"), want)
    tap.equal("all closed", shell(place, f"{SUM} <&- >&- 2>&-"), (INTERNAL, "", ""))
    tap.equal("arguments from a closed stdin", shell(place, "call calculator - <&-"),
              (2, "", "hexmcp: standard input cannot be read: Bad file descriptor\n"))
    tap.equal("serve says which one is closed", shell(place, "serve >&-"),
              (INTERNAL, "", "hexmcp: standard output is closed; start the server with a pipe for "
               "input and output\n"))


with Tap() as tap, Place(HEXMCP) as place:
    lost_output(tap, place)
    other_streams(tap, place)
