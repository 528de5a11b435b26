#!/usr/bin/env python3
"""copy.py STAMP DEPFILE SOURCE TARGET: copies the templates into the build folder, where a program
that is not installed looks for them."""
import os
import shutil
import sys

stamp, depfile, source, target = sys.argv[1:]
shutil.rmtree(target, ignore_errors=True)
shutil.copytree(source, target, ignore=lambda folder, names:
                ["meson.build", "copy.py"] if folder == source else [])
seen = [os.path.join(folder, name) for folder, _, names in os.walk(source)
        for name in [".", *names]]
with open(depfile, "w", encoding="utf-8") as file:
    file.write(stamp + ": " + " ".join(seen) + "\n")
with open(stamp, "w", encoding="utf-8"):
    pass
