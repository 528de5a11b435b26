#!/usr/bin/env python3
"""test_examples.py HEXMCP ROOT ID...

Runs the examples of the tools of these plugins (examples.json, shown in docs/tools) through the real
program. With --record in place of the ids: fills in the results and errors that are missing, in all.
"""
import json
import os
import sys

from examples import Around, folders, load, same, through, tool_of
from library import Failed, Tap

HEXMCP, ROOT = map(os.path.abspath, sys.argv[1:3])


def call(around, tool, arguments):
    """{"result": ...} or {"error": text}, as a page shows it."""
    try:
        got = {"result": around.library.call(tool, **through(arguments, around.real))}
    except Failed as failed:
        got = {"error": str(failed)}
    return through(got, around.shown)


def check(tap, manifest, examples):
    with Around(HEXMCP, examples) as around:
        for each in examples["examples"]:
            tool = tool_of(manifest, each)
            got = call(around, tool, each["arguments"])
            want = {key: each[key] for key in ("result", "error") if key in each}
            tap.check(f"{tool}: {each['title']}", same(want, got), json.dumps(got, ensure_ascii=False))


def lasting(value):
    """A recorded value without what differs from run to run."""
    if isinstance(value, dict):
        return {key: "..." if key in ("modified", "accessed", "created") else lasting(each)
                for key, each in value.items()}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def record(folder, manifest, examples):
    with Around(HEXMCP, examples) as around:
        for each in examples["examples"]:
            if "result" not in each and "error" not in each:
                each.update(lasting(call(around, tool_of(manifest, each), each["arguments"])))
    with open(os.path.join(folder, "examples.json"), "w", encoding="utf-8") as file:
        json.dump(examples, file, indent=2, ensure_ascii=False)
        file.write("\n")


def main():
    wanted = sys.argv[3:]
    loaded = [(folder, *load(folder)) for folder in folders(ROOT)]
    if wanted == ["--record"]:
        for folder, manifest, examples in loaded:
            if examples and not all("result" in each or "error" in each
                                    for each in examples["examples"]):
                record(folder, manifest, examples)
        return
    with Tap() as tap:
        for _, manifest, examples in loaded:
            if examples and manifest["id"] in wanted:
                check(tap, manifest, examples)


main()
