#!/usr/bin/env python3
"""embed.py OUTPUT SCRIPT...

Writes a C source that holds each script: hexmcp.bash becomes completion_bash.
"""
import sys

lines = ['#include "adapters/driving/cli/completion/scripts.h"', ""]
for path in sys.argv[2:]:
    with open(path, encoding="ascii") as file:
        text = file.read()
    lines.append(f"const struct str completion_{path.rsplit('.', 1)[1]} = STR_INIT(")
    for line in text.splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
        lines.append(f'    "{escaped}\\n"')
    lines += [");", ""]
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write("\n".join(lines))
