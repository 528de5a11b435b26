#!/usr/bin/env python3
"""Writes left-out.json: the tools that a build does not have, and what they need.

left_out.py OUTPUT [NEEDS MANIFEST]...
"""
import json
import sys


def names(manifest):
    with open(manifest, encoding="utf-8") as file:
        tools = json.load(file).get("tools", [])
    return [tool["name"] for tool in tools] + [
        other for tool in tools for other in tool.get("run", {}).get("aliases", [])]


def main():
    output, rest = sys.argv[1], sys.argv[2:]
    plugins = [{"tools": names(manifest), "needs": needs}
               for needs, manifest in zip(rest[0::2], rest[1::2])]
    with open(output, "w", encoding="utf-8") as file:
        json.dump([plugin for plugin in plugins if plugin["tools"]], file, indent=1)
        file.write("\n")


main()
