#!/usr/bin/env python3
"""Counts the results of all test runs; the last line is the sum.

usage: summary.py BUILD_FOLDER...

Reads meson-logs/testlog.json of each folder; a folder without one is a failure. Test programs print
TAP: each line `ok` or `not ok` counts. What a program did beyond its lines counts as one failure
more: it crashed, ran out of time, failed though each line is ok, printed no plan or broke it. A
fuzz target prints no TAP and counts as one, by its exit status.
"""
import dataclasses
import json
import os
import re
import sys

SHOWN = 40  # lines of a failed program's output

# Where a sanitizer's report begins; its end says less.
REPORT = re.compile(r"(ERROR|WARNING): \w*Sanitizer|: runtime error: ")

RESULT = re.compile(r"^(not )?ok\b(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*SKIP\S*\s*(.*))?")
SKIP = re.compile(r"#\s*SKIP\S*\s*(.*)", re.I)


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: list = dataclasses.field(default_factory=list)  # "name: reason"
    why: list = dataclasses.field(default_factory=list)      # what failed, for a person


def count_lines(lines):
    """The TAP lines of one program: its Count, and how many its plan promised (None: no plan)."""
    count, plan = Count(), None
    for line in lines:
        if match := PLAN.match(line):
            plan = (plan or 0) + int(match.group(1))
            if match.group(2) is not None:
                count.skipped.append(f"the whole program: {match.group(2) or 'no reason given'}")
        elif match := RESULT.match(line):
            name = match.group(2).strip()
            if skip := SKIP.search(name):
                name = name[:skip.start()].strip()
                count.skipped.append(f"{name}: {skip.group(1) or 'no reason given'}")
            elif match.group(1):
                count.failed += 1
                count.why.append(f"not ok {name}")
            else:
                count.passed += 1
    return count, plan


def fault(test, count, plan):
    """What is wrong with the program as a whole, or None."""
    code = test.get("returncode", 1)
    if test.get("result") == "TIMEOUT":
        return "ran out of time"
    if code < 0:
        return f"was ended by signal {-code}"
    seen = count.passed + count.failed + len(count.skipped)
    if plan is None:
        return f"printed no plan, exit status {code}"
    if plan != seen and not (plan == 0 and seen == 1):
        return f"planned {plan} tests and ran {seen}"
    if count.failed == 0 and (code != 0 or test.get("result") not in ("OK", "SKIP")):
        return f"exit status {code}, {test.get('result')}"
    return None


def count_program(test):
    if ":fuzz /" in test["name"]:
        if test.get("returncode") == 0:
            return Count(passed=1)
        return Count(failed=1, why=[f"exit status {test.get('returncode')}"])
    count, plan = count_lines((test.get("stdout") or "").splitlines())
    if what := fault(test, count, plan):
        count.failed += 1
        count.why.append(what)
    return count


def read(folder):
    path = os.path.join(folder, "meson-logs", "testlog.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def what_matters(stdout, stderr):
    """The begin of the first sanitizer's report, or what each `not ok` says, or the last lines."""
    lines = stdout.splitlines() + stderr.splitlines()
    for number, line in enumerate(lines):
        if REPORT.search(line):
            return lines[number:number + SHOWN]
    said, failing = [], False
    for line in stdout.splitlines():
        if RESULT.match(line) or PLAN.match(line):
            failing = line.startswith("not ok") and not SKIP.search(line)
        if failing:
            said.append(line)
    if said:
        return said[:SHOWN] + stderr.splitlines()[-SHOWN:]
    return lines[-SHOWN:]


def show_failure(folder, test, count):
    print(f"\nfailed: {folder}: {test['name']}")
    for what in count.why:
        print(f"  {what}")
    print(f"  what matters of its output ({folder}/meson-logs/testlog.txt has all):")
    for line in what_matters(test.get("stdout") or "", test.get("stderr") or ""):
        print(f"  | {line}")


def main():
    total = Count()
    for folder in sys.argv[1:]:
        tests = read(folder)
        if not tests:
            total.failed += 1
            print(f"\nfailed: {folder}: no test ran there; it did not build, see above")
            continue
        for test in tests:
            count = count_program(test)
            total.passed += count.passed
            total.failed += count.failed
            total.skipped += [f"{folder}: {test['name']}: {text}" for text in count.skipped]
            if count.failed:
                show_failure(folder, test, count)
    if total.skipped:
        print()
    for text in total.skipped:
        print(f"skipped: {text}")
    print(f"{total.passed} passed, {total.failed} failed"
          + (f", {len(total.skipped)} skipped" if total.skipped else ""))
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
