#!/usr/bin/env python3
"""Builds the packages twice, in different folders from different copies of the source, compares them
to the byte, and uses each.

usage: test_packages.py ROOT WORK HEXMCP VERSION

WORK keeps what was compiled, so that a second run compiles only what changed.
"""
import hashlib
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_bundle  # noqa: E402
import check_deb  # noqa: E402
from installed import files_below, tools_of  # noqa: E402
from tap import Tap  # noqa: E402

ROOT, WORK, HEXMCP, VERSION = sys.argv[1:]
EPOCH = "1700000000"
NOT_SOURCE = shutil.ignore_patterns("build", "build-*", ".git", ".cache", "node_modules", "__pycache__")


def build(source, work, out):
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-B", os.path.join(source, "packaging", "build.py"), source, work, out, "--name",
         "org.example/hexmcp", "--url", "https://downloads.example.org/"], capture_output=True,
        text=True, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH})
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout.split()


def copy_source(target):
    """Files keep their times, so what was compiled of them stays good."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT, target, ignore=NOT_SOURCE, symlinks=True)
    return target


def digests(folder):
    found = {}
    for name in files_below(folder):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def compare(tap, first):
    second = os.path.join(WORK, "second", "deeper", "out")
    build(copy_source(os.path.join(WORK, "second", "source")),
          os.path.join(WORK, "second", "deeper"), second)
    tap.equal("the same source makes the same bytes", digests(second), digests(first))


def main():
    with Tap() as tap:
        first = os.path.join(WORK, "first", "out")
        made = build(ROOT, os.path.join(WORK, "first"), first)
        compare(tap, first)
        tools = tools_of(HEXMCP)
        if not made[0].endswith(".deb"):
            tap.skip("the Debian package", "no dpkg-deb here")
        else:
            check_deb.check_control(tap, made[0])
            check_deb.check_lintian(tap, made[0])
            check_deb.check_installation(tap, made[0], ROOT)
        check_bundle.check_archive(tap, made[-2])
        check_bundle.check_licences(tap, made[-2])
        tools = [tool for tool in tools if tool not in check_bundle.GPL_TOOLS]
        check_bundle.check_manifest(tap, check_bundle.read_manifest(made[-2]), VERSION, tools)
        check_bundle.check_use(tap, made[-2], tools)
        check_bundle.check_official(tap, made[-2])
        check_bundle.check_server_json(tap, made[-1], made[-2], VERSION)


if __name__ == "__main__":
    main()
