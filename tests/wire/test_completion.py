#!/usr/bin/env python3
"""test_completion.py HEXMCP EVERYTHING

What the Tab key gives, in real shells.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from terminal import Terminal  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, EVERYTHING = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
WITH = f"--plugin {EVERYTHING} "

# What is typed, and what stands there after Tab. A blank at the end: the word is complete.
TYPED = [
    ("hexmcp vers", "hexmcp version "),
    ("hexmcp plugin insp", "hexmcp plugin inspect "),
    ("hexmcp plug", "hexmcp plugin "),
    ("hexmcp tools show hel", "hexmcp tools show hello "),
    ("hexmcp call hello --js", "hexmcp call hello --json "),
    ("hexmcp call hello --arg na", "hexmcp call hello --arg name="),
    (f"hexmcp call count {WITH}--arg delay", f"hexmcp call count {WITH}--arg delayMs="),
    (f"hexmcp call fail {WITH}--arg how=not", f"hexmcp call fail {WITH}--arg how=not-found "),
    (f"hexmcp call fail {WITH}--arg late=t", f"hexmcp call fail {WITH}--arg late=true "),
    (f"hexmcp prompts render arguments {WITH}--arg country=F",
     f"hexmcp prompts render arguments {WITH}--arg country=France "),
    (f"hexmcp prompts render arguments {WITH}--arg country=France --arg city=L",
     f"hexmcp prompts render arguments {WITH}--arg country=France --arg city=Lyon "),
    (f"hexmcp resources read {WITH}everything://te",
     f"hexmcp resources read {WITH}everything://text "),
    ("hexmcp serve --set log.le", "hexmcp serve --set log.level="),
    ("hexmcp serve --set log.level=wa", "hexmcp serve --set log.level=warning "),
    ("hexmcp serve --set=log.level=wa", "hexmcp serve --set=log.level=warning "),
    ("hexmcp serve --config some", "hexmcp serve --config some-file "),
    ("hexmcp serve --config=some", "hexmcp serve --config=some-file "),
    ("hexmcp serve --allow-read sub", "hexmcp serve --allow-read sub-folder/"),
    ("hexmcp call hello --arg-file name=some", "hexmcp call hello --arg-file name=some-file "),
    ("hexmcp completion z", "hexmcp completion zsh "),
    ("hexmcp plugin inspect hexmcp.examples.h", "hexmcp plugin inspect hexmcp.examples.hello "),
    ("hexmcp nothing x", "hexmcp nothing x"),
]

# The words of a line, and what the program offers: the first line, then candidates.
OFFERED = [
    (["plugin", ""], ["words ", "list", "inspect", "trust", "untrust", "new", "validate", "dev", "pack", "install", "remove", "reload"]),
    (["prompts", "s"], ["words ", "show"]),
    (["call", "hello", "--arg", ""], ["words ", "name="]),
    (["call", "fail", "--plugin", EVERYTHING, "--arg", "how=nom", ], ["words ", "how=nomem"]),
    (["call", "fail", "--plugin", EVERYTHING, "--arg", "how=x", "--arg", ""], ["words ", "late="]),
    (["call", "fail", "--plugin", EVERYTHING, "--arg", "late="],
     ["words ", "late=true", "late=false", "late=false"]),
    (["prompts", "render", "arguments", "--plugin", EVERYTHING, "--arg", "country=France", "--arg",
      "city=P"], ["words ", "city=Paris", "city=Pau"]),
    (["resources", "read", "everything://greeting/{name}", "--plugin", EVERYTHING, "--arg", "name=A"],
     ["words ", "name=Ada", "name=Alan"]),
    (["resources", "read", "everything://city/{country}/{city}", "--plugin", EVERYTHING, "--arg", ""],
     ["words ", "country=", "city="]),
    (["serve", "--config", ""], ["files "]),
    (["serve", "--config=x"], ["files --config="]),
    (["serve", "--allow-write", "x"], ["folders "]),
    (["serve", "some", "x"], ["folders "]),
    (["serve", "--write", ""], ["words ", "true", "false"]),
    (["call", "hello", "--arg-file", "name=x"], ["files name="]),
    (["serve", "--set", "stdio.watch_parent="],
     ["words ", "stdio.watch_parent=true", "stdio.watch_parent=false"]),
    (["completion", ""], ["words ", "bash", "zsh", "fish"]),
    (["client", "add", "zed"], ["words ", "zed"]),
    (["nothing", ""], ["words "]),
    (["call", "nothing", "--arg", ""], ["words "]),
    (["call", "hello", "--nothing", "--arg", "n"], ["words ", "name="]),
    (["serve", "--config", "/nonexistent", "--plugin", "hex"], ["folders "]),
    (["call", "--", "hel"], ["words ", "hello"]),
    (["tools", "--", ""], ["words "]),
    (["__comp"], ["words "]),
    ([], []),
]


class Line:
    """A shell at a terminal whose line is asked for by Ctrl-T."""

    def __init__(self, command, setup, place):
        path = os.path.dirname(HEXMCP) + ":/usr/local/bin:/usr/bin:/bin"
        self.path = os.path.join(place.top, "line")
        self.terminal = Terminal(command, {**place.environment, "PATH": path, "LINE": self.path,
                                           "PS1": "", "PROMPT": ""}, place.work, columns=400)
        for line in setup:
            self.terminal.press(line + "\n")
        self.terminal.press("echo rea''dy\n")
        self.terminal.wait_for("ready\r\n")
        self.count = 0

    def after_tab(self, typed):
        self.count += 1
        self.terminal.press(f"{typed}\t\x14")
        self.terminal.wait_for(f"<taken {self.count}>")
        with open(self.path, encoding="utf-8") as file:
            line = file.read()
        self.terminal.press("\x15")
        return line

    def end(self):
        self.terminal.press("exit\n")
        self.terminal.end()


def bash(place):
    return Line(["bash", "--norc", "--noprofile", "-i"], [
        "bind 'set bell-style none'; bind 'set page-completions off'; n=0",
        "taken() { printf %s \"$READLINE_LINE\" >$LINE; n=$((n + 1)); echo \"<taken $n>\"; }",
        "bind -x '\"\\C-t\": taken'",
        "source <(hexmcp completion bash)"], place)


def zsh(place):
    return Line(["zsh", "-f", "-i"], [
        "unsetopt beep list_beep; setopt no_always_last_prompt; LISTMAX=0; n=0",
        "autoload -Uz compinit; compinit -u -D",
        "taken() { print -rn -- \"$BUFFER\" >$LINE; n=$((n + 1)); print \"<taken $n>\"; }",
        "zle -N taken; bindkey -e; bindkey '^T' taken",
        "source <(hexmcp completion zsh)"], place)


def in_shell(tap, place, name, start):
    if not shutil.which(name):
        tap.skip(f"{name}: Tab", f"{name} is not installed")
        return
    line = start(place)
    for typed, expected in TYPED:
        tap.equal(f"{name}: {typed.replace(WITH, '')}", line.after_tab(typed), expected)
    line.end()


def fish_candidates(place, typed):
    """What fish would offer."""
    script = "hexmcp completion fish | source\ncomplete -C $argv[1]\n"
    path = os.path.dirname(HEXMCP) + ":/usr/bin:/bin"
    done = subprocess.run(["fish", "--no-config", "-c", script, typed], capture_output=True, text=True,
                          timeout=PATIENCE, cwd=place.work, check=False,
                          env={**place.environment, "PATH": path})
    return [line.split("\t")[0] for line in done.stdout.splitlines()], done.stderr


def in_fish(tap, place):
    if not shutil.which("fish"):
        tap.skip("fish: Tab", "fish is not installed")
        return
    for typed, expected in TYPED:
        word = expected.rstrip(" ").rsplit(" ", 1)[1]
        wanted = [] if expected == typed else [word]
        tap.equal(f"fish: {typed.replace(WITH, '')}", fish_candidates(place, typed), (wanted, ""))


def offered(tap, place):
    for words, expected in OFFERED:
        status, out, _ = place.run("__complete", "--", *words)
        tap.equal("offered: " + " ".join(words).replace(EVERYTHING, "..."),
                  (status, [line.split("\t")[0] for line in out.splitlines()]), (0, expected))
    out = place.run("__complete", "--", "call", "hello", "--arg", "")[1]
    tap.equal("offered with a description", out, "words \nname=\tWho to greet.\n")
    out = place.run("__complete", "--", "")[1]
    names = re.findall(r"^  (\w+)", place.run("help")[1].split("commands:\n")[1].split("\n\n")[0], re.M)
    tap.equal("offered: all commands", re.findall(r"^(\w+)\t", out, re.M), list(dict.fromkeys(names)))


def scripts(tap, place):
    for shell in ("bash", "zsh", "fish"):
        status, out, errors = place.run("completion", shell)
        tap.equal(f"completion {shell}", (status, errors, "hexmcp" in out), (0, "", True))
    tap.equal("completion of another shell", place.run("completion", "csh"),
              (2, "", 'hexmcp: there is no completion for "csh"; there is one for bash, zsh and '
               "fish\n"))


with Tap() as tap, Place(HEXMCP) as place:
    place.write("work/some-file", "")
    os.mkdir(os.path.join(place.work, "sub-folder"))
    scripts(tap, place)
    offered(tap, place)
    in_shell(tap, place, "bash", bash)
    in_shell(tap, place, "zsh", zsh)
    in_fish(tap, place)
