#!/usr/bin/env python3
"""test_served.py HEXMCP BUNDLE

What the example `everything` provides, served by the real program to clients of both eras.
"""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import PATIENCE, Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

META = "io.modelcontextprotocol/"
TASKS = "io.modelcontextprotocol/tasks"
ABILITIES = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}
PERSON = {"action": "accept", "content": {"name": "Ada", "age": 36, "colour": "b"}}
MODEL = {"role": "assistant", "model": "m", "content": {"type": "text", "text": "4"}}
ROOTS = {"roots": [{"uri": "file:///a", "name": "A"}]}
TEXT_OF = {
    "ask-name": "Ada is 36 years old and likes blue",
    "ask-model": '{"model":"m","text":"4"}',
    "list-roots": '{"roots":[{"uri": "file:///a", "name": "A"}]}',
    "open-page": "the user agreed to open the page",
}
ARGUMENTS = {"ask-model": {"prompt": "2+2?"}}
ANSWERS = {"ask-name": {"who": PERSON}, "ask-model": {"model": MODEL},
           "list-roots": {"roots": ROOTS}, "open-page": {"page": {"action": "accept"}}}


class Client:
    """Sends requests and keeps what else arrives until the answer is there."""

    def __init__(self, server):
        self.server = server
        self.serial = 0
        self.seen = []

    def ask(self, method, params, answers=None):
        self.serial += 1
        self.seen = []
        self.server.send(json.dumps({"jsonrpc": "2.0", "id": self.serial, "method": method,
                                     "params": params}))
        while True:
            message = self.server.message()
            if message is None:
                raise EOFError(self.server.stderr())
            if message.get("id") == self.serial and "method" not in message:
                return message.get("result", message.get("error"))
            self.seen.append(message)
            if "id" in message:
                self.server.send(json.dumps({"jsonrpc": "2.0", "id": message["id"],
                                             "result": answers[message["method"]]}))


class Modern(Client):
    def call(self, tool, arguments=None, abilities=None, **more):
        return self.request("tools/call", abilities, name=tool, arguments=arguments or {}, **more)

    def request(self, method, abilities=None, meta=None, **params):
        claim = {META + "protocolVersion": "2026-07-28", META + "clientCapabilities": abilities or {}}
        result = self.ask(method, {**params, "_meta": {**claim, **(meta or {})}})
        result.pop("_meta", None)
        return result


def text(value):
    return [{"type": "text", "text": value}]


def check_plain(tap, client):
    tap.equal("echo", client.call("echo", {"text": "é"}),
              {"resultType": "complete", "content": text("é")})
    tap.equal("add", client.call("add", {"a": 1, "b": 2.5}),
              {"resultType": "complete", "content": text('{"sum":3.5}'),
               "structuredContent": {"sum": 3.5}})
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    traced = client.request("tools/call", None, {"traceparent": trace, "tracestate": "a=b"},
                            name="trace", arguments={})
    tap.equal("the trace of a call reaches the plugin", traced["content"], text(trace + " a=b"))
    tap.equal("a call need not have one", client.call("trace")["content"], text("no trace context"))
    blocks = client.call("content")["content"]
    tap.equal("content holds every type", [block["type"] for block in blocks],
              ["text", "image", "audio", "resource_link", "resource", "resource"])


def check_failures(tap, client):
    for how in ("result", "invalid", "not-found", "unsupported", "denied", "timeout", "busy",
                "unavailable", "too-large"):
        told = "a result" if how == "result" else how
        tap.equal(f"fail {how} is for the model", client.call("fail", {"how": how}),
                  {"resultType": "complete", "content": text(f"failed as asked, with {told}"),
                   "isError": True})
    tap.equal("fail generic is an internal error", client.call("fail", {"how": "generic"}),
              {"code": -32603, "message": "failed as asked, with generic"})
    tap.equal("late makes no difference", client.call("fail", {"how": "busy", "late": True}),
              client.call("fail", {"how": "busy"}))


