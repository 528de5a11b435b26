#!/usr/bin/env python3
"""test_tool_sets.py HEXMCP CONFORMANCE STEADY

Profiles, the cap on tokens, the facade, other names of tools, and tools that a build does not have, as
clients see them. CONFORMANCE: the bundle hexmcp.conformance; STEADY: hexmcp_test_steady.so.
"""
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from session import CLAIM, Place, Server  # noqa: E402
from tap import Tap  # noqa: E402
import bundles  # noqa: E402

HEXMCP, CONFORMANCE, STEADY = (os.path.abspath(path) for path in sys.argv[1:4])
FACADE = ["tool_search", "tool_call"]
# A profile that does not grow with the library.
SMALL = ["calculator", "datetime-handler", "text-manipulator"]
TOOLS = {"tools": {"profile": "small", "profiles": {"small": {"include": SMALL}}}}
META = "io.modelcontextprotocol/"


class Client:
    """One server, and what a client asks of it."""

    def __init__(self, *options, config=None, legacy=False):
        self.place = Place(HEXMCP)
        self.place.write("home/.config/hexmcp/config.json", {"storage": {"url": "memory:"}, **(config or {})})
        self.options, self.legacy = options, legacy

    def __enter__(self):
        self.server = Server(self.place, *self.options)
        if self.legacy:
            self.server.send(json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}},
                "clientInfo": {"name": "t", "version": "1"}}}))
            self.server.answer(0)
            self.server.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
        return self

    def __exit__(self, *_):
        if self.server.process.poll() is None:
            self.server.end()
        self.place.__exit__()

    def ask(self, method, params=None, seen=None):
        """The whole answer; notifications go to `seen`."""
        self.server.serial += 1
        params = dict(params or {})
        if not self.legacy:
            params["_meta"] = {**CLAIM, **params.get("_meta", {})}
        self.server.send(json.dumps({"jsonrpc": "2.0", "id": self.server.serial, "method": method,
                                     "params": params}))
        while True:
            message = self.server.message()
            if "method" not in message:
                return message
            if seen is not None:
                seen.append(message)

    def names(self):
        return [tool["name"] for tool in self.ask("tools/list")["result"]["tools"]]

    def call(self, tool, arguments=None, **params):
        return self.ask("tools/call", {"name": tool, "arguments": arguments or {}, **params})

    def through(self, tool, arguments=None, **params):
        inner = {"name": tool, **({} if arguments is None else {"arguments": arguments})}
        return self.call("tool_call", inner, **params)

    def found(self, **arguments):
        return self.call("tool_search", arguments)["result"]["structuredContent"]


def same(tap, name, one, other):
    for answer in one, other:
        answer.pop("id", None)
    tap.equal(name, one, other)


def check_default(tap):
    with Client() as client:
        names = client.names()
        tap.check("everything is listed, without a facade",
                  "calculator" in names and not set(FACADE) & set(names), names)
        tap.equal("no facade, no tool of its name", client.call("tool_search")["error"]["message"],
                  'unknown tool "tool_search"; tools/list names all')
        everything = names
    with Client("--set", "tools.facade=on") as client:
        tap.equal("with the facade, the order is the same", client.names(), FACADE + everything)
    with Client("--profile", "web", "--set", "tools.facade=off") as client:
        names = client.names()
        tap.equal("a profile keeps the order", names, [n for n in everything if n in names])
        tap.check("it is shorter", 0 < len(names) < len(everything), names)


