#!/usr/bin/env python3
"""test_exact.py HEXMCP BUNDLE

Each fixture of hexmcp.conformance, value by value, over stdio: the suite itself checks less than it
writes (an error result passes for a text there).
"""
import json
import os

from client import ABLE, META, TASK_CLIENT, TASKS, Legacy, Modern, accept, text
import fixtures
from session import Place, Server
from tap import Tap

import sys

MODEL = {"role": "assistant", "model": "m", "stopReason": "endTurn",
         "content": {"type": "text", "text": "Paris"}}
ROOTS = {"roots": [{"uri": "file:///a", "name": "A"}, {"uri": "file:///b"}]}


def complete(value):
    return {"resultType": "complete", "content": text(value)}


def asks(tap, client, tool, requests, arguments=None, abilities=None):
    """Calls the tool, which must ask exactly this; the result."""
    got = client.call(tool, arguments, abilities or ABLE)
    tap.equal(f"{tool} asks", {key: got[key] for key in got if key != "requestState"},
              {"resultType": "input_required", "inputRequests": requests})
    return got


def check_lists(tap, client):
    listed = client.request("tools/list")
    ours = {tool["name"]: tool for tool in listed["tools"]}
    tap.equal("tools are listed in their order", list(ours), list(fixtures.SCHEMAS))
    for name, schema in fixtures.SCHEMAS.items():
        tap.equal(f"the input schema of {name}", ours[name]["inputSchema"], schema)
    tap.check("each tool is described", all(tool["description"] for tool in ours.values()))
    tap.equal("resources", client.request("resources/list")["resources"], fixtures.RESOURCES)
    tap.equal("templates", client.request("resources/templates/list")["resourceTemplates"],
              fixtures.TEMPLATES)
    listed_prompts = client.request("prompts/list")
    tap.equal("prompts", listed_prompts["prompts"], fixtures.PROMPTS)
    tap.check("one page holds each list", not any("nextCursor" in page for page in
                                                  (listed, listed_prompts)))


def check_plain(tap, client):
    for tool, content in fixtures.FIXED.items():
        tap.equal(tool, client.call(tool), {"resultType": "complete", "content": content})
    tap.equal("test_error_handling", client.call("test_error_handling"),
              {**complete("This tool intentionally returns an error for testing"), "isError": True})
    for region, told in (("us-west-1", "us-west-1"), ("", ""), ("é", "é")):
        tap.equal(f"test_x_mcp_header {region!r}", client.call("test_x_mcp_header",
                                                              {"region": region}),
                  complete(f"region={told}"))
    tap.equal("test_x_mcp_header without a region", client.call("test_x_mcp_header", {"level": 1}),
              complete("region=<none>"))
    arguments = {"name": "Ada", "contactMethod": "email", "email": "a@b", "address": {"city": "x"}}
    tap.equal("json_schema_2020_12_tool", client.call("json_schema_2020_12_tool", arguments),
              complete(f"JSON Schema 2020-12 tool called with: {json.dumps(arguments)}"))
    refused = client.call("json_schema_2020_12_tool", {"contactMethod": "phone", "email": "a@b"})
    tap.equal("json_schema_2020_12_tool holds to its schema", refused.get("isError"), True)


def check_reports(tap, client):
    lines = [{"level": "info", "logger": "hexmcp.conformance", "data": data} for data in
             ("Tool execution started", "Tool processing data", "Tool execution completed")]
    got = client.call("test_tool_with_logging", meta={META + "logLevel": "debug"})
    tap.equal("test_tool_with_logging logs", [m["params"] for m in client.seen], lines)
    tap.equal("test_tool_with_logging", got, complete("Tool with logging executed successfully"))
    client.call("test_tool_with_logging")
    tap.equal("nothing is logged unasked", client.seen, [])
    for token in ("p", 7):
        got = client.call("test_tool_with_progress", meta={"progressToken": token})
        tap.equal(f"test_tool_with_progress, token {token!r}", [m["params"] for m in client.seen],
                  [{"progressToken": token, "progress": n, "total": 100} for n in (0, 50, 100)])
        tap.equal(f"test_tool_with_progress answers, token {token!r}", got, complete(str(token)))
    tap.equal("test_tool_with_progress without a token",
              (client.call("test_tool_with_progress"), client.seen), (complete("no progress token"), []))
    client.call("test_logging_tool", meta={META + "logLevel": "info"})
    tap.equal("test_logging_tool logs", [m["params"]["data"] for m in client.seen],
              ["A line of the log"])
    tap.equal("test_logging_tool", (client.call("test_logging_tool"), client.seen),
              (complete("Logged one line"), []))


