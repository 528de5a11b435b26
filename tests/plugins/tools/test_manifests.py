#!/usr/bin/env python3
"""test_manifests.py ROOT

What all tools of the library have in common, held over their manifests: whoever knows one of them knows
how to call the others.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import examples  # noqa: E402
from tap import Tap  # noqa: E402

ROOT = os.path.abspath(sys.argv[1])

# The same thing under another name makes callers guess.
NAMES_NOT_USED = {
    "timeout": "timeout_ms", "timeout_seconds": "timeout_ms", "timeoutMs": "timeout_ms",
    "file": "path", "file_path": "path", "filename": "path", "input_path": "path",
    "output_path": "target_path", "destination": "target_path", "dest": "target_path",
    "op": "operation", "action": "operation", "force": "overwrite", "dryRun": "dry_run",
    "page_size": "limit", "count": "limit", "skip": "offset", "cursor": "offset", "query_string": "query",
}

# How many results a page has.
PAGE_SIZES = {"limit", "max_results", "max_urls"}

LEVELS = ("safe", "restricted", "privileged")


def manifests():
    for folder in examples.folders(ROOT):
        yield examples.load(folder)[0]


def schemas(schema, place):
    """(place, schema) of it and of all below it."""
    yield place, schema
    for name, below in schema.get("properties", {}).items():
        yield from schemas(below, f"{place}.{name}")
    for name, below in schema.get("$defs", {}).items():
        yield from schemas(below, f"{place}.$defs.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from schemas(schema[key], f"{place}.{key}")
    for key in ("anyOf", "oneOf", "allOf"):
        for number, below in enumerate(schema.get(key, [])):
            yield from schemas(below, f"{place}.{key}[{number}]")


def without_description(schema, place):
    """Properties, at any depth, that nobody describes. A reference is described where it leads."""
    for where, each in schemas(schema, place):
        for name, below in each.get("properties", {}).items():
            if isinstance(below, dict) and "description" not in below and "$ref" not in below:
                yield f"{where}.{name}"


def open_objects(schema, place):
    """Objects with members of their own that let any other member in."""
    for where, each in schemas(schema, place):
        if "properties" in each and "additionalProperties" not in each and (
                each.get("type") == "object" or "object" in each.get("type", [])):
            yield where


def of_tool(tap, manifest, tool):
    name, run, hints = tool["name"], tool.get("run", {}), tool["annotations"]
    given, made = tool["inputSchema"], tool["outputSchema"]
    arguments, members = given["properties"], made.get("properties", {})
    grants = manifest.get("grants", {})

    tap.equal(f"{name}: each argument has a title",
              [each for each, schema in arguments.items() if "title" not in schema], [])
    tap.equal(f"{name}: everything in its schemas is described",
              [*without_description(given, "input"), *without_description(made, "output")], [])
    tap.equal(f"{name}: no object takes members that nobody knows",
              [*open_objects(given, "input"), *open_objects(made, "output")], [])
    tap.equal(f"{name}: no second names for the same thing",
              [f"{each}, not {NAMES_NOT_USED[each]}" for each in arguments if each in NAMES_NOT_USED], [])
    tap.check(f"{name}: its level is one of the three", run.get("level") in LEVELS, run)
    if "operation" in arguments:
        tap.check(f"{name}: the result begins with the operation",
                  next(iter(members), None) == "operation" and "operation" in made.get("required", []),
                  list(members))
    if "target_path" in arguments:
        tap.check(f"{name}: what writes a file asks before it replaces one", "overwrite" in arguments,
                  list(arguments))
    tap.check(f"{name}: who changes things can be asked what would happen",
              hints["readOnlyHint"] or "dry_run" in arguments and "dry_run" in members,
              [each for each in arguments if "dry" in each] + [each for each in members if "dry" in each])
    if "offset" in arguments:
        tap.check(f"{name}: a page says where the next one begins",
                  arguments.keys() & PAGE_SIZES and "next_offset" in members, [*arguments, *members])
    tap.check(f"{name}: the hint about the open world is true",
              hints["openWorldHint"] == bool(grants.get("hosts")), [hints, grants.get("hosts")])
    tap.check(f"{name}: who is granted writing is not called read-only",
              not (hints["readOnlyHint"] and "write" in grants.get("paths", [])), [hints, grants])
    tap.check(f"{name}: a path is known to the host as a path",
              all(each in run.get("pathArguments", []) for each in arguments
                  if each == "path" or each.endswith("_path")), run.get("pathArguments"))


def main():
    with Tap() as tap:
        tools = [(manifest, tool) for manifest in manifests() for tool in manifest["tools"]]
        tap.check("there are forty tools or more", len(tools) >= 40, len(tools))
        names = [tool["name"] for _, tool in tools]
        tap.equal("no two have the same name", sorted(names), sorted(set(names)))
        for manifest, tool in tools:
            of_tool(tap, manifest, tool)


main()
