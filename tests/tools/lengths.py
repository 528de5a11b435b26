#!/usr/bin/env python3
"""Reports how long functions and files are; fails above MAX_FUNCTION and MAX_FILE lines.

usage: lengths.py        (in the root of the tree)
"""
import json
import os
import subprocess
import sys

MAX_FUNCTION = 120
MAX_FILE = 800

FOLDERS = ["core", "ports", "adapters", "plugins", "include"]


def functions(root, names):
    """Sorted (lines, "file:function")."""
    if not names:
        return []
    tags = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--languages=C",
                           "--langmap=C:.c.h", "--kinds-C=f", "-f", "-", *names], cwd=root,
                          capture_output=True, text=True, check=True).stdout
    tags = [json.loads(line) for line in tags.splitlines()]
    return sorted((tag["end"] - tag["line"] + 1, f"{tag['path']}:{tag['name']}")
                  for tag in tags if "end" in tag)


def files(root, names):
    """Sorted (lines, file)."""
    sizes = []
    for name in names:
        with open(os.path.join(root, name), encoding="utf-8") as file:
            sizes.append((sum(1 for _ in file), name))
    return sorted(sizes)


def too_long(measured, limit):
    for lines, name in measured:
        if lines > limit:
            yield f"{name} has {lines} lines, more than {limit}"


def report(what, measured):
    middle, ninth = (measured[len(measured) * part // 10] for part in (5, 9))
    lines, name = measured[-1]
    print(f"{len(measured)} {what}: median {middle[0]} lines, p90 {ninth[0]}, longest {lines} ({name})")


def main():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *FOLDERS],
                            capture_output=True, text=True, check=True).stdout.split()
    names = [name for name in listed if name.endswith((".c", ".h"))]
    by_function, by_file = functions(".", names), files(".", names)
    report("functions", by_function)
    report("files", by_file)
    complaints = [*too_long(by_function, MAX_FUNCTION), *too_long(by_file, MAX_FILE)]
    for text in complaints:
        print(f"{text}: cut it in parts that have a name")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
