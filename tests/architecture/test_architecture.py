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
INTERNAL = ["cc", "-std=gnu11", "-x", "c"]
PLUGIN_EXPORTS = ["hexmcp_plugin_create", "hexmcp_plugin_info"]
MODULE_EXPORTS = ["hexmcp_module_build_id", "hexmcp_module_entry"]
# No module: the validator has the loader put it before libc's allocator.
PRELOADED = {"hexmcp-alloc-fail.so"}


def hold(tap, name, complaints):
    complaints = list(complaints)
    tap.check(name, not complaints, "\n".join(complaints))


def read_allowed(path):
    with open(path, encoding="utf-8") as file:
        lines = (line.split("#")[0].split() for line in file)
        return {word for line in lines for word in line}


def check_shared(tap, pattern, exports, except_for=()):
    found = sorted(path for path in glob.glob(pattern) if os.path.basename(path) not in except_for)
    tap.check(f"there are {os.path.basename(pattern)}", found, f"nothing matches {pattern}")
    for binary in found:
        name = "/".join(binary.split("/")[-2:])
        hold(tap, f"exports of {name}", rules.exports(binary, exports))
        hold(tap, f"unresolved symbols of {name}", rules.unresolved(binary))


def compile_alone(header, language, *folders):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(f'#include "{header}"\n' * 2)  # twice: the guard must hold
        source.flush()
        done = subprocess.run([*language, "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror",
                               "-fsyntax-only", *(f"-I{folder}" for folder in folders), source.name],
                              capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"{header} with {' '.join(language)}: {done.stderr}"


def main():
    root, build = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    here = os.path.dirname(os.path.abspath(__file__))
    with Tap() as tap:
        for rule in rules.RULES:
            hold(tap, rule.__name__, rule(root))
        archive = os.path.join(build, "core", "libhexmcp_core.a")
        allowed = read_allowed(os.path.join(here, "core_symbols.allow"))
        hold(tap, "core_symbols", rules.core_symbols(archive, allowed))
        hold(tap, "program_libraries", rules.program_libraries(os.path.join(build, "hexmcp")))
        hold(tap, "core_state", rules.core_state(archive))
        check_shared(tap, os.path.join(build, "plugins", "*", "plugin.so"), PLUGIN_EXPORTS)
        check_shared(tap, os.path.join(build, "examples", "*", "plugin.so"), PLUGIN_EXPORTS)
        check_shared(tap, os.path.join(build, "hexmcp-*.so"), MODULE_EXPORTS, except_for=PRELOADED)
        for header in rules.sources(os.path.join(root, "include"), "hexmcp"):
            hold(tap, f"{header} stands alone in every language",
                 (text for language in LANGUAGES
                  for text in compile_alone(header, [*language, "-Wpedantic"],
                                            os.path.join(root, "include"))))
        for header in rules.sources(root, "core", "ports", endings=(".h",)):
            hold(tap, f"{header} stands alone",
                 compile_alone(header, INTERNAL, root, os.path.join(root, "include")))


if __name__ == "__main__":
    main()
