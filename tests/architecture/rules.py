"""The rules of the tree, as functions from its files to complaints.

A complaint is a string; a rule without complaints holds. test_architecture.py runs them over the
tree, test_rules.py over small trees that break one rule each.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import lengths  # noqa: E402

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)

# What the core may use of the C library: nothing with input, output, time or threads. <stdio.h> is
# there for snprintf; core_symbols.allow holds it to that.
CORE_HEADERS = {"limits.h", "math.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
                "stdio.h", "stdlib.h", "string.h"}
PORT_HEADERS = {"stdbool.h", "stddef.h", "stdint.h"}

FORBIDDEN_CALLS = re.compile(r"(?<![\w.>])(system|popen|strcpy|strcat|sprintf|vsprintf|gets|mktemp|"
                             r"tmpnam|putenv|setenv)\s*\(")
# libvips is told by the environment alone where its modules are. The plugin has a helper to itself, and this
# is before the library starts a thread.
ALLOWED_CALLS = {("plugins/tools/image-processor/start.c", "setenv")}
STDOUT_CALLS = re.compile(r"(?<![\w.>])(printf|puts|putchar)\s*\(|\bstdout\b")
UNFINISHED = re.compile(r"\bHACK\b|not (yet )?implemented", re.I)

# Written in two parts, so that this file does not break its own rule.
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def sources(root, *folders, endings=(".c", ".h")):
    for folder in folders:
        for path, _, names in sorted(os.walk(os.path.join(root, folder))):
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(path, name), root)


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def without_comments(text):
    """Comments and strings emptied; line breaks stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: "\n" * m.group().count("\n"), text)


def includes(root, name):
    """(True if in angle brackets, header) of each include."""
    return [(kind == "<", header) for kind, header in INCLUDE.findall(read(root, name))]


def core_includes(root):
    for name in sources(root, "core"):
        for system, header in includes(root, name):
            allowed = (header in CORE_HEADERS if system
                       else header.startswith(("core/", "ports/")))
            if not allowed:
                yield f"{name} includes {header}: the core knows only core/, ports/ and pure C"


def port_includes(root):
    for name in sources(root, "ports", endings=("",)):
        if name.endswith(".c"):
            yield f"{name}: ports are headers only"
    for name in sources(root, "ports"):
        for system, header in includes(root, name):
            allowed = (header in PORT_HEADERS if system
                       else header.startswith(("ports/", "hexmcp/")))
            if not allowed:
                yield f"{name} includes {header}: ports know only ports/ and the public headers"


def adapter_of(name):
    """adapters/driving/mcp/x.c -> adapters/driving/mcp"""
    return "/".join(name.split("/")[:3])


# The composition root knows every part, and these headers are an adapter's public ones beside the
# one that is named like its folder.
PUBLIC_BESIDE = {
    "adapters/driven/plugin_host/bundle.h",
    "adapters/driven/plugin_host/manifest.h",
    "adapters/driven/plugin_host/plugin_rules.h",
    "adapters/driven/plugin_host/names.h",
    "adapters/driven/plugin_host/sandbox/program.h",
    "adapters/driven/plugin_host/sandbox/sandbox.h",
    "adapters/driving/mcp/mcp_http.h",
    "adapters/driven/module/export.h",
    "adapters/driving/cli/plugin_checks.h",
}


def is_public(header):
    folder = adapter_of(header)
    return header == f"{folder}/{folder.rsplit('/', 1)[1]}.h" or header in PUBLIC_BESIDE


# What the build makes, in the folder of the object that includes it.
GENERATED = re.compile(r"^\w+_build_id\.h$")
ADAPTERS_SEE = ("adapters/", "core/", "ports/", "hexmcp/", "include/hexmcp/")


def adapter_includes(root):
    for name in sources(root, "adapters"):
        for system, header in includes(root, name):
            if system or GENERATED.match(header):
                continue
            if not header.startswith(ADAPTERS_SEE):
                yield f"{name} includes {header}: an adapter knows {', '.join(ADAPTERS_SEE)} and libraries"
            elif (header.startswith("adapters/") and adapter_of(header) != adapter_of(name)
                  and not is_public(header)):
                yield f"{name} includes {header}, a private header of another adapter"


def plugin_includes(root):
    """A header in quotes is a public one, stands in the plugin's own folder, or in a kit beside it: kit/, web-kit/."""
    for name in sources(root, "plugins"):
        folder = os.path.dirname(os.path.join(root, name))
        for system, header in includes(root, name):
            tree = header.startswith(("core/", "ports/", "adapters/", "plugins/", "tests/", "../"))
            kit = re.match(r"(\w+-)?kit/", header) and os.path.isfile(os.path.join(folder, "..", header))
            own = header.startswith("hexmcp/") or os.path.isfile(os.path.join(folder, header)) or kit
            if tree or not (system or own):
                yield f"{name} includes {header}: a plugin sees only include/hexmcp/, its own folder and the kits beside it"


def public_includes(root):
    for name in sources(root, "include"):
        for system, header in includes(root, name):
            if not system and not header.startswith("hexmcp/"):
                yield f"{name} includes {header}: public headers stand alone"


