#!/usr/bin/env python3
"""install_index.py HEXMCP_INDEX FOLDER

Makes the index of the installed plugins: installing can strip files and change their times.
"""
import os
import subprocess
import sys

program, folder = sys.argv[1:]
destination = os.environ.get("DESTDIR", "")
if destination:
    folder = os.path.join(destination, folder.lstrip("/"))
if os.path.isdir(folder):
    sys.exit(subprocess.run([program, folder], check=False).returncode)
