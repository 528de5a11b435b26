#!/usr/bin/env python3
"""test_terminal.py HEXMCP EVERYTHING SLOW

Calls as a person at a terminal makes them: questions, Ctrl-C, the progress bar. What the terminal
gets is compared byte for byte.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place  # noqa: E402
from terminal import Terminal  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, EVERYTHING, SLOW = (os.path.abspath(path) for path in sys.argv[1:4])
DONE, FAILED, INTERNAL, INTERRUPTED = 0, 1, 70, 130
HINT = ("(Enter alone keeps what is in brackets, or leaves the field out; Ctrl-D: decline or "
        "cancel.)\n")
SEND = "[s]end, [e]dit, [d]ecline or [c]ancel? "
REST = "[g]o on, [d]ecline or [c]ancel? "
PAGE = "Open it yourself. [y]es, I do; [d]ecline or [c]ancel? "
CTRL_C, CTRL_D = "\x03", "\x04"
ERASE = "\r\x1b[K"

NAME = "Name (1 to 100 characters, required): "
AGE = "Age (whole number, 0 to 150): "
COLOUR = "  1. Red\n  2. Green\n  3. Blue\nFavourite colour (one of them): "
ASK_NAME = "ask-name asks: Who are you?\n" + HINT
CITY = "ask-twice asks: Where to?\n" + HINT + "City (at least 1 character, required): "
SURE = "ask-twice asks: Are you sure?\n" + HINT + "Sure (y or n) [y]: "
OPEN = "open-page asks: Please open the example page.\n  https://example.org/everything\n"

# name, words after "call", (what is shown, keys pressed then), what is shown at the end, status
DIALOGUES = [
    ("a form", ["ask-name"],
     [(ASK_NAME + NAME, "Ann\n"), (AGE, "30\n"), (COLOUR, "2\n"), (SEND, "s\n")],
     "Ann is 30 years old and likes green\n", DONE),
    ("a form: Enter leaves optional fields out and sends", ["ask-name"],
     [(ASK_NAME + NAME, "Ann\n"), (AGE, "\n"), (COLOUR, "\n"), (SEND, "\n")],
     "Ann is of unknown age and likes no colour\n", DONE),
    ("a form: what does not fit is asked again", ["ask-name"],
     [(ASK_NAME + NAME, "\n"), ("An answer is required.\n" + NAME, "x" * 101 + "\n"),
      ("must have at most 100 characters, has 101\n" + NAME, "Ann\n"), (AGE, "151\n"),
      ("must be at most 150, is 151\n" + AGE, "1.5\n"),
      ("must be an integer, is 1.5\n" + AGE, "old\n"),
      ('"old" is no number\n' + AGE, "150\n"), (COLOUR, "4\n"),
      ('"4" is none of the choices; type a number from 1 to 3\n' + COLOUR, "Blue\n"),
      (SEND, "x\n"), ("Type one of the letters.\n" + SEND, "s\n")],
     "Ann is 150 years old and likes blue\n", DONE),
    ("a form: edit keeps the answers", ["ask-name"],
     [(ASK_NAME + NAME, "Ann\n"), (AGE, "30\n"), (COLOUR, "r\n"), (SEND, "e\n"),
      ("Name (1 to 100 characters) [Ann]: ", "Bob\n"), ("Age (whole number, 0 to 150) [30]: ", "\n"),
      (COLOUR[:-2] + " [Red]: ", "b\n"), (SEND, "s\n")],
     "Bob is 30 years old and likes blue\n", DONE),
    ("a form: declined", ["ask-name"],
     [(ASK_NAME + NAME, "Ann\n"), (AGE, "\n"), (COLOUR, "\n"), (SEND, "d\n")],
     "declined\n", DONE),
    ("a form: cancelled in the middle", ["ask-name"],
     [(ASK_NAME + NAME, CTRL_D), ("\n" + REST, "c\n")], "cancelled\n", DONE),
    ("a form: on after Ctrl-D", ["ask-name"],
     [(ASK_NAME + NAME, CTRL_D), ("\n" + REST, "\n"), (NAME, CTRL_D), ("\n" + REST, "d\n")],
     "declined\n", DONE),
    ("a form: Ctrl-D twice", ["ask-name"],
     [(ASK_NAME + NAME, CTRL_D), ("\n" + REST, CTRL_D)], "\ncancelled\n", DONE),
    ("two rounds", ["ask-twice"],
     [(CITY, "Rome\n"), (SEND, "s\n"), (SURE, "yes\n"), (SEND, "s\n")], "booked\n", DONE),
    ("two rounds: a default", ["ask-twice"],
     [(CITY, "Rome\n"), (SEND, "s\n"), (SURE, "\n"), (SEND, "s\n")], "booked\n", DONE),
    ("two rounds: no", ["ask-twice"],
     [(CITY, "Rome\n"), (SEND, "s\n"), (SURE, "maybe\n"),
      ("answer y or n\nSure (y or n) [y]: ", "n\n"), (SEND, "s\n")], "not booked\n", DONE),
    ("a page", ["open-page"], [(OPEN + PAGE, "y\n")], "the user agreed to open the page\n", DONE),
    ("a page: Enter alone agrees to nothing", ["open-page"], [(OPEN + PAGE, "\n")],
     "cancelled\n", DONE),
    ("a page: declined", ["open-page"], [(OPEN + PAGE, "d\n")], "declined\n", DONE),
    ("Ctrl-C at a question", ["ask-name"], [(ASK_NAME + NAME, CTRL_C)],
     "^Chexmcp: the call was cancelled\n", INTERRUPTED),
    ("a model is asked", ["ask-model", "--arg", "prompt=x"], [],
     "hexmcp: ask-model cannot go on: it asks for an answer of a model (sampling/createMessage), "
     "which a command line cannot give; call it from an assistant that can\n", FAILED),
    ("roots are asked", ["list-roots"], [],
     "hexmcp: list-roots cannot go on: it asks for the folders of its client (roots/list), which a "
     "command line cannot give; call it from an assistant that can\n", FAILED),
]


def open_terminal(place, *words, **options):
    return Terminal([HEXMCP, *words, "--plugin", EVERYTHING], place.environment, place.work,
                    **options)


def shown(keys):
    """How a terminal echoes what is typed."""
    return "" if keys in (CTRL_C, CTRL_D) else keys


def dialogues(tap, place):
    for name, words, steps, last, status in DIALOGUES:
        terminal = open_terminal(place, "call", *words)
        whole = ""
        for text, keys in steps:
            terminal.wait_for(text[text.rindex("\n", 0, -1) + 1:] if "\n" in text[:-1] else text)
            terminal.press(keys)
            whole += text + shown(keys)
        tap.equal("at a terminal: " + name, terminal.end(),
                  (status, (whole + last).replace("\n", "\r\n"), ""))


def apart(tap, place):
    """The result goes to stdout alone, the questions to the terminal."""
    terminal = open_terminal(place, "call", "ask-twice", "--json", apart=("stdout",))
    for text, keys in ((CITY[-11:], "Rome\n"), (SEND, "s\n"), ("[y]: ", "\n"), (SEND, "s\n")):
        terminal.wait_for(text)
        terminal.press(keys)
    whole = f"{CITY}Rome\n{SEND}s\n{SURE}\n{SEND}s\n"
    tap.equal("stdout apart from the terminal", terminal.end(),
              (DONE, whole.replace("\n", "\r\n"),
               '{"content":[{"type":"text","text":"booked"}],'
               '"structuredContent":{"city":"Rome","booked":true}}\n'))


def no_terminal(tap, place):
    tap.equal("no terminal: a form is declined",
              place.run("call", "ask-name", "--plugin", EVERYTHING),
              (DONE, "declined\n", "hexmcp: declined, for there is no terminal to ask on: "
               "ask-name asks: Who are you?\n"))
    tap.equal("no terminal: a page is declined",
              place.run("call", "open-page", "--plugin", EVERYTHING),
              (DONE, "declined\n", "hexmcp: declined, for there is no terminal to ask on: "
               "open-page asks: Please open the example page.\n"))


def bar(share, text):
    return f"{ERASE}[{'#' * (share // 5):20}] {share:3}% {text}"


def progress(tap, place):
    terminal = open_terminal(place, "call", "count", "--arg", "to=4", "--arg", "delayMs=30")
    bars = "".join(bar(25 * step, f"step {step} of 4") for step in range(1, 5))
    tap.equal("a progress bar", terminal.end(), (DONE, f"{bars}{ERASE}counted to 4\r\n", ""))
    terminal = open_terminal(place, "call", "count", "--arg", "to=2", "--arg", "delayMs=30",
                             columns=36)
    bars = "".join(bar(50 * step, "step...") for step in (1, 2))
    tap.equal("a narrow terminal cuts the message", terminal.end(),
              (DONE, f"{bars}{ERASE}counted to 2\r\n", ""))
    terminal = Terminal([HEXMCP, "call", "count", "--plugin", EVERYTHING],
                        {**place.environment, "TERM": "dumb"}, place.work)
    tap.equal("a dumb terminal gets no bar", terminal.end(), (DONE, "counted to 3\r\n", ""))
    tap.equal("no terminal, no bar", place.run("call", "count", "--plugin", EVERYTHING),
              (DONE, "counted to 3\n", ""))


def logs(tap, place):
    lines = {level: f"hexmcp: {level}: hexmcp.examples.everything: a line of level {level}\n"
             for level in ("info", "notice", "error")}
    words = ["call", "count", "--plugin", EVERYTHING, "--arg", "to=1", "--arg",
             "logs=" + json.dumps(list(lines))]
    tap.equal("log lines of the tool", place.run(*words),
              (DONE, "counted to 1\n", lines["notice"] + lines["error"]))
    status, out, errors = place.run(*words, "--set", "log.level=info")
    own = "".join(line + "\n" for line in errors.splitlines() if ": plugins: " not in line)
    tap.equal("log lines from log.level on", (status, out, own),
              (DONE, "counted to 1\n", "".join(lines.values())))


def cancel(tap, place):
    terminal = open_terminal(place, "call", "count", "--arg", "to=1000", "--arg", "delayMs=600")
    terminal.wait_for("step 1 of 1000")
    terminal.press(CTRL_C)
    tap.equal("Ctrl-C cancels a call", terminal.end(),
              (INTERRUPTED, f"{bar(0, 'step 1 of 1000')}^C{ERASE}hexmcp: the call was cancelled\r\n",
               ""))
    terminal = open_terminal(place, "call", "slow", '{"steps":100000,"delay_ms":50}', "--plugin",
                             SLOW)
    terminal.wait_for("step 1 of 100000")
    terminal.press(CTRL_C)
    status, screen, _ = terminal.end()
    tap.equal("Ctrl-C cancels a call on a worker", (status, screen.rsplit(ERASE, 1)[1]),
              (INTERRUPTED, "hexmcp: the call was cancelled\r\n"))


def hostile(tap, place):
    text = "a\x1b[2Jb\u009bc\u202ed"
    terminal = open_terminal(place, "call", "echo", json.dumps({"text": text}))
    tap.equal("a terminal gets no control characters of a tool", terminal.end(),
              (DONE, "a\\u001b[2Jb\\u009bc\\u202ed\r\n", ""))
    terminal = open_terminal(place, "call", "echo", json.dumps({"text": text}), apart=("stdout",))
    tap.equal("a pipe gets them", terminal.end(), (DONE, "", text + "\n"))


with Tap() as tap, Place(HEXMCP) as place:
    dialogues(tap, place)
    apart(tap, place)
    no_terminal(tap, place)
    progress(tap, place)
    logs(tap, place)
    cancel(tap, place)
    hostile(tap, place)
