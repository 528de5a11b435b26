#!/usr/bin/env python3
"""conformance.py WIRE: both requirement sets of the official suite over one wire; see `run`.

One check of ours is one scenario of the suite. What is scored and what is not is told apart; both must
pass, and there is no list of failures that are expected.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
from tap import Tap  # noqa: E402

SETS = ("2025-11-25", "2026-07-28")
# Of a bridged wire: what is tested there is the bridge, not hexmcp.
HTTP_ALONE = {
    "dns-rebinding-protection": "Host and Origin are headers of HTTP",
    "http-header-validation": "Mcp-Method and Mcp-Name are headers of HTTP",
    "http-custom-header-server-validation": "Mcp-Param-* are headers of HTTP",
    "tasks-request-headers": "Mcp-Method and Mcp-Name are headers of HTTP",
    "server-session-lifecycle": "session ids belong to HTTP",
    "server-sse-multiple-streams": "streams of events belong to HTTP",
    "server-sse-polling": "streams of events belong to HTTP",
}
# Scenarios that pass as well if nothing happens: what must have happened.
MUST_SUCCEED = {"server-sse-polling": "server-sse-disconnect-resume"}
PATIENCE = 300  # seconds for one set
PASSED = ("SUCCESS", "INFO", "SKIPPED")


class Place:
    """An empty home, and what runs in it until the end of the block."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="hexmcp-conformance-")
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.top}
        self.running = []

    def start(self, command, **pipes):
        child = subprocess.Popen(command, cwd=self.top, env=self.environment, text=True, **pipes)
        self.running.append(child)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.running):
            child.terminate()
            child.wait()
            for pipe in (child.stdin, child.stdout, child.stderr):
                if pipe:
                    pipe.close()
        shutil.rmtree(self.top)


def serve(place):
    """hexmcp with the plugin and, so that its entries come first in each list, with no other."""
    listed = subprocess.run([os.environ["HEXMCP"], "plugin", "list", "--json"], check=True,
                            cwd=place.top, env=place.environment, capture_output=True,
                            text=True).stdout
    others = [plugin["id"] for plugin in json.loads(listed) if plugin["enabled"]]
    return [os.environ["HEXMCP"], "serve", "--plugin", os.environ["HEXMCP_BUNDLE"],
            "--set", f"plugins.disable={json.dumps(others)}", "--set", "storage.url=memory:"]


def listen(place):
    """The address of a server on the network, as far as the path. Quiet calls are sent away soon, so
    that they are fetched again."""
    server = place.start([*serve(place), "--listen", "127.0.0.1:0",
                          "--set", "http.poll_after_ms=100"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = ""
    for line in server.stderr:
        found = re.search(r"listening on http://([^/\s]+)", line)
        if found:
            return found.group(1)
        said += line
    raise RuntimeError(f"the server ended before it listened: {said}")


def bridge(place, *wire):
    node = place.start([os.environ["CONFORMANCE_NODE"], os.path.join(HERE, "bridge.mjs"), *wire],
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    url = node.stdout.readline().strip()
    if not url:
        raise RuntimeError("the bridge ended before it listened")
    return url


def url_of(place, wire):
    if wire == "stdio":
        return bridge(place, "stdio", *serve(place))
    address = listen(place)
    if wire == "websocket":
        return bridge(place, "websocket", f"ws://{address}/ws")
    return f"http://{address}/mcp"


def suite(place, *arguments):
    main = os.path.join(os.environ["CONFORMANCE_SUITE"], "dist", "index.js")
    done = subprocess.run([os.environ["CONFORMANCE_NODE"], main, *arguments], cwd=place.top,
                          env=place.environment, capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout + done.stderr


def scenarios_of(place, revision):
    """[(scenario, reason why it is not scored, or nothing)]: the set as the suite lists it."""
    text = suite(place, "list", "--requirements", revision)
    scored = text.split("Server scenarios")[1].split("\n\n")[0]
    found = [(name, "") for name in re.findall(r"^ +- (\S+)$", scored, re.M)]
    reason = ""
    for line in text.split("never scored:")[1].splitlines():
        head = re.match(r"  (\S+) \(\d+\):", line)
        name = re.match(r" +- (\S+) \[server\]", line)
        reason = head.group(1) if head else reason
        if name:
            found.append((name.group(1), reason))
    return found


def checks_of(folder, scenario):
    """What the suite checked; None if it never came to it."""
    stamp = "[0-9]" * 4 + "-*T*Z"
    [*paths] = glob.glob(os.path.join(folder, f"server-{scenario}-{stamp}", "checks.json"))
    if len(paths) != 1:
        return None
    with open(paths[0], encoding="utf-8") as file:
        return json.load(file)


def say(check):
    return f"{check['status']} {check['id']}: {check.get('errorMessage', check['description'])}"


def judge(tap, name, scenario, checks):
    """Did it pass? None if the suite skips all of it. A warning of the suite is a failure here."""
    if checks is None:
        tap.check(name, False, "the suite left no result")
        return False
    bad = [say(check) for check in checks if check["status"] not in PASSED]
    succeeded = sum(check["status"] == "SUCCESS" for check in checks)
    needed = MUST_SUCCEED.get(scenario)
    if needed and (needed, "SUCCESS") not in [(check["id"], check["status"]) for check in checks]:
        bad.append(f"no success of {needed}")
    skipped = [say(check) for check in checks if check["status"] == "SKIPPED"]
    if checks and len(skipped) == len(checks):
        tap.skip(name, "; ".join(skipped))
        return None
    return tap.check(f"{name} ({succeeded} checks)", not bad, "\n".join(bad))


def told(verdicts):
    skipped = verdicts.count(None)
    return f"{verdicts.count(True)}/{len(verdicts)}{f' ({skipped} skipped)' if skipped else ''}"


def run_set(tap, place, wire, url, revision):
    folder = os.path.join(place.top, revision)
    said = suite(place, "server", "--url", url, "--requirements", revision, "-o", folder)
    verdicts = {True: [], False: []}  # of what is scored, and what is not
    for scenario, unscored in scenarios_of(place, revision):
        name = f"{revision} {f'not scored ({unscored})' if unscored else 'scored'}: {scenario}"
        if wire != "http" and scenario in HTTP_ALONE:
            tap.skip(name, f"not over {wire}: {HTTP_ALONE[scenario]}")
            continue
        verdicts[not unscored].append(judge(tap, name, scenario, checks_of(folder, scenario)))
    tap.note(f"{revision} over {wire}: scored {told(verdicts[True])}, "
             f"not scored {told(verdicts[False])}")
    tap.check(f"{revision}: the suite ran scenarios", any(verdicts[True]), said)


def main():
    [wire] = sys.argv[1:]
    with Tap() as tap, Place() as place:
        url = url_of(place, wire)
        for revision in SETS:
            run_set(tap, place, wire, url, revision)


if __name__ == "__main__":
    main()