def check_reports(tap, client):
    result = client.call("count", {"to": 2, "delayMs": 1, "logs": ["debug", "notice", "error"]},
                         meta={"progressToken": "p", META + "logLevel": "notice"})
    tap.equal("count counts", result["content"], text("counted to 2"))
    logs = [m["params"] for m in client.seen if m["method"] == "notifications/message"]
    tap.equal("it logs at the level asked for", logs,
              [{"level": level, "logger": "hexmcp.examples.everything",
                "data": f"a line of level {level}"} for level in ("notice", "error")])
    last = [m["params"] for m in client.seen if m["method"] == "notifications/progress"][0]
    tap.equal("it reports progress", last, {"progressToken": "p", "progress": 1, "total": 2,
                                            "message": "step 1 of 2"})


def check_rounds(tap, client):
    for tool, wanted in TEXT_OF.items():
        asked = client.call(tool, ARGUMENTS.get(tool), ABILITIES)
        tap.equal(f"{tool} asks", (asked["resultType"], list(asked["inputRequests"])),
                  ("input_required", list(ANSWERS[tool])))
        done = client.call(tool, ARGUMENTS.get(tool), ABILITIES, inputResponses=ANSWERS[tool],
                           requestState=asked["requestState"])
        tap.equal(f"{tool} goes on", done.get("content"), text(wanted))


def check_two_rounds(tap, client):
    asked = client.call("ask-twice", {}, ABILITIES)
    city = {"city": {"action": "accept", "content": {"city": "Oslo"}}}
    again = client.call("ask-twice", {}, ABILITIES, inputResponses=city,
                        requestState=asked["requestState"])
    tap.equal("ask-twice asks again", list(again["inputRequests"]), ["sure"])
    sure = {"sure": {"action": "accept", "content": {"sure": True}}}
    done = client.call("ask-twice", {}, ABILITIES, inputResponses=sure,
                       requestState=again["requestState"])
    tap.equal("the state went round", done.get("structuredContent"),
              {"city": "Oslo", "booked": True})


def check_unable(tap, client):
    tap.equal("ask-name needs a client that can ask", client.call("ask-name")["code"], -32021)
    tap.equal("ask-optional does not", client.call("ask-optional")["content"],
              text("nobody could be asked"))


def wait_for(client, task, status):
    abilities = {**ABILITIES, "extensions": {TASKS: {}}}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        got = client.request("tasks/get", abilities, taskId=task)
        if got.get("status") == status:
            return got
        time.sleep(0.01)
    raise TimeoutError(f"the task is not {status} but {got}")


def check_tasks(tap, client):
    abilities = {**ABILITIES, "extensions": {TASKS: {}}}
    tap.equal("task-only needs tasks", client.call("task-only")["code"], -32021)
    tap.equal("slow-task does not", client.call("slow-task")["content"], text("done in 3 steps"))
    task = client.call("task-only", {"steps": 4}, abilities)["taskId"]
    tap.equal("task-only asks", list(wait_for(client, task, "input_required")["inputRequests"]),
              ["go"])
    client.request("tasks/update", abilities, taskId=task,
                   inputResponses={"go": {"action": "accept", "content": {}}})
    tap.equal("task-only ends", wait_for(client, task, "completed")["result"]["content"],
              text("done in 4 steps"))


def check_resources(tap, client):
    for uri, wanted in {"everything://text": "Plain text.\n",
                        "everything://greeting/Ada%21": "Hello, Ada!!",
                        "everything://files/docs/two.txt?lines=1": "one\n",
                        "everything://city/Norway/Oslo": "Oslo is in Norway."}.items():
        got = client.request("resources/read", uri=uri)
        tap.equal(f"{uri} is read", [c["text"] for c in got["contents"]], [wanted])
    got = client.request("resources/read", uri="everything://files/x")
    tap.equal("what is not there", (got["code"], got["data"]),
              (-32602, {"uri": "everything://files/x"}))
    uri = "everything://secret"
    asked = client.request("resources/read", ABILITIES, uri=uri)
    got = client.request("resources/read", ABILITIES, uri=uri, requestState=asked["requestState"],
                         inputResponses={"allow": {"action": "accept", "content": {"allow": True}}})
    tap.equal("the secret is read after a question", got["contents"][0]["text"],
              "The secret is that there is none.\n")


