#!/usr/bin/env python3
"""types.py ROOT [--update]

Compares every type of the ABI with those of version 1.0 by abidiff: 1.0/types.abi was made by abidw from
an object that uses each type. What was only appended to a table is fine, and told.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

FROZEN = os.path.join(ROOT, "tests/plugins/frozen/1.0")
KEPT = os.path.join(FROZEN, "types.abi")
INCOMPATIBLE = 8  # a bit of abidiff's exit status


def struct_names(include):
    names = []
    for folder, _, files in sorted(os.walk(os.path.join(include, "hexmcp"))):
        where = os.path.relpath(folder, os.path.join(include, "hexmcp"))
        if where not in (".", "ext", "host"):
            continue
        for name in sorted(files):
            if name in ("json.h", "simple.h", "await.h", "all.h") or not name.endswith(".h"):
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                header = os.path.normpath(os.path.join("hexmcp", where, name))
                names += [(header, struct) for struct in
                          re.findall(r"typedef struct \w+ \{.*?\n\} (\w+);", file.read(), re.S)]
    return names


def describe(include, names, out):
    """abidw of a library with one function for each struct."""
    lines = [f'#include "{header}"' for header in sorted({header for header, _ in names})]
    lines += [f"void use_{name}(const {name} *t);\nvoid use_{name}(const {name} *t) {{ (void)t; }}"
              for _, name in names]
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "types.so")
        subprocess.run(["cc", "-g", "-O0", "-shared", "-fPIC", "-I", include, "-x", "c", "-", "-o",
                        library], input="\n".join(lines) + "\n", text=True, check=True)
        subprocess.run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                        "--out-file", out, library], check=True)


def check(tap):
    include, old = os.path.join(ROOT, "include"), os.path.join(FROZEN, "include")
    with tempfile.TemporaryDirectory() as folder:
        now = os.path.join(folder, "now.abi")
        describe(include, struct_names(old), now)
        done = subprocess.run(["abidiff", KEPT, now], capture_output=True, text=True, check=False)
        tap.check("the types of 1.0 are still what they were", done.returncode & ~4 == 0 or
                  not done.returncode & INCOMPATIBLE and "deleted" not in done.stdout, done.stdout)
        changed = os.path.join(folder, "include")
        shutil.copytree(old, changed)
        path = os.path.join(changed, "hexmcp/ext/tool.h")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("hexmcp_str name, hexmcp_str args_json", "hexmcp_str name, "
                                    "uint32_t flags, hexmcp_str args_json", 1))
        describe(changed, struct_names(old), now)
        done = subprocess.run(["abidiff", KEPT, now], capture_output=True, text=True, check=False)
        tap.check("a parameter that is added to a function is seen", done.returncode != 0,
                  done.stdout)


def main():
    missing = [tool for tool in ("abidw", "abidiff") if not shutil.which(tool)]
    if "--update" in sys.argv:
        if missing:
            sys.exit("abigail-tools is not installed")
        include = os.path.join(FROZEN, "include")
        describe(include, struct_names(include), KEPT)
        return
    with Tap() as tap:
        if missing:
            tap.skip("the types of 1.0", f"{missing[0]} is not installed (abigail-tools)")
        else:
            check(tap)


main()