def check_facade(tap, legacy):
    era = "legacy" if legacy else "modern"
    with Client("--plugin", CONFORMANCE, legacy=legacy,
                config={**TOOLS, "policy": {"level": "safe"}}) as client:
        tap.equal(f"{era}: the list of a profile", client.names(), FACADE + SMALL)
        found = client.found(query="checksum of a text", limit=1)["tools"][0]
        tap.equal(f"{era}: a search finds what is not listed", found["name"], "hash-calculator")
        tap.check(f"{era}: with its schema", "algorithm" in found["inputSchema"]["properties"], found)
        arguments = {"operation": "hash", "input": "abc"}
        same(tap, f"{era}: a call through the facade is a direct call",
             client.through("hash-calculator", arguments), client.call("hash-calculator", arguments))
        same(tap, f"{era}: also of a listed tool", client.through("calculator", {"input": "6*7"}),
             client.call("calculator", {"input": "6*7"}))
        same(tap, f"{era}: also when arguments are wrong",
             client.through("calculator", {"input": 7}), client.call("calculator", {"input": 7}))
        same(tap, f"{era}: and when the level is too low", client.through("file-operations"),
             client.call("file-operations"))
        same(tap, f"{era}: a tool without arguments", client.through("test_simple_text"),
             client.call("test_simple_text"))
        tap.equal(f"{era}: what policy hides is not found",
                  [t for t in client.found(query="files", limit=50)["tools"] if t["level"] != "safe"], [])
        tap.equal(f"{era}: an unknown tool is told to the model",
                  client.through("hash-calculater")["result"],
                  {**client.through("hash-calculater")["result"], "isError": True, "content": [
                      {"type": "text",
                       "text": 'unknown tool "hash-calculater"; did you mean "hash-calculator"?'}]})
        tap.equal(f"{era}: and what nothing is like", client.through("zzzzzzzz")["result"]["content"][0]["text"],
                  'unknown tool "zzzzzzzz"; tool_search finds tools')
        tap.equal(f"{era}: tool_call does not call itself",
                  client.through("tool_call")["result"]["content"][0]["text"],
                  "tool_call does not call itself; give it the name of a tool that tool_search has found")
        tap.equal(f"{era}: wrong arguments of tool_call",
                  client.call("tool_call", {"name": "calculator", "input": "1"})["result"]["content"][0]["text"],
                  'invalid arguments for tool "tool_call": unknown property "input"')
        tap.equal(f"{era}: wrong arguments of tool_search",
                  client.call("tool_search", {"limit": 51})["result"]["content"][0]["text"],
                  'invalid arguments for tool "tool_search": /limit: must be at most 50, is 51')
        seen = []
        client.through("test_tool_with_progress", _meta={"progressToken": "p"})
        client.ask("tools/call", {"name": "tool_call", "_meta": {"progressToken": "p"},
                                  "arguments": {"name": "test_tool_with_progress"}}, seen)
        tap.equal(f"{era}: progress passes through",
                  [m["params"]["progressToken"] for m in seen
                   if m["method"] == "notifications/progress"][:1], ["p"])


def check_paging(tap):
    with Client("--profile", "minimal") as client:
        first = client.found(limit=5)
        names = [tool["name"] for tool in first["tools"]]
        while "next_offset" in first:
            first = client.found(limit=5, offset=first["next_offset"])
            names += [tool["name"] for tool in first["tools"]]
        tap.equal("pages hold every tool once", (len(names), len(set(names))),
                  (first["total"], first["total"]))
        tap.equal("a category", {tool["category"] for tool in client.found(category="files", limit=50)["tools"]},
                  {"files"})
        tap.equal("only what reads", {tool["read_only"] for tool in client.found(read_only=True, limit=50)["tools"]},
                  {True})
        none = client.found(query="qqqq")
        tap.check("nothing found names the categories",
                  none["total"] == 0 and none["categories"].get("files", 0) >= 2, none)


def check_input(tap):
    """A question of the tool passes through in both eras."""
    able = {META + "clientCapabilities": {"elicitation": {"form": {}}}}
    tool = "test_input_required_result_elicitation"
    with Client("--profile", "minimal", "--plugin", CONFORMANCE) as client:
        asked = client.through(tool, {}, _meta=able)["result"]
        tap.equal("modern: input is required", asked["resultType"], "input_required")
        answers = {key: {"action": "accept", "content": {"name": "Ada"}} for key in asked["inputRequests"]}
        again = {"inputResponses": answers, "_meta": able}
        if "requestState" in asked:
            again["requestState"] = asked["requestState"]
        done = client.through(tool, {}, **again)["result"]
        tap.check("modern: and taken", "Ada" in done["content"][0]["text"], done)
    with Client("--profile", "minimal", "--plugin", CONFORMANCE, legacy=True) as client:
        client.server.send(json.dumps({"jsonrpc": "2.0", "id": 50, "method": "tools/call", "params": {
            "name": "tool_call", "arguments": {"name": tool}}}))
        question = client.server.message()
        tap.equal("legacy: the client is asked", question["method"], "elicitation/create")
        client.server.send(json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": {
            "action": "accept", "content": {"name": "Ada"}}}))
        done = client.server.answer(50)["result"]
        tap.check("legacy: and goes on", "Ada" in done["content"][0]["text"], done)


