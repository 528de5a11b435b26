#!/usr/bin/env python3
"""json-processor through the real program; the oracle for jq programs is the program jq."""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

PROGRAM = sys.argv[1]
TOOL = "json-processor"

SHOP = {"items": [{"name": "tea", "price": 4.5, "tags": ["hot", "leaf"]},
                  {"name": "milk", "price": 1.25, "tags": []},
                  {"name": "Käse", "price": 12, "tags": ["cold"]}], "open": True, "owner": None}

QUERIES = [
    ".", ".items", ".items[]", ".items[].name", ".items | length", ".items[] | select(.price > 2) | .name",
    ".items | map({(.name): .price}) | add", "[.items[].tags[]] | unique", ".items | group_by(.price > 4)",
    "to_entries | map(.key)", ".items | sort_by(.price) | reverse | .[0]", "[paths]", ".missing?", "empty",
    "[.items[] | .price] | add / length", ".items[1:]", '"\\(.items[0].name) costs \\(.items[0].price)"',
    "[.items[] | .name | test(\"^[a-z]+$\")]", "def f(x): x * 2; [.items[] | f(.price)]", "@csv \"\\([1,\"a\"])\"",
    "reduce .items[] as $i (0; . + $i.price)", "limit(2; .items[])", "first(.items[]), last(.items[])",
    "[limit(5; repeat(1))]", ".items[0].tags |= map(ascii_upcase)", "del(.items)", "tojson | fromjson == .", "input_line_number",
    "[range(5)] | .[2:4] = [\"x\"]", ".. | numbers", "$__loc__", "[splits(\"a\")?]",
    "getpath([\"items\", 0, \"name\"])", "walk(if type == \"number\" then . + 1 else . end)", "env", "$ENV",
    "null", "\"\\u0000\\ud83d\\ude00\"", "[nan, infinite, -infinite]", "1e1000", "0.1 + 0.2", "-0"]


def jq(query, data):
    """The results of the program jq, or None if it fails."""
    done = subprocess.run(["jq", "-c", query], input=json.dumps(data), capture_output=True, text=True,
                          env={}, executable=shutil.which("jq"), check=False)
    return None if done.returncode else [json.loads(line) for line in done.stdout.splitlines()]


def compare(tap, library):
    for query in QUERIES:
        got = library.call(TOOL, input=json.dumps(SHOP), query=query, limit=1000)
        want = jq(query, SHOP)
        tap.equal(f"as jq: {query}", got["result"], want[0] if len(want) == 1 else want)
        tap.equal(f"counts: {query}", (got["count"], got["total"]), (len(want), len(want)))


def query(tap, library):
    got = library.call(TOOL, input='{"a": [1, 2]}')
    tap.equal("query and . are what is done by itself", got,
              {"operation": "query", "result": {"a": [1, 2]}, "count": 1, "total": 1})
    got = library.call(TOOL, input="null", query="$name, $list[1]",
                       variables={"name": "a \"b\"", "list": [1, {"x": 2}]})
    tap.equal("variables", got["result"], ["a \"b\"", {"x": 2}])
    library.put("shop.json", json.dumps(SHOP))
    got = library.call(TOOL, path="shop.json", query=".items[0].name")
    tap.equal("a file", got["result"], "tea")
    result = library.result(TOOL, input="[1,2,3]", query=".[]")
    tap.equal("a text for people", result["content"][1]["text"], "3 results.")
    tap.equal("a byte order mark", library.call(TOOL, input="\ufeff1")["result"], 1)
    tap.equal("none", library.call(TOOL, input="1", query="empty")["result"], [])


def pages(tap, library):
    first = library.call(TOOL, input="null", query="range(7)", limit=3)
    tap.equal("the first page", first,
              {"operation": "query", "result": [0, 1, 2], "count": 3, "next_offset": 3})
    second = library.call(TOOL, input="null", query="range(7)", limit=3, offset=3)
    tap.equal("the second page", (second["result"], second["next_offset"]), ([3, 4, 5], 6))
    last = library.call(TOOL, input="null", query="range(7)", limit=3, offset=6)
    tap.equal("the last page is an array, too", last,
              {"operation": "query", "result": [6], "count": 1, "total": 7})
    got = library.call(TOOL, input="null", query="repeat(1)", limit=2)
    tap.equal("a page of endless results", (got["result"], got["next_offset"]), ([1, 1], 2))


