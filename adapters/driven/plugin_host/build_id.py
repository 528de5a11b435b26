#!/usr/bin/env python3
"""build_id.py OUTPUT SOURCE...

Writes a header with a digest of the sources that decide what a valid plugin is. An index that was
made by other sources is not used.
"""
import hashlib
import sys

digest = hashlib.sha256()
for path in sorted(sys.argv[2:], key=lambda p: p.rsplit("/", 1)[-1]):
    with open(path, "rb") as file:
        digest.update(file.read())
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(f'#define PLUGIN_INDEX_BUILD_ID "{digest.hexdigest()[:16]}"\n')