def check_asking(tap, client):
    arguments = {"prompt": 'a "b"'}
    asked = asks(tap, client, "test_sampling",
                 {"sampling": fixtures.sampling('a "b"', 100)}, arguments)
    tap.equal("test_sampling", client.retry(asked, "test_sampling", {"sampling": MODEL}, arguments),
              complete("LLM response: Paris"))
    arguments = {"message": "Who?"}
    asked = asks(tap, client, "test_elicitation", {"elicitation": fixtures.form(
        "Who?", ["username", "email"],
        username={"type": "string", "description": "User's response"},
        email={"type": "string", "description": "User's email address"})}, arguments)
    tap.equal("test_elicitation",
              client.retry(asked, "test_elicitation",
                           {"elicitation": accept(username="u", email="e")}, arguments),
              complete('User response: action=accept, content={"username": "u", "email": "e"}'))
    asked = client.call("test_elicitation", arguments, ABLE)
    tap.equal("test_elicitation, declined",
              client.retry(asked, "test_elicitation", {"elicitation": {"action": "decline"}},
                           arguments), complete("User response: action=decline, content={}"))
    for name, wanted, content in (
            ("sep1034_defaults", fixtures.DEFAULTS, {"name": "J", "age": 1}),
            ("sep1330_enums", fixtures.ENUMS, {"untitledMulti": ["option1", "option3"]})):
        tool = f"test_elicitation_{name}"
        asked = asks(tap, client, tool, {"elicitation": wanted})
        tap.equal(tool, client.retry(asked, tool, {"elicitation": accept(**content)}), complete(
            f"Elicitation completed: action=accept, content={json.dumps(content)}"))
    refused = client.call("test_missing_capability")
    tap.equal("test_missing_capability", (refused["code"], refused["data"]),
              (-32021, {"requiredCapabilities": {"sampling": {}}}))
    asked = asks(tap, client, "test_missing_capability",
                 {"sampling": fixtures.sampling("Say hello.", 100)}, abilities={"sampling": {}})
    tap.equal("test_missing_capability of a client that has it",
              client.retry(asked, "test_missing_capability", {"sampling": MODEL},
                           abilities={"sampling": {}}), complete("The client can be asked"))


def check_rounds(tap, client):
    several = {"user_name": fixtures.ASK_NAME, "client_roots": fixtures.ROOTS,
               "greeting": fixtures.sampling("Generate a greeting", 50)}
    for name, requests, answers, wanted in (
            ("elicitation", {"user_name": fixtures.ASK_NAME},
             {"user_name": accept(name="Ada"), "more": {"action": "accept"}}, "Hello, Ada!"),
            ("sampling", {"capital_question": fixtures.sampling("What is the capital of France?",
                                                                100)},
             {"capital_question": MODEL}, "LLM response: Paris"),
            ("list_roots", {"client_roots": fixtures.ROOTS}, {"client_roots": ROOTS},
             "Roots: 2 (file:///a, file:///b)"),
            ("list_roots", {"client_roots": fixtures.ROOTS}, {"client_roots": {"roots": []}},
             "Roots: 0 ()"),
            ("request_state", {"confirm": fixtures.CONFIRM}, {"confirm": accept(ok=True)},
             "state-ok: requestState verified"),
            ("tampered_state", {"confirm": fixtures.CONFIRM}, {"confirm": accept(ok=False)},
             "integrity-ok: requestState verified"),
            ("multiple_inputs", several, {"user_name": accept(name="Ada"), "greeting": MODEL,
                                          "client_roots": ROOTS},
             "Paris, Ada! Roots: 2 (file:///a, file:///b)")):
        tool = f"test_input_required_result_{name}"
        asked = asks(tap, client, tool, requests)
        tap.equal(f"{tool}: {wanted}", client.retry(asked, tool, answers), complete(wanted))


def check_bad_answers(tap, client):
    tool = "test_input_required_result_elicitation"
    for what, responses in (("none", {}), ("another key", {"wrong": accept(name="Ada")})):
        got = client.call(tool, None, ABLE, inputResponses=responses)
        tap.equal(f"{tool}, {what}", list(got["inputRequests"]), ["user_name"])
    for what, responses in (("a number", {"user_name": 12345}), ("null", None)):
        got = client.call(tool, None, ABLE, inputResponses=responses)
        tap.equal(f"{tool}, {what}", got["code"], -32602)
    tap.equal(f"{tool}, no state",
              client.call(tool, None, ABLE, inputResponses={"user_name": accept(name="Ada")}),
              complete("Hello, Ada!"))
    asked = client.call(tool, None, ABLE)
    tap.equal(f"{tool}, declined", client.retry(asked, tool, {"user_name": {"action": "decline"}}),
              {**complete("the client did not answer the question"), "isError": True})
    tool = "test_input_required_result_tampered_state"
    asked = client.call(tool, None, ABLE)
    asked["requestState"] += "-TAMPERED"
    tap.equal(f"{tool}, changed",
              client.retry(asked, tool, {"confirm": accept(ok=True)})["code"], -32602)


