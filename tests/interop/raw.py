"""Our own client on the bare wire, in every revision: one scenario is one function in the table."""

import json
import os
import random
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import raw_primitives
from schema import Schemas, complaints_about
from server import (DATA, INVALID_PARAMS, LEGACY, MODERN, STRUCTURED_SINCE, TOOLS, ServerUnderTest,
                    answers, check_result, reversed_text)
from tap import Tap
from wire import CLIENT, Wire

# The members that each revision adds to a listed tool and to the result of a call.
TOOL_MEMBERS = {"2024-11-05": {"name", "description", "inputSchema"},
                "2025-03-26": {"annotations"},
                "2025-06-18": {"title", "outputSchema", "_meta"},
                "2025-11-25": {"icons", "execution"},
                "2026-07-28": set()}
RESULT_MEMBERS = {"2024-11-05": {"content", "isError", "_meta"},
                  "2025-03-26": set(),
                  "2025-06-18": {"structuredContent"},
                  "2025-11-25": set(),
                  "2026-07-28": {"resultType"}}

# Ids that a server may mangle: other types of the same text, beyond doubles, escapes.
ODD_IDS = ['0', '"0"', '""', '1', '"1"', '-1', '" "', '"null"', '"true"', '"é"', '"😀"',
           '"\\u0041b"', '"a\\"b\\\\c\\nd"', '"\\/"', '"\\u0000"', '"\\ud83d\\ude43"',
           '9007199254740993', '"9007199254740993"', '-9007199254740993',
           '9223372036854775807', '-9223372036854775808']
IN_FLIGHT = 1000


def known(table, revision):
    found = set().union(*(table[one] for one in table if one <= revision))
    return found - {"execution"} if revision == MODERN else found


class Run:
    """One connection: what its scenarios share."""

    def __init__(self, tap, revision, server, able):
        self.tap, self.revision, self.server = tap, revision, server
        self.label = f"{revision}, able client" if able else revision
        self.capabilities = raw_primitives.capabilities(revision) if able else {}
        self.answers = []  # to what the server asks, one after the other; the last for all further
        self.wire = Wire(server, self.capabilities, self.reply)
        self.tools = {}

    def reply(self, method, params):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def check(self, name, passed, diagnostic=""):
        self.tap.check(f"{self.label}: {name}", passed, diagnostic)

    def equal(self, name, got, expected):
        self.tap.equal(f"{self.label}: {name}", got, expected)

    def skip(self, name, reason):
        self.tap.skip(f"{self.label}: {name}", reason)

    def request(self, method, params=None):
        return self.wire.request(self.revision, method, params)

    def call(self, tool, arguments):
        return self.request("tools/call", {"name": tool, "arguments": arguments})


def shakes_hands(run):
    if run.revision == MODERN:
        result = run.request("server/discover")["result"]
        run.equal("discover names the versions", result["supportedVersions"], [MODERN])
        info = result["_meta"]["io.modelcontextprotocol/serverInfo"]
    else:
        result = run.request("initialize", {"protocolVersion": run.revision, "clientInfo": CLIENT,
                                            "capabilities": run.capabilities})["result"]
        run.wire.notify("notifications/initialized", {})
        run.equal("initialize echoes the version", result["protocolVersion"], run.revision)
        info = result["serverInfo"]
    run.equal("the server's name and its tools capability",
              [info["name"], "tools" in result["capabilities"]], [DATA["server"], True])


def lists(run):
    names, cursors, params = [], set(), {}
    while True:
        result = run.request("tools/list", params)["result"]
        names += [tool["name"] for tool in result["tools"]]
        run.tools.update((tool["name"], tool) for tool in result["tools"])
        cursor = result.get("nextCursor")
        if cursor is None or cursor in cursors:
            break
        cursors.add(cursor)
        params = {"cursor": cursor}
    run.equal("the last page has no cursor", cursor, None)
    run.equal("every tool is listed once", len(names), len(set(names)))
    run.equal("lists the tools", [name for name in TOOLS if name in names], TOOLS)
    members = set().union(*run.tools.values())
    run.equal("tools have only members of the revision",
              members - known(TOOL_MEMBERS, run.revision), set())


