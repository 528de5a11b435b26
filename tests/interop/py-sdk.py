"""The Python SDK in every revision that it speaks: one scenario is one function in the table."""

import os
import sys
import time
import traceback
import warnings
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import anyio
import mcp
import mcp.client.session
import py_primitives
from mcp import Client, MCPError, StdioServerParameters
from mcp import MCPDeprecationWarning
from server import (DATA, INVALID_PARAMS, LEGACY, MODERN, STRUCTURED_SINCE, TOOLS, WIRE,
                    ServerUnderTest, answers, check_result, reversed_text)
from tap import Tap


class Run:
    """One connection: what its scenarios share."""

    def __init__(self, tap, label, revision, able):
        self.tap, self.revision = tap, revision
        self.label = f"{label}, able client" if able else label
        self.is_pinned = label.startswith("pinned")
        self.client = None
        self.user = py_primitives.User()
        self.options = self.user.options() if able else {}
        self.tasks = self.options["extensions"][0] if able else None
        self.errors = []

    async def heard(self, message):
        if isinstance(message, Exception):
            self.errors.append(str(message))
        else:
            self.user.told(message)

    def skip(self, name, reason):
        self.tap.skip(f"{self.label}: {name}", reason)

    def check(self, name, passed, diagnostic=""):
        self.tap.check(f"{self.label}: {name}", passed, diagnostic)

    def equal(self, name, got, expected):
        self.tap.equal(f"{self.label}: {name}", got, expected)

    async def call(self, tool, arguments, **options):
        result = await self.client.call_tool(tool, arguments, **options)
        return result.model_dump(by_alias=True, mode="json", exclude_none=True)

    async def check_call(self, name, call):
        try:
            result = await self.call(call["tool"], call["arguments"])
        except MCPError as error:
            self.check(name, False, error)
            return
        check_result(self.tap, f"{self.label}: {name}", result, call["structured"], self.revision)


async def negotiates(run):
    run.equal("negotiates the revision", run.client.protocol_version, run.revision)
    run.equal("names the server", run.client.server_info.name if run.client.server_info else None,
              None if run.is_pinned else DATA["server"])


async def lists(run):
    run.equal("lists the tools", [name for name in TOOLS if name in run.listed], TOOLS)
    with_output = [name for name in TOOLS if name in run.listed and run.listed[name].output_schema]
    run.equal("output schemas are listed where the revision knows them", with_output,
              TOOLS if run.revision >= STRUCTURED_SINCE else [])


async def calls(run):
    for call in DATA["calls"]:
        await run.check_call(call["name"], call)


async def rejects(run):
    for wrong in DATA["wrong"]:
        result = await run.call(wrong["tool"], wrong["arguments"])
        texts = [block["text"] for block in result["content"] if block["type"] == "text"]
        run.equal(f"{wrong['name']} is a tool error with a text",
                  [result.get("isError"), all(texts) and texts != []], [True, True])
    code = None
    try:
        await run.call(DATA["unknown"], {})
    except MCPError as error:
        code = error.error.code
    run.equal("an unknown tool is refused", code, INVALID_PARAMS)


async def parallel(run):
    tool, operation = DATA["parallel"]["tool"], DATA["parallel"]["operation"]
    inputs = [f"call {index}" for index in range(32)]
    got = {}

    async def one(text):
        result = await run.call(tool, {"operation": operation, "input": text})
        got[text] = [found["result"] for found in answers(result, run.revision)]

    async with anyio.create_task_group() as group:
        for text in inputs:
            group.start_soon(one, text)
    places = 2 if run.revision >= STRUCTURED_SINCE else 1
    run.equal("32 parallel calls get their own answers", got,
              {text: [reversed_text(text)] * places for text in inputs})


async def slow_progress(run):
    seen = []

    async def progressed(progress, total, message):
        seen.append(progress)

    result = await run.call(DATA["slow"], {"steps": 5, "delay_ms": 20},
                            progress_callback=progressed)
    rising = seen != [] and all(a < b for a, b in zip(seen, seen[1:]))
    run.check("progress arrives and rises", rising and not result.get("isError"),
              f"progress {seen}")


async def slow_cancel(run):
    started = anyio.Event()
    ended = []

    async def progressed(progress, total, message):
        started.set()

    async def call():
        ended.append(await run.call(DATA["slow"], {"steps": 200, "delay_ms": 25},
                                    progress_callback=progressed))

    async with anyio.create_task_group() as group:
        group.start_soon(call)
        await started.wait()
        group.cancel_scope.cancel()
    run.equal("a cancelled call has no result", ended, [])
    await run.check_call("the server answers after a cancelled call", DATA["calls"][0])


async def slow_timeout(run):
    text = "no error"
    try:
        await run.call(DATA["slow"], {"steps": 200, "delay_ms": 25}, read_timeout_seconds=0.15)
    except MCPError as error:
        text = str(error)
    run.check("a call that takes too long times out", "timed out" in text.lower(), text)
    await run.check_call("the server answers after a timeout", DATA["calls"][0])


async def hears_nothing_wrong(run):
    run.equal("the client saw no protocol error", run.errors, [])


# (what to run, the tool that it needs)
SCENARIOS = [
    (negotiates, None),
    (lists, None),
    (calls, None),
    (rejects, None),
    (parallel, None),
    (slow_progress, DATA["slow"]),
    (slow_cancel, DATA["slow"]),
    (slow_timeout, DATA["slow"]),
    *py_primitives.WITHOUT_CAPABILITIES,
    (hears_nothing_wrong, None),
]

# On a second connection, whose client can be asked for everything.
ABLE = [*py_primitives.SCENARIOS, (hears_nothing_wrong, None)]


async def list_all(client):
    tools, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if cursor is None:
            return {tool.name: tool for tool in tools}


async def run_scenarios(run):
    run.listed = await list_all(run.client)
    for scenario, tool in ABLE if run.options else SCENARIOS:
        if tool and tool not in run.listed:
            run.skip(scenario.__name__, f"the server has no tool '{tool}'")
            continue
        try:
            await scenario(run)
        except Exception:
            run.check(f"{scenario.__name__} runs to its end", False, traceback.format_exc())


async def connect(run, server, mode):
    parameters = StdioServerParameters(command=server.command, args=server.args, env=server.env,
                                       cwd=server.home)
    async with Client(server.url or parameters, mode=mode, message_handler=run.heard, **run.options) as client:
        run.client = client
        await run_scenarios(run)
        processes = server.processes()
        run.check("a server process runs", processes, "there is none")
        deadline = time.monotonic() + 1
    if WIRE != "stdio":
        run.equal("the server outlives its client", server.processes(), processes)
        deadline = time.monotonic() + 1
        server.stop()
    run.equal("nothing is left one second after the close",
              server.remaining(processes, deadline) if time.monotonic() < deadline else "too late",
              [])


def run_connection(tap, label, mode, revision, able):
    run = Run(tap, label, revision, able)
    # The client always asks for its newest revision: have it ask for another one.
    asked = revision if revision in LEGACY else LEGACY[-1]
    with ServerUnderTest() as server, \
            mock.patch.object(mcp.client.session, "LATEST_HANDSHAKE_VERSION", asked):
        try:
            anyio.run(connect, run, server, mode)
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            run.check("connects, lists and closes", False, traceback.format_exc())


with Tap() as tap:
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    modes = [(f"legacy {revision}", "legacy", revision) for revision in LEGACY]
    for one in [*modes, ("auto", "auto", MODERN), (f"pinned {MODERN}", MODERN, MODERN)]:
        run_connection(tap, *one, False)
        run_connection(tap, *one, True)
