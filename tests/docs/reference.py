#!/usr/bin/env python3
"""Writes docs/plugins/reference.md from the headers in include/hexmcp, and the tables of
docs/plugins/contract.md from lifecycle.c and abi.h.

usage: reference.py ROOT [--check]
With --check nothing is written: it is a test that the pages are what would be written, and that every
function of the ABI says on which thread it runs.
"""
import html
import os
import re
import sys

ROOT = os.path.abspath(sys.argv[1])
INCLUDE = os.path.join(ROOT, "include")
PAGES = os.path.join(ROOT, "docs/plugins")
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

# The order of the page; headers that are not named stand in their group by name.
GROUPS = [
    ("The contract", ["hexmcp/abi.h", "hexmcp/entry.h", "hexmcp/host.h", "hexmcp/ids.h"], None),
    ("What a plugin implements", [], "hexmcp/ext/"),
    ("Services of the host", [], "hexmcp/host/"),
    ("Drafts", [], "hexmcp/ext/draft/"),
    ("Header-only helpers", ["hexmcp/simple.h", "hexmcp/simple/round.h", "hexmcp/json.h",
                             "hexmcp/json/read.h", "hexmcp/json/write.h", "hexmcp/await.h"], None),
    ("Tests of plugins", ["hexmcp/test/fake_host.h"], "hexmcp/test/"),
]
NO_CONTENT = ("hexmcp/plugin.h", "hexmcp/all.h")
TAG = re.compile(r"\[(loop|worker|any)\]")
DEFERS = re.compile(r"As hexmcp_|as hexmcp_|see hexmcp_|Thread by|Same thread|The same|Reply,|The reply")

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/)
  | ^\#define[ \t]+(?P<macro>\w+)(?P<value>(?:\\\n|[^\n])*?)(?=\s*/\*|\n)
  | (?P<struct>^typedef\ struct\ \w+\ \{(?P<body>.*?)\n\}\ (?P<struct_name>\w+);)
  | (?P<typedef>^typedef[^;{]*;)
  | (?P<function>^(?:__attribute__\(\(.*?\)\)\s*)?static\ inline\ .*?\))\s*\n\{(?P<code>.*?)\n\}
  """, re.S | re.M | re.X)
MEMBER = re.compile(r"(?P<comment>/\*.*?\*/)|(?P<declaration>[^;/]+;)", re.S)


def plain(comment):
    """The text of a comment, its lines without the stars."""
    text = re.sub(r"^/\*|\*/$", "", comment)
    lines = [re.sub(r"^\s*\* ?", "", line.rstrip()) if i else line.strip()
             for i, line in enumerate(text.split("\n"))]
    return "\n".join(lines).strip()


def inner(comment, indent=4):
    """The same for a comment within a struct."""
    return plain(re.sub(r"\n {%d}" % indent, "\n", comment))


def escaped(line):
    return html.escape(line, quote=False).replace("*", "\\*").replace("[", "\\[").replace("|", "\\|")


def prose(text):
    """Paragraphs; what is indented stays as it is."""
    out = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.split("\n")
        while lines:
            kind = lines[0].startswith("  ")
            count = next((i for i, line in enumerate(lines) if line.startswith("  ") != kind),
                         len(lines))
            part, lines = lines[:count], lines[count:]
            out.append("```text\n" + "\n".join(part) + "\n```" if kind
                       else "\n".join(escaped(line) for line in part))
    return "\n\n".join(part for part in out if part.strip())


def fence(code):
    return "```text\n" + code.strip() + "\n```"


def members(body):
    """(declaration, comment) of each; a member without a comment shares that of the one before."""
    found, before, last = [], "", ""
    for match in MEMBER.finditer(body):
        if match["comment"]:
            line_start = body.rfind("\n", 0, match.start()) + 1
            trailing = body[line_start:match.start()].strip().endswith(";")
            if trailing and found:
                found[-1] = (found[-1][0], inner(match["comment"]))
                last = ""
            else:
                before = inner(match["comment"])
        else:
            declaration = " ".join(match["declaration"].split())
            last = before or last
            found.append((declaration, before or last))
            before = ""
    return found


def parse(name):
    """The comment of the file, and its parts: (kind, name, code, comment, members)."""
    with open(os.path.join(INCLUDE, name), encoding="utf-8") as file:
        text = file.read()
    head, parts, before, end = "", [], "", 0
    for match in TOKEN.finditer(text):
        if match["comment"]:
            line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
            if match.start() == 0:
                head = plain(match["comment"])
            elif line.startswith("#define") and parts:
                parts[-1] = parts[-1][:3] + (plain(match["comment"]),) + parts[-1][4:]
            else:
                before, end = plain(match["comment"]), match.end()
            continue
        comment = before if text[end:match.start()].count("\n") < 2 else ""
        before = ""
        if match["macro"] and match["value"].strip() and not match["macro"].endswith("_H"):
            value = match["value"]
            code = match["macro"] + (re.match(r"\([^)]*\)", value) or [""])[0] \
                if value.startswith("(") else match["macro"] + " " + " ".join(value.split())
            parts.append(("macro", match["macro"], code, comment, []))
        elif match["struct"]:
            parts.append(("struct", match["struct_name"], "", comment, members(match["body"])))
        elif match["typedef"]:
            code = " ".join(match["typedef"].split())
            called = re.search(r"\(\*(\w+)\)|(\w+);$", code)
            parts.append(("type", called[1] or called[2], code, comment, []))
        elif match["function"]:
            code = re.sub(r"__attribute__\(\(.*?\)\)\)?\s*(?=static)|static inline ", "",
                          match["function"])
            called = re.search(r"(\w+)\(", code)[1]
            parts.append(("function", called, " ".join(code.split()), comment, []))
    shown = [part for part in parts if not part[1].endswith("_")]
    return re.sub(r"\n*SPDX-License-Identifier: MIT\n*", "\n\n", head), shown


def function_name(declaration):
    found = re.search(r"\(\*(\w+)\)", declaration)
    return found[1] if found else None


def is_boundary(name):
    return not re.match(r"hexmcp/(json|simple|await|test|all|plugin)", name)


def write_struct(out, header, name, comment, body, faults):
    out += [f"### {name}", prose(comment)]
    fields = [(d, c) for d, c in body if not function_name(d)]
    if fields and not name.endswith("_"):
        out.append("| member | |\n| --- | --- |\n" + "\n".join(
            f"| `{d.rstrip(';')}` | {escaped(' '.join(c.split()))} |" for d, c in fields
            if not re.search(r"\w_;$", d)))
    for declaration, said in body:
        called = function_name(declaration)
        if not called:
            continue
        if is_boundary(header) and not TAG.search(said + comment) and not DEFERS.search(said):
            faults.append(f"{header}: {name}.{called} does not say on which thread it runs")
        out += [f"#### {name}.{called}", fence(declaration), prose(said)]


def write_header(out, header, faults, index):
    head, parts = parse(header)
    title, _, rest = head.partition("\n")
    out += [f"## {header}", prose(title.split(" - ", 1)[-1].capitalize() + "\n" + rest)]
    macros = [part for part in parts if part[0] == "macro"]
    for kind, name, code, comment, body in parts:
        if kind == "struct":
            write_struct(out, header, name, comment, body, faults)
        elif kind in ("type", "function"):
            out += [f"### {name}", fence(code), prose(comment)]
        index.append((kind, name, header, comment, body))
    if macros:
        out.append("### Constants and macros of " + header)
        out.append("| name | |\n| --- | --- |\n" + "\n".join(
            f"| `{code.replace('|', chr(92) + '|')}` | {escaped(' '.join(comment.split()))} |"
            for _, _, code, comment, _ in macros))


def headers():
    """(title, headers) of each group; each header once."""
    every = sorted(os.path.relpath(os.path.join(folder, name), INCLUDE)
                   for folder, _, names in os.walk(os.path.join(INCLUDE, "hexmcp"))
                   for name in names if name.endswith(".h"))
    left = [name for name in every if name not in NO_CONTENT]
    groups = []
    for title, first, prefix in sorted(GROUPS, key=lambda g: -len(g[2] or "")):
        mine = [name for name in first if name in left]
        mine += [name for name in left if prefix and name.startswith(prefix) and name not in mine]
        left = [name for name in left if name not in mine]
        groups.append((title, mine))
    order = [title for title, _, _ in GROUPS]
    groups.sort(key=lambda group: order.index(group[0]))
    if left:
        sys.exit(f"reference.py does not know where these belong: {left}")
    return groups


def anchor(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def interfaces(index):
    """Rows of the index by interface id."""
    tables = {name: (header, body) for kind, name, header, _, body in index if kind == "struct"}
    rows, seen = [], set()
    for header in sorted({header for _, _, header, _, _ in index if is_boundary(header)}):
        with open(os.path.join(INCLUDE, header), encoding="utf-8") as file:
            found = re.findall(r'^#define (HEXMCP_\w+_\d+) "(hexmcp\.[\w.-]+/\d+)"', file.read(), re.M)
        for macro, interface in found:
            table = macro.lower()
            table = {"hexmcp_call_1": "hexmcp_call_info_1"}.get(table, table)
            if interface in seen or (header.endswith("ids.h") and table not in tables and any(
                    f'"{interface}"' in open(os.path.join(INCLUDE, other), encoding="utf-8").read()
                    for other in {h for _, _, h, _, _ in index} if other != header)):
                continue
            seen.add(interface)
            where, body = tables.get(table, (None, []))
            whose = "host" if any("*ctx" in d for d, _ in body) else "plugin"
            status = "reserved" if not where else "draft" if "/draft/" in where else "1.0"
            name = f"[{table}](#{anchor(table)})" if where else ""
            rows.append((interface, name, whose if where else "", status, macro))
    return sorted(rows)


def reference():
    faults, index, body = [], [], []
    for title, names in headers():
        body.append(f"# {title}")
        for name in names:
            write_header(body, name, faults, index)
    rows = interfaces(index)
    calls = []
    for kind, name, header, comment, fields in index:
        if kind == "struct" and is_boundary(header):
            for declaration, said in fields:
                called = function_name(declaration)
                tag = TAG.search(said) or TAG.search(comment)
                if called:
                    calls.append((f"[{name}.{called}](#{anchor(name + '.' + called)})",
                                  f"`[{tag[1]}]`" if tag else "see there", f"`{header}`"))
    out = ["# Reference",
           "Every type and function of the public headers, made from the comments in "
           "[include/hexmcp/](../../include/hexmcp/) by `tests/docs/reference.py`: change it there. "
           "What the tags and states mean is in [contract.md](contract.md); what may change in "
           "[stability.md](stability.md).",
           "## Interfaces by id",
           "| id | table | implemented by | since | macro |\n| --- | --- | --- | --- | --- |\n" +
           "\n".join(f"| `{i}` | {n} | {w} | {s} | `{m}` |" for i, n, w, s, m in rows),
           "## Functions by table",
           "| function | thread | header |\n| --- | --- | --- |\n" +
           "\n".join(f"| {a} | {b} | {c} |" for a, b, c in calls)] + body
    return "\n\n".join(part for part in out if part.strip()) + "\n", faults


def states():
    """The states and which functions may be called in them, from the table of the loader."""
    with open(os.path.join(ROOT, "adapters/driven/plugin_host/lifecycle.c"), encoding="utf-8") as file:
        text = file.read()
    functions = ["create", "init", "get_interface", "start", "call", "cancel", "stop", "destroy"]
    rows = []
    for state, name, may, leads in re.findall(
            r'\[PLUGIN_(\w+)\] = \{"([\w ]+)",\s*(.*?),\s*((?:TO\(\w+\)[\s|]*)+|0)\}', text, re.S):
        allowed = {found.lower() for found in re.findall(r"FN\((\w+)\)", may)}
        unknown = allowed - set(functions)
        if unknown:
            functions += sorted(unknown)
        to = ", ".join(found.lower() for found in re.findall(r"TO\((\w+)\)", leads)) or "nothing"
        rows.append((state.lower(), allowed, to))
    head = "| state | " + " | ".join(f"`{name}`" for name in functions) + " | leads to |"
    lines = [head, "| --- " * (len(functions) + 2) + "|"]
    for state, allowed, to in rows:
        marks = " | ".join("yes" if name in allowed else "" for name in functions)
        lines.append(f"| {state} | {marks} | {to} |")
    return "\n".join(lines), len(rows)


def errors():
    with open(os.path.join(INCLUDE, "hexmcp/abi.h"), encoding="utf-8") as file:
        found = re.findall(r"#define (HEXMCP_E_\w+) \((-\d+)\)\s*/\* (.*?) {2,}(.*?)\s*\*/", file.read())
    lines = ["| code | | what it says | retry? | what a client sees |", "| --- | --- | --- | --- | --- |"]
    for name, number, meaning, seen in found:
        retry = "yes" if re.search(r"\bretry\b", meaning) else "no"
        lines.append(f"| `{name}` | {number} | {re.sub(r';[^;]*retry.*', '', meaning)} | {retry} | {seen} |")
    return "\n".join(lines), len(found)


def contract():
    """contract.md with its two tables made anew."""
    with open(os.path.join(PAGES, "contract.md"), encoding="utf-8") as file:
        text = file.read()
    for mark, (table, count) in (("states", states()), ("errors", errors())):
        if count < 10:
            sys.exit(f"reference.py found only {count} {mark}")
        text, done = re.subn(rf"(<!-- {mark}: made by tests/docs/reference.py -->\n\n).*?(\n\n<!-- end -->)",
                             lambda match, table=table: match[1] + table + match[2], text, flags=re.S)
        if done != 1:
            sys.exit(f"contract.md has no place for {mark}")
    return text


def main():
    page, faults = reference()
    pages = {"reference.md": page, "contract.md": contract()}
    if "--check" not in sys.argv:
        for name, text in pages.items():
            with open(os.path.join(PAGES, name), "w", encoding="utf-8") as file:
                file.write(text)
        sys.exit("\n".join(faults) or 0)
    with Tap() as tap:
        tap.equal("every function of the ABI says on which thread it runs", faults, [])
        for name, text in pages.items():
            with open(os.path.join(PAGES, name), encoding="utf-8") as file:
                tap.check(f"docs/plugins/{name} is what the headers say", file.read() == text,
                          "run: python3 tests/docs/reference.py .")


main()
