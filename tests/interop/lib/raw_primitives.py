"""Scenarios of the bare wire for resources, prompts, completion, logging, input that the server
asks for, subscriptions and tasks; primitives.json says what is expected."""

import json
import random
import time

from schema import complaints_about
from server import (DATA, INVALID_PARAMS, MODERN, PRIMITIVES as EXPECTED, STRUCTURED_SINCE,
                    pick, reversed_text)

ELICITATION_SINCE = CONTEXT_SINCE = "2025-06-18"
URL_SINCE = TASKS_SINCE = "2025-11-25"
NOT_FOUND = -32002  # of the legacy revisions
METHOD_NOT_FOUND = -32601
MISSING_CAPABILITY = -32021
LOG_LEVEL = "io.modelcontextprotocol/logLevel"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
RELATED_TASK = "io.modelcontextprotocol/related-task"
TASKS = "io.modelcontextprotocol/tasks"
UPDATED = "notifications/resources/updated"

# The members that each revision adds to what is listed.
LISTED_MEMBERS = {"2024-11-05": {"uri", "uriTemplate", "name", "description", "mimeType",
                                 "annotations", "size", "arguments"},
                  "2025-03-26": set(),
                  "2025-06-18": {"title", "_meta"},
                  "2025-11-25": {"icons"},
                  "2026-07-28": set()}
INTERLEAVED = 64


def capabilities(revision):
    return {"sampling": {}, "roots": {} if revision == MODERN else {"listChanged": True},
            **({"elicitation": {"form": {}, "url": {}}} if revision >= URL_SINCE else
               {"elicitation": {}} if revision >= ELICITATION_SINCE else {}),
            **({"extensions": {TASKS: {}}} if revision == MODERN else {})}


def pages(run, method, member):
    """(entries, number of pages)"""
    entries, cursor, count = [], None, 0
    while count == 0 or cursor is not None:
        result = run.request(method, {} if cursor is None else {"cursor": cursor})["result"]
        entries += result[member]
        cursor, count = result.get("nextCursor"), count + 1
    return entries, count


def ask(run, method, params):
    """The answer at the end, and what was asked for on the way: [(method, params)]. In the modern
    revision the input comes with the request, sent again; before, the server asks by itself."""
    before = len(run.wire.requests)
    asked, more = [], {}
    answer = run.request(method, params)
    while answer.get("result", {}).get("resultType") == "input_required":
        requests = answer["result"].get("inputRequests", {})
        asked += [(one["method"], one.get("params")) for one in requests.values()]
        more = {"inputResponses": {key: run.reply(None, None) for key in requests}}
        if "requestState" in answer["result"]:
            more["requestState"] = answer["result"]["requestState"]
        answer = run.request(method, {**params, **more})
    asked += [(one["method"], one.get("params")) for one in run.wire.requests[before:]]
    return answer, asked


def call_asking(run, tool, arguments):
    return ask(run, "tools/call", {"name": tool, "arguments": arguments})


def text_of(answer):
    content = answer.get("result", {}).get("content", [])
    return next((one["text"] for one in content if one["type"] == "text"), None)


def structured_of(run, answer):
    if run.revision >= STRUCTURED_SINCE:
        return answer.get("result", {}).get("structuredContent")
    return json.loads(text_of(answer))


