"""test_own.py VALIDATOR SEED FULL BUNDLE...: our own plugins pass level 10. FULL is "quick" or "full"."""
import concurrent.futures
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402

VALIDATOR, SEED, HOW = sys.argv[1:4]
BUNDLES = sorted(sys.argv[4:], key=lambda bundle: "/examples/" not in bundle)  # the longest first
# Why a check may be skipped; nothing else may be.
REASONS = ("it does not provide hexmcp.state/1", "the folder holds no plugin-asan.so",
           "this hexmcp runs no plugin in a helper process", "it lists no tool",
           "this kernel or processor", "hexmcp-alloc-fail.so was not loaded")
# What a plugin of anybody else is warned of. These tools are for whatever the operator grants, so they cannot
# name it; and these two speak over connections that the host has checked and made.
EXPECTED = tuple(
    [("grants", "warn", "plugin.json", f'it asks for {what}; name what it needs instead of a wildcard')
     for what in ('hosts "*"', 'hosts "*:*"', 'secrets "*"', 'env "*"', 'programs "*"')]
    + [("libraries", "warn", "plugin.so", "it links libcurl-gnutls.so.4; ask the host (hexmcp.http/1), which "
        "checks addresses and knows the grants"),
       ("libraries", "warn", "plugin.so", "it links libssl.so.3; ask the host (hexmcp.http/1 or hexmcp.net/1) "
        "for encrypted connections")])
GENERIC = ("api-tester", "database-connector", "email-sender", "environment-manager", "graphql-query",
           "http-request", "process-executor", "service-checker", "sitemap-crawler", "url-analyzer",
           "web-scraper", "web-search", "webhook-caller", "webpage-monitor")


def expected(name, finding):
    # It counts the processes, and leaves the number out where it must not list them.
    if name == "hexmcp.system-monitor" and finding[3].startswith("it tried to open /proc while tool"):
        return True
    # By inotify the kernel tells of folders that were never granted, so no helper may.
    if name == "hexmcp.file-watcher" and finding[0] == "isolated":
        return "a plugin in a process of its own may not watch files" in finding[3]
    return name.removeprefix("hexmcp.") in GENERIC and finding in EXPECTED


def validate(bundle):
    return subprocess.run([VALIDATOR, bundle, "--level", "10", "--json", "--seed", SEED,
                           *(["--quick"] if HOW == "quick" else [])],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


with Tap() as tap:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for bundle, ended in zip(BUNDLES, pool.map(validate, BUNDLES)):
            name = os.path.basename(bundle.rstrip("/"))
            report = json.loads(ended.stdout) if ended.stdout.startswith("{") else {"checks": []}
            wrong = [(c["name"], c["verdict"], f["where"], f["text"]) for c in report["checks"]
                     for f in c["findings"] if c["verdict"] in ("fail", "crash", "warn")
                     and f["severity"] != "note"]
            known = [finding for finding in wrong if expected(name, finding)]
            wrong = [finding for finding in wrong if finding not in known]
            ended_well = ended.returncode == (1 if any(each[1] == "fail" for each in known) else 0)
            tap.check(f"{name} passes level 10 without a warning", ended_well and not wrong,
                      f"status {ended.returncode}\n{ended.stderr}\n" + "\n".join(map(str, wrong)))
            skipped = [(c["name"], c["reason"]) for c in report["checks"] if c["verdict"] == "skip"]
            tap.check(f"{name}: what is skipped is skipped for a reason",
                      all(reason.startswith(REASONS) for _, reason in skipped), str(skipped))
            tap.equal(f"{name}: forty checks", len(report["checks"]), 40)
