#!/usr/bin/env python3
"""test_abi.py ROOT [--update]

Holds the binary interface to abi-1.txt: every size, every offset and every constant of the ABI
headers, as a C99 and as a C++11 compiler see them. The list of structs and members is read from the
headers, so that nothing new can be left out. --update writes the golden file anew: legal while the
ABI is a draft, later only to add lines.
"""
import os
import platform
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

HEADERS = ["abi.h", "host.h", "entry.h", "ext/tool.h", "ext/resource.h", "ext/prompt.h",
           "host/catalog.h", "host/files.h", "host/notify.h", "host/schema.h",
           "host/kv.h", "host/process.h", "host/secrets.h",
           "ids.h"]
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "abi-1.txt")
COMPILERS = {"C99": ["cc", "-std=c99", "-x", "c"], "C++11": ["c++", "-std=c++11", "-x", "c++"]}


def source(header):
    with open(os.path.join(ROOT, "include/hexmcp", header), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)


def members(body):
    for declaration in body.split(";"):
        found = re.search(r"\(\*(\w+)\)|(\w+)\s*(?:\[[^]]*\])?\s*$", declaration.strip())
        if found:
            yield found.group(1) or found.group(2)


def structs():
    for header in HEADERS:
        pattern = r"typedef struct \w+ \{(.*?)\n\} (\w+);"
        for body, name in re.findall(pattern, source(header), re.S):
            yield name, list(members(body))


def constants():
    for header in HEADERS:
        pattern = r"^#define (HEXMCP_\w+)[ \t]+(\(?[-\"\w].*)$"
        for name, value in re.findall(pattern, source(header), re.M):
            if not name.endswith(("_H", "_EXPORT", "_EXTERN_C")):
                yield name, value.startswith('"')


def program():
    lines = ["#include <stdio.h>"]
    lines += [f'#include "hexmcp/{header}"' for header in HEADERS]
    lines.append("int main(void) {")
    for name, fields in structs():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field in fields:
            lines.append(f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), '
                         f"sizeof((({name} *)0)->{field}));")
    for name, is_text in constants():
        lines.append(f'printf("{name} %s\\n", {name});' if is_text
                     else f'printf("{name} %lld\\n", (long long)({name}));')
    return "\n".join(lines + ["return 0; }", ""])


def layout(compiler):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layout")
        subprocess.run(COMPILERS[compiler] + ["-I", os.path.join(ROOT, "include"), "-o", path, "-"],
                       input=program(), text=True, check=True)
        return subprocess.run([path], capture_output=True, text=True, check=True).stdout


def main():
    if "--update" in sys.argv:
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write(layout("C99"))
        return
    with open(GOLDEN, encoding="utf-8") as file:
        golden = file.read()
    with Tap() as tap:
        found = list(structs())
        tap.check("the headers define at least nine structs", len(found) >= 9, f"found {found}")
        tap.check("every struct has members", all(fields for _, fields in found), f"found {found}")
        for compiler in COMPILERS:
            name = f"sizes, offsets and constants as {compiler}"
            if platform.machine() != "x86_64":
                tap.skip(name, f"the golden file is of x86_64, this is {platform.machine()}")
            else:
                tap.equal(name, layout(compiler).splitlines(), golden.splitlines())


main()
