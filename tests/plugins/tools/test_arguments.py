#!/usr/bin/env python3
"""test_arguments.py HEXMCP ROOT ID...

Arguments as no example has them: each argument of each tool gets values of wrong types, out of range, empty,
long, deep and odd, in a call that is else the tool's first example. Whatever comes is an answer that fits the
tool's own schema, or an error for people; the tool goes on, and the example still has its result.
"""
import json
import os
import sys

from examples import Around, folders, load, same, through, tool_of
from library import Failed, Tap

HEXMCP, ROOT = map(os.path.abspath, sys.argv[1:3])


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


ODD = [
    None, True, -1, 0, 3.5, 1e308, 12345678901234567890, "", " ", "\0", "a\0b", "x" * 5000, "\u202e\ud83d\ude00é",
    "-rf", "../../etc/passwd", "%s%n", "{{secret:none}}", "http://", "\r\nX: y", [], [None], {}, {"": ""},
    {"secret": "none"}, {"a": {"b": 1}}, [[1], "x", 2.5], deep(40),
]

# Words of those who did not expect what came. What people are told has none of them.
NOT_FOR_PEOPLE = ("crashed with signal", "did not answer", "internal error", "does not fit its schema",
                  "outputSchema", "assertion", "quarantined", "out of memory", "(null)")


def call(around, tool, arguments):
    """(the error or None, the result or None)"""
    try:
        return None, around.library.call(tool, **through(arguments, around.real))
    except Failed as failed:
        return str(failed), None


def wrong_of(around, tool, error, result):
    """What is wrong with an answer; None if nothing is."""
    if error is None:
        found = around.library.call("data-validator", input=result, schema=tool["outputSchema"])
        return None if found["valid"] else f"is not of its schema: {found['errors'][:2]}"
    if len(error) < 8:
        return "says nothing"
    return next((f"says \"{word}\"" for word in NOT_FOR_PEOPLE if word in error), None)


def tried(around, tool, arguments, name):
    """(value, what is wrong) of each value that is not met well."""
    bad = []
    for value in ODD:
        error, result = call(around, tool["name"], {**arguments, name: value})
        wrong = wrong_of(around, tool, error, result)
        if wrong:
            bad.append((json.dumps(value)[:60], wrong, error or json.dumps(result)[:300]))
    return bad


def check(tap, manifest, examples):
    with Around(HEXMCP, examples) as around:
        for tool in manifest["tools"]:
            name = tool["name"]
            first = next(each for each in examples["examples"]
                         if tool_of(manifest, each) == name and "result" in each)
            for argument in tool["inputSchema"]["properties"]:
                tap.equal(f"{name}: odd values of {argument}",
                          tried(around, tool, first["arguments"], argument), [])
            error, _ = call(around, name, {**first["arguments"], "no_such_argument": 1})
            tap.check(f"{name}: an argument that it does not have is named",
                      error and "no_such_argument" in error, error)
    with Around(HEXMCP, examples) as around:
        error, result = call(around, name, first["arguments"])
        tap.check(f"{name}: its example is not worse for it",
                  error is None and same(first["result"], through(result, around.shown)), error or result)


def main():
    wanted = sys.argv[3:]
    with Tap() as tap:
        for folder in folders(ROOT):
            manifest, examples = load(folder)
            if manifest["id"] in wanted and examples:
                check(tap, manifest, examples)


main()
