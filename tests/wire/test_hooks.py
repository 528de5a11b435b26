#!/usr/bin/env python3
"""Hooks in the real program: those of the configuration, and those of a plugin, good and bad.

usage: test_hooks.py HEXMCP HOOKER_PLUGIN
"""
import hashlib
import json
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

PLUGIN = "hexmcp.test.hooker"
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


class Hooked:
    """A server with these hooks and the plugin, in the process or isolated."""

    def __init__(self, program, plugin, use=None, gates=None, isolation="never", level="safe"):
        self.place = Place(program)
        self.config = self.place.write("work/hooks.json", {
            "hooks": {"use": use or {}, "gates": gates or []},
            "policy": {"level": level},
            "plugins": {"isolation": {PLUGIN: isolation}}})
        self.arguments = ["--config", self.config, "--plugin", plugin]
        self.server = Server(self.place, *self.arguments)

    def echo(self, **arguments):
        return self.tool("echo", arguments)

    def tool(self, name, arguments):
        """The structured result, or the text of the error."""
        answer = self.server.answer(self.server.start(
            "tools/call", {"name": name, "arguments": arguments}))
        if "error" in answer:
            return answer["error"]["message"]
        result = answer["result"]
        return result["content"][0]["text"] if result.get("isError") else result["structuredContent"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server.process.poll() is None:
            self.server.end()
        with self.place:
            pass


def test_rate_limit(tap, program, plugin):
    use = {"limit": {"hook": "rateLimit", "capacity": 2, "refillPerSecond": 1, "per": "tool"}}
    with Hooked(program, plugin, use) as h:
        tap.equal("two calls pass", [h.echo(n=1), h.echo(n=2)], [{"n": 1}, {"n": 2}])
        tap.equal("the third is told when to try again", h.echo(n=3),
                  'tool "echo" was not run: too many calls; try again in 1 s (hook "limit")')
        tap.equal("another tool has a limit of its own", h.tool("count", {}), {"count": 1})


def test_delay(tap, program, plugin):
    use = {"limit": {"hook": "rateLimit", "capacity": 1, "refillPerSecond": 20, "action": "delay"}}
    with Hooked(program, plugin, use) as h:
        tap.equal("calls wait for their turn", [h.echo(n=i) for i in range(4)],
                  [{"n": i} for i in range(4)])


def test_cache(tap, program, plugin):
    use = {"cache": {"hook": "caching", "all": True, "when": {"tool": "count"}}}
    with Hooked(program, plugin, use) as h:
        tap.equal("the second result is the first one", [h.tool("count", {}), h.tool("count", {})],
                  [{"count": 1}, {"count": 1}])
        tap.equal("other arguments, another result", h.tool("count", {"x": 1}), {"count": 2})
    with Hooked(program, plugin, {"cache": {"hook": "caching"}}) as h:
        tap.equal("what is not read-only is not kept", [h.tool("count", {}), h.tool("count", {})],
                  [{"count": 1}, {"count": 2}])


def test_redaction(tap, program, plugin):
    use = {"clean": {"hook": "redaction"},
           "log": {"hook": "logging", "level": "warning", "data": True}}
    with Hooked(program, plugin, use) as h:
        answer = h.echo(other="my token is " + SECRET, n=7)
        tap.check("a secret does not leave in a result", SECRET not in json.dumps(answer), answer)
        tap.equal("what is left says so", re.sub("[0-9a-f]{8}", "H", answer["other"]),
                  "my token is [REDACTED:H]")
        tap.equal("the rest is as it was", answer["n"], 7)
        _, _, errors = h.server.end()
        tap.check("nor does it come into the log", SECRET not in errors and "[REDACTED:" in errors,
               errors)


def stored(path):
    """The entries of the one stream of the store, in order, as they were written."""
    with sqlite3.connect(path) as store:
        rows = store.execute("SELECT streams.name, events.data FROM events JOIN streams "
                             "ON events.stream = streams.number ORDER BY events.position").fetchall()
    return {name for name, _ in rows}, [text for _, text in rows]


def test_audit(tap, program, plugin, required):
    how = "durable audit" if required else "audit"
    use = {"book": {"hook": "audit", "required": required}}
    with Hooked(program, plugin, use) as h:
        path = os.path.join(h.place.top, "store.sqlite")
        h.server.end()
        h.server = Server(h.place, *h.arguments, "--set", f"storage.url=sqlite:{path}")
        tap.equal(f"{how}: calls go on", h.echo(n=1), {"n": 1})
        h.tool("mighty", {})
        status, _, errors = h.server.end()
        tap.equal(f"{how}: the server ends well", (status, errors), (0, ""))
        streams, texts = stored(path)
        entries = [json.loads(text) for text in texts]
        tap.equal(f"{how}: one stream", [name[:6] for name in streams], ["audit/"])
        tap.equal(f"{how}: what was recorded",
                  [(e["sequence"], e["point"], e["target"]) for e in entries],
                  [(1, "BeforeToolExecution", "echo"), (2, "AfterToolExecution", "echo"),
                   (3, "SecurityViolation", "mighty"), (4, "ToolError", "mighty")])
        previous, chained = "", True
        for text, entry in zip(texts, entries):
            chained = chained and entry["previous"] == previous
            previous = hashlib.sha256(text[:text.rindex(',"digest"')].encode()).hexdigest()
            chained = chained and entry["digest"] == previous
        tap.check(f"{how}: each entry holds the digest of the one before", chained, texts)


def good_and_bad(tap, h, how):
    tap.equal(f"{how}: a hook changes arguments", h.echo(do="modify", n=1), {"do": "modify", "n": 2})
    tap.equal(f"{how}: a hook stops a call", h.echo(do="cancel"),
              f'tool "echo" was not run: the plugin says no (hook "plugin:{PLUGIN}/guard")')
    tap.equal(f"{how}: never to a tool with more rights", h.echo(do="redirect"),
              f'tool "echo" cannot be redirected by the hook "plugin:{PLUGIN}/guard": "mighty" has more '
              'rights than "echo"')


WRONG = {
    "hang": "did not answer within",
    "error": "it went wrong",
    "huge": "its answer has 2097152 bytes, more than 1 MiB",
    "unknown": 'its answer has the unknown result "explode"',
    "unread": 'it changes "/arguments/other", which it does not read',
    "twice": "completed",
    "nothing": "returned HEXMCP_OK without completing the call",
}


def hostile(tap, program, plugin, how, **options):
    for wrong, complaint in WRONG.items():
        with Hooked(program, plugin, **options) as h:
            first = h.echo(n=0)
            tap.equal(f"{how}, {wrong}: the call goes on as if there was no hook",
                      [first, h.echo(do=wrong, n=5), h.echo(n=6)],
                      [{"n": 0}, {"do": wrong, "n": 5}, {"n": 6}])
            status, _, errors = h.server.end()
            tap.equal(f"{how}, {wrong}: the server is well", status, 0)
            if wrong != "twice":  # the first answer counts, and nothing is wrong with it
                tap.check(f"{how}, {wrong}: the log names the hook", complaint in errors and
                       f'the hook "plugin:{PLUGIN}/guard"' in errors, errors)


def test_breaker(tap, program, plugin):
    with Hooked(program, plugin) as h:
        for _ in range(3):
            h.echo(do="error")
        tap.equal("a hook that failed three times is not asked", h.echo(do="cancel"), {"do": "cancel"})
        _, _, errors = h.server.end()
        tap.check("the log says so", "is not asked for 15 seconds: it failed too often" in errors, errors)
    use = {"must": {"hook": f"plugin:{PLUGIN}/guard", "required": True}}
    with Hooked(program, plugin, use) as h:
        tap.equal("one that must agree fails closed", h.echo(do="error"),
                  f'tool "echo" was not run: the hook "plugin:{PLUGIN}/guard" must agree and did not '
                  f'answer: it went wrong (hook "plugin:{PLUGIN}/guard")')


def test_configuration(tap, program, plugin):
    wrong = {
        '"hook" must be logging': {"a": {"hook": "loging"}},
        'the hook "a": there is no parameter "tll"': {"a": {"hook": "caching", "tll": 1}},
        'the hook "a": "capacity" must be a whole number from 1 to 1000000':
            {"a": {"hook": "rateLimit", "capacity": 0}},
        'the hook "a": there is no point "BeforeTool"': {"a": {"hook": "logging", "points": ["BeforeTool"]}},
        'the hook "a": "priority" must be a whole number, highest, high, normal, low or lowest':
            {"a": {"hook": "logging", "priority": "big"}},
    }
    with Place(program) as place:
        for text, use in wrong.items():
            config = place.write("work/bad.json", {"hooks": {"use": use}})
            status, _, errors = place.run("tools", "--config", config)
            tap.check(f"refused: {text}", status == 3 and "the setting hooks.use: " in errors and
                   text in errors, (status, errors))
        use = {"limit": {"hook": "rateLimit", "when": {"tool": "x*"}}, "log": {"hook": "logging"}}
        config = place.write("work/good.json", {"hooks": {"use": use}})
        status, out, _ = place.run("hooks", "list", "--config", config, "--plugin", plugin)
        tap.equal("hooks list", (status, out), (0, (
            'limit (rateLimit, priority -100, gates, required)\n    BeforeToolExecution\n'
            f'plugin:{PLUGIN}/guard (plugin, priority -100, observes)\n    BeforeToolExecution\n'
            f'plugin:{PLUGIN}/shorten (plugin, priority 0, observes)\n    AfterToolDiscovery\n'
            f'plugin:{PLUGIN}/keeper (plugin, priority 0, observes)\n    BeforeStateWrite\n'
            f'plugin:{PLUGIN}/watch (plugin, priority 0, observes)\n    AfterToolExecution\n'
            'log (logging, priority 100, observes)\n'
            '    BeforeToolExecution, AfterToolExecution, ToolError\n')))
        status, out, _ = place.run("hooks", "stats", "--json", "--config", config)
        tap.equal("hooks stats", (status, [h["name"] for h in json.loads(out)["hooks"]]),
                  (0, ["limit", "log"]))
        tap.equal("no hooks", place.run("hooks", "list"),
                  (0, "No hooks. The setting hooks.use has them, and plugins bring them.\n", ""))


def test_lists(tap, program, plugin):
    def names(h):
        answer = h.server.answer(h.server.start("tools/list"))
        return [t["name"] for t in answer["result"]["tools"] if t["name"] in ("echo", "count")]
    with Hooked(program, plugin) as h:
        tap.equal("a hook leaves a tool out of the list, each time", [names(h), names(h)],
                  [["echo"], ["echo"]])
        tap.equal("which hides it and does not forbid it", h.tool("count", {}), {"count": 1})
    with Hooked(program, plugin, isolation="always") as h:
        tap.equal("not one that only watches", names(h), ["echo", "count"])


def test_state(tap, program, plugin):
    with Place(program) as place:
        config = place.write("work/state.json", {"plugins": {"isolation": {PLUGIN: "never"}}})

        def state(*arguments):
            return place.run("state", *arguments, "--config", config, "--plugin", plugin)

        status, out, errors = state("set", "fixed", '"new"')
        tap.equal("a hook cancels a write of state", (status, out, errors),
                  (5, "", 'hexmcp: state.set of "fixed" was not done: it is fixed '
                          f'(hook "plugin:{PLUGIN}/keeper")\n'))
        tap.equal("and nothing is there", state("get", "fixed")[0], 4)
        tap.equal("another key is written", state("set", "free", "7")[0], 0)
        tap.equal("with the value that the hook has made of it", state("get", "free"), (0, "42\n", ""))


def test_sessions(tap, program, plugin):
    use = {"book": {"hook": "audit", "required": True, "points": ["Session*", "AfterEventEmit"]},
           "limit": {"hook": "rateLimit", "capacity": 1, "refillPerSecond": 1, "points": ["SessionSave"],
                     "when": {"target": "*"}}}
    with Hooked(program, plugin, use) as h:
        path = os.path.join(h.place.top, "store.sqlite")
        h.server.end()
        h.server = Server(h.place, *h.arguments, "--set", f"storage.url=sqlite:{path}")
        ident = h.tool("session-create", {"title": "Sums"})["id"]
        first = h.tool("session-send", {"id": ident, "text": "one"})
        tap.equal("a message is saved", first["version"], 2)
        tap.equal("a hook keeps the next one from being saved",
                  h.tool("session-send", {"id": ident, "text": "two"}),
                  f"session.send of {ident} was not done: too many calls; try again in 1 s "
                  '(hook "limit")')
        fork = h.tool("session-fork", {"id": ident})["id"]
        status, _, errors = h.server.end()
        tap.equal("the server ends well", status, 0)
        tap.check("the log says what the plugin of the tools was refused",
                  "hexmcp.sessions: denied: " in errors and "too many calls" in errors, errors)
        with sqlite3.connect(path) as store:
            rows = store.execute("SELECT events.data FROM events JOIN streams ON events.stream = "
                                 "streams.number WHERE streams.name LIKE 'audit/%' "
                                 "ORDER BY events.position").fetchall()
        entries = [json.loads(text) for text, in rows]
        tap.equal("all of it is audited",
                  [(e["point"], e["target"], e["data"].get("action") or e["data"].get("type"))
                   for e in entries],
                  [("SessionStart", ident, "create"),
                   ("AfterEventEmit", f"session/{ident}", "SessionCreated"),
                   ("SessionSave", ident, "send"),
                   ("AfterEventEmit", f"session/{ident}", "MessageSent"),
                   ("SessionRestore", ident, "fork"),
                   ("AfterEventEmit", f"session/{fork}", "SessionForked"),
                   ("AfterEventEmit", f"session/{fork}", "SessionEventCopied"),
                   ("AfterEventEmit", f"session/{fork}", "SessionEventCopied")])


def main():
    program, plugin = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with Tap() as tap:
        test_rate_limit(tap, program, plugin)
        test_delay(tap, program, plugin)
        test_cache(tap, program, plugin)
        test_redaction(tap, program, plugin)
        test_audit(tap, program, plugin, False)
        test_audit(tap, program, plugin, True)
        with Hooked(program, plugin, level="privileged") as h:
            good_and_bad(tap, h, "in the process")
        with Hooked(program, plugin, gates=[PLUGIN], isolation="always") as h:
            good_and_bad(tap, h, "isolated")
        with Hooked(program, plugin, isolation="always") as h:
            tap.equal("an isolated hook watches only", h.echo(do="cancel"), {"do": "cancel"})
        hostile(tap, program, plugin, "in the process")
        hostile(tap, program, plugin, "isolated", gates=[PLUGIN], isolation="always")
        test_breaker(tap, program, plugin)
        test_lists(tap, program, plugin)
        test_state(tap, program, plugin)
        test_sessions(tap, program, plugin)
        test_configuration(tap, program, plugin)


if __name__ == "__main__":
    main()
