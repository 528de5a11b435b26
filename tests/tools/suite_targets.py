#!/usr/bin/env python3
"""Prints what ninja must build before the suites can run, one target a line.

usage: suite_targets.py BUILD_FOLDER SUITE...

Exit status 1 if no test of one of them is there: a suite that has vanished is not one that passed.
"""
import json
import os
import sys


def info(folder, what):
    with open(os.path.join(folder, "meson-info", f"intro-{what}.json"), encoding="utf-8") as file:
        return json.load(file)


def targets(folder, suite):
    """(number of tests, sorted names that ninja knows)"""
    tests = [test for test in info(folder, "tests")
             if suite in (name.split(":")[-1] for name in test["suite"])]
    wanted = {target for test in tests for target in test["depends"]}
    root = os.path.abspath(folder)
    return len(tests), sorted(os.path.relpath(file, root) for target in info(folder, "targets")
                              if target["id"] in wanted for file in target["filename"])


def main():
    folder, *suites = sys.argv[1:]
    needed = set()
    for suite in suites:
        number, names = targets(folder, suite)
        if number == 0:
            print(f"{folder} has no test in the suite {suite}: see meson.build in tests/",
                  file=sys.stderr)
            return 1
        needed.update(names)
    print("\n".join(sorted(needed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