def check_multi_round(tap, client):
    tool = "test_input_required_result_multi_round"
    first = asks(tap, client, tool, {"step1": fixtures.form(
        "Step 1: What is your name?", ["name"], name=fixtures.STRING)})
    second = client.retry(first, tool, {"step1": accept(name="Ada")})
    tap.equal(f"{tool} asks again", second["inputRequests"], {"step2": fixtures.form(
        "Step 2: What is your favorite color?", ["color"], color=fixtures.STRING)})
    tap.check("the states differ", first["requestState"] != second["requestState"])
    tap.equal(tool, client.retry(second, tool, {"step2": accept(color="blue")}),
              complete("Multi-round complete: Ada likes blue"))


def check_capabilities(tap, client):
    tool = "test_input_required_result_capabilities"
    requests = {"elicitation": fixtures.ASK_NAME, "sampling": fixtures.sampling("Say hello.", 50),
                "roots": fixtures.ROOTS}
    answers = {"elicitation": accept(name="Ada"), "sampling": MODEL, "roots": ROOTS}
    for keys in (["sampling"], ["elicitation"], ["elicitation", "sampling", "roots"]):
        able = {key: {} for key in keys}
        asked = asks(tap, client, tool, {key: requests[key] for key in keys}, abilities=able)
        told = ", ".join(f"{key}: {'answered' if key in keys else 'not asked'}"
                         for key in requests)
        tap.equal(f"{tool} of {keys}", client.retry(asked, tool, {k: answers[k] for k in keys},
                                                    abilities=able), complete(told))
    tap.equal(f"{tool} of none", client.call(tool),
              complete("elicitation: not asked, sampling: not asked, roots: not asked"))


def check_changes(tap, client):
    wanted = {"toolsListChanged": True, "promptsListChanged": True}
    client.serial += 1
    client.send("subscriptions/listen", {"notifications": wanted, "_meta": {
        META + "protocolVersion": "2026-07-28", META + "clientCapabilities": {}}}, client.serial)
    listen = client.serial
    told = client.server.message()
    tap.equal("listening is acknowledged", told["method"],
              "notifications/subscriptions/acknowledged")
    for kind in ("tool", "prompt"):
        for present in (True, False):
            got = client.call(f"test_trigger_{kind}_change")
            told = [message for message in client.seen]
            while not told:
                told.append(client.server.message())
            tap.equal(f"test_trigger_{kind}_change", got, complete("The list has changed"))
            tap.equal(f"listeners hear of the {kind}", [
                (m["method"], m["params"]["_meta"][META + "subscriptionId"]) for m in told],
                [(f"notifications/{kind}s/list_changed", listen)])
            names = [item["name"] for item in client.request(f"{kind}s/list")[f"{kind}s"]]
            tap.equal(f"the {kind} {'came last' if present else 'went'}",
                      names.index(f"test_toggled_{kind}") == len(names) - 1 if present
                      else f"test_toggled_{kind}" not in names, True)
            if present and kind == "tool":
                tap.equal("it can be called", client.call("test_toggled_tool"),
                          complete("I come and go"))
            elif present:
                got = client.request("prompts/get", name="test_toggled_prompt")
                tap.equal("it can be rendered", got["messages"][0]["content"]["text"],
                          "I come and go.")
    client.send("notifications/cancelled", {"requestId": listen})


def check_resources(tap, client):
    for uri, content in fixtures.CONTENTS.items():
        got = client.request("resources/read", uri=uri)
        tap.equal(f"{uri}", got["contents"], [{"uri": uri, **content}])
    uri = "test://nonexistent-resource-for-conformance-testing"
    got = client.request("resources/read", uri=uri)
    tap.equal("what is not there", (got["code"], got["data"]), (-32602, {"uri": uri}))


