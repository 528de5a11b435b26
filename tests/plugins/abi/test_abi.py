#!/usr/bin/env python3
"""test_abi.py ROOT [--update]

Holds the binary interface to two golden files: every size, every offset, every declaration and every
constant of the ABI headers, as a C99 and as a C++11 compiler see them. What there is to hold is read
from the headers, so that nothing new can be left out. abi-1.txt is ABI version 1, which is frozen: lines
are only added. abi-drafts.txt is the drafts, which may change: it shows that they did.
--update writes both anew.
"""
import glob
import os
import platform
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.join(ROOT, "include/hexmcp")
COMPILERS = {"C99": ["cc", "-std=c99", "-x", "c"], "C++11": ["c++", "-std=c++11", "-x", "c++"]}

# Compiled into plugins, or only a list of others: no part of the boundary.
NO_BOUNDARY = re.compile(r"(json|await|simple|plugin|all)\.h$|(json|simple|test)/")


def headers(draft):
    """Those of the ABI, with what they need first."""
    found = sorted(os.path.relpath(path, INCLUDE)
                   for path in glob.glob(INCLUDE + "/**/*.h", recursive=True))
    return [name for name in found
            if not NO_BOUNDARY.match(name) and name.startswith("ext/draft/") == draft]


def source(header):
    with open(os.path.join(INCLUDE, header), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)


def members(body):
    """The name and the whole declaration of each."""
    for declaration in body.split(";"):
        text = " ".join(declaration.split())
        found = re.search(r"\(\*(\w+)\)|(\w+)\s*(?:\[[^]]*\])?$", text)
        if found:
            yield found.group(1) or found.group(2), text


def structs(draft):
    for header in headers(draft):
        pattern = r"typedef struct \w+ \{(.*?)\n\} (\w+);"
        for body, name in re.findall(pattern, source(header), re.S):
            yield name, list(members(body))


def functions(draft):
    """The types of functions that have a name."""
    for header in headers(draft):
        for text in re.findall(r"typedef (?!struct)[^;]*;", source(header)):
            yield " ".join(text.split())


def constants(draft):
    for header in headers(draft):
        pattern = r"^#define (HEXMCP_\w+)[ \t]+(\(?[-\"\w].*)$"
        for name, value in re.findall(pattern, source(header), re.M):
            if not name.endswith(("_H", "_EXPORT", "_EXTERN_C")):
                yield name, value.startswith('"')


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '\\n"'


def program(draft):
    lines = ["#include <stdio.h>", "#include <stddef.h>", "#include <stdint.h>"]
    lines += [f'#include "hexmcp/{header}"' for header in headers(draft)]
    lines.append("int main(void) {")
    for name, fields in structs(draft):
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field, declaration in fields:
            lines.append(f'printf("{name}.{field} %zu %zu ", offsetof({name}, {field}), '
                         f"sizeof((({name} *)0)->{field}));")
            lines.append(f"fputs({quoted(declaration)}, stdout);")
    for text in functions(draft):
        lines.append(f"fputs({quoted(text)}, stdout);")
    for name, is_text in constants(draft):
        lines.append(f'printf("{name} %s\\n", {name});' if is_text
                     else f'printf("{name} %lld\\n", (long long)({name}));')
    return "\n".join(lines + ["return 0; }", ""])


def layout(compiler, draft):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layout")
        subprocess.run(COMPILERS[compiler] + ["-I", os.path.join(ROOT, "include"), "-o", path, "-"],
                       input=program(draft), text=True, check=True)
        return subprocess.run([path], capture_output=True, text=True, check=True).stdout


GOLDEN = {False: os.path.join(HERE, "abi-1.txt"), True: os.path.join(HERE, "abi-drafts.txt")}


def update():
    for draft, path in GOLDEN.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(layout("C99", draft))


def check(tap, draft):
    with open(GOLDEN[draft], encoding="utf-8") as file:
        golden = file.read()
    what = "drafts" if draft else "version 1"
    found = list(structs(draft))
    tap.check(f"{what}: the headers define structs", len(found) >= (7 if draft else 15), found)
    tap.check(f"{what}: every struct has members", all(fields for _, fields in found), found)
    for compiler in COMPILERS:
        name = f"{what}: sizes, offsets, declarations and constants as {compiler}"
        if platform.machine() != "x86_64":
            tap.skip(name, f"the golden file is of x86_64, this is {platform.machine()}")
        else:
            tap.equal(name, layout(compiler, draft).splitlines(), golden.splitlines())


def main():
    if "--update" in sys.argv:
        update()
        return
    with Tap() as tap:
        check(tap, False)
        check(tap, True)


main()