def large(tap, library):
    result = library.result(TOOL, input="null", query="[range(30000)]")
    got = result["structuredContent"]
    link = [block for block in result["content"] if block["type"] == "resource_link"]
    tap.equal("a large result is kept", (got["truncated"], got["count"], "result" in got),
              (True, 1, False))
    tap.equal("its link", (link[0]["uri"], link[0]["size"]), (got["uri"], got["bytes"]))
    tap.check("its beginning", got["preview"].startswith("[0,1,2,3") and len(got["preview"]) == 2000)
    kept = library.raw("resources/read", {"uri": got["uri"]})["contents"][0]["text"]
    tap.equal("it is whole", json.loads(kept), list(range(30000)))
    got = library.call(TOOL, input="null", query="range(100000)", target_path="out.jsonl")
    tap.equal("all results to a file", got, {"operation": "query", "target_path": "out.jsonl",
                                             "dry_run": False, "bytes": 588890, "count": 100000, "total": 100000})
    tap.equal("one per line", library.get("out.jsonl").decode(),
              "".join(f"{i}\n" for i in range(100000)))
    tap.equal("nothing is overwritten", library.fails(TOOL, input="1", target_path="out.jsonl"),
              "out.jsonl exists already; give overwrite true to replace it, or another path")
    library.call(TOOL, input="1", target_path="out.jsonl", overwrite=True)
    tap.equal("unless asked", library.get("out.jsonl"), b"1\n")
    for arguments in ({"input": "[1,2,3]", "query": ".[]", "target_path": "dry.jsonl"},
                      {"operation": "stream", "input": "1\n{\n", "target_path": "dry.jsonl"}):
        tried = library.call(TOOL, dry_run=True, **arguments)
        tap.check("a dry run writes nothing", not os.path.exists(library.path("dry.jsonl")), "it does")
        done = library.call(TOOL, **arguments)
        tap.equal("and says what comes", tried, {**done, "dry_run": True})
        tap.equal("its size", tried["bytes"], os.path.getsize(library.path("dry.jsonl")))
        os.unlink(library.path("dry.jsonl"))
    tap.equal("it asks before it replaces", library.fails(TOOL, input="1", target_path="out.jsonl", dry_run=True),
              "out.jsonl exists already; give overwrite true to replace it, or another path")
    text = library.fails(TOOL, input="null", query="1, 2, error(\"stop\")", target_path="broken.jsonl")
    tap.check("a filter that fails", text.startswith("the filter failed: stop; "), text)
    tap.equal("leaves no file", os.listdir(library.folder).count("broken.jsonl"), 0)


def stream(tap, library):
    lines = '{"a": 1}\n\n{"a": 2}\r\n{"a": \n{"b": [1, 2]}'
    got = library.call(TOOL, operation="stream", input=lines, query=".a // .b[]")
    tap.equal("stream", got["result"][:2], [{"line": 1, "result": 1}, {"line": 3, "result": 2}])
    tap.equal("a line that is no JSON", got["result"][2],
              {"line": 4, "error": "the input is no JSON: Unfinished JSON term at EOF at line 1, column 6; "
                                   "correct it"})
    tap.equal("several values of a line", got["result"][3], {"line": 5, "result": [1, 2]})
    tap.equal("its counts", (got["count"], got["total"], got["failed"]), (4, 4, 1))
    got = library.call(TOOL, operation="stream", input="1\n2\n3\n4\n", query=". * 10", offset=1, limit=2)
    tap.equal("a page of lines", (got["result"], got["next_offset"]),
              ([{"line": 2, "result": 20}, {"line": 3, "result": 30}], 3))
    got = library.call(TOOL, operation="stream", input="1\n\"a\"\n", query=". + 1")
    tap.check("the filter fails on a line", got["failed"] == 1 and got["result"][0]["result"] == 2 and
              "cannot be added" in got["result"][1]["error"], got)
    library.put("log.jsonl", "".join(f'{{"n": {i}}}\n' for i in range(5000)))
    got = library.call(TOOL, operation="stream", path="log.jsonl", query=".n", target_path="n.jsonl")
    tap.equal("stream to a file", (got["count"], got["failed"]), (5000, 0))
    tap.equal("its last line", library.get("n.jsonl").splitlines()[-1], b'{"line":5000,"result":4999}')


def validate(tap, library):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    tap.equal("it fits", library.call(TOOL, operation="validate", input='{"n": 1}', schema=schema),
              {"operation": "validate", "valid": True, "errors": []})
    tap.equal("it does not", library.call(TOOL, operation="validate", input='{"n": "x"}', schema=schema),
              {"operation": "validate", "valid": False, "errors": [
                  {"path": "/n", "keyword": "type", "schema_path": "#/properties/n/type",
                   "message": "must be an integer, is a string"}]})
    got = library.call(TOOL, operation="validate", input='{"n": }')
    tap.check("no JSON", got["valid"] is False and got["errors"][0]["keyword"] == "json", got)
    got = library.call(TOOL, operation="validate", input="[nan]")
    tap.equal("strict, where jq is not", got["valid"], False)
    many = library.call(TOOL, operation="validate", input=json.dumps(["x"] * 30),
                        schema={"items": {"type": "integer"}})
    tap.equal("many errors", (len(many["errors"]), many["truncated"]), (16, True))
    tap.equal("a schema that takes nothing",
              library.call(TOOL, operation="validate", input="1", schema=False)["valid"], False)
    text = library.fails(TOOL, operation="validate", input="1", schema={"type": "house"})
    tap.check("no schema", "type" in text and "structuredContent" not in text, text)
    got = library.call(TOOL, operation="validate", input='"2020-02-30"', schema={"format": "date"})
    tap.equal("formats count", got["valid"], False)