def refuses_bad_cursor(run):
    answer = run.request("tools/list", {"cursor": "no-such-cursor"})
    run.equal("an invalid cursor is refused", answer.get("error", {}).get("code"), INVALID_PARAMS)


def calls(run):
    members = set()
    for call in DATA["calls"]:
        answer = run.call(call["tool"], call["arguments"])
        if "result" in answer:
            members |= answer["result"].keys()
            check_result(run.tap, f"{run.revision}: {call['name']}", answer["result"],
                         call["structured"], run.revision)
        else:
            run.check(call["name"], False, answer)
    run.equal("results have only members of the revision",
              members - known(RESULT_MEMBERS, run.revision), set())


def rejects(run):
    for wrong in DATA["wrong"]:
        result = run.call(wrong["tool"], wrong["arguments"]).get("result", {})
        texts = [block.get("text") for block in result.get("content", [])]
        run.equal(f"{wrong['name']} is a tool error with a text",
                  [result.get("isError"), texts != [] and all(texts)], [True, True])
    error = run.call(DATA["unknown"], {}).get("error", {})
    run.equal("an unknown tool is refused", error.get("code"), INVALID_PARAMS)


def storm_ids():
    ids = list(ODD_IDS)
    for number in range((IN_FLIGHT - len(ids)) // 2 + 1):
        ids += [str(2 ** 53 + 7 * number + 2), f'"{number + 2}"']
    ids = ids[:IN_FLIGHT]
    random.Random(len(ids)).shuffle(ids)
    return ids


def storm(run):
    """Calls and lists, all sent before the first answer is looked at."""
    tool, operation = DATA["parallel"]["tool"], DATA["parallel"]["operation"]
    lines, inputs = [], {}
    for number, raw_id in enumerate(storm_ids()):
        if number % 10 == 9:
            lines.append(run.wire.line(run.revision, "tools/list", {}, raw_id))
            continue
        inputs[raw_id] = f"storm {number}"
        lines.append(run.wire.line(run.revision, "tools/call", {
            "name": tool, "arguments": {"operation": operation, "input": inputs[raw_id]}}, raw_id))
    run.wire.send(*(line for _, line in lines))
    got = run.wire.wait([raw_id for raw_id, _ in lines])
    wrong = [(raw_id, got[raw_id]) for raw_id, text in inputs.items() if "result" not in got[raw_id]
             or {one["result"] for one in answers(got[raw_id]["result"], run.revision)}
             != {reversed_text(text)}]
    run.equal(f"{len(lines)} requests in flight get their own answers", wrong[:3], [])
    odd = {raw_id: got[raw_id].get("id") for raw_id in ODD_IDS}
    run.equal("odd ids keep type and value", odd,
              {raw_id: json.loads(raw_id) for raw_id in ODD_IDS})


def mixes_eras(run):
    """A request with a claim is modern, whatever the connection has negotiated."""
    result = run.wire.request(MODERN, "tools/list")["result"]
    run.equal("a modern request is answered as modern", result.get("resultType"), "complete")
    own = run.request("tools/list")["result"]
    run.equal("and the next one in the revision's way", own.get("resultType"),
              "complete" if run.revision == MODERN else None)


def slow_progress(run):
    token = 0
    answer = run.request("tools/call", {"name": DATA["slow"], "_meta": {"progressToken": token},
                                        "arguments": {"steps": 5, "delay_ms": 20}})
    seen = run.wire.notifications("notifications/progress", token)
    values = [one["progress"] for one in seen]
    run.check("progress arrives, rises and keeps the token's type",
              values and all(a < b for a, b in zip(values, values[1:]))
              and all(type(one["progressToken"]) is int for one in seen), f"{seen}")
    last = max((at for at, one in enumerate(run.wire.order)
                if one.get("method") == "notifications/progress"), default=-1)
    run.check("progress ends before the answer", last < run.wire.order.index(answer),
              "a progress notification came after it")


def slow_cancel(run):
    token = "cancel me"
    raw_id, line = run.wire.line(run.revision, "tools/call", {
        "name": DATA["slow"], "_meta": {"progressToken": token},
        "arguments": {"steps": 200, "delay_ms": 25}})
    run.wire.send(line)
    run.wire.until(lambda: run.wire.notifications("notifications/progress", token))
    run.wire.notify("notifications/cancelled", {"requestId": json.loads(raw_id), "reason": "test"})
    run.request("tools/list")  # an answer to this means that the cancellation was read
    heard = len(run.wire.notifications("notifications/progress", token))
    time.sleep(0.2)  # eight steps
    run.equal("nothing more comes for a cancelled call",
              [len(run.wire.notifications("notifications/progress", token)) - heard,
               raw_id in run.wire.answers], [0, False])
    del run.wire.asked[raw_id]


def answers_at_end(run):
    """What was accepted before the end of input is answered, then the server ends by itself."""
    tool, operation = DATA["parallel"]["tool"], DATA["parallel"]["operation"]
    lines = [run.wire.line(run.revision, "tools/call", {
        "name": tool, "arguments": {"operation": operation, "input": f"last {number}"}})
        for number in range(20)]
    processes = run.server.processes()
    run.wire.send(*(line for _, line in lines))
    status, seconds = run.wire.close()
    run.equal("every request before the end of input is answered",
              [raw_id for raw_id, _ in lines if raw_id not in run.wire.answers], [])
    run.equal("the server ends with status 0", status, 0)
    run.check("within a second", seconds < 1, f"it took {seconds:.2f} s")
    run.equal("and leaves nothing behind",
              run.server.remaining(processes, time.monotonic() + 1), [])


def answered_once(run):
    counts, asked = run.wire.counts, run.wire.asked
    run.equal("no answer came twice", [one for one, count in counts.items() if count > 1][:3], [])
    run.equal("no id was changed, none invented",
              sorted(counts.keys() - asked.keys(), key=str)[:3], [])
    run.equal("every line was one JSON object", run.wire.bad_lines[:3], [])
    extra = set().union(*run.wire.order) - {"jsonrpc", "id", "result", "error", "method", "params"}
    run.equal("no envelope has other members", extra, set())


def fits_schema(run):
    if run.tap.schemas.why_not:
        run.skip("every message fits the schema", run.tap.schemas.why_not)
        return
    complaints, checked = complaints_about(run.wire, run.revision, run.tap.schemas)
    run.equal("every message fits the schema", complaints[:5], [])
    run.check("there were messages to validate", checked > IN_FLIGHT / 2, f"only {checked}")


# (what to run, the tool that it needs); from answers_at_end on, the server is gone
SCENARIOS = [
    (shakes_hands, None),
    (lists, None),
    (refuses_bad_cursor, None),
    (calls, None),
    (rejects, None),
    (storm, None),
    (mixes_eras, None),
    (slow_progress, DATA["slow"]),
    (slow_cancel, DATA["slow"]),
    *raw_primitives.WITHOUT_CAPABILITIES,
    (answers_at_end, None),
    (answered_once, None),
    (fits_schema, None),
]

# On a second connection, whose client can be asked for everything.
ABLE = [(shakes_hands, None), (lists, None), *raw_primitives.SCENARIOS, (answers_at_end, None),
        (answered_once, None), (raw_primitives.fits_schema, None)]


def run_connection(tap, revision, server, able):
    run = Run(tap, revision, server, able)
    for scenario, tool in ABLE if able else SCENARIOS:
        if tool and tool not in run.tools:
            run.skip(scenario.__name__, f"the server has no tool '{tool}'")
            continue
        try:
            scenario(run)
        except Exception:
            run.check(f"{scenario.__name__} runs to its end", False, traceback.format_exc())


with Tap() as tap:
    tap.schemas = Schemas()
    for revision in [*LEGACY, MODERN]:
        for able in [False, True]:
            with ServerUnderTest() as server:
                run_connection(tap, revision, server, able)
