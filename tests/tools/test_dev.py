#!/usr/bin/env python3
"""What ./dev says and does where things are missing or broken: a copy of it runs with stand-ins for
the programs that it calls.

usage: test_dev.py ROOT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import Tap  # noqa: E402

ROOT = os.path.abspath(sys.argv[1])
KNOWN = ["build", "run", "test", "soak", "bench", "fuzz", "lint", "package", "clean", "help"]
TOOLS = ["sh", "dirname", "cat", "tail", "grep", "mkdir", "rm", "env", "tr", "awk", "sed", "chmod"]


class House:
    """A folder with ./dev and a PATH that holds nothing but what a test put there."""

    def __init__(self, root):
        self.root = root
        self.bin = os.path.join(root, "bin")
        self.calls = os.path.join(root, "calls")
        os.makedirs(self.bin)
        os.makedirs(os.path.join(root, "tests", "tools"))
        shutil.copy(os.path.join(ROOT, "dev"), root)
        shutil.copy(os.path.join(ROOT, "tests", "tools", "packages.sh"),
                    os.path.join(root, "tests", "tools"))
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.program("id", "echo 0")
        self.program("dpkg-query", f"cat {root}/installed")
        for name in ("apt-get", "sudo", "meson", "ninja"):
            self.program(name, f'echo "{name} $*" >>{self.calls}')
        self.installed()

    def program(self, name, body):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)

    def installed(self, without=()):
        with open(os.path.join(self.root, "installed"), "w", encoding="utf-8") as file:
            for name in packages():
                state = "config-files" if name in without else "installed"
                file.write(f"{state}/{name} ")

    def run(self, *arguments, cwd="/"):
        open(self.calls, "w", encoding="utf-8").close()
        done = subprocess.run([os.path.join(self.root, "dev"), *arguments], cwd=cwd, text=True,
                              env={"PATH": self.bin}, capture_output=True, check=False)
        with open(self.calls, encoding="utf-8") as file:
            return done.returncode, done.stdout, done.stderr, file.read().splitlines()


def packages():
    with open(os.path.join(ROOT, "tests", "tools", "packages.sh"), encoding="utf-8") as file:
        lists = re.findall(r'^[A-Z]+_PACKAGES="([^"]+)"', file.read(), re.M)
    return [name for text in lists for name in text.split()]


def check_commands(tap, house):
    code, out, _, _ = house.run("help")
    listed = re.findall(r"^  ([a-z]+) ", out, re.M)
    tap.equal("help lists every command", (code, listed), (0, KNOWN))
    tap.equal("no command gives the help", house.run()[:2], (0, out))
    for word, near in [("tset", "test"), ("biuld", "build"), ("cleanup", "clean"), ("--test", "test"),
                       ("fuz", "fuzz"), ("", "run")]:
        code, out, err, _ = house.run(word)
        tap.equal(f"\"{word}\" is unknown", (code, out, err), (
            2, "", f'dev: no command "{word}"; did you mean "{near}"? See ./dev help\n'))


def check_packages(tap, house):
    code, _, _, calls = house.run("build")
    tap.equal("nothing is installed when nothing is missing",
              [call for call in calls if "apt-get" in call or "sudo" in call], [])
    house.installed(without=["libuv1-dev", "uuid-dev"])
    _, out, _, calls = house.run("build")
    tap.check("what is missing is named", "== install: libuv1-dev uuid-dev" in out, out)
    tap.equal("root installs it without sudo", calls[:2], [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends libuv1-dev uuid-dev"])
    house.program("id", "echo 1000")
    tap.equal("anybody else by sudo", house.run("build")[3][:2], [
        "sudo apt-get update -q",
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "
        "libuv1-dev uuid-dev"])
    os.remove(os.path.join(house.bin, "sudo"))
    code, _, err, calls = house.run("build")
    tap.equal("without sudo it says what to run", (code, err, calls), (
        1, "dev: packages are missing and there is no sudo. Run as root: apt-get update && apt-get "
           "install -y --no-install-recommends libuv1-dev uuid-dev \n", []))
    house.program("id", "echo 0")
    house.program("apt-get", "exit 100")
    code, _, err, _ = house.run("build")
    tap.check("an install that fails says what to run", code == 1 and err.splitlines()[-1] == (
        "dev: apt-get could not install them (see above). When that is mended, run as root: apt-get "
        "update && apt-get install -y --no-install-recommends libuv1-dev uuid-dev "), err)
    house.installed(without=["npm", "nodejs"])
    house.program("npm", "")
    house.program("node", "")
    tap.check("Node from elsewhere does", "install" not in house.run("fuzz", "x")[1])
    house.installed()


def check_build(tap, house):
    house.program("meson", "echo 'Dependency libuv not found'; exit 1")
    code, _, err, _ = house.run("build")
    tap.check("a build that meson refuses says where to look", code == 1
              and err.startswith("Dependency libuv not found\n")
              and "The whole log: build/meson-logs/meson-log.txt" in err, err)
    house.program("meson", "mkdir -p build; echo >build/build.ninja")
    house.program("ninja", "exit 1")
    code, _, err, _ = house.run("build")
    tap.check("one that does not compile says what to do", code == 1
              and "build does not compile" in err and "./dev clean && ./dev build" in err, err)
    house.program("ninja", "echo >build/hexmcp; chmod 755 build/hexmcp")
    code, out, err, _ = house.run("build")
    tap.equal("one that compiles says what is next", (code, out.splitlines()[-1], err), (
        0, "== built build/hexmcp. Next: ./dev run, ./dev test", ""))
    code, _, err, _ = house.run("bench")
    tap.check("no benchmarks, no bench", code == 1 and "this tree has no tests/bench/run" in err, err)
    tap.equal("a bad number of seconds", house.run("fuzz", "x", "1m")[::2][:2],
              (2, 'dev: "1m" is no number of seconds. For example: ./dev fuzz x 60\n'))
    house.program("python3", f'echo "python3 $*" >>{house.calls}; exit 1')
    code, _, err, calls = house.run("package", "--url", "x y")
    tap.equal("package hands its options on", calls[-1:],
              ["python3 packaging/build.py . build-package build/package --url x y"])
    tap.check("and says what to do when nothing was made", code == 1 and err.endswith(
        "To start afresh: ./dev clean && ./dev package\n"), err)
    house.run("clean")
    tap.check("clean removes the build", not os.path.exists(os.path.join(house.root, "build")))


def check_documents(tap):
    with open(os.path.join(ROOT, "docs", "dependencies.md"), encoding="utf-8") as file:
        words = set(re.findall(r"[a-z0-9][a-z0-9.+-]*", file.read()))
    missing = [name for name in packages() if name not in words]
    tap.equal("docs/dependencies.md names every package", missing, [])


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as root:
        house = House(root)
        check_commands(tap, house)
        check_packages(tap, house)
        check_build(tap, house)
        check_documents(tap)


if __name__ == "__main__":
    main()
