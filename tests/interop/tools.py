"""Every tool that comes with hexmcp, called by the Python SDK: it lists them, calls each with all its
examples, and holds what is structured in the results against the output schemas."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(ROOT, "tests/plugins/tools")]

import anyio  # noqa: E402
from examples import Around, folders, load, same, through, tool_of  # noqa: E402
from library import Tap  # noqa: E402
from mcp import Client, StdioServerParameters  # noqa: E402

HEXMCP = os.environ["HEXMCP"]


async def all_tools(client):
    found, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        found += [tool.name for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            return found


async def call(client, around, tool, example):
    """(what was wanted, what came)"""
    result = await client.call_tool(tool, through(example["arguments"], around.real))
    if result.is_error:
        got = {"error": result.content[0].text}
    else:
        got = {"result": result.structured_content}
    want = {key: example[key] for key in ("result", "error") if key in example}
    return want, through(got, around.shown)


async def run(tap, manifest, examples, called):
    with Around(HEXMCP, examples, start=False) as around:
        place = around.library.place
        server = StdioServerParameters(command=HEXMCP, args=["serve"], env=place.environment,
                                       cwd=place.work)
        async with Client(server) as client:
            names = await all_tools(client)
            for each in examples["examples"]:
                tool = tool_of(manifest, each)
                want, got = await call(client, around, tool, each)
                called.add(tool)
                tap.check(f"{tool}: {each['title']}", same(want, got), json.dumps(got))
    return names


def main():
    called = set()
    with Tap() as tap:
        names = []
        for folder in folders(ROOT):
            manifest, examples = load(folder)
            there = os.path.isdir(os.path.join(os.path.dirname(HEXMCP), "plugins", manifest["id"]))
            name = manifest["tools"][0]["name"]
            if not there:
                tap.skip(f"{name}: the examples", "it was not built, see the summary of meson")
            elif tap.check(f"{name}: there are examples", examples):
                names = anyio.run(run, tap, manifest, examples, called)
        tap.note(f"{len(names)} tools are listed, {len(called)} were called")
        tap.equal("every tool that is called is listed", sorted(called - set(names)), [])


main()