def check_prompts(tap, client):
    got = client.request("prompts/get", name="arguments", arguments={"country": "Norway"})
    tap.equal("a prompt is rendered", got["messages"][0]["content"]["text"],
              "What is Norway known for?")
    asked = client.request("prompts/get", ABILITIES, name="ask")
    got = client.request("prompts/get", ABILITIES, name="ask", requestState=asked["requestState"],
                         inputResponses={"topic": {"action": "accept",
                                                   "content": {"topic": "tides"}}})
    tap.equal("a prompt is rendered after a question", got["messages"][0]["content"]["text"],
              "Explain tides.")


def check_completion(tap, client):
    for ref in ({"type": "ref/prompt", "name": "arguments"},
                {"type": "ref/resource", "uri": "everything://city/{country}/{city}"}):
        got = client.request("completion/complete", ref=ref, argument={"name": "city", "value": "P"},
                             context={"arguments": {"country": "France"}})
        tap.equal(f"{ref['type']} is completed", got["completion"],
                  {"values": ["Paris", "Pau"], "total": 2, "hasMore": False})


def check_dynamic(tap, client):
    for kind in ("tool", "resource", "template", "prompt"):
        tap.equal(f"a {kind} is published",
                  client.call("publish", {"kind": kind, "name": "a"})["content"], text("published"))
    tap.equal("the tool runs", client.call("extra-a")["content"], text("this is extra-a"))
    for uri in ("everything://extra-a", "everything://extra-a/5"):
        tap.equal(f"{uri} is read", client.request("resources/read", uri=uri)["contents"][0]["uri"],
                  uri)
    tap.equal("the prompt is rendered", len(client.request("prompts/get", name="extra-a")["messages"]),
              1)
    item = {"kind": "tool", "name": "a"}
    tap.equal("the tool is withdrawn", client.call("withdraw", item)["content"], text("withdrawn"))
    tap.equal("it is gone", client.call("extra-a")["code"], -32602)
    tap.equal("and cannot go twice", client.call("withdraw", item)["isError"], True)
    client.call("publish", {"kind": "tool", "name": "z", "callers": ["somebody"]})
    tap.equal("what is for others is not there", client.call("extra-z")["code"], -32602)


def check_legacy(tap, client):
    client.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": ABILITIES,
                              "clientInfo": {"name": "test", "version": "1"}})
    for tool, wanted in TEXT_OF.items():
        [answer] = ANSWERS[tool].values()
        method = {"ask-model": "sampling/createMessage", "list-roots": "roots/list"}
        method = method.get(tool, "elicitation/create")
        got = client.ask("tools/call", {"name": tool, "arguments": ARGUMENTS.get(tool, {})},
                         {method: answer})
        tap.equal(f"2025-11-25: {tool} asks", [m["method"] for m in client.seen], [method])
        tap.equal(f"2025-11-25: {tool} goes on", got.get("content"), text(wanted))
    uri = "everything://counter"
    client.ask("resources/subscribe", {"uri": uri})
    client.ask("tools/call", {"name": "touch"})
    told = client.seen
    while not told:
        told = [client.server.message()]
    tap.equal("2025-11-25: a touch is told", told, [
        {"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": uri}}])
    got = client.ask("resources/read", {"uri": uri})
    tap.equal("2025-11-25: the counter is raised", got["contents"][0]["text"], "1")
    got = client.ask("tools/call", {"name": "task-only"})
    tap.equal("2025-11-25: task-only needs a task", got["code"], -32601)


def main():
    program, bundle = (os.path.abspath(path) for path in sys.argv[1:])
    with Tap() as tap, Place(program) as place:
        server = Server(place, "--plugin", bundle)
        client = Modern(server)
        for check in (check_plain, check_failures, check_reports, check_rounds, check_two_rounds,
                      check_unable, check_tasks, check_resources, check_prompts,
                      check_completion, check_dynamic):
            check(tap, client)
        tap.equal("it ends well", server.end()[:2], (0, ""))
        server = Server(place, "--plugin", bundle)
        check_legacy(tap, Client(server))
        tap.equal("2025-11-25: it ends well", server.end()[:2], (0, ""))


if __name__ == "__main__":
    main()
