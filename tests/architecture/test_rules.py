#!/usr/bin/env python3
"""Shows that each rule can fail: a small tree that breaks it, and one that does not."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import rules  # noqa: E402
from tap import Tap  # noqa: E402

# rule, file, content that breaks it, what the complaint holds, content that does not break it
CASES = [
    (rules.core_includes, "core/a/a.c", "#include <unistd.h>\n", "unistd.h", "#include <string.h>\n"),
    (rules.core_includes, "core/a/a.c", '#include "adapters/driven/x/x.h"\n', "adapters/driven/x/x.h",
     '#include "ports/types.h"\n'),
    (rules.port_includes, "ports/a.h", '#include "core/a.h"\n', "core/a.h", "#include <stdint.h>\n"),
    (rules.port_includes, "ports/a.c", "int x;\n", "headers only", None),
    (rules.adapter_includes, "adapters/driven/a/a.c", '#include "adapters/driven/b/inside.h"\n',
     "private header", '#include "adapters/driven/b/b.h"\n'),
    (rules.plugin_includes, "plugins/tools/a/a.c", '#include "core/json/json.h"\n', "core/json",
     '#include "hexmcp/plugin.h"\n'),
    (rules.public_includes, "include/hexmcp/a.h", '#include "core/a.h"\n', "stand alone",
     '#include "hexmcp/abi.h"\n'),
    (rules.calls, "adapters/driven/a/a.c", 'int f(void) { return system("ls"); }\n', "calls system",
     '/* system(x) */ const char *s = "system(";\n'),
    (rules.calls, "plugins/tools/a/a.c", 'void f(void) { printf("x"); }\n', "standard output",
     'void f(char *b) { snprintf(b, 2, "x"); }\n'),
    (rules.text_rules, "core/a/a.c", "/* TO" "DO: later */\n", "TO" "DO", "/* done */\n"),
    (rules.text_rules, "core/a/a.c", "\n" * 801, "801 lines", "\n" * 800),
    (rules.top_level, "README.md", "x\n", "is missing", None),
]


def complaints(rule, name, content):
    with tempfile.TemporaryDirectory() as root:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return list(rule(root))


def check_binaries(tap):
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "a.c"), os.path.join(folder, "a.so")
        with open(source, "w", encoding="utf-8") as file:
            file.write("#include <unistd.h>\nint leak(void) { return getpid(); }\n")
        subprocess.run(["cc", "-shared", "-fPIC", source, "-o", library, "-lm", "-Wl,--no-as-needed",
                        "-lz" if os.path.exists("/usr/include/zlib.h") else "-lutil"], check=True)
        tap.check("plugin_exports sees a further symbol",
                  any("leak" in text for text in rules.plugin_exports(library)))
        archive = os.path.join(folder, "a.a")
        subprocess.run(["cc", "-c", source, "-o", os.path.join(folder, "a.o")], check=True)
        subprocess.run(["ar", "rc", archive, os.path.join(folder, "a.o")], check=True)
        tap.equal("core_symbols sees what is not allowed", list(rules.core_symbols(archive, set())),
                  ["the core uses getpid, which core_symbols.allow does not hold"])
        tap.equal("core_symbols allows what is", list(rules.core_symbols(archive, {"getpid"})), [])


def check_machine_paths(tap):
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "tree")
        os.makedirs(root)
        subprocess.run(["git", "init", "-q", root], check=True)
        with open(os.path.join(root, "a.md"), "w", encoding="utf-8") as file:
            file.write(f"see {os.path.realpath(folder)}/notes\n")
        subprocess.run(["git", "-C", root, "add", "a.md"], check=True)
        tap.check("machine_paths sees the place of the tree",
                  any("a.md" in text for text in rules.machine_paths(root)))


def main():
    with Tap() as tap:
        for rule, name, bad, text, good in CASES:
            found = complaints(rule, name, bad)
            tap.check(f"{rule.__name__} complains: {text}", any(text in one for one in found),
                      "\n".join(found))
            if good is not None:
                tap.equal(f"{rule.__name__} is content without: {text}", complaints(rule, name, good),
                          [])
        check_binaries(tap)
        check_machine_paths(tap)


if __name__ == "__main__":
    main()
