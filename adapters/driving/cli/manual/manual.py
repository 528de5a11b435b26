#!/usr/bin/env python3
"""manual.py HEXMCP OUTPUT

Writes the manual page hexmcp(1) from what `hexmcp help --json` says.
"""
import json
import re
import subprocess
import sys
import textwrap

INTRODUCTION = """
hexmcp serves tools, resources and prompts from plugins to assistants, IDEs and agents over the Model
Context Protocol (MCP). An assistant starts "hexmcp serve" and speaks with it over standard input and
output. The other commands are for people and scripts: they show what there is, call it without an
assistant, and say what is wrong.
"""

FILES = [
    ("/etc/hexmcp/config.json", "the settings of this machine"),
    ("$XDG_CONFIG_HOME/hexmcp/config.json", "those of the user; by default below ~/.config"),
    (".hexmcp.json", "those of the working folder; they can only narrow what the others allow"),
]

ENVIRONMENT = [
    ("HEXMCP_*", 'one setting each: HEXMCP_LOG_LEVEL sets log.level. "hexmcp config show" lists all'),
    ("XDG_CONFIG_HOME, HOME", "where the user's files are"),
    ("TERM", '"dumb": no progress bar is drawn'),
]


def escape(text):
    """Text that roff shows as it is, also at the beginning of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    text = text.replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    return re.sub(r"^\.", r"\\&.", text, flags=re.M)


def paragraph(text):
    """Filled by roff; broken here because its tools want short lines."""
    return escape(textwrap.fill(" ".join(text.split()), 70, break_on_hyphens=False))


def tagged(pairs):
    for tag, text in pairs:
        yield ".TP"
        yield f".B {escape(tag)}"
        yield paragraph(text)


def details(text):
    """Indented lines are shown to the letter, the others are filled."""
    for block in text.split("\n\n"):
        if not block:
            continue
        if all(line.startswith("  ") for line in block.splitlines()):
            yield from [".PP", ".nf", ".RS 4", escape(re.sub("^  ", "", block, flags=re.M)), ".RE",
                        ".fi"]
        else:
            yield from [".PP", paragraph(block)]


def options(table):
    return tagged((f"--{option['name']} {option['value'] or ''}".rstrip(), option["help"])
                  for option in table)


def command(entry):
    yield f".SS hexmcp {escape(entry['name'])} {escape(entry['operands'])}".rstrip()
    yield paragraph(entry["summary"])
    yield from details(entry["details"])
    yield from options(entry["options"])


def page(facts):
    yield f'.TH HEXMCP 1 "" "hexmcp {facts["version"]}" "User Commands"'
    yield from [".SH NAME", "hexmcp \\- serve and use tools over the Model Context Protocol",
                ".SH SYNOPSIS"]
    for number, entry in enumerate(facts["commands"]):
        yield from [".br"] if number else []
        yield from [f".B hexmcp {escape(entry['name'])}", escape(entry["operands"])]
    yield from [".SH DESCRIPTION", paragraph(INTRODUCTION), ".SH COMMANDS"]
    for entry in facts["commands"]:
        yield from command(entry)
    yield ".SH OPTIONS OF EVERY COMMAND"
    yield from options(facts["options"])
    yield ".SH EXIT STATUS"
    yield from tagged((str(code["code"]), code["meaning"].replace("`", ""))
                      for code in facts["exitCodes"])
    yield ".SH FILES"
    yield from tagged(FILES)
    yield ".SH ENVIRONMENT"
    yield from tagged(ENVIRONMENT)


def main():
    said = subprocess.run([sys.argv[1], "help", "--json"], capture_output=True, text=True, timeout=20,
                          check=True).stdout
    lines = [line for line in page(json.loads(said)) if line]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