def lists_everything(run):
    known = set().union(*(LISTED_MEMBERS[one] for one in LISTED_MEMBERS if one <= run.revision))
    for method, member, key, listed in [
            ("resources/list", "resources", "uri", EXPECTED["resources"]["listed"]),
            ("resources/templates/list", "resourceTemplates", "uriTemplate",
             EXPECTED["resources"]["templates"]),
            ("prompts/list", "prompts", "name", dict.fromkeys(EXPECTED["prompts"]["listed"], {}))]:
        entries, count = pages(run, method, member)
        keys = [one[key] for one in entries]
        run.equal(f"{method} lists each once", len(keys), len(set(keys)))
        run.equal(f"{method} lists all", {one[key]: pick(one, listed[one[key]]) for one in entries
                                          if one[key] in listed}, listed)
        run.equal(f"{method} shows only members of the revision",
                  set().union(*entries) - known, set())
        if "mcp.page_size=5" in run.server.args and len(entries) > 5:
            run.equal(f"{method} comes in pages", count, (len(entries) + 4) // 5)


def reads(run):
    for read in EXPECTED["resources"]["reads"]:
        result = run.request("resources/read", {"uri": read["uri"]}).get("result", {})
        run.equal(f"reads {read['name']}", result.get("contents"), read["contents"])
    code = INVALID_PARAMS if run.revision == MODERN else NOT_FOUND
    for uri in EXPECTED["resources"]["unknown"]:
        error = run.request("resources/read", {"uri": uri}).get("error", {})
        run.equal(f"{uri} is not found", pick(error, ["code", "data"]),
                  {"code": code, "data": {"uri": uri}})


def prompts(run):
    expected = EXPECTED["prompts"]
    for get in expected["gets"]:
        result = run.request("prompts/get", {"name": get["prompt"], "arguments": get["arguments"]})
        run.equal(f"gets a prompt with {get['name']}",
                  [one["content"]["text"] for one in result["result"]["messages"]], get["texts"])
    for get in expected["wrong"]:
        error = run.request("prompts/get", {"name": get["prompt"], "arguments": get["arguments"]})
        run.equal(f"{get['name']} is refused", error.get("error", {}).get("code"), INVALID_PARAMS)
    run.request("prompts/get", {"name": expected["blocks"]["prompt"]})  # for the schema


def completes(run):
    for one in EXPECTED["completions"]:
        if "context" in one and run.revision < CONTEXT_SINCE:
            run.skip(f"completes {one['name']}", f"{run.revision} has no context of a completion")
            continue
        result = run.request("completion/complete", pick(one, one.keys() - {"name", "values"}))
        run.equal(f"completes {one['name']}",
                  result.get("result", {}).get("completion", {}).get("values"), one["values"])
    error = run.request("completion/complete", {
        "ref": {"type": "ref/prompt", "name": "no-such-prompt"},
        "argument": {"name": "x", "value": ""}}).get("error", {})
    run.equal("completing an unknown prompt is refused", error.get("code"), INVALID_PARAMS)


def logs(run):
    """Before the answer; in the modern revision only if the request itself asks."""
    expected, meta = EXPECTED["logs"], {}
    arguments = {"to": 1, "logs": expected["levels"]}
    if run.revision == MODERN:
        meta = {"_meta": {LOG_LEVEL: expected["threshold"]}}
        run.request("tools/call", {"name": expected["tool"], "arguments": arguments})
        run.equal("a modern request that asks for no log messages gets none",
                  run.wire.told("notifications/message"), [])
    else:
        run.request("logging/setLevel", {"level": expected["threshold"]})
    answer = run.request("tools/call", {"name": expected["tool"], "arguments": arguments, **meta})
    order = run.wire.order[:run.wire.order.index(answer)]
    run.equal("log messages come from the threshold on, before the answer",
              [[one["params"]["level"], one["params"]["data"]] for one in order
               if one.get("method") == "notifications/message"],
              [[level, expected["line"] + level] for level in expected["heard"]])


def elicits(run):
    if run.revision < ELICITATION_SINCE:
        answer, asked = call_asking(run, "ask-name", {})
        run.equal("ask-name is a tool error where the revision has no elicitation",
                  [answer.get("result", {}).get("isError"), asked], [True, []])
        return
    for form in EXPECTED["forms"]:
        run.answers = list(form["answers"])
        answer, asked = call_asking(run, form["tool"], {})
        got = text_of(answer) if "text" in form else structured_of(run, answer)
        run.equal(f"{form['name']} ({form['tool']})", [got, len(asked)],
                  [form.get("text", form.get("structured")), len(form["answers"])])


def reads_and_prompts_ask(run):
    secret, prompt = EXPECTED["resources"]["secret"], EXPECTED["prompts"]["ask"]
    if run.revision < ELICITATION_SINCE:
        run.skip("a resource and a prompt that ask", f"{run.revision} has no elicitation")
        return
    run.answers = [{"action": "accept", "content": {"allow": True}}]
    answer, _ = ask(run, "resources/read", {"uri": secret["uri"]})
    run.equal("a resource asks before it is read", answer.get("result", {}).get("contents"),
              secret["contents"])
    run.answers = [{"action": "accept", "content": prompt["answer"]}]
    answer, _ = ask(run, "prompts/get", {"name": prompt["prompt"]})
    run.equal("a prompt asks before it is rendered",
              [one["content"]["text"] for one in answer.get("result", {}).get("messages", [])],
              prompt["texts"])


def opens_page(run):
    page = EXPECTED["page"]
    if run.revision < URL_SINCE:
        answer, asked = call_asking(run, page["tool"], {})
        run.equal("a page is a tool error where the revision has no URLs",
                  [answer.get("result", {}).get("isError"), asked], [True, []])
        return
    run.answers = [{"action": "accept"}]
    answer, asked = call_asking(run, page["tool"], {})
    run.equal("a page is opened", [text_of(answer), [one["url"] for _, one in asked]],
              [page["text"], [page["url"]]])


def samples(run):
    model = EXPECTED["model"]
    run.answers = [model["answer"]]
    answer, asked = call_asking(run, model["tool"], model["arguments"])
    run.equal("the model is asked with the prompt and the limit",
              [[method, params["maxTokens"], params["messages"][0]["content"]]
               for method, params in asked],
              [["sampling/createMessage", model["arguments"]["maxTokens"],
                {"type": "text", "text": model["arguments"]["prompt"]}]])
    run.equal("what the model says reaches the tool", structured_of(run, answer),
              model["structured"])
    if run.revision != MODERN:
        run.answers = [ValueError("no model today")]
        answer, _ = call_asking(run, model["tool"], model["arguments"])
        run.check("an error in place of an answer ends the call with an error",
                  "error" in answer or answer["result"].get("isError"), answer)


def lists_roots(run):
    expected = EXPECTED["roots"]
    for name, answer in [("the roots reach the tool", expected["first"]),
                         ("the roots are new after they changed", expected["then"])]:
        if answer is expected["then"] and run.revision != MODERN:
            run.wire.notify("notifications/roots/list_changed", {})
        run.answers = [{"roots": answer}]
        got, _ = call_asking(run, expected["tool"], {})
        run.equal(name, structured_of(run, got)["roots"], answer)


def refuses_changed_state(run):
    """The state of a round is the server's word: no byte of it may differ, nor the request."""
    if run.revision != MODERN:
        run.skip("a changed state is refused", f"{run.revision} has no state that clients keep")
        return
    first = run.request("tools/call", {"name": "ask-twice", "arguments": {}})["result"]
    state, responses = first["requestState"], {
        "city": {"action": "accept", "content": {"city": "Oslo"}}}
    changed = state[:-2] + ("A" if state[-2] != "A" else "B") + state[-1]
    for name, params in [
            ("a changed state", {"name": "ask-twice", "requestState": changed}),
            ("a longer state", {"name": "ask-twice", "requestState": state + "A"}),
            ("the state of another tool", {"name": "ask-name", "requestState": state})]:
        answer = run.request("tools/call", {**params, "inputResponses": responses})
        run.equal(f"{name} is refused", answer.get("error", {}).get("code"), INVALID_PARAMS)


def listen(run, notifications):
    """The id of a modern stream, once it is acknowledged."""
    raw_id, line = run.wire.line(MODERN, "subscriptions/listen", {"notifications": notifications})
    run.wire.send(line)
    own = json.loads(raw_id)
    run.wire.until(lambda: any(
        one["_meta"][SUBSCRIPTION] == own
        for one in run.wire.told("notifications/subscriptions/acknowledged")))
    del run.wire.asked[raw_id]  # it stays without an answer
    return own


def updates(run):
    """[subscription or None, uri] of each change that was told."""
    return [[one.get("_meta", {}).get(SUBSCRIPTION), one["uri"]] for one in run.wire.told(UPDATED)]


def watches(run):
    counter, touch = EXPECTED["resources"]["counter"], {"name": EXPECTED["touch"], "arguments": {}}
    if run.revision == MODERN:
        names = [listen(run, {"resourceSubscriptions": [counter]}) for _ in range(2)]
        error = run.request("resources/subscribe", {"uri": counter}).get("error", {})
        run.equal("the old way to subscribe is gone", error.get("code"), METHOD_NOT_FOUND)
    else:
        names = [None]
        run.request("resources/subscribe", {"uri": counter})
    before = len(updates(run))
    run.request("tools/call", touch)
    run.wire.until(lambda: len(updates(run)) >= before + len(names))
    run.equal("each subscription hears once of a change", sorted(updates(run)[before:], key=str),
              sorted(([name, counter] for name in names), key=str))
    for name in names:
        if run.revision == MODERN:
            run.wire.notify("notifications/cancelled", {"requestId": name})
    if run.revision != MODERN:
        run.request("resources/unsubscribe", {"uri": counter})
    before = len(updates(run))
    run.request("tools/call", touch)
    run.request("tools/call", touch)
    time.sleep(0.05)
    run.equal("no word after the end of the subscription", updates(run)[before:], [])


def lists_change(run):
    expected = EXPECTED["publish"]
    stream = listen(run, {"toolsListChanged": True, "promptsListChanged": True,
                          "resourcesListChanged": True}) if run.revision == MODERN else None
    for kind, method in expected["changes"].items():
        for way in [expected["tool"], expected["withdraw"]]:
            before = len(run.wire.told(method))
            answer = run.call(way, {"kind": kind, "name": expected["name"]})
            run.wire.until(lambda: len(run.wire.told(method)) > before)
            streams = [one.get("_meta", {}).get(SUBSCRIPTION) for one in run.wire.told(method)]
            run.equal(f"a {kind} that comes or goes is told: {way}",
                      ["error" in answer, streams[before:]], [False, [stream]])
    if stream:
        run.wire.notify("notifications/cancelled", {"requestId": stream})


def run_task(run, tool, arguments):
    """(created, the status of each look, answer at the end)"""
    params = {"name": tool, "arguments": arguments}
    if run.revision != MODERN:
        created = run.request("tools/call", {**params, "task": {}})["result"]["task"]
        look = run.request("tasks/get", {"taskId": created["taskId"]})["result"]["status"]
        return created, [look], run.request("tasks/result", {"taskId": created["taskId"]})
    created, statuses = run.request("tools/call", params)["result"], []
    while True:
        task = run.request("tasks/get", {"taskId": created["taskId"]})["result"]
        statuses.append(task["status"])
        if task["status"] in ["completed", "failed", "cancelled"]:
            return created, statuses, task
        if task["status"] == "input_required" and task.get("inputRequests"):
            run.request("tasks/update", {"taskId": created["taskId"], "inputResponses": {
                key: run.reply(None, None) for key in task["inputRequests"]}})
        time.sleep(0.01)


def tasks(run):
    if run.revision < TASKS_SINCE:
        run.skip("tasks", f"{run.revision} has no tasks")
        return
    optional, asks, long = (EXPECTED["tasks"][one] for one in ["optional", "asks", "long"])
    created, _, answer = run_task(run, optional["tool"], optional["arguments"])
    run.equal("a tool runs as a task", [created["status"], text_of(answer)],
              ["working", optional["text"]])
    if run.revision != MODERN:
        run.equal("the result names its task", answer["result"]["_meta"][RELATED_TASK],
                  {"taskId": created["taskId"]})
    before = len(run.wire.requests)
    run.answers = [{"action": "accept", "content": {}}]
    created, _, answer = run_task(run, asks["tool"], asks["arguments"])
    run.equal("a task asks for input", text_of(answer), asks["text"])
    if run.revision != MODERN:
        run.equal("the request for input names its task",
                  [one["params"]["_meta"][RELATED_TASK] for one in run.wire.requests[before:]],
                  [{"taskId": created["taskId"]}])
    params = {"name": long["tool"], "arguments": long["arguments"]}
    if run.revision == MODERN:
        task = run.request("tools/call", params)["result"]["taskId"]
    else:
        task = run.request("tools/call", {**params, "task": {}})["result"]["task"]["taskId"]
    run.request("tasks/cancel", {"taskId": task})
    run.equal("a task is cancelled",
              run.request("tasks/get", {"taskId": task})["result"]["status"], "cancelled")
    error = run.request("tasks/get", {"taskId": "no-such-task"}).get("error", {})
    run.equal("an unknown task is refused", error.get("code"), INVALID_PARAMS)


def watches_task(run):
    """A modern stream tells of a task until its end."""
    if run.revision != MODERN:
        run.skip("a stream tells of a task", f"{run.revision} has no streams")
        return
    created = run.call(EXPECTED["tasks"]["long"]["tool"], {"steps": 20, "delayMs": 20})["result"]
    stream = listen(run, {"taskIds": [created["taskId"]]})

    def told():
        return [one for one in run.wire.told("notifications/tasks")
                if one["_meta"][SUBSCRIPTION] == stream]

    run.wire.until(lambda: told() and told()[-1]["status"] == "completed")
    run.equal("a stream tells of the end of a task, with its result",
              [[one["taskId"], one["status"], text_of(one)] for one in told()[-1:]],
              [[created["taskId"], "completed", "done in 20 steps"]])
    run.wire.notify("notifications/cancelled", {"requestId": stream})


def needs_capabilities(run):
    """A client that declares nothing."""
    modern = run.revision == MODERN
    for tool in ["ask-name", EXPECTED["page"]["tool"], EXPECTED["roots"]["tool"]]:
        answer = run.call(tool, {})
        run.equal(f"{tool}: the client has no such capability",
                  [answer.get("error", {}).get("code"), answer.get("result", {}).get("isError")],
                  [MISSING_CAPABILITY, None] if modern else [None, True])
    run.equal("what is optional is not asked", text_of(run.call(EXPECTED["optional"]["tool"], {})),
              EXPECTED["optional"]["text"])
    asks, optional = EXPECTED["tasks"]["asks"], EXPECTED["tasks"]["optional"]
    if run.revision >= TASKS_SINCE:
        error = run.call(asks["tool"], asks["arguments"]).get("error", {})
        run.equal("a tool that is always a task is refused without one", error.get("code"),
                  MISSING_CAPABILITY if modern else METHOD_NOT_FOUND)
    run.equal("a tool that may be a task is none unless asked",
              text_of(run.call(optional["tool"], optional["arguments"])), optional["text"])


def interleaved_requests(revision):
    """(method, params, what of the answer's result is looked at, what it should be)."""
    for number in range(INTERLEAVED):
        text = f"own {number}"
        yield [
            (revision, "tools/call",
             {"name": DATA["parallel"]["tool"],
              "arguments": {"operation": DATA["parallel"]["operation"], "input": text}},
             lambda result: json.loads(result["content"][0]["text"])["result"],
             reversed_text(text)),
            (revision, "resources/read", {"uri": f"everything://greeting/own%20{number}"},
             lambda result: result["contents"][0]["text"], f"Hello, {text}!"),
            (revision, "prompts/get", {"name": "arguments", "arguments": {"country": text}},
             lambda result: result["messages"][0]["content"]["text"],
             f"What is {text} known for?"),
            (revision, "completion/complete",
             {"ref": {"type": "ref/resource", "uri": "everything://greeting/{name}"},
              "argument": {"name": "name", "value": "Grace"[:number % 6]}},
             lambda result: len(result["completion"]["values"]), 3 if number % 6 == 0 else 1),
        ][number % 4]


def interleaves_eras(run):
    """Both eras on one connection, unlike methods, ids that differ only in type or not in order."""
    if run.revision == MODERN:
        run.skip("both eras at once", "this connection has not been initialized")
        return
    ids = [str(number + 500) for number in range(INTERLEAVED)]
    ids += [f'"{number + 500}"' for number in range(INTERLEAVED)]
    shuffled = random.Random(7)
    shuffled.shuffle(ids)
    requests = [*interleaved_requests(run.revision), *interleaved_requests(MODERN)]
    shuffled.shuffle(requests)
    expected, lines = {}, []
    for raw_id, (revision, method, params, look, wanted) in zip(ids, requests):
        lines.append(run.wire.line(revision, method, params, raw_id)[1])
        expected[raw_id] = (revision, look, wanted)
    run.wire.send(*lines)
    got, wrong = run.wire.wait(ids), []
    for raw_id, (revision, look, wanted) in expected.items():
        result = got[raw_id].get("result", {})
        seen = [result.get("resultType"), result and look(result)]
        if seen != ["complete" if revision == MODERN else None, wanted]:
            wrong.append([raw_id, got[raw_id], wanted])
    run.equal(f"{len(ids)} interleaved requests of both eras get their own answers", wrong[:3], [])


def fits_schema(run):
    if run.tap.schemas.why_not:
        run.skip("every message fits the schema", run.tap.schemas.why_not)
        return
    complaints, checked = complaints_about(run.wire, run.revision, run.tap.schemas)
    run.equal("every message fits the schema", complaints[:5], [])
    run.check("there were messages to validate", checked > 20, f"only {checked}")
    run.equal("a modern connection is never asked by the server",
              run.wire.requests if run.revision == MODERN else [], [])


NEEDED = EXPECTED["touch"]
SCENARIOS = [(scenario, NEEDED) for scenario in [
    lists_everything, reads, prompts, completes, logs, elicits, reads_and_prompts_ask, opens_page,
    samples, lists_roots, refuses_changed_state, watches, lists_change, tasks, watches_task,
    interleaves_eras]]

WITHOUT_CAPABILITIES = [(needs_capabilities, NEEDED)]
