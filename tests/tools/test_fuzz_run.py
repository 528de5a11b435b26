#!/usr/bin/env python3
"""test_fuzz_run.py RUN

What tests/fuzz/run makes of a target that finds something: a failed test, whatever the target ends with.
"""
import os
import subprocess
import sys
import tempfile

from tap import Tap

RUN = os.path.abspath(sys.argv[1])


def run(folder, body, corpus="corpus"):
    target = os.path.join(folder, "target")
    with open(target, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{body}\n")
    os.chmod(target, 0o755)
    return subprocess.run([RUN, target, os.path.join(folder, corpus), "-runs=3"], capture_output=True,
                          text=True, check=False)


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "corpus"))
        good = run(folder, 'test "$1" = -runs=3 && test -d "$2" && test "$3" = "${0%target}corpus"')
        tap.equal("a target that finds nothing", (good.returncode, good.stderr), (0, ""))
        for status in 1, 70, 71, 72, 77, 99, 134:
            bad = run(folder, f"exit {status}")
            tap.equal(f"status {status} is a failure", bad.returncode, 1)
            tap.check(f"status {status} is told", f"ended with status {status}" in bad.stderr, bad.stderr)
        none = run(folder, "exit 0", "nowhere")
        tap.equal("no corpus is a failure", (none.returncode, none.stderr),
                  (1, f"there is no corpus in {folder}/nowhere\n"))


main()
