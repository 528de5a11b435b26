#!/usr/bin/env python3
"""test_served.py HEXMCP EXAMPLES

The examples in C++, Rust and around a library, run by the real program, and the layouts of the Rust one.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

EXAMPLES = os.path.abspath(sys.argv[2])
CALLS = {
    "word-count": ({"text": "to be or not to be", "top": 1},
                   {"different": 4, "words": [{"word": "be", "count": 2}]}),
    "text-shape": ({"text": "ab\nc"}, {"lines": 2, "characters": 4, "longestLine": 2,
                                      "firstLineReversed": "ba"}),
    "qr-code": ({"text": "https://example.org/", "level": "L", "quiet": 0}, None),
}


def check_call(tap, place, name):
    folder = os.path.join(EXAMPLES, "hexmcp.examples." + name)
    if not os.path.exists(folder + "/plugin.so"):
        tap.skip(f"{name} runs", "it was not built: its compiler or library is missing")
        return
    arguments, want = CALLS[name]
    status, out, err = place.run("call", name, json.dumps(arguments), "--json", "--plugin", folder)
    if "which this hexmcp does not have" in err:
        tap.skip(f"{name} runs", "this hexmcp cannot isolate plugins")
        return
    if not tap.check(f"{name} runs", status == 0, err + out):
        return
    got = json.loads(out).get("structuredContent")
    if want:
        tap.equal(f"{name} answers", got, want)
    else:
        tap.check(f"{name} answers", got["size"] == 25 and got["rows"][0].startswith("1111111"), got)
    exported = subprocess.run(["nm", "-D", "--defined-only", folder + "/plugin.so"],
                              capture_output=True, text=True, check=True).stdout
    tap.equal(f"{name} exports the two symbols",
              sorted(line.split()[-1] for line in exported.splitlines()),
              ["hexmcp_plugin_create", "hexmcp_plugin_info"])


def check_layout(tap):
    name = "the structs of hexmcp.rs are those of the headers"
    if not shutil.which("rustc"):
        tap.skip(name, "rustc is not installed")
        return
    with open(os.path.join(HERE, "../abi/abi-1.txt"), encoding="utf-8") as file:
        golden = [line.split() for line in file.read().splitlines()]
    known = {" ".join(line[:2]) for line in golden if len(line) >= 2}
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "layout")
        subprocess.run(["rustc", "--edition", "2021", "-o", program,
                        os.path.join(HERE, "layout.rs")], check=True)
        told = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    lines = told.splitlines()
    tap.check("hexmcp.rs has structs", len(lines) > 40, lines)
    tap.equal(name, [line for line in lines if line not in known], [])


def main():
    with Tap() as tap, Place(os.path.abspath(sys.argv[1])) as place:
        for name in CALLS:
            check_call(tap, place, name)
        check_layout(tap)


main()
