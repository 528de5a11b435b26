#!/usr/bin/env python3
"""Sessions of the real program over a store in a file: recorded, resumed after a restart, replayed.

usage: test_sessions.py HEXMCP VERSIONS, VERSIONS being the folder of hexmcp.test.versions
"""
import json
import os
import shutil
import sys

from session import CLAIM, Place, Server
from tap import Tap

HEXMCP, VERSIONS = (os.path.abspath(path) for path in sys.argv[1:])
VERSIONED = "hexmcp.test.versions"
NEVER = "0190c0de-0000-7000-8000-000000000000"


def start(place, *more):
    return Server(place, *more)


def call(server, tool, arguments=None, session=None):
    """The result of a call, or its error."""
    meta = {**CLAIM, **({"io.hexmcp/session": session} if session else {})}
    server.serial += 1
    server.send(json.dumps({"jsonrpc": "2.0", "id": server.serial, "method": "tools/call",
                            "params": {"name": tool, "arguments": arguments or {}, "_meta": meta}}))
    answer = server.answer(server.serial)
    return answer.get("result") or answer["error"]


def structured(result):
    return result["structuredContent"]


def read(server, uri):
    answer = server.answer(server.start("resources/read", {"uri": uri}))
    if "error" in answer:
        return answer["error"]
    return json.loads(answer["result"]["contents"][0]["text"])


def command(place, *arguments):
    """The JSON that a command prints."""
    status, out, err = place.run("sessions", *arguments, "--json")
    if err:
        raise ValueError(err)
    return status, json.loads(out)


def test_recorded(tap, place):
    server = start(place)
    ident = structured(call(server, "session-create", {"title": "Sums", "tags": ["t"]}))["id"]
    one = call(server, "calculator", {"operation": "evaluate", "input": "2+3"}, ident)
    two = call(server, "calculator", {"operation": "evaluate", "input": "2+"}, ident)
    call(server, "session-send", {"id": ident, "text": "the harbour at night"})
    tap.equal("a call in no session is not recorded",
              (call(server, "calculator", {"operation": "evaluate", "input": "1"}).get("isError"),
               structured(call(server, "session-get", {"id": ident}))["calls"]), (None, 2))
    tap.equal("a call in a session that there is not fails",
              call(server, "calculator", {"operation": "evaluate", "input": "1"}, NEVER)["message"],
              f"there is no session {NEVER}; session.list names those that there are")
    tap.equal("the server ends well", server.end()[0], 0)
    return ident, [one, two]


def test_resumed(tap, place, ident, results):
    server = start(place)
    session = structured(call(server, "session-get", {"id": ident}))
    tap.equal("after a restart the session is there",
              (session["title"], session["status"], session["version"], session["calls"],
               session["messages"]), ("Sums", "active", 6, 2, 1))
    steps = structured(call(server, "session-replay", {"id": ident}))["steps"]
    tap.equal("an exact replay gives the results again", [step["result"] for step in steps],
              [{name: result[name] for name in step["result"]}
               for result, step in zip(results, steps)])
    call(server, "session-send", {"id": ident, "text": "and in the morning"})
    history = read(server, f"hexmcp://session/{ident}/history")
    tap.equal("its history goes on", [item["type"] for item in history["items"]],
              ["SessionCreated", "ToolCalled", "ToolCalled", "MessageSent", "MessageSent"])
    tap.equal("calls have their ends", [item["returned"]["data"]["end"] for item in history["items"]
                                        if "returned" in item], ["completed", "failed"])
    then = read(server, f"hexmcp://session/{ident}/history?version=2")
    tap.equal("as it was at a version", [("returned" in item) for item in then["items"]],
              [False, False])
    hits = structured(call(server, "session-search", {"text": "morning"}))["hits"]
    tap.equal("its messages are found", [(hit["session"], hit["version"]) for hit in hits],
              [(ident, 7)])
    listed = read(server, "hexmcp://sessions")
    tap.equal("it is listed as a resource", [item["id"] for item in listed["sessions"]], [ident])
    completed = server.answer(server.start("completion/complete", {
        "ref": {"type": "ref/resource", "uri": "hexmcp://session/{id}"},
        "argument": {"name": "id", "value": ident[:8]}}))
    tap.equal("its id is completed", completed["result"]["completion"]["values"], [ident])
    tap.equal("another is not there", read(server, f"hexmcp://session/{NEVER}")["code"], -32602)
    server.end()


