#!/usr/bin/env python3
"""Builds the packages: a Debian package, an MCP bundle, server.json.

usage: build.py SOURCE WORK OUT [--name NAMESPACE/NAME] [--url URL]

WORK is compiled in and may be kept, OUT gets the packages. --name and --url are for server.json: the
name in a registry, whose namespace the publisher must own, and the folder that the bundle will be
downloaded from. The same source and SOURCE_DATE_EPOCH give the same bytes.
"""
import argparse
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import deb  # noqa: E402
import mcpb  # noqa: E402
import tree  # noqa: E402


def options():
    parser = argparse.ArgumentParser(description="builds the packages of hexmcp")
    for name in ("source", "work", "out"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--name", default="org.example/hexmcp")
    parser.add_argument("--url", default="https://example.org/hexmcp")
    return parser.parse_args()


def main():
    given = options()
    os.umask(0o022)
    os.makedirs(given.out, exist_ok=True)
    when = tree.epoch(given.source)
    build = os.path.join(given.work, "build")
    tree.compile_in(given.source, build)
    usr = tree.stage(build, os.path.join(given.work, "stage"), when)
    version = tree.version_of(build)
    made = []
    if shutil.which("dpkg-deb"):
        made.append(deb.build(usr, version, given.out, given.work, when))
    else:
        print("build.py: no dpkg-deb here, so no Debian package is made", file=sys.stderr)
    made.append(mcpb.build(usr, version, given.out, given.work, when))
    made.append(mcpb.server_json(made[-1], version, given.name, given.url, given.out))
    print("\n".join(made))


if __name__ == "__main__":
    main()
