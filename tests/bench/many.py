#!/usr/bin/env python3
"""Start and tools/list with 50 tools and with 2,000, in the same run.

usage: many.py BUILD [ROUNDS]

Makes two homes with 5 and 200 plugins of ten tools each (tests/plugins/steady, its id patched), for each
once enabled by the configuration and once trusted by the lock file, and has bench_many measure them in
turn. The bundled plugins are there, too, as they are for everybody.
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import bundles

TOOLS = 10
SIZES = (5, 200)
DESCRIPTION = ("Answers with the number and twice the number. Use it when a number and its double are "
               "needed; for other multiples there is the calculator.")


def fill(home, binary, plugins):
    """The plugins in the folder of the user's; their ids."""
    parent = os.path.join(home, ".local/share/hexmcp/plugins")
    os.makedirs(parent, mode=0o755)
    ids = [f"org.example.bench.n{number:03}" for number in range(plugins)]
    for number, ident in enumerate(ids):
        tools = [bundles.tool(f"n{number:03}-twice-{i}", DESCRIPTION) for i in range(TOOLS)]
        bundles.write(parent, binary, ident, "1.0.0", tools)
    return ids


def make(top, name, hexmcp, binary, plugins):
    home = os.path.join(top, f"{name}-{plugins}")
    ids = fill(home, binary, plugins)
    os.makedirs(os.path.join(home, ".config/hexmcp"), mode=0o700)
    if name == "named":
        with open(os.path.join(home, ".config/hexmcp/config.json"), "w", encoding="ascii") as file:
            file.write(str({"plugins": {"enable": ids}}).replace("'", '"'))
        return home
    for ident in ids:
        subprocess.run([hexmcp, "plugin", "trust", ident, "--yes"], check=True, cwd=home,
                       env={"HOME": home, "PATH": "/usr/bin:/bin"}, stdout=subprocess.DEVNULL)
    return home


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = sys.argv[2] if len(sys.argv) > 2 else "51"
    hexmcp = os.path.join(build, "hexmcp")
    with open(os.path.join(build, "tests/plugins/hexmcp_test_steady.so"), "rb") as file:
        binary = file.read()
    with tempfile.TemporaryDirectory() as top:
        for name, words in (("named", "enabled by the configuration"),
                            ("trusted", "trusted by the lock file")):
            homes = [make(top, name, hexmcp, binary, plugins) for plugins in SIZES]
            print(f"{SIZES[0] * TOOLS} tools of {SIZES[0]} plugins and {SIZES[1] * TOOLS} of {SIZES[1]}, "
                  f"{words}", flush=True)
            subprocess.run([os.path.join(build, "tests/bench/bench_many"), hexmcp, rounds, *homes],
                           check=True)


if __name__ == "__main__":
    main()