def test_heard(tap, place, ident):
    server = start(place)
    uri = f"hexmcp://session/{ident}"
    listen = server.start("subscriptions/listen",
                          {"notifications": {"resourceSubscriptions": [uri]}})
    tap.equal("a client listens to the session", server.message()["method"],
              "notifications/subscriptions/acknowledged")
    sent = server.start("tools/call", {"name": "session-tag",
                                       "arguments": {"id": ident, "add": ["new"]}})
    heard = {}
    while len(heard) < 2:
        message = server.message()
        heard["answer" if message.get("id") == sent else "update"] = message
    tap.equal("and hears that it has changed",
              (heard["update"]["method"], heard["update"]["params"]["uri"],
               heard["update"]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"]),
              ("notifications/resources/updated", uri, listen))
    server.end()


def test_played(tap, place, ident, results):
    """A client that runs its calls again, against the record."""
    server = start(place)

    def play(text):
        server.serial += 1
        server.send(json.dumps({
            "jsonrpc": "2.0", "id": server.serial, "method": "tools/call",
            "params": {"name": "calculator", "arguments": {"operation": "evaluate", "input": text},
                       "_meta": {**CLAIM, "io.hexmcp/replay": ident}}}))
        answer = server.answer(server.serial)
        return answer.get("result") or answer["error"]["message"]

    tap.equal("the first call ends as it did", play("2+3")["content"], results[0]["content"])
    tap.equal("a call out of order is named", play("2+3"),
              f'replay of session {ident}: call 2 was calculator {{"operation": "evaluate", "input": '
              '"2+"}, and now is calculator {"operation": "evaluate", "input": "2+3"}; calls must come '
              "as they were recorded")
    tap.equal("the second call fails as it did", play("2+")["content"], results[1]["content"])
    server.end()


def test_at_once(tap, place):
    """Calls of one session that run at the same time."""
    server = start(place)
    ident = structured(call(server, "session-create"))["id"]
    ids = []
    for number in range(50):
        server.serial += 1
        ids.append(server.serial)
        server.send(json.dumps({
            "jsonrpc": "2.0", "id": server.serial, "method": "tools/call",
            "params": {"name": "calculator", "arguments": {"operation": "evaluate",
                                                           "input": f"{number}+1"},
                       "_meta": {**CLAIM, "io.hexmcp/session": ident}}}))
    answers = [server.message() for _ in ids]
    tap.equal("each is answered", sorted(answer["id"] for answer in answers), ids)
    tap.equal("none fails", [answer for answer in answers if "error" in answer], [])
    session = structured(call(server, "session-get", {"id": ident}))
    tap.equal("all are recorded", (session["calls"], session["openCalls"], session["version"]),
              (50, 0, 101))
    server.end()
    command(place, "erase", ident)


def test_killed(tap, place):
    """What a client has been told is in the record, whenever the server dies."""
    server = start(place)
    ident = structured(call(server, "session-create"))["id"]
    told = []
    for number in range(120):
        server.serial += 1
        server.send(json.dumps({
            "jsonrpc": "2.0", "id": server.serial, "method": "tools/call",
            "params": {"name": "calculator", "arguments": {"operation": "evaluate",
                                                           "input": f"{number}+1"},
                       "_meta": {**CLAIM, "io.hexmcp/session": ident}}}))
    while len(told) < 40:
        told.append(server.message()["result"]["structuredContent"])
    server.process.kill()
    while message := server.message():
        told.append(message["result"]["structuredContent"])
    server.end()
    _, replay = command(place, "replay", ident)
    recorded = [step["result"]["structuredContent"] for step in replay["steps"] if "result" in step]
    tap.equal("after kill -9 every result that was told is in the record",
              [result for result in told if result not in recorded], [])
    tap.equal("each once", len(recorded), len({json.dumps(result) for result in recorded}))
    command(place, "erase", ident)


def test_live(tap, place):
    """The plugin of the calls is replaced by another version."""
    folder = place.folder(f"plugins/{VERSIONED}")

    def put(version):
        for name in ("plugin.so", "plugin.json"):
            shutil.copyfile(os.path.join(VERSIONS, version, VERSIONED, name),
                            os.path.join(folder, name))

    put("one")
    place.write("home/.config/hexmcp/config.json",
                {"plugins": {"isolation": {VERSIONED: "never"}}})
    server = start(place, "--plugin", folder)
    ident = structured(call(server, "session-create"))["id"]
    call(server, "version", {}, ident)
    server.end()
    status, same = command(place, "replay", ident, "--mode", "live", "--plugin", folder)
    tap.equal("live against the same plugin nothing differs",
              (status, same["identical"], same["different"]), (0, 1, 0))
    put("two")
    status, other = command(place, "replay", ident, "--mode", "live", "--plugin", folder)
    differences = {item["path"]: (item["kind"], item["recorded"], item["now"])
                   for item in other["steps"][0]["differences"]}
    tap.equal("live against another version the difference is named",
              (status, differences["/structuredContent/version"]), (1, ("value", "1.0.0", "2.0.0")))
    os.remove(os.path.join(place.top, "home/.config/hexmcp/config.json"))


def test_commands(tap, place, ident):
    _, fork = command(place, "fork", ident, "--version", "3", "--title", "Fork")
    _, shown = command(place, "show", fork["id"])
    tap.equal("a fork by the command line", (shown["title"], shown["parent"], shown["calls"]),
              ("Fork", ident, 1))
    path = os.path.join(place.top, "one.hexsession")
    _, exported = command(place, "export", ident, path)
    _, imported = command(place, "import", path)
    tap.equal("a file out and in", (exported["events"] + 1, imported["id"] == ident),
              (imported["version"], False))
    data = open(path, encoding="utf-8").read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(data.replace("harbour", "harbors"))
    status, _, err = place.run("sessions", "import", path)
    tap.equal("a changed file is refused", (status, err),
              (2, "hexmcp: line 10 of the session's file: the digest is another: the file is damaged or "
                  "was changed; nothing was imported\n"))
    status, _, err = place.run("sessions", "show", NEVER)
    tap.equal("what is not there is not found", (status, err),
              (4, f"hexmcp: there is no session {NEVER}; session.list names those that there are\n"))
    status, out, _ = place.run("sessions")
    tap.equal("a list for people", (status, out.count("\n")), (0, 4))


def exact(place, ident):
    """The results of an exact replay, as they are written."""
    server = start(place)
    out, failed = server.call("session-replay", {"id": ident})
    server.end()
    if failed:
        raise ValueError(out)
    decoder = json.JSONDecoder()
    results, at = [], 0
    while (at := out.find('"result":', at)) >= 0:
        begin = at + len('"result":')
        _, at = decoder.raw_decode(out, begin)
        results.append(out[begin:at])
    return results


def test_artifacts(tap, place, other):
    """A result of 300 KB is an artifact: after a restart, in a file, and in another home."""
    server = start(place)
    ident = structured(call(server, "session-create", {"title": "Long"}))["id"]
    text = "".join(chr(32 + number * 7 % 90) for number in range(225000))
    server.serial += 1
    server.send(json.dumps({
        "jsonrpc": "2.0", "id": server.serial, "method": "tools/call",
        "params": {"name": "base64-encoder", "arguments": {"operation": "encode", "input": text},
                   "_meta": {**CLAIM, "io.hexmcp/session": ident}}}))
    result = server.answer(server.serial)["result"]
    tap.equal("the server ends well", server.end()[0], 0)
    server = start(place)
    history = structured(call(server, "session-history", {"id": ident}))
    returned = history["items"][1]["returned"]["data"]
    tap.equal("after a restart the history names the artifact",
              (returned["resultRef"][:7], len(returned["resultRef"]), returned["bytes"] > 300000,
               "result" in returned), ("blake3:", 71, True, False))
    server.end()
    recorded = exact(place, ident)
    tap.equal("an exact replay gives it again",
              [json.loads(text)["structuredContent"] for text in recorded],
              [result["structuredContent"]])
    tap.equal("to the byte", [len(text.encode()) for text in recorded], [returned["bytes"]])
    status, _, err = place.run("artifacts", "remove", returned["resultRef"])
    tap.equal("the session holds it", (status != 0, "session/" + ident in err), (True, True))
    path = os.path.join(place.top, "long.hexsession")
    _, exported = command(place, "export", ident, path)
    tap.equal("it is in the file", exported["artifacts"], 1)
    _, imported = command(other, "import", path)
    tap.equal("in another home the replay is the same, to the byte", exact(other, imported["id"]),
              recorded)
    status, out, _ = other.run("artifacts", "--json")
    listed = json.loads(out)["artifacts"]
    tap.equal("the artifact is there", [item["id"] for item in listed], [returned["resultRef"]])
    data = open(path, encoding="utf-8").read()
    at = data.index('{"data":"') + 1000
    with open(path, "w", encoding="utf-8") as file:
        file.write(data[:at] + ("B" if data[at] == "A" else "A") + data[at + 1:])
    status, _, err = other.run("sessions", "import", path)
    tap.equal("changed bytes are refused",
              (status, err[err.index(":", 9):]),
              (2, ": the bytes of the artifact are not those of its digest: the file is damaged or was "
                  "changed; nothing was imported\n"))
    tap.equal("and nothing is made",
              (len(command(other)[1]["sessions"]),
               len(json.loads(other.run("artifacts", "--json")[1])["artifacts"])), (1, 1))
    command(place, "export", ident, path + ".short", "--without-artifacts")
    with open(path + ".short", encoding="utf-8") as file:
        tap.equal("a file without it", [line for line in file if "data" in json.loads(line)
                                        and "type" not in json.loads(line)], [])
    command(place, "erase", ident)
    status, _, err = place.run("artifacts", "remove", returned["resultRef"])
    tap.equal("an erased session holds nothing", (status, err), (0, ""))


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        os.makedirs(os.path.join(place.home, ".local", "state"))
        ident, results = test_recorded(tap, place)
        test_resumed(tap, place, ident, results)
        test_heard(tap, place, ident)
        test_played(tap, place, ident, results)
        test_at_once(tap, place)
        test_killed(tap, place)
        test_live(tap, place)
        test_commands(tap, place, ident)
        with Place(HEXMCP) as other:
            os.makedirs(os.path.join(other.home, ".local", "state"))
            test_artifacts(tap, place, other)


if __name__ == "__main__":
    main()
