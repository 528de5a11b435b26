#!/usr/bin/env python3
"""embed.py OUTPUT FILE...

Writes a C source with the files of the page, each with its type and a tag of its content.
"""
import hashlib
import os
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

lines = ['#include "adapters/driving/console/parts.h"', ""]
rows = []
for number, path in enumerate(sys.argv[2:]):
    with open(path, "rb") as file:
        content = file.read()
    name = os.path.basename(path)
    kind = TYPES[os.path.splitext(name)[1]]
    tag = hashlib.sha256(content).hexdigest()[:32]
    lines.append(f"static const char content_{number}[{len(content)}] = {{")
    for at in range(0, len(content), 24):
        lines.append("".join(f"{byte - 256 * (byte > 127)}," for byte in content[at:at + 24]))
    lines.append("};")
    shown = "" if name == "index.html" else name
    rows.append(f'    {{STR_INIT("{shown}"), STR_INIT("{kind}"), STR_INIT("\\"{tag}\\""),\n'
                f"     {{content_{number}, sizeof(content_{number})}}}},")
lines += ["", "const struct asset assets[] = {", *rows, "};", "",
          "const size_t asset_count = sizeof(assets) / sizeof(assets[0]);", ""]
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write("\n".join(lines))
