"""The Inspector's command line in every era that it offers: one process for each step."""

import json
import os
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from server import (DATA, LEGACY, MODERN, PRIMITIVES, TOOLS, ServerUnderTest,
                    check_result, pick)
from tap import Tap

NODE_HOME = os.environ["INTEROP_NODE_HOME"]
LAUNCHER = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
NOT_JSON = "not JSON"
AT_ONCE = 3  # processes of Node
TOOL_IS_ERROR = 5  # the Inspector's exit status


class Run:
    """One era: what its scenarios share."""

    def __init__(self, tap, era, revision, server):
        self.tap, self.era, self.revision, self.server = tap, era, revision, server

    def equal(self, name, got, expected):
        self.tap.equal(f"{self.era}: {name}", got, expected)

    def skip(self, name, reason):
        self.tap.skip(f"{self.era}: {name}", reason)

    def inspect(self, method, *options):
        """(exit status, what is on stdout, what is on stderr), both as JSON."""
        command = [os.environ["INTEROP_NODE"], os.path.join(NODE_HOME, LAUNCHER), "--cli",
                   "--quiet", "--format", "json", "--protocol-era", self.era, "--method", method,
                   *options, *self.server.target]
        done = subprocess.run(command, env=self.server.env, cwd=self.server.home, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=30)
        return done.returncode, parsed(done.stdout), parsed(done.stderr)

    def call(self, tool, arguments, *options):
        return self.inspect("tools/call", "--tool-name", tool, "--tool-args-json",
                            json.dumps(arguments), *options)


def parsed(text):
    try:
        return json.loads(text) if text.strip() else {}
    except ValueError:
        return {NOT_JSON: text}


def negotiates(run):
    status, out, err = run.inspect("initialize")
    result = out.get("result", {})
    run.equal("negotiates the revision", [status, result.get("protocolVersion"), err],
              [0, run.revision, {}])
    run.equal("names the server", result.get("serverInfo", {}).get("name"), DATA["server"])


def lists(run):
    """--strict ends with another status if a schema is one that some model providers refuse, and
    warns of legal ones that some clients narrow."""
    status, out, err = run.inspect("tools/list", "--strict")
    names = [tool["name"] for tool in out.get("result", {}).get("tools", [])]
    run.equal("lists the tools, with portable schemas",
              [status, [name for name in TOOLS if name in names]], [0, TOOLS])
    run.tap.note(err.get(NOT_JSON, ""))
    run.server.has_plugin = PRIMITIVES["touch"] in names


def calls(run):
    for call in DATA["calls"]:
        status, out, err = run.call(call["tool"], call["arguments"])
        if status == 0:
            check_result(run.tap, f"{run.era}: {call['name']}", out["result"], call["structured"],
                         run.revision)
        else:
            run.equal(call["name"], [status, out, err], [0, {"result": call["structured"]}, {}])


def rejects(run):
    for wrong in DATA["wrong"]:
        status, out, err = run.call(wrong["tool"], wrong["arguments"])
        run.equal(f"{wrong['name']} is a tool error",
                  [status, out.get("result", {}).get("isError"), err.get("error", {}).get("code")],
                  [TOOL_IS_ERROR, True, "tool_is_error"])
    status, _, err = run.call(DATA["unknown"], {})
    run.equal("an unknown tool is refused", [status, err.get("error", {}).get("code")],
              [TOOL_IS_ERROR, "tool_not_found"])


def parallel(run):
    call = DATA["calls"][0]
    status, out, err = run.call(call["tool"], call["arguments"], "--load", "--load-requests", "32",
                                "--load-concurrency", "32")
    expected = {"requests": 32, "ok": 32, "toolErrors": 0, "errors": 0}
    run.equal("32 parallel calls are answered",
              [status, pick(out.get("result"), expected), err], [0, expected, {}])


def lists_resources(run):
    expected = PRIMITIVES["resources"]
    for method, member, key, listed in [
            ("resources/list", "resources", "uri", expected["listed"]),
            ("resources/templates/list", "resourceTemplates", "uriTemplate",
             expected["templates"])]:
        status, out, _ = run.inspect(method)
        found = {one[key]: pick(one, listed[one[key]])
                 for one in out.get("result", {}).get(member, []) if one[key] in listed}
        run.equal(f"{method} lists all pages", [status, found], [0, listed])


