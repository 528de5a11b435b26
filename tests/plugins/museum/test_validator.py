"""test_validator.py VALIDATOR MUSEUM: the validator finds every exhibit by the check that is meant to,
says what is wrong, and lives."""
import concurrent.futures
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from exhibits import EXHIBITS  # noqa: E402

VALIDATOR, MUSEUM = sys.argv[1:3]
EXIT = {"fail": 1, "crash": 3, "warn": 0}


def validate(name):
    check = EXHIBITS[name][0]
    # Of the checks before it only those that decide whether the plugin is loaded.
    ended = subprocess.run(
        [VALIDATOR, os.path.join(MUSEUM, f"museum.{name}"), "--only", check, "--json", "--quick",
         "--timeout", "6", "--seed", "7"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    return ended


def texts(report):
    return [(f["where"] + ": " + f["text"], f["severity"])
            for check in report["checks"] for f in check["findings"]]


def judge(tap, name, ended):
    check, verdict, words = EXHIBITS[name]
    try:
        report = json.loads(ended.stdout)
    except ValueError:
        tap.check(f"{name}: there is a report", False, ended.stdout + ended.stderr)
        return
    found = texts(report)
    passed = (report["checks"][0]["name"] == check and report["checks"][0]["verdict"] == verdict
              and ended.returncode == EXIT[verdict] and any(words in text for text, _ in found))
    tap.check(f"{name}: {check} finds it", passed,
              f"exit {ended.returncode}, {report['checks'][0]['verdict']}: {found}\n{ended.stderr}")


with Tap() as tap:
    built = {folder[len("museum."):] for folder in os.listdir(MUSEUM)}
    tap.equal("every exhibit has its line", sorted(built - EXHIBITS.keys()), [])
    tap.check("there are fifty of them", len(EXHIBITS) >= 50, str(len(EXHIBITS)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(validate, name) for name in EXHIBITS if name in built}
        for name in EXHIBITS:
            if name in runs:
                judge(tap, name, runs[name].result())
            else:
                tap.skip(f"{name}: found", "it was not built: there is no C++ compiler")
