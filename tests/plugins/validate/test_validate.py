"""test_validate.py HEXMCP VALIDATOR BUNDLE MUSEUM ROOT: options, exit codes and the shapes of reports."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402

HEXMCP, VALIDATOR, BUNDLE, MUSEUM, ROOT = sys.argv[1:6]


def run(*arguments, program=VALIDATOR):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def exhibit(name):
    return os.path.join(MUSEUM, "museum." + name)


USAGE = [
    ([], "name the folder of the plugin; usage: hexmcp plugin validate FOLDER [options]"),
    (["a", "b"], 'unexpected "b"; one folder at a time'),
    (["/nowhere/at/all"], "/nowhere/at/all: No such file or directory; name the folder of the bundle, "
                          "which holds plugin.json and plugin.so"),
    (["x", "--levl", "3"], "unknown option --levl; --help lists all"),
    (["x", "--level"], "option --level needs a value"),
    (["x", "--level", "11"], "--level 11: give a number from 1 to 10"),
    (["x", "--format", "xml"], "--format xml: give text, json or sarif"),
    (["x", "--quick=yes"], "option --quick takes no value"),
    ([BUNDLE, "--only", "manifst"], 'there is no check "manifst"; did you mean "manifest"?'),
    ([BUNDLE, "--skip", "41"], 'there is no check "41"; --list lists all'),
]


def check_sarif(tap, log, wanted_results):
    """What the format demands of what we write (SARIF 2.1.0, sections 3.13 to 3.28)."""
    tap.equal("SARIF: version", log["version"], "2.1.0")
    tap.equal("SARIF: only known members", set(log) - {"$schema", "version", "runs"}, set())
    run_ = log["runs"][0]
    driver = run_["tool"]["driver"]
    rules = driver["rules"]
    tap.check("SARIF: semanticVersion", re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"]),
              driver["semanticVersion"])
    tap.equal("SARIF: rule ids are unique", len({rule["id"] for rule in rules}), len(rules))
    tap.check("SARIF: each rule has a text", all(rule["shortDescription"]["text"] for rule in rules))
    base = run_["originalUriBaseIds"]["PLUGIN"]["uri"]
    tap.check("SARIF: the base is a file URI that ends with a slash",
              base.startswith("file:///") and base.endswith("/"), base)
    tap.equal("SARIF: results", len(run_["results"]), wanted_results)
    for result in run_["results"]:
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        tap.check("SARIF: a result is whole",
                  rules[result["ruleIndex"]]["id"] == result["ruleId"]
                  and result["level"] in ("none", "note", "warning", "error")
                  and result["message"]["text"] and location["uriBaseId"] == "PLUGIN"
                  and "/" not in location["uri"], str(result))
    tap.check("SARIF: the invocation", run_["invocations"][0]["executionSuccessful"] is True)


def check_reports(tap):
    status, text, _ = run(exhibit("double-complete"), "--only", "calls,names", "--json", "--seed", "9",
                          "--quick")
    report = json.loads(text)
    tap.equal("JSON: status", status, 1)
    tap.equal("JSON: members", sorted(report), ["checks", "counts", "folder", "format", "level", "passed",
                                                "plugin", "seed", "validator"])
    tap.equal("JSON: facts", (report["format"], report["plugin"], report["seed"], report["passed"]),
              (1, "museum.double-complete", 9, False))
    tap.equal("JSON: counts", report["counts"], {"pass": 1, "warn": 0, "fail": 1, "crash": 0, "skip": 0})
    tap.equal("JSON: a check", {k: report["checks"][1][k] for k in ("number", "name", "group", "verdict")},
              {"number": 27, "name": "calls", "group": "calls", "verdict": "fail"})
    tap.equal("JSON: a finding", report["checks"][1]["findings"], [
        {"severity": "failure", "where": 'tool "bad"',
         "text": "it completed its call a second time; call complete() exactly once"}])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.sarif")
        status, text, _ = run(exhibit("double-complete"), "--only", "calls", "--quick", "--sarif", path)
        tap.check("text beside a SARIF file", text.startswith("fail  27 calls"), text)
        with open(path, encoding="utf-8") as file:
            check_sarif(tap, json.load(file), 1)
    _, text, _ = run(BUNDLE, "--level", "1", "--format", "sarif")
    check_sarif(tap, json.loads(text), 0)


def check_ends(tap):
    tap.equal("0: passed", run(BUNDLE, "--level", "3", "--quick")[0], 0)
    tap.equal("0: a warning", run(exhibit("wildcard-grants"), "--level", "1")[0], 0)
    tap.equal("1: --strict", run(exhibit("wildcard-grants"), "--level", "1", "--strict")[0], 1)
    tap.equal("3: a crash", run(exhibit("abort"), "--only", "calls", "--quick")[0], 3)
    tap.equal("3: too long", run(exhibit("constructor-hangs"), "--only", "load", "--timeout", "1")[0], 3)
    status, text, _ = run(exhibit("init-hangs"), "--quick", "--timeout", "1")
    tap.check("after four crashes the rest is skipped",
              status == 3 and "skipped: four checks have crashed; mend those first" in text, text)
    status, text, _ = run(exhibit("wrong-magic"))
    tap.check("what the host refuses is not run",
              status == 1 and "skipped: the host would not load it (checks manifest, elf, info)" in text,
              text)
    for arguments, words in USAGE:
        tap.equal(f"2: {' '.join(map(os.path.basename, arguments))}", run(*arguments),
                  (2, "", f"hexmcp: {words}\n"))


def check_choice(tap):
    _, text, _ = run(BUNDLE, "--only", "1,names", "--json")
    tap.equal("--only by name and number", [c["name"] for c in json.loads(text)["checks"]],
              ["manifest", "names"])
    _, text, _ = run(BUNDLE, "--level", "1", "--skip", "manifest,2", "--json")
    tap.equal("--skip", json.loads(text)["checks"][0]["name"], "digest")
    listed = json.loads(run("--list")[1])
    tap.equal("the numbers of the checks", [c["number"] for c in listed], list(range(1, 41)))
    tap.equal("their names are unique", len({c["name"] for c in listed}), 40)
    first = run(exhibit("environment-reader"), "--only", "fuzz", "--reproduce", "77", "--quick", "--json")
    again = run(exhibit("environment-reader"), "--only", "fuzz", "--reproduce", "77", "--quick", "--json")
    tap.equal("a seed gives the same report again", first, again)
    status, text, _ = run(exhibit("double-complete"), "--only", "calls", "--in-process", "--quick")
    tap.check("--in-process finds the same", status == 1 and "a second time" in text, text)


def check_command(tap):
    status, text, errors = run("plugin", "validate", BUNDLE, "--level", "1", "--seed=3", program=HEXMCP)
    tap.check("hexmcp plugin validate", (status, errors) == (0, "") and text.endswith("seed 3\n"), text)
    tap.equal("its exit status", run("plugin", "validate", exhibit("other-id"), "--level", "1",
                                     program=HEXMCP)[0], 1)
    tap.equal("it takes no other options",
              run("plugin", "validate", BUNDLE, "--allow-read", "/tmp", program=HEXMCP),
              (2, "", 'hexmcp: "plugin validate" takes no option --allow-read\n'))


def check_static(tap):
    """Faults of the folder that no exhibit can keep in a repository."""
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        folder = os.path.join(top, os.path.basename(BUNDLE))
        shutil.copytree(BUNDLE, folder)
        os.chmod(folder, 0o755)
        os.chmod(os.path.join(folder, "plugin.so"), 0o666)
        os.symlink("/etc/passwd", os.path.join(folder, "passwords"))
        text = run(folder, "--only", "permissions")[1]
        tap.check("a file that everybody can write",
                  "plugin.so: plugin.so can be written by everybody; run: chmod go-w plugin.so" in text
                  or "plugin.so can be written by everybody; run: chmod go-w plugin.so" in text, text)
        tap.check("a link that leads out",
                  "passwords: it is a link to /etc/passwd, which is no file in the folder; put the file "
                  "there" in text, text)
        with open(os.path.join(folder, "plugin.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["digest"] = "sha256:" + "0" * 64
        manifest["config"] = {"type": "object", "properties": {"n": {"type": "integer", "default": "x"}}}
        with open(os.path.join(folder, "plugin.json"), "w", encoding="utf-8") as file:
            json.dump(manifest, file)
        text = run(folder, "--only", "digest,config-schema")[1]
        tap.check("a digest of another file", "; pack the plugin anew" in text, text)
        tap.check("a default that does not fit",
                  'the default of the setting "n" does not fit its own schema; mend one of them' in text,
                  text)


def check_sanitizer(tap):
    """A plugin that reads one byte too many passes, and its build with a sanitizer does not."""
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        folder = os.path.join(top, "museum.heap-smash")
        shutil.copytree(exhibit("heap-smash"), folder)
        source = os.path.join(ROOT, "tests", "plugins", "museum", "heap_smash.c")
        built = subprocess.run(
            ["gcc", "-shared", "-fPIC", "-fsanitize=address", "-w", "-D_GNU_SOURCE",
             "-fvisibility=hidden", '-DEXHIBIT_ID="museum.heap-smash"', "-I",
             os.path.join(ROOT, "include"), source, "-o", os.path.join(folder, "plugin-asan.so")],
            capture_output=True, text=True, check=False)
        if built.returncode:
            tap.skip("a build with a sanitizer", f"gcc cannot make one: {built.stderr[:200]}")
            return
        status, text, _ = run(folder, "--only", "sanitizers", "--quick")
        tap.check("a build with a sanitizer", status == 3 and "plugin-asan.so" in text
                  and "AddressSanitizer" in text, text)


with Tap() as tap:
    check_ends(tap)
    check_reports(tap)
    check_choice(tap)
    check_command(tap)
    check_static(tap)
    check_sanitizer(tap)
    table = os.path.join(ROOT, "tests", "plugins", "validate", "table.py")
    tap.equal("docs/plugins/validate.md has the table",
              run(table, VALIDATOR, ROOT, "--check", program=sys.executable)[:2], (0, ""))
