#!/usr/bin/env python3
"""test_events.py HEXMCP

hexmcp events: what it prints over an empty store, what it refuses, and that tail waits.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
DONE, USAGE, NOT_FOUND = 0, 2, 4


def store(place):
    return ("--set", "storage.url=sqlite:" + os.path.join(place.work, "events.sqlite"))


def empty(tap, place):
    tap.equal("no events", place.run("events", "list", *store(place)), (DONE, "No events.\n", ""))
    code, out, err = place.run("events", "list", "--json", *store(place))
    tap.equal("as JSON", (code, json.loads(out), err),
              (DONE, {"events": [], "position": 0, "more": False}, ""))
    code, out, err = place.run("events", "stats", "--json", *store(place))
    tap.equal("read models as JSON", (code, list(json.loads(out)), err), (DONE, ["projections"], ""))


REFUSED = [
    (["--after", "x"], USAGE, '--after takes a whole number from 0 on, not "x"'),
    (["--limit=-1"], USAGE, '--limit takes a whole number from 0 on, not "-1"'),
    (["--stream", "session/1"], NOT_FOUND, 'there is no stream "session/1"'),
    (["--stream", "session/1", "--after", "1"], USAGE, "--after does not go with --stream"),
    (["--stream", "session/1", "--type", "T"], USAGE, "--type does not go with --stream"),
    (["--limit", "2000"], USAGE, "event.list: /limit: must be at most 1000, is 2000"),
]


def refused(tap, place):
    for arguments, code, text in REFUSED:
        tap.equal(" ".join(arguments), place.run("events", "list", *arguments, *store(place)),
                  (code, "", f"hexmcp: {text}\n"))


def tail(tap, place):
    """There is nothing to show, and it goes on."""
    process = subprocess.Popen([HEXMCP, "events", "tail", *store(place)], env=place.environment,
                               cwd=place.work, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process.wait(timeout=1)
        tap.check("tail waits", False, process.stderr.read())
    except subprocess.TimeoutExpired:
        tap.check("tail waits", True)
        process.terminate()
        tap.equal("and says nothing", process.communicate(), (b"", b""))


with Tap() as tap, Place(HEXMCP) as place:
    empty(tap, place)
    refused(tap, place)
    tail(tap, place)