def check_tasks(tap):
    able = {META + "clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}
    with Client("--profile", "minimal", "--plugin", CONFORMANCE) as client:
        direct = client.call("slow_compute", {"seconds": 60}, _meta=able)["result"]
        task = client.through("slow_compute", {"seconds": 60}, _meta=able)["result"]
        tap.equal("a task begins as in a direct call",
                  (task["resultType"], sorted(task)), (direct["resultType"], sorted(direct)))
        same(tap, "a tool that is a task alone needs a client that knows tasks",
             client.through("failing_job"), client.call("failing_job"))
    with Client("--profile", "minimal", "--plugin", CONFORMANCE, legacy=True) as client:
        client.server.send(json.dumps({"jsonrpc": "2.0", "id": 70, "method": "tools/call", "params": {
            "name": "tool_call", "arguments": {"name": "slow_compute", "arguments": {"seconds": 60}}}}))
        client.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {
            "requestId": 70}}))
        tap.check("a cancelled call does not hold the server up",
                  "result" in client.call("calculator", {"input": "1"}))


def check_hooks(tap):
    config = {"hooks": {"use": {"limit": {"hook": "rateLimit", "capacity": 1, "refillPerSecond": 1,
                                          "when": {"tool": "uuid-generator"}}}}}
    with Client("--profile", "minimal", config=config) as client:
        texts = [client.through("uuid-generator")["result"]["content"][0]["text"] for _ in range(20)]
        tap.check("hooks see the real tool",
                  texts[0].startswith("{") and any('hook "limit"' in text for text in texts), texts)
        texts = [client.found(query="uuid") for _ in range(20)]
        tap.equal("and not the facade", {t["tools"][0]["name"] for t in texts}, {"uuid-generator"})


def check_off(tap):
    with Client("--profile", "minimal", "--set", "tools.facade=off") as client:
        tap.check("no facade is listed", not set(FACADE) & set(client.names()))
        tap.equal("outside of the profile", client.call("uuid-generator")["error"]["message"],
                  'tool "uuid-generator" is not in the profile "minimal" (setting tools.profile)')
        tap.equal("tool_call is not there", client.through("uuid-generator")["error"]["message"],
                  'unknown tool "tool_call"; tools/list names all')


def check_cap(tap):
    with Client("--set", "tools.max_tokens=2000") as client:
        names = client.names()
        tap.check("the cap cuts", names[:2] == FACADE and "data-validator" not in names, names)
        tap.check("what was cut can be called", "result" in client.through("data-validator"))
        tap.check("and is in the log", "tools.max_tokens is 2000, which leaves" in client.server.stderr(),
                  client.server.stderr())
        listed = client.ask("tools/list")["result"]["tools"]
        _, text, _ = client.place.run("tools", "--cost", "--json", "--set", "tools.max_tokens=2000")
        cost = json.loads(text)
        tap.check("the sum is within the cap", cost["facade"] and cost["tokens"] <= 2000, cost)
        tap.equal("what is listed is told", [t["name"] for t in cost["tools"] if t["listed"]], names)
        size = len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode())
        tap.check("the estimate is that of the list", abs(size / 4.2 - cost["tokens"]) < 20,
                  f"{size} bytes, {cost['tokens']} tokens")


