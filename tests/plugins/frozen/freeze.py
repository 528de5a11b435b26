#!/usr/bin/env python3
"""freeze.py ROOT

Copies the headers of today to 1.0/include, and the types of today to the file that abidiff compares with.
Only while include/hexmcp/abi.h says that version 1 is a draft: afterwards 1.0 never changes, and the
next minor version gets a folder of its own.
"""
import os
import shutil
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1])
HERE = os.path.join(ROOT, "tests/plugins/frozen")
INCLUDE = os.path.join(ROOT, "include/hexmcp")


def main():
    with open(os.path.join(INCLUDE, "abi.h"), encoding="utf-8") as file:
        if "Status: draft" not in file.read():
            sys.exit("version 1 is frozen: begin a folder for the next minor version")
    target = os.path.join(HERE, "1.0/include/hexmcp")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(INCLUDE, target, ignore=shutil.ignore_patterns(
        "draft", "test", "all.h", "meson.build"))
    subprocess.run([sys.executable, os.path.join(HERE, "types.py"), ROOT, "--update"], check=True)


main()
