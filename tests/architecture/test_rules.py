#!/usr/bin/env python3
"""Shows that each rule can fail: a small tree that breaks it, and one that does not."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import rules  # noqa: E402
import test_architecture as architecture  # noqa: E402
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
    (rules.adapter_includes, "adapters/driven/a/a.c", '#include "../b/inside.h"\n', "../b/inside.h",
     '#include "a_build_id.h"\n'),
    (rules.adapter_includes, "adapters/driven/a/a.c", '#include "plugins/tools/b/b.h"\n',
     "plugins/tools/b/b.h", '#include "core/json/json.h"\n#include <uv.h>\n'),
    (rules.plugin_includes, "plugins/tools/a/a.c", '#include "core/json/json.h"\n', "core/json",
     '#include "hexmcp/plugin.h"\n'),
    (rules.plugin_includes, "plugins/tools/a/a.c", '#include <ports/types.h>\n', "ports/types.h",
     '#include <openssl/evp.h>\n'),
    (rules.plugin_includes, "plugins/tools/a/a.c", '#include "b.h"\n', "includes b.h",
     '#include "a.c"\n'),
    (rules.plugin_includes, "plugins/tools/a/a.c", '#include "kit/b.h"\n', "includes kit/b.h",
     '#include "a.c"\n'),
    (rules.public_includes, "include/hexmcp/a.h", '#include "core/a.h"\n', "stand alone",
     '#include "hexmcp/abi.h"\n'),
    (rules.calls, "adapters/driven/a/a.c", 'int f(void) { return system("ls"); }\n', "calls system",
     '/* system(x) */ const char *s = "system(";\n'),
    (rules.calls, "plugins/tools/a/a.c", 'void f(void) { printf("x"); }\n', "standard output",
     'void f(char *b) { snprintf(b, 2, "x"); }\n'),
    (rules.unfinished, "core/a/a.c", "/* not " "implemented */\n", "not " "implemented", "/* done */\n"),
    (rules.unfinished, "docs/a.md", "TO" "DO: more\n", "docs/a.md:1 says TO" "DO", "to do: more\n"),
    (rules.unfinished, "docs/a.png", "TO" "DO: more\n", "docs/a.png:1 says TO" "DO", "\0TO" "DO\n"),
    (rules.sizes, "core/a/a.c", "\n" * 801, "801 lines", "\n" * 800),
    (rules.sizes, "tests/a/a.py", "\n" * 801, "801 lines", "\n" * 800),
    (rules.sizes, "core/a/a.c", "int f(void)\n{\n" + "\n" * 118 + "}\n", "core/a/a.c:f has 121 lines",
     "int f(void)\n{\n" + "\n" * 117 + "}\n"),
    (rules.machine_paths, "a.md", "see /wo" "rk/notes\n", "a.md names /wo" "rk/", "see /tmp/notes\n"),
    (rules.top_level, "README.md", "x\n", "is missing", None),
]


def complaints(rule, name, content):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return list(rule(root))


def build(folder, source, *arguments):
    """The path of what cc makes of the source with these arguments."""
    path, result = os.path.join(folder, "a.c"), os.path.join(folder, "a.out")
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    subprocess.run(["cc", path, "-o", result, *arguments], check=True)
    return result


def check_archives(tap, folder):
    archive = os.path.join(folder, "a.a")

    def archived(source):
        if os.path.exists(archive):
            os.remove(archive)
        subprocess.run(["ar", "rc", archive, build(folder, source, "-c", "-fPIC")], check=True)
        return archive

    archived("#include <unistd.h>\nint f(void) { return getpid(); }\n")
    tap.equal("core_symbols sees what is not allowed", list(rules.core_symbols(archive, set())),
              ["the core uses getpid, which core_symbols.allow does not hold"])
    tap.equal("core_symbols allows what is", list(rules.core_symbols(archive, {"getpid"})), [])
    for source, section in [("int kept = 1;", ".data"), ("int kept;", ".bss"),
                            ("int *f(void) { static int kept; return &kept; }", ".bss"),
                            ("_Thread_local int kept;", ".tbss")]:
        tap.check(f"core_state sees {source}",
                  any("the core keeps kept" in text and section in text
                      for text in rules.core_state(archived(source + "\n"))))
    constants = 'const int a = 1; const char *const b[] = {"x", "y"};\n'
    tap.equal("core_state is content with constants", list(rules.core_state(archived(constants))), [])


def check_shared(tap, folder):
    shared = ("-shared", "-fPIC", "-fvisibility=default")
    two = "int b(void) { return 1; }\nint a(void) { return b(); }\n"
    library = build(folder, two, *shared)
    tap.equal("exports is content with what is wanted", list(rules.exports(library, ["b", "a"])), [])
    tap.equal("exports sees one more", list(rules.exports(library, ["a"])),
              [f"{library} exports a, b, not a"])
    tap.equal("exports sees one less", list(rules.exports(library, ["a", "b", "c"])),
              [f"{library} exports a, b, not a, b, c"])
    tap.equal("unresolved is content", list(rules.unresolved(library)), [])
    library = build(folder, "int gone(void);\nint a(void) { return gone(); }\n", *shared)
    tap.equal("unresolved sees a symbol that nobody has", list(rules.unresolved(library)),
              [f"{library} needs gone and names no library that has it"])


def check_programs(tap, folder):
    program = build(folder, "int main(void) { return 0; }\n")
    tap.equal("program_libraries is content with libc", list(rules.program_libraries(program)), [])
    program = build(folder, "int main(void) { return 0; }\n", "-Wl,--no-as-needed", "-lutf8proc")
    tap.equal("program_libraries sees a further library", list(rules.program_libraries(program)),
              ["the program links libutf8proc.so.2: load it late, as a module"])


def check_headers(tap, folder):
    include = os.path.join(folder, "include")
    os.makedirs(include)

    def complaints_of(text, language):
        with open(os.path.join(include, "a.h"), "w", encoding="utf-8") as file:
            file.write(text)
        return list(architecture.compile_alone("a.h", language, include))

    for what, text in [("a missing include", "#pragma once\nsize_t f(void);\n"),
                       ("no guard", "struct a { int b; };\n")]:
        tap.check(f"compile_alone sees {what}", complaints_of(text, architecture.INTERNAL))
    c_only = "#pragma once\nstatic inline int *f(void *p) { return p; }\n"
    tap.equal("compile_alone is content with C in C", complaints_of(c_only, architecture.LANGUAGES[0]), [])
    tap.check("compile_alone sees C in C++", complaints_of(c_only, architecture.LANGUAGES[2]))


def check_machine_paths(tap):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        with open(os.path.join(root, "a.md"), "w", encoding="utf-8") as file:
            file.write(f"see {os.path.realpath(root)}/notes\n")
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
        for check in (check_archives, check_shared, check_programs, check_headers):
            with tempfile.TemporaryDirectory() as folder:
                check(tap, folder)
        check_machine_paths(tap)


if __name__ == "__main__":
    main()
