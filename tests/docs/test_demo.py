#!/usr/bin/env python3
"""Runs the demonstration of ./dev run and compares what it shows.

usage: test_demo.py HEXMCP ROOT
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from tap import Tap  # noqa: E402

EXPECTED = [
    '"result":35',
    "GRÜSSE, WELT",
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "the server ended with its input, exit code 0",
    '"args": [',
]


def main():
    hexmcp, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    demo = os.path.join(root, "tests", "tools", "demo.py")
    with Tap() as tap:
        done = subprocess.run([sys.executable, demo, hexmcp], capture_output=True, text=True,
                              timeout=20)
        tap.equal("it ends well", done.returncode, 0)
        for text in EXPECTED + [f'"command": "{hexmcp}"']:
            tap.check(f"it shows {text}", text in done.stdout, done.stdout + done.stderr)
        broken = subprocess.run([sys.executable, demo, "/bin/false"], capture_output=True,
                                text=True, timeout=20)
        tap.equal("a server that ends is reported", broken.returncode, 1)
        tap.check("with what to do next", "./dev clean" in broken.stderr, broken.stderr)
        chatty = subprocess.run([sys.executable, demo, "/bin/echo"], capture_output=True,
                                text=True, timeout=20)
        tap.check("a line that is not JSON is shown", chatty.returncode == 1
                  and "with what is not JSON: b'serve" in chatty.stderr, chatty.stderr)


if __name__ == "__main__":
    main()
