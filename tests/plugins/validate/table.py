#!/usr/bin/env python3
"""table.py VALIDATOR ROOT [--check]: writes the table of checks into docs/plugins/validate.md from what
the validator says of itself. With --check nothing is written; status 1 if it is out of date."""
import json
import os
import subprocess
import sys

BEGIN, END = "<!-- checks -->\n", "<!-- end of checks -->\n"


def table(validator):
    rows = json.loads(subprocess.run([validator, "--list"], capture_output=True, text=True,
                                     check=True).stdout)
    lines = ["\n| number | name | level | what holds if it passes |", "| --- | --- | --- | --- |"]
    lines += [f"| {row['number']} | `{row['name']}` | {row['level']} | {row['summary']} |"
              for row in rows]
    return "\n".join(lines) + "\n\n"


def main():
    page = os.path.join(sys.argv[2], "docs", "plugins", "validate.md")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    wanted = before + BEGIN + table(sys.argv[1]) + END + rest.split(END)[1]
    if wanted == text:
        return 0
    if "--check" in sys.argv:
        print(f"{page} is out of date; run tests/plugins/validate/table.py")
        return 1
    with open(page, "w", encoding="utf-8") as file:
        file.write(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
