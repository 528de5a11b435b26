#!/usr/bin/env python3
"""test_headers.py ROOT

Compiles each public header alone, and twice in one file, in every language and with every compiler that
plugin authors may use, with many warnings as errors.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
INCLUDE = os.path.join(ROOT, "include")
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wundef", "-Wcast-qual",
            "-Werror"]
C_WARNINGS = ["-Wc++-compat", "-Wstrict-prototypes", "-Wmissing-prototypes"]
C = ["c99", "c11", "c17", "c2x"]
CXX = ["c++11", "c++14", "c++17", "c++20"]
NEEDS_POSIX = ("hexmcp/await.h", "hexmcp/test/")


def sources(folder, suffix):
    """One file a header; those that need POSIX ask for it as their comment says."""
    files = []
    for path in sorted(glob.glob(INCLUDE + "/hexmcp/**/*.h", recursive=True)):
        name = os.path.relpath(path, INCLUDE)
        source = os.path.join(folder, name.replace("/", "_")[:-2] + suffix)
        with open(source, "w", encoding="utf-8") as file:
            if name.startswith(NEEDS_POSIX) and suffix == ".c":
                file.write("#define _POSIX_C_SOURCE 200809L\n")
            file.write(f'#include "{name}"\n#include "{name}"\nextern int nothing;\n')
        files.append(source)
    return files


def check(tap, compiler, standard, files, more):
    name = f"{len(files)} headers, each alone, as {standard} by {compiler}"
    if not shutil.which(compiler):
        tap.skip(name, f"{compiler} is not installed")
        return
    done = subprocess.run([compiler, "-std=" + standard, *WARNINGS, *more, "-I", INCLUDE,
                           "-fsyntax-only", *files], capture_output=True, text=True, check=False)
    tap.check(name, done.returncode == 0, done.stderr[:4000])


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        c, cxx = sources(folder, ".c"), sources(folder, ".cpp")
        tap.check("there are headers", len(c) > 25, c)
        for compiler in ("gcc", "clang"):
            for standard in C:
                check(tap, compiler, standard, c, C_WARNINGS)
        for compiler in ("g++", "clang++"):
            for standard in CXX:
                check(tap, compiler, standard, cxx, [])


main()