def numbers(tap, library):
    got = library.call(TOOL, input="[9007199254740993, 1]")
    tap.equal("over 2^53", (got["result"], got["inexact_numbers"]), ([9007199254740992, 1], True))
    for text in ("9007199254740992", "[1.00000000000000000001]", '"9007199254740993"', "1e30",
                 "123456789012345678901e1"):
        tap.check(f"not told of {text}", "inexact_numbers" not in library.call(TOOL, input=text))


def wrong(tap, library):
    fails = [
        ({}, "there is nothing to work on; give input (the data itself) or path (a file)"),
        ({"input": "1", "path": "a"}, "input and path are both given; give one of them"),
        ({"input": "{"}, "the input is no JSON: Unfinished JSON term at EOF at line 1, column 1; correct it"),
        ({"input": " "}, "the input is empty; give a JSON value"),
        ({"input": ""}, "the input is empty; give a JSON value"),
        ({"input": "1 2"}, "the input is more than one JSON value; give one, or for one value per line "
                           "operation stream"),
        ({"input": "[" * 300 + "]" * 300},
         "the input is no JSON: Exceeds depth limit for parsing at line 1, column 257; correct it"),
        ({"input": "1", "query": "reduce range(200) as $i (0; [.])"},
         "a result is nested deeper than 100 levels; take parts of it"),
        ({"input": "1", "query": ".["},
         "query is no jq program: syntax error, unexpected $end (Unix shell quoting issues?) at "
         "<top-level>, line 1; correct it (jq 1.6)"),
        ({"input": "1", "query": "foo(1)"},
         "query is no jq program: foo/1 is not defined at <top-level>, line 1; correct it (jq 1.6)"),
        ({"input": "1", "query": ".a"},
         "the filter failed: Cannot index number with string \"a\"; look at the input with a simpler query, or "
         "put ? or // after what may be missing"),
        ({"input": "1", "query": "error({code: 7})"},
         "the filter failed: {\"code\":7}; look at the input with a simpler query, or put ? or // after "
         "what may be missing"),
        ({"input": "1", "query": "halt"},
         "the filter failed: halt is not available here; use empty or error; look at the input with a "
         "simpler query, or put ? or // after what may be missing"),
        ({"input": "1", "schema": {}}, "schema is for operation validate alone; leave it out"),
        ({"input": "1", "operation": "validate", "query": ".a"},
         "query is not for operation validate; leave it out, or use operation query"),
        ({"input": "1", "target_path": "x", "limit": 3},
         "offset and limit are for pages, but target_path takes all results; leave them out"),
    ]
    tap.equal("defaults that a form sends along", library.call(
        TOOL, operation="validate", input="1", query=".", variables={}, offset=0, limit=100, overwrite=False,
        dry_run=False, timeout_ms=10000)["valid"], True)
    fails.append(({"input": "1", "dry_run": True},
                  "dry_run is for target_path; without it nothing is written, so leave dry_run out"))
    for arguments, text in fails:
        tap.equal(f"wrong: {json.dumps(arguments)[:60]}", library.fails(TOOL, **arguments), text)


def refused(tap):
    with Library(PROGRAM, write=False) as library:
        library.put("a.json", "1")
        outside = os.path.join(library.place.top, "secret.json")
        library.place.write("secret.json", {"secret": 1})
        tap.equal("a file may be read", library.call(TOOL, path="a.json")["result"], 1)
        text = library.fails(TOOL, path=outside)
        tap.check("not one outside", "secret" in text and "granted" in text and "{" not in text, text)
        text = library.fails(TOOL, input="1", target_path=library.path("b.json"))
        tap.check("nothing is written", "write" in text and not os.path.exists(library.path("b.json")), text)


def main():
    with Tap() as tap:
        with Library(PROGRAM) as library:
            query(tap, library)
            compare(tap, library)
            pages(tap, library)
            large(tap, library)
            stream(tap, library)
            validate(tap, library)
            numbers(tap, library)
            wrong(tap, library)
        refused(tap)


main()
