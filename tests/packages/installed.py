"""An installation under test: what it must do, wherever it stands and however it came there."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
from session import Place, Server  # noqa: E402

PATIENCE = 300  # an installation by dpkg writes thousands of files


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False,
                          **options)


def use(tap, title, program, tools, environment=None):
    """Lists, calls a tool that needs no library, one that needs libsodium, and serves a client."""
    with Place(program) as place:
        place.environment.update(environment or {})
        status, out, errors = place.run("tools", "--json")
        tap.equal(f"{title}: the tools, without a word on stderr",
                  (status, sorted(tool["name"] for tool in json.loads(out)), errors),
                  (0, tools, ""))
        tap.equal(f"{title}: a call", place.run("call", "hello", "--arg", "name=you")[:2],
                  (0, "Hello, you!\n"))
        tap.check(f"{title}: a call that needs a library", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c" in
                  place.run("call", "hash-calculator", '{"operation":"hash","input":"hello"}')[1])
        server = Server(place)
        text, failed = server.call("calculator", {"operation": "evaluate", "input": "6*7"})
        tap.equal(f"{title}: a client is served", (json.loads(text)["result"], failed), (42, False))
        server.process.stdin.close()
        tap.equal(f"{title}: and the server ends with its input", server.process.wait(PATIENCE), 0)


def tools_of(program):
    with Place(program) as place:
        return sorted(tool["name"] for tool in json.loads(place.run("tools", "--json")[1]))


def copy_renamed(place, source, name):
    with open(os.path.join(source, name), encoding="utf-8") as file:
        text = file.read().replace("hexmcp.examples.hello", "org.example.hello")
    return place.write(f"org.example.hello/{name}", text.replace('"name": "hello"', '"name": "hi"'))


def build_hello(tap, title, prefix, root):
    """Builds the example plugin, under another name, with nothing but what is installed."""
    source = os.path.join(root, "plugins", "examples", "hello")
    folders = {path for path, _, names in os.walk(prefix) if "hexmcp.pc" in names}
    with Place(os.path.join(prefix, "bin", "hexmcp")) as place:
        code = copy_renamed(place, source, "hello.c")
        folder = os.path.dirname(copy_renamed(place, source, "plugin.json"))
        flags = run("pkg-config", "--cflags", "hexmcp",
                    env={"PATH": os.environ["PATH"], "PKG_CONFIG_PATH": ":".join(folders)})
        tap.equal(f"{title}: pkg-config knows it", (flags.returncode, flags.stderr), (0, ""))
        tap.check(f"{title}: where it is", f"-I{os.path.realpath(prefix)}/" in
                  " ".join("-I" + os.path.realpath(flag[2:]) + "/" for flag in flags.stdout.split()),
                  flags.stdout)
        built = run("cc", "-shared", "-fPIC", "-fvisibility=hidden", "-Werror",
                    *flags.stdout.split(), "-o", os.path.join(folder, "plugin.so"), code)
        tap.equal(f"{title}: a plugin compiles", (built.returncode, built.stderr), (0, ""))
        os.chmod(folder, 0o755)
        os.chmod(os.path.join(folder, "plugin.so"), 0o755)
        os.chmod(os.path.join(folder, "plugin.json"), 0o644)
        tap.equal(f"{title}: and runs", place.run("call", "hi", "--arg", "name=you", "--plugin",
                                                  folder), (0, "Hello, you!\n", ""))


def files_below(folder):
    """Paths of all files, relative to the folder."""
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


class Notes:
    """Takes checks where nobody can see TAP, to be replayed where somebody can."""

    def __init__(self):
        self.list = []

    def check(self, name, passed, diagnostic=""):
        self.list.append([name, bool(passed), str(diagnostic)])

    def equal(self, name, got, expected):
        self.check(name, got == expected, f"got:      {got!r}\nexpected: {expected!r}")

    @staticmethod
    def replay(tap, notes):
        for name, passed, diagnostic in notes:
            tap.check(name, passed, diagnostic)
