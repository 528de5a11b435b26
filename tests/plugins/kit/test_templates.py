#!/usr/bin/env python3
"""Each template of hexmcp plugin new: made, built, tested and validated by the commands that its pages
name, and used.

usage: test_templates.py HEXMCP ROOT [KIND...]
"""
import json
import os
import re
import shutil
import subprocess
import sys

HEXMCP, ROOT = (os.path.abspath(path) for path in sys.argv[1:3])
for below_root in ("tests/tools", "tests/wire"):
    sys.path.insert(0, os.path.join(ROOT, below_root))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

TEMPLATES = os.path.join(ROOT, "adapters", "driving", "cli", "plugin", "templates")
PATIENCE = 120

# What a command says of the plugin, once it is built.
USES = {
    "tool": (["call", "count_words", "--arg", "text=one two"],
             '{"lines":1,"words":2,"characters":7}'),
    "resource": (["resources", "read", "made-here://codes/404"], "Not Found"),
}


def templates():
    for kind in sorted(os.listdir(TEMPLATES)):
        if kind in ("common", "language") or not os.path.isdir(os.path.join(TEMPLATES, kind)):
            continue
        for language in sorted(os.listdir(os.path.join(TEMPLATES, kind))):
            if language != "common":
                yield kind, language


def shell(command, folder, environment):
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout + done.stderr


def commands_of_page(folder):
    """The three of README.md."""
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        return re.search(r"```sh\n(.*?)```", file.read(), re.S).group(1).splitlines()


def commands_of_ci(folder):
    with open(os.path.join(folder, ".github/workflows/ci.yml"), encoding="utf-8") as file:
        return re.findall(r"^        run: (.*)$", file.read(), re.M)[1:]


def check_template(tap, place, kind, language):
    title = f"a {kind} in {language}"
    if language == "rust" and not shutil.which("rustc", path="/usr/bin:/bin"):
        tap.skip(title, "rustc is not installed")
        return
    name = "made-here"
    folder = os.path.join(place.work, f"{kind} {language}")  # a folder with a blank in its name
    made = place.run("plugin", "new", "--kind", kind, "--language", language, name, "--id",
                     "org.example.made-here", "--directory", folder)
    if not tap.equal(f"{title} is made", made[::2], (0, "")):
        return
    environment = {**place.environment, "LC_ALL": "C.UTF-8",
                   "PATH": f"{place.folder('bin')}:/usr/bin:/bin:{os.environ['PATH']}",
                   "PKG_CONFIG_PATH": os.path.join(os.path.dirname(HEXMCP), "meson-uninstalled")}
    for command in commands_of_page(folder):
        status, text = shell(command, folder, environment)
        tap.equal(f"{title}: {command}", (status, "warning:" in text.lower()), (0, False))
        if status or "warning:" in text.lower():
            tap.note(text)
    tap.equal(f"{title}: the CI file runs the same",
              [command.replace(" --print-errorlogs", "") for command in commands_of_ci(folder)],
              commands_of_page(folder))
    if kind not in USES:  # its interface is a draft: no host asks for it, but it is verified
        done = place.run("plugin", "inspect", "org.example.made-here", "--json", "--plugin",
                         os.path.join(folder, "build/org.example.made-here"))
        facts = json.loads(done[1]) if done[0] == 0 else {}
        tap.equal(f"{title} is taken by the host", (facts.get("enabled"), facts.get("reason")),
                  (True, ""))
        return
    arguments, expected = USES[kind]
    done = place.run(*arguments, "--plugin", os.path.join(folder, "build/org.example.made-here"))
    tap.equal(f"{title} answers", (done[0], done[1].rstrip("\n"), done[2]), (0, expected, ""))


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        os.symlink(HEXMCP, os.path.join(place.folder("bin"), "hexmcp"))
        for kind, language in templates():
            if sys.argv[3:] and kind not in sys.argv[3:]:
                continue
            check_template(tap, place, kind, language)


main()
