#!/usr/bin/env python3
"""Runs what README.md and docs/ show.

usage: test_docs.py HEXMCP ROOT
 - each fenced block with the language `sh` is run by sh -e in an empty folder; `build/hexmcp` and
   `hexmcp` in it are the program under test
 - a block after <!-- from: FILE --> must be that file, to the letter
 - a block after <!-- part of: FILE --> must stand in that file, to the letter but for indentation of
   the whole; in docs/plugins/ every block of C or JSON is one of these two
 - links to files of the tree must lead somewhere
 - docs/cli.md and docs/configuration.md must be what generate.py writes
"""
import os
import re
import subprocess
import sys
import tempfile
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from tap import Tap  # noqa: E402

# Blocks that are run elsewhere, by their text.
ELSEWHERE = {
    "./dev run": "it installs packages; tests/tools/demo.py, which it ends in, is run by this suite",
    "./dev test": "it is what runs this test",
    "./dev build": "it is what made the program under test",
    "./dev package": "tests/packages runs packaging/build.py, which it ends in",
    "sudo apt install ./build/package/hexmcp_*.deb": "tests/packages installs it in a root of its own",
    "sudo apt remove hexmcp": "tests/packages removes it there",
}

# `npx @modelcontextprotocol/inspector` without the network: the one that tests/interop/setup installed.
INSPECTOR = """#!/bin/sh
[ "$1" = @modelcontextprotocol/inspector ] || exit 127
shift
exec {node} {home}/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js "$@"
"""


def pages(root):
    yield os.path.join(root, "README.md")
    for folder, _, names in sorted(os.walk(os.path.join(root, "docs"))):
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.join(folder, name)


def blocks(text):
    """(relation, source, language, body) of each fenced block; the first two are None without a
    comment."""
    pattern = re.compile(r"(?:<!-- (from|part of): (\S+) -->\n+)?^```(\w*)\n(.*?)^```$", re.M | re.S)
    return [m.groups() for m in pattern.finditer(text)]


def stands_in(body, text):
    part = body.rstrip("\n")
    return any(textwrap.indent(part, " " * depth) in text for depth in range(0, 17, 2))


def inspector(root):
    """(the script that stands in for npx, why there is none)"""
    told = subprocess.run(
        ["sh", "-c", 'here=$1; . "$1/lib/paths.sh"; node_program; echo "$node_home"; '
         'why_missing "$node_home" "$(node_key)"', "sh", os.path.join(root, "tests", "interop")],
        capture_output=True, text=True, timeout=20, check=True).stdout.splitlines()
    return INSPECTOR.format(node=told[0], home=told[1]), "".join(told[2:])


def write_program(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


def run_block(body, hexmcp, root):
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(os.path.join(home, "bin"))
        os.symlink(hexmcp, os.path.join(home, "bin", "hexmcp"))
        write_program(os.path.join(home, "bin", "npx"), inspector(root)[0])
        os.mkdir(os.path.join(home, "work"))
        os.symlink(os.path.dirname(hexmcp), os.path.join(home, "work", "build"))
        env = {"PATH": f"{home}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": home, "HEXMCP_ROOT": root,
               "PKG_CONFIG_PATH": os.path.join(os.path.dirname(hexmcp), "meson-uninstalled")}
        return subprocess.run(["sh", "-ec", body], env=env, cwd=os.path.join(home, "work"),
                              capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def check_source(tap, title, relation, source, body, root):
    text = open(os.path.join(root, source), encoding="utf-8").read()
    if relation == "from":
        tap.check(f"{title} is {source}", body == text, "the page shows another text")
    else:
        tap.check(f"{title} stands in {source}", stands_in(body, text),
                  "the page shows another text")


def check_blocks(tap, page, name, hexmcp, root):
    text = open(page, encoding="utf-8").read()
    for number, (relation, source, language, body) in enumerate(blocks(text), 1):
        title = f"{name} block {number}"
        if source:
            check_source(tap, title, relation, source, body, root)
        elif name.startswith("docs/plugins/") and language in ("c", "json"):
            tap.check(f"{title} says where it comes from", False, "write <!-- part of: FILE -->")
        elif language == "sh" and body.strip() in ELSEWHERE:
            tap.skip(title, ELSEWHERE[body.strip()])
        elif language == "sh" and "npx " in body and inspector(root)[1]:
            tap.skip(title, inspector(root)[1])
        elif language == "sh":
            done = run_block(body, hexmcp, root)
            tap.check(f"{title} runs: {body.strip().splitlines()[0]}", done.returncode == 0,
                      done.stdout + done.stderr)


def check_links(tap, page, name, root):
    text = re.sub(r"^```.*?^```$", "", open(page, encoding="utf-8").read(), flags=re.S | re.M)
    broken = []
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not os.path.exists(os.path.join(os.path.dirname(page), target)):
            broken.append(target)
    tap.check(f"{name} links lead somewhere", not broken, ", ".join(broken))


def check_generated(tap, hexmcp, root):
    here = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run([sys.executable, os.path.join(here, "generate.py"), hexmcp, root, "--check"],
                          capture_output=True, text=True, timeout=60)
    tap.check("generated pages are up to date", done.returncode == 0, done.stdout + done.stderr)


# A page whose blocks go on from one another is followed by a test of its own.
FOLLOWED = {"docs/plugins/tutorial.md": "tests/docs/test_tutorial.py follows it"}


def main():
    hexmcp, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with Tap() as tap:
        for page in pages(root):
            name = os.path.relpath(page, root)
            check_links(tap, page, name, root)
            if name in FOLLOWED:
                tap.skip(f"{name} runs", FOLLOWED[name])
            else:
                check_blocks(tap, page, name, hexmcp, root)
        check_generated(tap, hexmcp, root)


if __name__ == "__main__":
    main()