def calls(root):
    for name in sources(root, "core", "adapters", "plugins", "include"):
        text = without_comments(read(root, name))
        for match in FORBIDDEN_CALLS.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            if (name, match.group(1)) not in ALLOWED_CALLS:
                yield f"{name}:{line} calls {match.group(1)}"
        if name.startswith(("adapters/driving/cli/", "adapters/driving/validator/",
                            "adapters/driven/plugin_host/helper/")) or name.endswith("index_main.c"):
            continue
        for match in STDOUT_CALLS.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line} writes to standard output, which is the wire"


def unfinished(root):
    """In the product neither a mark nor a stub; in every other file no mark."""
    for name in sources(root, "core", "ports", "adapters", "plugins", "include"):
        yield from matches(root, name, UNFINISHED)
    for name in tracked(root):
        yield from matches(root, name, MARKS)


def matches(root, name, pattern):
    text = read(root, name)
    if "\0" in text:
        return  # a picture says nothing
    for match in pattern.finditer(text):
        yield f"{name}:{text.count(chr(10), 0, match.start()) + 1} says {match.group()}"


def tracked(root):
    """The files that git keeps, or would if they were added; no corpus of a fuzz target."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed
            if "/corpus/" not in name and os.path.isfile(os.path.join(root, name))]


def sizes(root):
    names = list(sources(root, "core", "ports", "adapters", "plugins", "include"))
    yield from lengths.too_long(lengths.functions(root, names), lengths.MAX_FUNCTION)
    names += sources(root, "tests", endings=(".c", ".h", ".py", ".mjs"))
    yield from lengths.too_long(lengths.files(root, names), lengths.MAX_FILE)


def top_level(root):
    wanted = ["meson.build", "core", "ports", "adapters", "plugins", "include", "tests", "docs",
              "README.md", "LICENSE", "CONTRIBUTING.md", "dev", ".ci/run"]
    for name in wanted:
        if not os.path.exists(os.path.join(root, name)):
            yield f"{name} is missing"


def machine_paths(root):
    """Paths of somebody's machine: the place where this tree lies, a home, a workspace."""
    places = {os.path.realpath(root) + "/", os.path.expanduser("~") + "/"}
    # A place right below / (a tree in /hexmcp, the home /root) has a name like anybody's folder.
    places = {place for place in places if place.count("/") > 2} | {"/wo" "rk/"}
    for name in tracked(root):
        text = read(root, name)
        for place in sorted(places):
            if place in text:
                yield f"{name} names {place}"


RULES = [core_includes, port_includes, adapter_includes, plugin_includes, public_includes, calls,
         unfinished, sizes, top_level, machine_paths]


# ---- what was built ---------------------------------------------------------------------------

def undefined_symbols(archive):
    """What an archive needs and does not hold itself."""
    out = subprocess.run(["nm", "-P", archive], capture_output=True, text=True, check=True).stdout
    defined, needed = set(), set()
    for line in out.splitlines():
        parts = line.split()
        if len(parts) >= 2 and len(parts[1]) == 1:
            (needed if parts[1] == "U" else defined).add(parts[0])
    return needed - defined


def core_symbols(archive, allowed):
    for name in sorted(undefined_symbols(archive) - allowed):
        yield f"the core uses {name}, which core_symbols.allow does not hold"


def core_state(archive):
    """The core has no state of its own: nothing in it may be writable."""
    out = subprocess.run(["objdump", "-t", archive], capture_output=True, text=True, check=True).stdout
    # value, seven flags (the sixth is d for the section itself), section, size, name
    writable = re.compile(r"^\S+ .{5}[^d]. (\.data(?!\.rel\.ro)\S*|\.t?bss\S*|\.tdata\S*|\*COM\*)"
                          r"\s+\S+\s+(.+)", re.M)
    for section, name in writable.findall(out):
        yield f"the core keeps {name} in {section}: state hangs from what the caller made"


def needed_libraries(binary):
    out = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", out)


def program_libraries(binary):
    allowed = re.compile(r"^(libc|libm|libuv|libcjson|libdl|libpthread|librt|ld-linux-x86-64)\.so")
    for library in needed_libraries(binary):
        if not allowed.match(library):
            yield f"the program links {library}: load it late, as a module"


def exported_symbols(plugin):
    out = subprocess.run(["nm", "-D", "--defined-only", "-P", plugin], capture_output=True, text=True,
                         check=True).stdout
    return sorted(line.split()[0] for line in out.splitlines())


def exports(binary, wanted):
    got = exported_symbols(binary)
    if got != sorted(wanted):
        yield f"{binary} exports {', '.join(got) or 'nothing'}, not {', '.join(sorted(wanted))}"


def unresolved(binary):
    """Symbols that neither it nor a library that it names holds."""
    out = subprocess.run(["ldd", "-r", binary], capture_output=True, text=True, check=False)
    for name in re.findall(r"undefined symbol:? (\S+)", out.stdout + out.stderr):
        yield f"{binary} needs {name} and names no library that has it"
