#!/usr/bin/env python3
"""test_stdio.py HEXMCP

What "hexmcp doctor stdio" says of servers that do one thing wrong: that, and nothing else.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
ERROR, WARNING = "error", "warning"
WAIT = 4  # seconds of --timeout; what does not answer costs them
PATIENT = 20  # on a machine that is too busy for that

# A script in broken/, and its findings: severity, check, how what was seen begins.
EXPECTED = {
    "good": [],
    "writes": [],
    "banner": [(ERROR, "stdout", "unexpected character at byte 0: Server starting on stdio...")],
    "debug_print": [(ERROR, "stdout", "unexpected character at byte 0: DEBUG called with {}")],
    "byte_order_mark": [(ERROR, "stdout", 'a mark of byte order: \\xEF\\xBB\\xBF{"jsonrpc"')],
    "crlf": [(WARNING, "stdout", 'a line that ends with \\x0D\\x0A: {"jsonrpc"')],
    "pretty": [(ERROR, "initialize", "no answer to initialize within 12 s"),
               (ERROR, "stdout", "expected a key in quotes at byte 1: { (and ")],
    "answers_twice": [(ERROR, "answers", 'the second answer: {"jsonrpc": "2.0", "id": ')],
    "id_as_string": [(ERROR, "answers", 'the request had the id 1, the answer "1" (and ')],
    "id_mixed": [(ERROR, "concurrency", "the request ")],
    "ignores_eof": [(ERROR, "eof-exit", "it still runs 4 s after its standard input ended")],
    "ignores_sigterm": [(ERROR, "sigterm", "it still runs 4 s after SIGTERM")],
    "orphan": [(ERROR, "orphans", "1 left after the server had ended: sleep (")],
    "dies_on_cancel": [(ERROR, "cancellation", "no answer to ping after the cancellation of a request: "
                        "it ended with status 1; the last line of standard error: cannot cancel ")],
    "crashes_at_end": [(ERROR, "eof-exit", "when its standard input ended, "
                        "it ended by signal 6 (Aborted)")],
    "one_at_a_time": [(ERROR, "split-lines", "no answer to a ping that came in pieces within 4 s"),
                      (ERROR, "concurrency", "15 of 16 requests sent at once were not answered "
                       "within 4 s")],
    "loses_requests": [(ERROR, "concurrency", "15 of 16 requests sent at once were not answered "
                        "within 4 s")],
    "bad_schema": [(ERROR, "tools", 'the inputSchema of the tool "now" is no valid JSON Schema: '
                    '#/properties/a/type: must be one of "null", "boolean"')],
    "no_schema": [(ERROR, "tools", 'the tool "now" has no object inputSchema')],
    "same_names": [(ERROR, "tools", 'tools/list: two entries have the name "now"')],
    "odd_name": [(WARNING, "tools", 'the tool name "tell now!" is not made of 1 to 128 letters')],
    "endless_pages": [(ERROR, "tools", "tools/list: nextCursor is the cursor that was asked with")],
    "wrong_output": [(ERROR, "tool-calls", 'the structuredContent of the tool "now" does not fit its '
                      "outputSchema: /n: must be an integer, is a string")],
    "unknown_tool_works": [(ERROR, "tool-calls", "a call of an unknown tool is answered as if it had "
                            "gone well")],
    "slow_start": [(WARNING, "first-answer", "the first answer came after ")],
    "large_line": [(ERROR, "large-message", "no answer to a ping of 1 MiB: it ended with status 1; "
                    "the last line of standard error: line too long")],
    "bad_json_kills": [(ERROR, "bad-json", "no answer to ping after a line that is cut off: it ended "
                        "with status 1; the last line of standard error: Unexpected token")],
    "answers_notifications": [(ERROR, "notifications", 'after a notification: {"jsonrpc": "2.0", '
                               '"id": null, "error": ')],
    "no_ping": [(ERROR, "ping", 'ping is answered with the error {"code": -32601')],
    "silent_on_unknown": [(ERROR, "unknown-method", "no answer to a request for an unknown method "
                           "within 4 s"),
                          (WARNING, "probe", "no answer to server/discover within 4 s")],
    "wrong_code": [(WARNING, "unknown-method", "the method doctor/no-such-method is refused with the "
                    "code -32603"),
                   (WARNING, "bad-params", "tools/call without params is refused with the code "
                    "-32603")],
    "strict_revision": [(ERROR, "negotiation", "asked for revision 2024-11-05, it answers with the "
                         'error {"code": -32602, '),
                        (ERROR, "negotiation", "asked for revision 2099-01-01, it answers with the "
                         'error {"code": -32602, ')],
    "echoes_revision": [(ERROR, "negotiation", "asked for revision 2099-01-01, it answers with "
                         'protocolVersion "2099-01-01"')],
    "extra_member": [(ERROR, "messages", "a member beside jsonrpc, id, method, params, result and "
                      "error: ")],
    "null_error": [(ERROR, "messages", "not exactly one of method, result and error: ")],
    "asks_for_roots": [(ERROR, "client-requests", 'a request to the client: {"jsonrpc": "2.0", '
                        '"id": 0, "method": "roots/list"}')],
    "dies_on_probe": [(ERROR, "probe", "no answer to initialize after server/discover: it ended with "
                       "status 1; the last line of standard error: initialize first")],
    "chatty": [(WARNING, "stderr", "")],
    "never_starts": [(ERROR, "start", "before the first answer it ended with status 1; the last line "
                      "of standard error: no module named mcp")],
    "never_answers": [(ERROR, "initialize", "no answer to initialize within 12 s")],
    "modern_careless": [
        (ERROR, "modern-requests", "a request of revision 2099-01-01 is answered with a result, not "
         "with the error -32022"),
        (ERROR, "modern-requests", "ping, which 2026-07-28 does not have, is answered with a result, "
         "not with the error -32601"),
        (ERROR, "modern-requests", "server/discover without _meta is answered with a result, not "
         "with the error -32602"),
        (ERROR, "modern-lists", 'tools/list: the result has no resultType "complete"'),
        (ERROR, "modern-lists", "tools/list: the result has no ttlMs, an integer from 0"),
        (ERROR, "modern-lists", "tools/list: the result has no cacheScope, public or private")],
}
# The others would only wait once more.
OPTIONS = {"slow_start": ["--only", "start,initialize,first-answer,ping"]}
# How long a start takes on a busy machine is no matter of these tests.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "HEXMCP_MCP_SCHEMA"}


def doctor(*arguments, environment=None):
    done = subprocess.run([HEXMCP, "doctor", *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=240,
                          env={**ENVIRONMENT, **(environment or {})})
    return done.returncode, done.stdout, done.stderr


def script(name):
    return [sys.executable, os.path.join(HERE, "broken", f"{name}.py")]


def examine(name, wait=WAIT):
    options = OPTIONS.get(name, ["--skip", "first-answer"])
    return doctor("stdio", "--timeout", str(wait), "--json", *options, "--", *script(name))


def within(seen, wait):
    """What is said of a time, which the table has for WAIT."""
    return re.sub(r" (\d+) s\b", lambda found: f" {int(found[1]) * wait // WAIT} s", seen)


def fits(findings, expected, wait=WAIT):
    return len(findings) == len(expected) and all(
        (f["severity"], f["id"]) == (severity, check) and f["seen"].startswith(within(seen, wait))
        for f, (severity, check, seen) in zip(findings, expected))


def examine_again(tap, name):
    """A server that answers is late on a busy machine: it gets more time, and the machine to itself."""
    tap.note(f"{name}: once more, with {PATIENT} s")
    return examine(name, PATIENT), PATIENT


def check_broken(tap):
    scripts = {name[:-3] for name in os.listdir(os.path.join(HERE, "broken"))
               if name.endswith(".py")} - {"server"}
    tap.equal("each script has its findings in the table", sorted(scripts), sorted(EXPECTED))
    with ThreadPoolExecutor(4) as pool:
        results = dict(zip(EXPECTED, pool.map(examine, EXPECTED)))
    for name, (status, stdout, stderr) in results.items():
        expected, wait = EXPECTED[name], WAIT
        if not fits(json.loads(stdout)["findings"], expected):
            (status, stdout, stderr), wait = examine_again(tap, name)
        findings = json.loads(stdout)["findings"]
        tap.check(f"{name}: what is expected, and nothing else", fits(findings, expected, wait),
                  "\n".join(f"{f['severity']} {f['id']}: {f['seen']}" for f in findings))
        errors = any(severity == ERROR for severity, _, _ in expected)
        tap.equal(f"{name}: the exit status, and nothing on stderr", (status, stderr),
                  (1 if errors else 0, ""))


def check_reports(tap):
    status, text, _ = doctor("stdio", "--only", "start,ping", "--", *script("no_ping"))
    tap.equal("text: the exit status", status, 1)
    tap.equal("text: all of it below the first two lines", text.splitlines()[2:], [
        "",
        "  ok       start              The command starts and stays",
        "  error    ping               Answers ping",
        '           seen  ping is answered with the error {"code": -32601, "message": "there is no method',
        '                 ping"}',
        "           why   Clients use ping to find out whether a server still lives, and restart it if",
        "                 not.",
        "           do    Answer ping with an empty result at any time, also while tools run.",
        "",
        "1 error, 0 warnings, 0 notes in 2 checks"])
    tap.check("text: no colours beside a terminal", "\033" not in text, text)
    _, text, _ = doctor("stdio", "--only", "ping", "--sarif", "--", *script("no_ping"))
    run = json.loads(text)["runs"][0]
    tap.equal("SARIF: the rule", [rule["id"] for rule in run["tool"]["driver"]["rules"]], ["ping"])
    tap.equal("SARIF: the result", [(r["ruleId"], r["ruleIndex"], r["level"], r["message"]["text"])
                                    for r in run["results"]],
              [("ping", 0, "error", 'ping is answered with the error {"code": -32601, "message": '
                                    '"there is no method ping"}')])


def check_usage(tap):
    for arguments, line in [
            (["stdio"], "too few words; usage: hexmcp doctor stdio -- COMMAND..."),
            (["stdio", "--only", "pnig", "--", "true"],
             'there is no check "pnig"; did you mean "ping"?'),
            (["stdio", "--skip", "ping,xyzxyz", "--", "true"],
             'there is no check "xyzxyz"; a report lists them by name'),
            (["stdio", "--timeout", "soon", "--", "true"],
             "--timeout soon: expected seconds from 0.1 to 600")]:
        tap.equal(f"usage: {' '.join(arguments)}", doctor(*arguments), (2, "", f"hexmcp: {line}\n"))
    _, text, _ = doctor("stdio", "--json", "--", "/no/such/program")
    tap.equal("a program that is not there", [(f["id"], f["seen"]) for f in
                                              json.loads(text)["findings"]],
              [("start", '"/no/such/program" cannot be started: No such file or directory')])


def check_hexmcp(tap):
    status, text, stderr = doctor("stdio", "--json", "--skip", "first-answer", "--", HEXMCP, "serve")
    report = json.loads(text)
    tap.equal("hexmcp itself is clean", (status, report["findings"], stderr), (0, [], ""))
    tap.equal("hexmcp itself: what was skipped", [c["id"] for c in report["checks"]
                                                  if c["state"] == "skipped"], ["schema"])


def check_tools_called(tap):
    """Only tools that say they only read are called."""
    source = [sys.executable, os.path.join(HERE, "broken", "debug_print.py")]
    _, text, _ = doctor("stdio", "--json", "--only", "tool-calls,stdout", "--", *source)
    tap.check("a tool that only reads is called", "DEBUG" in text, text)
    options = ["stdio", "--json", "--only", "tool-calls,stdout"]
    _, text, _ = doctor(*options, "--", *script("writes"))
    tap.equal("another one is not", json.loads(text)["findings"], [])
    _, text, _ = doctor(*options, "--call-tools", "--", *script("writes"))
    tap.equal("but with --call-tools", [f["seen"] for f in json.loads(text)["findings"]],
              ["unexpected character at byte 0: written"])


def children_of(parent):
    """Process ids, of a process that has one thread."""
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
        return file.read().split()


def wait_until(condition):
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def check_interrupted(tap):
    """The server does not outlive the doctor."""
    process = subprocess.Popen([HEXMCP, "doctor", "stdio", "--", *script("never_answers")],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=ENVIRONMENT)
    tap.check("the server runs", wait_until(lambda: children_of(process.pid)), "no child")
    server = children_of(process.pid)[0]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    tap.equal("Ctrl-C ends the doctor", process.returncode, -signal.SIGINT)
    tap.check("and the server", wait_until(lambda: not os.path.exists(f"/proc/{server}")),
              f"{server} still runs")


with Tap() as tap:
    check_hexmcp(tap)
    check_interrupted(tap)
    check_usage(tap)
    check_reports(tap)
    check_tools_called(tap)
    check_broken(tap)