def check_prompts(tap, client):
    for name, arguments, contents in fixtures.RENDERED:
        got = client.request("prompts/get", name=name, arguments=arguments)
        tap.equal(name, got, {"resultType": "complete", "messages": [
            {"role": "user", "content": content} for content in contents]})
    name = "test_input_required_result_prompt"
    asked = client.request("prompts/get", ABLE, name=name)
    tap.equal(f"{name} asks", asked["inputRequests"], {"user_context": fixtures.form(
        "What context should the prompt use?", ["context"], context=fixtures.STRING)})
    got = client.request("prompts/get", ABLE, name=name, requestState=asked["requestState"],
                         inputResponses={"user_context": accept(context="tides")})
    tap.equal(name, got["messages"],
              [{"role": "user", "content": fixtures.text("Prompt with context: tides")}])
    for value, values in fixtures.COMPLETED.items():
        got = client.request("completion/complete",
                             ref={"type": "ref/prompt", "name": "test_prompt_with_arguments"},
                             argument={"name": "arg1", "value": value})
        tap.equal(f"completions of {value!r}", got["completion"],
                  {"values": values, "total": len(values), "hasMore": False})


def begin(tap, client, tool, arguments=None):
    """The id of the task that the call has become."""
    got = client.call(tool, arguments, TASK_CLIENT)
    tap.check(f"{tool} is a task", got["resultType"] == "task" and
              got["status"] in ("working", "input_required"), got)
    return got["taskId"]


def update(client, task, answers):
    return client.request("tasks/update", TASK_CLIENT, taskId=task, inputResponses=answers)


def check_tasks(tap, client):
    tap.equal("greet", client.call("greet", {"name": "sep-2243"}, TASK_CLIENT),
              complete("Hello, sep-2243!"))
    tap.equal("greet with a task", client.call("greet", {"name": "A"}, TASK_CLIENT, task={}),
              complete("Hello, A!"))
    tap.equal("slow_compute, plain", client.call("slow_compute", {"seconds": 0.1}),
              complete("Computed for 0.1 s"))
    tap.equal("slow_compute, plain, at once",
              client.call("slow_compute", {"seconds": 0, "label": "x"}),
              complete("Computed for 0 s: x"))
    task = begin(tap, client, "slow_compute", {"seconds": 0.05, "label": "é"})
    tap.equal("slow_compute ends", client.wait(task, "completed")["result"],
              complete("Computed for 0.05 s: é"))
    task = begin(tap, client, "slow_compute", {"seconds": 60})
    client.request("tasks/cancel", TASK_CLIENT, taskId=task)
    tap.equal("slow_compute is cancelled at once",
              client.request("tasks/get", TASK_CLIENT, taskId=task)["status"], "cancelled")
    for tool in ("failing_job", "protocol_error_job", "test_tool_with_task"):
        got = client.call(tool, None, ABLE)
        tap.equal(f"{tool} needs tasks", (got["code"], got["data"]),
                  (-32021, {"requiredCapabilities": {"extensions": {TASKS: {}}}}))
    ended = client.wait(begin(tap, client, "failing_job"), "completed", "failed")
    tap.equal("failing_job", (ended["status"], ended["result"]),
              ("completed", {**complete("The job failed, as it always does"), "isError": True}))
    ended = client.wait(begin(tap, client, "protocol_error_job"), "completed", "failed")
    tap.equal("protocol_error_job", (ended["status"], ended["error"], "result" in ended),
              ("failed", {"code": -32603, "message": "the job broke, as it always does"}, False))


def check_asking_tasks(tap, client):
    confirm = fixtures.form("Delete a.txt?", ["confirm"], confirm={"type": "boolean"})
    for yes, told in ((True, "Deleted a.txt"), (False, "Kept a.txt")):
        task = begin(tap, client, "confirm_delete", {"filename": "a.txt"})
        tap.equal("confirm_delete asks", client.wait(task, "input_required")["inputRequests"],
                  {"confirm": confirm})
        tap.equal("unknown keys are ignored",
                  update(client, task, {"unknown-key": {"ignored": True}}),
                  {"resultType": "complete"})
        update(client, task, {"confirm": accept(confirm=yes)})
        tap.equal(f"confirm_delete, {yes}", client.wait(task, "completed")["result"],
                  complete(told))
    task = begin(tap, client, "multi_input")
    requests = {"name": fixtures.form("Which name?", ["name"], name=fixtures.STRING),
                "confirm": fixtures.form("Are you sure?", ["confirm"],
                                         confirm={"type": "boolean"})}
    tap.equal("multi_input asks", client.wait(task, "input_required")["inputRequests"], requests)
    update(client, task, {"confirm": accept(confirm=True)})
    tap.equal("multi_input waits for the other one",
              client.wait(task, "input_required")["inputRequests"], {"name": requests["name"]})
    update(client, task, {"name": accept(name="Ada")})
    tap.equal("multi_input", client.wait(task, "completed")["result"],
              complete("name=Ada, confirm=true"))
    asked = asks(tap, client, "test_tool_with_task", {"user_name": fixtures.ASK_NAME},
                 abilities=TASK_CLIENT)
    got = client.retry(asked, "test_tool_with_task", {"user_name": accept(name="Ada")},
                       abilities=TASK_CLIENT)
    tap.equal("test_tool_with_task is a task then", (got["resultType"], got["status"],
                                                     "requestState" in got, "inputRequests" in got),
              ("task", "working", False, False))
    tap.equal("test_tool_with_task", client.wait(got["taskId"], "completed")["result"],
              complete("Task done for Ada"))


