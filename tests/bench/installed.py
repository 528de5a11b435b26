#!/usr/bin/env python3
"""Start with ten bundled tools and with all of them, and the first call of light tools, in one run.

usage: installed.py BUILD [ROUNDS]

Copies the program twice: beside ten plugins of one tool each, and beside all that were built. Where those
have fewer than 45 tools, copies of tests/plugins/steady fill up.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import bundles

FEW = ["base64-encoder", "calculator", "data-validator", "datetime-handler", "diff-calculator",
       "file-operations", "hash-calculator", "regex-matcher", "text-manipulator", "uuid-generator"]
MANY = 45


def tools_of(folder):
    with open(os.path.join(folder, "plugin.json"), encoding="utf-8") as file:
        return len(json.load(file).get("tools", []))


def copy(build, top, ids):
    """The program beside the plugins; its folder of plugins, and how many tools they have."""
    plugins = os.path.join(top, "plugins")
    os.makedirs(plugins)
    for name in os.listdir(build):
        if name == "hexmcp" or name == "hexmcp-plugin-host" or name.endswith(".so"):
            shutil.copy2(os.path.join(build, name), os.path.join(top, name))
    for ident in ids:
        shutil.copytree(os.path.join(build, "plugins", ident), os.path.join(plugins, ident))
    return plugins, sum(tools_of(os.path.join(plugins, ident)) for ident in ids)


def fill_up(build, plugins, count):
    with open(os.path.join(build, "tests/plugins/hexmcp_test_steady.so"), "rb") as file:
        binary = file.read()
    for number in range(count, MANY):
        bundles.write(plugins, binary, f"hexmcp.filled.n{number}", "1.0.0",
                      [bundles.tool(f"n{number}", "Fills up. " * 200)])
    return max(MANY - count, 0)


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = sys.argv[2] if len(sys.argv) > 2 else "51"
    every = sorted(name for name in os.listdir(os.path.join(build, "plugins"))
                   if os.path.exists(os.path.join(build, "plugins", name, "plugin.json")))
    with tempfile.TemporaryDirectory() as top:
        few, few_tools = copy(build, os.path.join(top, "few"), ["hexmcp." + name for name in FEW])
        many, many_tools = copy(build, os.path.join(top, "many"), every)
        filled = fill_up(build, many, many_tools)
        for folder in few, many:
            subprocess.run([os.path.join(build, "adapters/driven/plugin_host/hexmcp-index"), folder],
                           check=True)
        print(f"{few_tools} tools of {len(FEW)} bundled plugins, and {many_tools + filled} of "
              f"{len(every) + filled}, {filled} of them to fill up", flush=True)
        subprocess.run([os.path.join(build, "tests/bench/bench_installed"),
                        os.path.join(top, "few", "hexmcp"), os.path.join(top, "many", "hexmcp"), rounds],
                       check=True, env={"HOME": top, "PATH": "/usr/bin:/bin"}, cwd=top)


if __name__ == "__main__":
    main()
