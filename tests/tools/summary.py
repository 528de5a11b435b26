#!/usr/bin/env python3
"""Counts the results of all test runs and prints them in one line.

usage: summary.py BUILD_FOLDER...

Reads meson-logs/testlog.json of each folder. Every test program prints TAP, so every line `ok` or
`not ok` counts. A program that crashed, ran out of time or printed no result counts as one failure.
A fuzz target prints no TAP: it counts as one, by its exit status.
"""
import json
import os
import re
import sys

LINE = re.compile(r"^(not )?ok\b(.*)$")


def read(folder):
    path = os.path.join(folder, "meson-logs", "testlog.json")
    if not os.path.exists(path):
        yield {"name": f"{folder}: no test ran", "stdout": "", "result": "ERROR", "returncode": 1}
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def count(test):
    """(passed, failed, [skipped]) of one program."""
    passed, failed, skipped = 0, 0, []
    lines = (test.get("stdout") or "").splitlines()
    for line in lines:
        match = LINE.match(line)
        if not match:
            if line.startswith("1..0") and "SKIP" in line:
                skipped.append(f"{test['name']}: {line.split('SKIP', 1)[1].strip()}")
            continue
        if re.search(r"#\s*SKIP", match.group(2), re.I):
            skipped.append(f"{test['name']}: {match.group(2).strip(' -')}")
        elif match.group(1):
            failed += 1
        else:
            passed += 1
    if ":fuzz /" in test["name"]:
        return (1, 0, []) if test.get("returncode") == 0 else (0, 1, [])
    bad = test.get("returncode") != 0 or test.get("result") in ("ERROR", "TIMEOUT", "FAIL")
    if (bad and failed == 0) or (passed + failed == 0 and not skipped):
        failed += 1
    return passed, failed, skipped


def main():
    passed, failed, skipped, broken = 0, 0, [], []
    for folder in sys.argv[1:]:
        for test in read(folder):
            ok, not_ok, left_out = count(test)
            passed += ok
            failed += not_ok
            skipped += [f"{folder}: {text}" for text in left_out]
            if not_ok:
                broken.append(f"{folder}: {test['name']}: {not_ok} failed ({test.get('result')})")
    for text in skipped:
        print(f"skipped: {text}")
    for text in broken:
        print(f"failed: {text}")
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