def check_legacy(tap, server):
    client = Legacy(server, {"elicitation": {}, "sampling": {}, "roots": {}})
    tap.equal("2025-11-25: what the server can do", client.initialized["capabilities"], {
        "completions": {}, "logging": {}, "prompts": {"listChanged": True},
        "resources": {"listChanged": True, "subscribe": True}, "tools": {"listChanged": True},
        "tasks": {"cancel": {}, "requests": {"tools": {"call": {}}}}})
    support = {tool["name"]: tool["execution"]["taskSupport"]
               for tool in client.ask("tools/list", {})["tools"] if "execution" in tool}
    tap.equal("2025-11-25: tools that can be tasks", support, fixtures.TASK_SUPPORT)
    for method, params in (("logging/setLevel", {"level": "debug"}), ("ping", {}),
                           ("resources/subscribe", {"uri": "test://watched-resource"}),
                           ("resources/unsubscribe", {"uri": "test://watched-resource"})):
        tap.equal(f"2025-11-25: {method}", client.ask(method, params), {})
    client.call("test_tool_with_logging")
    tap.equal("2025-11-25: three lines of the log",
              [m["params"]["data"] for m in client.seen],
              ["Tool execution started", "Tool processing data", "Tool execution completed"])
    client.answers = {"sampling/createMessage": MODEL, "roots/list": ROOTS,
                      "elicitation/create": accept(name="Ada", ok=True)}
    for tool, arguments, told in (
            ("test_sampling", {"prompt": "2+2?"}, "LLM response: Paris"),
            ("test_elicitation_sep1034_defaults", {},
             'Elicitation completed: action=accept, content={"name": "Ada", "ok": true}'),
            ("test_input_required_result_list_roots", {}, "Roots: 2 (file:///a, file:///b)"),
            ("test_input_required_result_multiple_inputs", {},
             "Paris, Ada! Roots: 2 (file:///a, file:///b)"),
            ("greet", {"name": "A"}, "Hello, A!")):
        tap.equal(f"2025-11-25: {tool}", client.call(tool, arguments), {"content": text(told)})
    for key, method in (("DEFAULTS", "test_elicitation_sep1034_defaults"),
                        ("ENUMS", "test_elicitation_sep1330_enums")):
        client.call(method)
        asked = dict(client.seen[0]["params"])
        tap.equal(f"2025-11-25: what {method} asks", asked, getattr(fixtures, key)["params"])


def check_unable(tap, server):
    client = Legacy(server)
    for tool, arguments in (("test_sampling", {"prompt": "a"}), ("test_elicitation",
                                                                 {"message": "a"})):
        got = client.call(tool, arguments)
        tap.equal(f"2025-11-25: {tool} of a client that cannot be asked",
                  (got.get("isError"), client.seen), (True, []))


def main():
    program, bundle = (os.path.abspath(path) for path in sys.argv[1:])
    with Tap() as tap, Place(program) as place:
        listed = json.loads(place.run("plugin", "list", "--json")[1])
        others = [plugin["id"] for plugin in listed if plugin["enabled"]]
        options = ("--plugin", bundle, "--set", f"plugins.disable={json.dumps(others)}",
                   "--set", "storage.url=memory:")
        server = Server(place, *options)
        client = Modern(server)
        for check in (check_lists, check_plain, check_reports, check_asking, check_rounds,
                      check_bad_answers, check_multi_round, check_capabilities, check_changes,
                      check_resources, check_prompts, check_tasks, check_asking_tasks):
            check(tap, client)
        tap.equal("it ends well", server.end()[0], 0)
        for check in (check_legacy, check_unable):
            server = Server(place, *options)
            check(tap, server)
            tap.equal("2025-11-25: it ends well", server.end()[0], 0)


if __name__ == "__main__":
    main()
