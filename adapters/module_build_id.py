#!/usr/bin/env python3
"""module_build_id.py [--name NAME] VERSION OUTPUT HEADER...

Writes a header with the version and a digest of the port headers that the program and its modules
share. A module with another one is not loaded.
"""
import hashlib
import sys

name = "HEXMCP_MODULE_BUILD_ID"
if sys.argv[1] == "--name":
    name = sys.argv[2]
    del sys.argv[1:3]
digest = hashlib.sha256()
for path in sorted(sys.argv[3:], key=lambda p: p.rsplit("/", 1)[-1]):
    with open(path, "rb") as file:
        digest.update(file.read())
with open(sys.argv[2], "w", encoding="ascii") as file:
    file.write(f'#define {name} "{sys.argv[1]}+{digest.hexdigest()[:16]}"\n')
