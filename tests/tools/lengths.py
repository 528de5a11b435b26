#!/usr/bin/env python3
"""Reports how long functions and files are; fails above 120 lines a function or 800 a file."""
import json
import subprocess
import sys

FOLDERS = ["core", "ports", "adapters", "plugins", "include"]


def main():
    files = subprocess.run(["git", "ls-files", *FOLDERS], capture_output=True, text=True,
                           check=True).stdout.split()
    files = [name for name in files if name.endswith((".c", ".h"))]
    tags = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--languages=C",
                           "--kinds-C=f", "-f", "-", *files], capture_output=True, text=True,
                          check=True).stdout
    lengths = []
    for line in tags.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            lengths.append((tag["end"] - tag["line"] + 1, f"{tag['path']}:{tag['name']}"))
    lengths.sort()
    sizes = sorted((sum(1 for _ in open(name, encoding="utf-8")), name) for name in files)
    middle = lengths[len(lengths) // 2][0]
    print(f"{len(lengths)} functions: median {middle}, p90 {lengths[len(lengths) * 9 // 10][0]}, "
          f"longest {lengths[-1]}")
    print(f"{len(sizes)} files: median {sizes[len(sizes) // 2][0]}, longest {sizes[-1]}")
    too_long = [name for length, name in lengths if length > 120]
    too_long += [name for size, name in sizes if size > 800]
    for name in too_long:
        print(f"too long: {name}")
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
