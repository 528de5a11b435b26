#!/usr/bin/env python3
"""What summary.py counts, and what it says of a program that failed."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from tap import Tap  # noqa: E402

# name, the program's output, exit status, meson's word for it, (passed, failed, skipped), complaint
CASES = [
    ("all ok", "1..2\nok 1 - a\nok 2 - b\n", 0, "OK", (2, 0, 0), None),
    ("plan at the end", "ok 1 - a\n1..1\n", 0, "OK", (1, 0, 0), None),
    ("one not ok", "1..2\nok 1 - a\nnot ok 2 - b\n", 1, "FAIL", (1, 1, 0), "not ok 2 - b"),
    ("a skip", "1..2\nok 1 - a\nok 2 - b # SKIP no net\n", 0, "OK", (1, 0, 1), None),
    ("a skip as cmocka prints it", "1..1\nnot ok 1 # SKIP b\n", 0, "OK", (0, 0, 1), None),
    ("all skipped", "1..0 # SKIP no net\n", 0, "SKIP", (0, 0, 1), None),
    ("no plan", "ok 1 - a\n", 0, "OK", (1, 1, 0), "printed no plan, exit status 0"),
    ("silence", "", 0, "SKIP", (0, 1, 0), "printed no plan, exit status 0"),
    ("fewer than planned", "1..2\nok 1 - a\n", 0, "ERROR", (1, 1, 0), "planned 2 tests and ran 1"),
    ("more than planned", "1..1\nok 1\nok 2\n", 0, "ERROR", (2, 1, 0), "planned 1 tests and ran 2"),
    ("a crash", "1..2\nok 1 - a\n", -11, "ERROR", (1, 1, 0), "was ended by signal 11"),
    ("a crash after the last test", "1..1\nok 1 - a\n", -6, "ERROR", (1, 1, 0),
     "was ended by signal 6"),
    ("a crash after a failure", "1..2\nnot ok 1 - a\n", -6, "ERROR", (0, 2, 0),
     "was ended by signal 6"),
    ("a sanitizer's exit status", "1..1\nok 1 - a\n", 1, "ERROR", (1, 1, 0), "exit status 1, ERROR"),
    ("out of time", "1..2\nok 1 - a\n", -15, "TIMEOUT", (1, 1, 0), "ran out of time"),
    ("a bail out", "Bail out! no check was made\n", 1, "ERROR", (0, 1, 0),
     "printed no plan, exit status 1"),
]


def entry(name, stdout, code, result):
    return {"name": name, "stdout": stdout, "returncode": code, "result": result, "stderr": "a cry\n"}


def summarise(*folders):
    """Each folder is a list of log entries, or None if nothing ran there."""
    with tempfile.TemporaryDirectory() as root:
        for number, entries in enumerate(folders):
            logs = os.path.join(root, f"b{number}", "meson-logs")
            os.makedirs(logs)
            if entries is not None:
                with open(os.path.join(logs, "testlog.json"), "w", encoding="utf-8") as file:
                    file.writelines(json.dumps(one) + "\n" for one in entries)
        done = subprocess.run([sys.executable, os.path.join(HERE, "summary.py"),
                               *(f"b{number}" for number in range(len(folders)))],
                              cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def line(passed, failed, skipped):
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


GOOD = entry("p:unit / good", "1..1\nok 1 - a\n", 0, "OK")


def main():
    with Tap() as tap:
        for name, stdout, code, result, numbers, complaint in CASES:
            status, said, cry = summarise([entry(f"p:unit / {name}", stdout, code, result)])
            tap.equal(f"{name}: the count", said[-1], line(*numbers))
            tap.equal(f"{name}: the status", status, 1 if numbers[1] or not numbers[0] else 0)
            tap.equal(f"{name}: no traceback", cry, "")
            if complaint:
                tap.check(f"{name}: the reason", f"  {complaint}" in said, "\n".join(said))
                tap.check(f"{name}: the output", "  | a cry" in said, "\n".join(said))

        fuzz = entry("p:fuzz / fuzz_x", "Done 5 runs\n", 0, "OK")
        tap.equal("a fuzz target counts as one", summarise([fuzz])[1][-1], "1 passed, 0 failed")
        tap.equal("a fuzz target that broke", summarise([{**fuzz, "returncode": 77}])[1][-1],
                  "0 passed, 1 failed")
        tap.equal("folders add up", summarise([GOOD], [GOOD, fuzz])[1][-1], "3 passed, 0 failed")
        status, said, _ = summarise([GOOD], None)
        tap.equal("a folder without results fails", (status, said[-1]), (1, "1 passed, 1 failed"))
        status, said, _ = summarise([GOOD], [])
        tap.equal("so does one in which nothing ran", (status, said[-1]), (1, "1 passed, 1 failed"))
        _, said, _ = summarise([GOOD, entry("p:unit / s", "1..1\nok 1 - b # SKIP no net\n", 0, "OK")])
        tap.equal("a skip is shown with its reason", said[-2], "skipped: b0: p:unit / s: 1 - b: no net")
        for report in ("==7==ERROR: AddressSanitizer: heap-use-after-free",
                       "WARNING: ThreadSanitizer: data race",
                       "a.c:3:5: runtime error: signed integer overflow"):
            _, said, _ = summarise([{**entry("p:unit / s", "", -6, "ERROR"),
                                     "stderr": f"before\n{report}\n" + "frame\n" * 60}])
            shown = [text[4:] for text in said if text.startswith("  | ")]
            tap.equal(f"of {report[:20]} the begin is shown", (shown[0], len(shown)), (report, 40))
        _, said, _ = summarise([entry("p:unit / s", "not ok 1 - a\n# why\n" + "ok 2 - b\n" * 60,
                                      1, "FAIL")])
        tap.equal("of a failed check its reason is shown",
                  [text[4:] for text in said if text.startswith("  | ")],
                  ["not ok 1 - a", "# why", "a cry"])
        _, said, _ = summarise([entry("p:unit / s", "line\n" * 60, -6, "ERROR")])
        tap.equal("else the end", [text for text in said if text.startswith("  | ")][-1], "  | a cry")
        tap.equal("the sum stands on one line", sum(" passed, " in text for text in said), 1)


if __name__ == "__main__":
    main()