def reads_resources(run):
    for read in PRIMITIVES["resources"]["reads"][1:3]:
        status, out, err = run.inspect("resources/read", "--uri", read["uri"])
        run.equal(f"reads {read['name']}", [status, out.get("result", err).get("contents")],
                  [0, read["contents"]])
    uri = PRIMITIVES["resources"]["unknown"][0]
    status, out, err = run.inspect("resources/read", "--uri", uri)
    run.equal("an unknown resource is an error that names it",
              [status, out, uri in err.get("error", {}).get("message", "")], [1, {}, True])


def prompts(run):
    expected = PRIMITIVES["prompts"]
    status, out, _ = run.inspect("prompts/list")
    found = [one["name"] for one in out.get("result", {}).get("prompts", [])]
    run.equal("lists the prompts", [status, [one for one in expected["listed"] if one in found]],
              [0, list(expected["listed"])])
    get = expected["gets"][2]
    arguments = [f"{name}={value}" for name, value in get["arguments"].items()]
    status, out, err = run.inspect("prompts/get", "--prompt-name", get["prompt"], "--prompt-args",
                                   *arguments)
    run.equal(f"gets a prompt with {get['name']}",
              [status, [one["content"]["text"] for one in out.get("result", err)["messages"]]],
              [0, get["texts"]])


def logging(run):
    if run.revision == MODERN:
        run.skip("logging/setLevel", f"{MODERN} has no such method")
        return
    status, out, err = run.inspect("logging/setLevel", "--log-level", "warning")
    run.equal("the level of logging is set", [status, out, err], [0, {"result": {}}, {}])


def is_not_asked(run):
    """The command line declares no capability."""
    status, out, err = run.call("ask-name", {})
    if run.revision == MODERN:
        run.equal("ask-name is refused, and the missing capability named",
                  [status, "elicitation" in err.get("error", {}).get("message", "")], [1, True])
    else:
        run.equal("ask-name is a tool error", [status, out.get("result", {}).get("isError")],
                  [TOOL_IS_ERROR, True])


def has_no_command(run):
    run.skip("completion, subscriptions, tasks",
             "the Inspector's command line has no method for them")
    run.skip("elicitation, sampling, roots", "the Inspector's command line declares no capability")


def leaves_nothing(run):
    run.server.stop()
    run.equal("nothing is left one second after the last step",
              run.server.remaining({}, time.monotonic() + 1), [])


SCENARIOS = [negotiates, lists, calls, rejects, parallel, lists_resources, reads_resources, prompts,
             logging, is_not_asked, has_no_command, leaves_nothing]
# Those that need the plugin of primitives.json.
OF_PLUGIN = [lists_resources, reads_resources, prompts, is_not_asked]

# (era, revision, scenarios): a step costs the start of a Node, so auto, which ends up as modern,
# gets the few that depend on how it got there.
ERAS = [
    ("legacy", LEGACY[-1], SCENARIOS),
    ("modern", MODERN, SCENARIOS),
    ("auto", MODERN, [negotiates, lists, leaves_nothing]),
]


class Later:
    """A Tap that keeps what it is told, so that scenarios may run at the same time."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *arguments: self.told.append((name, arguments))

    def replay(self, tap):
        for name, arguments in self.told:
            getattr(tap, name)(*arguments)


def run_scenario(scenario, era, revision, server):
    run = Run(Later(), era, revision, server)
    if scenario in OF_PLUGIN and not server.has_plugin:
        run.skip(scenario.__name__, f"the server has no tool '{PRIMITIVES['touch']}'")
        return run.tap
    try:
        scenario(run)
    except Exception:
        run.tap.check(f"{era}: {scenario.__name__} runs to its end", False, traceback.format_exc())
    return run.tap


def run_era(tap, era, revision, scenarios):
    """The first two and the last alone: they tell the others what is there, or what is left."""
    with ServerUnderTest() as server, ThreadPoolExecutor(AT_ONCE) as pool:
        server.has_plugin = False

        def start(scenario):
            return pool.submit(run_scenario, scenario, era, revision, server)
        first = [start(scenario).result() for scenario in scenarios[:2]]
        others = [start(scenario) for scenario in scenarios[2:-1]]
        others = [one.result() for one in others]
        for told in [*first, *others, start(scenarios[-1]).result()]:
            told.replay(tap)


with Tap() as tap:
    for one in ERAS:
        run_era(tap, *one)
