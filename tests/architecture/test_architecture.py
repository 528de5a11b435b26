#!/usr/bin/env python3
"""Holds the tree to its rules.

usage: test_architecture.py ROOT BUILD
"""
import glob
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import rules  # noqa: E402
from tap import Tap  # noqa: E402

LANGUAGES = [["cc", "-std=c99", "-x", "c"], ["cc", "-std=c11", "-x", "c"],
             ["c++", "-std=c++11", "-x", "c++"], ["c++", "-std=c++20", "-x", "c++"]]


def hold(tap, name, complaints):
    complaints = list(complaints)
    tap.check(name, not complaints, "\n".join(complaints))


def read_allowed(path):
    with open(path, encoding="utf-8") as file:
        lines = (line.split("#")[0].split() for line in file)
        return {word for line in lines for word in line}


def compile_alone(header, language, include):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(f'#include "{header}"\n')
        source.flush()
        done = subprocess.run([*language, "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic",
                               "-Werror", "-fsyntax-only", "-I", include, source.name],
                              capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"{header} with {' '.join(language)}: {done.stderr}"


def main():
    root, build = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    here = os.path.dirname(os.path.abspath(__file__))
    with Tap() as tap:
        for rule in rules.RULES:
            hold(tap, rule.__name__, rule(root))
        hold(tap, "core_symbols", rules.core_symbols(
            os.path.join(build, "core", "libhexmcp_core.a"),
            read_allowed(os.path.join(here, "core_symbols.allow"))))
        hold(tap, "program_libraries", rules.program_libraries(os.path.join(build, "hexmcp")))
        for plugin in sorted(glob.glob(os.path.join(build, "plugins", "hexmcp.*", "plugin.so"))):
            hold(tap, f"plugin_exports {plugin.split('/')[-2]}", rules.plugin_exports(plugin))
        for header in rules.sources(os.path.join(root, "include"), "hexmcp"):
            hold(tap, f"{header} stands alone in every language",
                 (text for language in LANGUAGES
                  for text in compile_alone(header, language, os.path.join(root, "include"))))


if __name__ == "__main__":
    main()
