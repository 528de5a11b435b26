#!/usr/bin/env python3
"""What a hostile jq program or JSON text can try; after each, the tool works."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402
import session  # noqa: E402

session.PATIENCE = 150  # seconds of processor time on a busy machine

PROGRAM = sys.argv[1]
TOOL = "json-processor"

STOPPED = ("the filter ran for more than 300 ms and was stopped; if it ends at all, give a larger timeout_ms, "
           "less input or a smaller limit")
HUNGRY = ("the filter needed more than 640 MiB of memory and was stopped; give results one by one (.[] in "
          "place of [.[]]), or less input")


def works(tap, library, after):
    tap.equal(f"it works after {after}", library.call(TOOL, input="[1]", query=".[0]")["result"], 1)


def endless(tap, library):
    for program in ("def f: f; f", "[limit(1e12; repeat(1)) | empty]", "last(range(1e12))", "until(false; .)",
                    "\"abc\" | gsub(\"\"; \"x\")"):
        tap.equal(f"endless: {program}", library.fails(TOOL, input="1", query=program, timeout_ms=300), STOPPED)
    works(tap, library, "what never ends")


def hungry(tap, library):
    for program in ('("x" * 1e7) as $x | [range(1e9) | $x + "y"]', "def f: f + 1; f",
                    '("x" * 1e6) as $x | reduce range(1e9) as $i (0; [., $x + "y"])'):
        tap.equal(f"hungry: {program}",
                  library.fails(TOOL, input="1", query=program, timeout_ms=30000), HUNGRY)
    works(tap, library, "what needs all memory")


def deep(tap, library):
    for program in ("tojson | length", "tostring | length", ". == [.]", "[paths] | length < 0", "flatten"):
        text = library.fails(TOOL, input="0", timeout_ms=20000,
                             query=f"reduce range(200000) as $i (0; [.]) | {program}")
        tap.check(f"deep: {program}", "crashed" not in text and "ended" not in text, text)
    text = library.fails(TOOL, input="0", timeout_ms=30000, query="reduce range(2000000) as $i (0; [.]) | 1")
    tap.check("as deep as memory goes", "crashed" not in text, text)
    text = library.fails(TOOL, input="0", query="(" * 20000 + "." + ")" * 20000)
    tap.check("a deep program", text.startswith("query is no jq program: "), text)
    text = library.fails(TOOL, input=json.dumps("[" * 100000), query="fromjson")
    tap.check("deep text", "depth limit" in text, text)
    works(tap, library, "deep values")


def reaches(tap, library):
    library.place.write("home/x.jq", "def x: 1;")
    library.put("x.jq", "def x: 1;")
    library.put("x.json", "1")
    for program in ("include \"x\"; x", "import \"x\" as x; x::x", "import \"x\" as $x; $x",
                    f"include \"x\" {{search: \"{library.folder}\"}}; x", "input", "\"x\" | modulemeta",
                    "inputs"):
        text = library.fails(TOOL, input="1", query=program)
        tap.check(f"nothing is reached by {program[:30]}", "structuredContent" not in text or
                  json.loads(text)["structuredContent"]["result"] == [], text)
    got = library.call(TOOL, input="1", query="[env, $ENV, env.PATH, env.SECRET, get_search_list]")
    tap.equal("no environment, no folders", got["result"], [{}, {}, None, None, []])
    works(tap, library, "what wants out")


def paths(tap, library):
    secret = library.place.write("secret.json", {"secret": 42})
    os.symlink(secret, library.path("link.json"))
    os.symlink(library.place.top, library.path("up"))
    for path in ("../secret.json", secret, "link.json", "up/secret.json", "/etc/passwd", "/proc/self/environ"):
        text = library.fails(TOOL, path=path)
        tap.check(f"not read: {os.path.basename(path)}", "42" not in text and "root" not in text and
                  "structuredContent" not in text, text)
        text = library.fails(TOOL, input="1", target_path=path, overwrite=True)
        tap.check(f"not written: {os.path.basename(path)}", "structuredContent" not in text, text)
    with open(secret, encoding="utf-8") as file:
        tap.equal("it is as it was", json.load(file), {"secret": 42})


def cancelled(tap, library):
    """The call is given up by the client; the next one need not wait for it."""
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "input": "1", "query": "def f: f; f", "timeout_ms": 30000}, "_meta": CLAIM})
    time.sleep(1)
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident, "_meta": CLAIM}}))
    began = time.monotonic()
    works(tap, library, "a cancelled call")
    tap.check("at once", time.monotonic() - began < 20)


def ended(tap):
    """What libjq does not let us stop ends its process, not the server; nobody waits for it."""
    with Library(PROGRAM) as library:
        text = library.fails(TOOL, input="1", query=".[1e9] = 1", timeout_ms=1000)
        tap.check("it ends by itself or by force, with a sentence",
                  text.startswith(("plugin hexmcp.json-processor ", "the filter ")), text)
        works(tap, library, "the end of its process")
        text = library.fails(TOOL, input="1", query='"a" * 1e9 | length', timeout_ms=300)
        tap.equal("a step that nobody can stop", text,
                  "plugin hexmcp.json-processor ended its process with exit code 1 while this call ran; its last words: "
                  f"{STOPPED}; one step of the filter could not be stopped, so the process was")
        works(tap, library, "that")


def main():
    with Tap() as tap:
        with Library(PROGRAM) as library:
            endless(tap, library)
            hungry(tap, library)
            deep(tap, library)
            reaches(tap, library)
            paths(tap, library)
            cancelled(tap, library)
        ended(tap)


main()