def check_project(tap):
    place = Place(HEXMCP)
    with place:
        def listed(user, project):
            place.write("home/.config/hexmcp/config.json", user)
            place.write("work/.hexmcp.json", project)
            status, text, error = place.run("tools", "--cost", "--json")
            return (json.loads(text)["profile"], json.loads(text)["tokens"]) if status == 0 else error
        free = listed({}, {})
        tap.equal("a project file may choose a profile", listed({}, {"tools": {"profile": "web"}})[0], "web")
        tap.check("not another one than the user's",
                  'a project file may only set tools.profile while it is "everything"' in
                  listed({"tools": {"profile": "minimal"}}, {"tools": {"profile": "everything"}}))
        tap.equal("the same one it may",
                  listed({"tools": {"profile": "web"}}, {"tools": {"profile": "web"}})[0], "web")
        tap.check("it may lower the cap", listed({}, {"tools": {"max_tokens": 2000}})[1] < free[1])
        tap.check("not raise it", "may only lower tools.max_tokens" in
                  listed({"tools": {"max_tokens": 2000}}, {"tools": {"max_tokens": 0}}))
        tap.check("nor turn the facade on", "may only lower tools.facade" in
                  listed({"tools": {"facade": "off"}}, {"tools": {"facade": "on"}}))
        tap.check("nor bring profiles", "may not set tools.profiles" in
                  listed({}, {"tools": {"profiles": {"mine": {"include": ["*"]}}}}))


def check_aliases(tap):
    with open(STEADY, "rb") as file:
        binary = file.read()
    with Client() as client:
        tool = bundles.tool("twice", "Doubles.")
        tool["run"].update({"aliases": ["doubler", "calculator"], "argumentAliases": {"number": "n"}})
        folder = bundles.write(client.place.top, binary, "org.example.aliases", "1.0.0", [tool])
        client.server.end()
        client.server = Server(client.place, "--plugin", folder)
        tap.check("another name is not listed", "twice" in client.names() and "doubler" not in client.names())
        tap.equal("and can be called", client.call("doubler", {"number": 21})["result"]["structuredContent"]["twice"], 42)
        tap.equal("a real name goes before", client.call("calculator", {"input": "1+1"})["result"]
                  ["structuredContent"]["result"], 2)
        tap.equal("an argument comes once", client.call("twice", {"number": 1, "n": 1})["result"]["content"][0]["text"],
                  'invalid arguments for tool "twice": the argument "n" came twice, one time as "number"; '
                  "give it once")


def check_left_out(tap):
    """A build of which a library was missing: the program beside a folder of plugins that says so."""
    with Client() as client:
        top, build = client.place.folder("build"), os.path.dirname(HEXMCP)
        shutil.copy2(HEXMCP, os.path.join(top, "hexmcp"))
        for name in os.listdir(build):
            if name.endswith(".so"):
                shutil.copy2(os.path.join(build, name), os.path.join(top, name))
        shutil.copytree(os.path.join(build, "plugins", "hexmcp.calculator"),
                        os.path.join(top, "plugins", "hexmcp.calculator"))
        with open(os.path.join(top, "plugins", "index"), "wb"):
            pass
        client.place.write("build/plugins/left-out.json", [
            {"tools": ["archive-handler", "unzip"], "needs": "libarchive (libarchive-dev)"}])
        client.place.program = os.path.join(top, "hexmcp")
        client.server.end()
        client.server = Server(client.place)
        why = "is not there: hexmcp was built without libarchive (libarchive-dev)"
        tap.equal("a call of it says why", client.call("archive-handler")["error"]["message"],
                  f'tool "archive-handler" {why}')
        tap.equal("also by another name", client.call("unzip")["error"]["message"], f'tool "unzip" {why}')
        tap.equal("others are not known", client.call("zzzzzzzz")["error"]["message"],
                  'unknown tool "zzzzzzzz"; tools/list names all')
        status, _, error = client.place.run("call", "archive-handler")
        tap.equal("on the command line", (status, error.splitlines()[-1]),
                  (4, f'hexmcp: tool "archive-handler" {why}'))
        status, text, _ = client.place.run("doctor", "--json", "--only", "tools")
        tap.equal("doctor tells it", (status, [(f["severity"], f["seen"]) for f in json.loads(text)["findings"]]),
                  (0, [("note", f"archive-handler {why}")]))


def main():
    with Tap() as tap:
        check_default(tap)
        check_facade(tap, legacy=False)
        check_facade(tap, legacy=True)
        check_paging(tap)
        check_input(tap)
        check_tasks(tap)
        check_hooks(tap)
        check_off(tap)
        check_cap(tap)
        check_project(tap)
        check_aliases(tap)
        check_left_out(tap)


main()
