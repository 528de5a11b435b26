#!/usr/bin/env python3
"""test_show.py HEXMCP EVERYTHING

What the program tells of tools, resources and prompts, and what it reads and renders, word for word.
"""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from terminal import Terminal  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, EVERYTHING = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
DONE, FAILED, USAGE, NOT_FOUND, INTERNAL = 0, 1, 2, 4, 70

SHOWN = {
    ("tools", "show", "hello"): """hello - Hello

Greets a person by name. Returns the text "Hello, <name>!". An example and a way to check that the \
server runs tools.

parameters:
  name  string, required, 1 to 100 characters
      Who to greet.

annotations:
  changes nothing; destroys nothing; a repeated call changes nothing more; stays on this server

plugin: hexmcp.examples.hello
limits: 30000 ms a call
level: safe; as a task: never
""",
    ("tools", "show", "count"): """count - Count

Counts with a pause before each step. Reports progress, writes a log line for each level in `logs`, \
and can be cancelled.

parameters:
  to  integer, 1 to 1000, default 3
  delayMs  integer, 0 to 10000, default 0
  logs  array, at most 16 items
      (each item)  a choice
          one of: debug, info, notice, warning, error, critical, alert, emergency

annotations:
  changes nothing; destroys nothing; a repeated call changes nothing more; stays on this server

plugin: hexmcp.examples.everything
limits: 60000 ms a call
level: safe; as a task: never
""",
    ("tools", "show", "task-only"): """task-only - Task only

As slow-task, but only as a task, and after half of the steps it asks whether to go on.

parameters:
  steps  integer, 2 to 1000, default 4
  delayMs  integer, 0 to 10000, default 0

plugin: hexmcp.examples.everything
limits: 600000 ms a call, 4 at once
level: safe; as a task: always
""",
    ("resources", "show", "everything://described"): """everything://described - All fields

A resource with every field that describes one.

name: described
MIME type: text/markdown
bytes: 13

annotations:
  audience ["user"]; priority 1; lastModified "2026-01-02T03:04:05Z"

plugin: hexmcp.examples.everything
limits: 30000 ms a call, 8 at once
""",
    ("resources", "show", "everything://files/{+path}{?lines}"): """\
everything://files/{+path}{?lines} - Files

Three small files, at `lines` all lines or the first ones. Paths are completed.

variables:
  path
  lines

name: files
MIME type: text/plain

plugin: hexmcp.examples.everything
limits: 30000 ms a call, 8 at once
""",
    ("prompts", "show", "arguments"): """arguments - With arguments

A question about a place. Both arguments are completed, the city by the country.

arguments:
  country  required
      Where.
  city
      Leave it out to ask about the country.

plugin: hexmcp.examples.everything
limits: 30000 ms a call, 8 at once
""",
    ("prompts", "show", "simple"): """simple - Simple

A prompt without arguments.

no arguments

plugin: hexmcp.examples.everything
limits: 30000 ms a call, 8 at once
""",
    ("resources",): """everything://text
everything://image
everything://several                    Three contents: text, JSON and bytes.
everything://described                  A resource with every field that describes one.
everything://counter                    A number that the tool `touch` raises; subscribers are told.
everything://secret                     Asks the user before it lets itself be read.
everything://greeting/{name}            Greets by name.
everything://files/{+path}{?lines}      Three small files, at `lines` all lines or the first ones.
everything://city/{country}/{city}      Says where a city is.
""",
    ("prompts",): """simple               A prompt without arguments.
arguments            A question about a place.
content              Messages with an image, a sound and an embedded resource.
ask                  Asks the user for a topic before it is rendered.
""",
}

# words, exit status, stdout, stderr
RUNS = [
    (["resources", "read", "everything://greeting/Ann"], DONE, "Hello, Ann!", ""),
    (["resources", "read", "everything://greeting/{name}", "--arg", "name=A/ B"], DONE,
     "Hello, A/ B!", ""),
    (["resources", "read", "everything://several"], DONE,
     "--- everything://several/a text/plain\na\n--- everything://several/b application/json\n"
     '{"b":1}\n--- everything://several/c application/octet-stream\n\0\x01\x02\x03\x04\x05\x06\x07\n', ""),
    (["resources", "read", "everything://nothing"], NOT_FOUND, "",
     'hexmcp: there is no resource "everything://nothing"\n'),
    (["resources", "read", "everything://greting/{name}"], NOT_FOUND, "",
     'hexmcp: there is no resource template "everything://greting/{name}"; did you mean '
     '"everything://greeting/{name}"?\n'),
    (["resources", "show", "everything://txt"], NOT_FOUND, "",
     'hexmcp: there is no resource "everything://txt"; did you mean "everything://text"?\n'),
    (["resources", "show", "zzz"], NOT_FOUND, "",
     'hexmcp: there is no resource "zzz"; "hexmcp resources" lists them\n'),
    (["prompts", "render", "simple"], DONE, "user:\nSay hello.\n", ""),
    (["prompts", "render", "arguments", "--arg", "country=France", "--arg", "city=5"], DONE,
     "user:\nWhat is 5 in France known for?\n", ""),
    (["prompts", "render", "arguments", '{"country":"France"}'], DONE,
     "user:\nWhat is France known for?\n", ""),
    (["prompts", "render", "argument"], NOT_FOUND, "",
     'hexmcp: there is no prompt "argument"; did you mean "arguments"?\n'),
    (["prompts", "show", "zzz"], NOT_FOUND, "",
     'hexmcp: there is no prompt "zzz"; "hexmcp prompts" lists them\n'),
    (["resources", "read"], USAGE, "",
     "hexmcp: too few words; usage: hexmcp resources read RESOURCE\n"),
]

# A schema with everything that the page shows, and what it shows of it.
SCHEMA = {
    "type": "object", "required": ["a\u001b[2J"],
    "properties": {
        "a\u001b[2J": {"type": "string", "format": "date", "pattern": "^\u202ex$",
                       "description": "line one\nline two"},
        "b": {"type": ["integer", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 10,
              "multipleOf": 2},
        "c": {"const": {"x": [1]}},
        "d": {"enum": [1, "one", None]},
        "e": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {
            "type": "object", "additionalProperties": {"type": "number"},
            "properties": {"deep": {"type": "object", "properties": {"er": True}}}}},
        "f": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"g": {}}}]},
        "h": {"$ref": "#/$defs/node", "description": "A tree."},
        "j": {"$ref": "#/$defs/circle"},
        "k": {"$ref": "#/$defs/a~1b~0"},
        "l": {"allOf": [{"minLength": 1}], "maxProperties": 1},
        "m": {"type": "array", "prefixItems": [{"type": "string"}], "items": False}},
    "$defs": {"node": {"type": "object", "properties": {
        "value": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}},
        "circle": {"$ref": "#/$defs/circle"}, "a/b~": {"type": "boolean"}},
}
SHOWN_SCHEMA = r"""parameters:
  a\u001b[2J  string, required, format date, matches ^\u202ex$
      line one
      line two
  b  integer or null, more than 0, less than 10, a multiple of 2
  c  fixed, always {"x": [1]}
  d  a choice
      one of: 1, one, null
  e  array of object, at least 1 item, all different
      (each item)  object
          deep  object
              er  any value
          (any other name)  number
  f  one of several
      - either  string
      - either  object
          g  any value
  h  object
      A tree.
      value  string
      children  array
          (each item)  object
              (in turn as above)
  j  any value
  k  boolean
  l  any value, at most 1 member
      - also  any value, at least 1 character
  m  array
      (next item)  string
"""


def of_everything(place, *words):
    return place.run(*words, "--plugin", EVERYTHING,
                     "--set", 'plugins.disable=["hexmcp.artifacts", "hexmcp.sessions"]')


def pages(tap, place):
    for words, text in SHOWN.items():
        tap.equal(" ".join(words), of_everything(place, *words), (DONE, text, ""))
    for words in (["resources"], ["prompts"], ["tools"]):
        tap.equal(" ".join(words) + " list is the same", of_everything(place, *words, "list"),
                  of_everything(place, *words))


def runs(tap, place):
    for words, *expected in RUNS:
        tap.equal(" ".join(words), of_everything(place, *words), tuple(expected))
    image = subprocess.run([HEXMCP, "resources", "read", "everything://image", "--plugin",
                            EVERYTHING], env=place.environment, cwd=place.work,
                           capture_output=True, timeout=PATIENCE, check=True).stdout
    tap.equal("bytes are written as they are", image[:8], b"\x89PNG\r\n\x1a\n")
    terminal = Terminal([HEXMCP, "resources", "read", "everything://image", "--plugin", EVERYTHING],
                        place.environment, place.work)
    tap.equal("but not to a terminal", terminal.end(),
              (DONE, f"[{len(image)} bytes; send the output to a file to keep them]\r\n", ""))
    path = place.write("work/name.txt", "Ann\n")
    tap.equal("--arg-file", place.run("call", "hello", "--arg-file", "name=name.txt"),
              (DONE, "Hello, Ann\n!\n", ""))
    tap.equal("--arg-file: standard input", place.run("call", "hello", "--arg-file", "name=-",
                                                      stdin="Bob"), (DONE, "Hello, Bob!\n", ""))
    os.remove(path)
    tap.equal("--arg-file: no file", place.run("call", "hello", "--arg-file", "name=name.txt"),
              (USAGE, "", "hexmcp: --arg-file name: name.txt cannot be opened: No such file or "
               "directory\n"))
    tap.equal("--arg-file without a file", place.run("call", "hello", "--arg-file", "name"),
              (USAGE, "", "hexmcp: --arg-file name: expected NAME=FILE\n"))


def documents(tap, place):
    listed = json.loads(of_everything(place, "resources", "--json")[1])
    tap.equal("resources --json", {key: len(value) for key, value in listed.items()},
              {"resources": 6, "resourceTemplates": 3})
    for kind, key, name in (("resources", "uri", "everything://described"),
                            ("resourceTemplates", "uriTemplate", "everything://greeting/{name}")):
        shown = json.loads(of_everything(place, "resources", "show", name, "--json")[1])
        tap.equal(f"resources show {name} --json", [shown],
                  [item for item in listed[kind] if item[key] == name])
        tap.equal(f"resources show {name} --json: its plugin", shown["plugin"],
                  "hexmcp.examples.everything")
    listed = json.loads(of_everything(place, "prompts", "--json")[1])
    shown = json.loads(of_everything(place, "prompts", "show", "arguments", "--json")[1])
    tap.equal("prompts show --json", [shown],
              [prompt for prompt in listed if prompt["name"] == "arguments"])
    tap.equal("resources read --json",
              of_everything(place, "resources", "read", "everything://greeting/A", "--json")[1],
              '{"contents":[{"uri":"everything://greeting/A","mimeType":"text/plain",'
              '"text":"Hello, A!"}]}\n')
    tap.equal("prompts render --json",
              json.loads(of_everything(place, "prompts", "render", "simple", "--json")[1])["messages"],
              [{"role": "user", "content": {"type": "text", "text": "Say hello."}}])


def changed(place, **members):
    """A copy of the plugin whose first tool says something else of itself."""
    folder = os.path.join(place.top, "changed", os.path.basename(EVERYTHING))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EVERYTHING, folder)
    path = os.path.join(folder, "plugin.json")
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    manifest["tools"][0].update(members)
    place.write(path, manifest)
    return folder


def schemas(tap, place):
    folder = changed(place, name="odd", inputSchema=SCHEMA)
    tap.equal("a schema with everything: is good", place.run("tools", "--plugin", folder)[2], "")
    _, out, _ = place.run("tools", "show", "odd", "--plugin", folder)
    tap.equal("a schema with everything", out.split("\n\n")[2] + "\n", SHOWN_SCHEMA)
    deep = {"type": "object", "properties": {"end": {"type": "string"}}}
    for _ in range(12):
        deep = {"type": "object", "properties": {"in": deep}}
    folder = changed(place, name="odd", inputSchema=deep)
    out = place.run("tools", "show", "odd", "--plugin", folder)[1]
    tap.equal("a deep schema", out.split("\n\n")[2].splitlines()[-2:],
              [" " * 30 + "in  object", " " * 34 + "(more in it; --json shows all)"])
    # Each name holds all others: it would never come to an end.
    names = {f"n{i}": {"$ref": f"#/$defs/n{i}"} for i in range(12)}
    folder = changed(place, name="odd", inputSchema={
        "type": "object", "properties": names,
        "$defs": {name: {"type": "object", "properties": names} for name in names}})
    status, out, _ = place.run("tools", "show", "odd", "--plugin", folder)
    lines = out.split("\n\n")[2].splitlines()
    tap.check("a schema without end comes to an end", status == DONE and 1000 < len(lines) < 2500 and
              "  (and more; --json shows all)" in lines, f"{len(lines)} lines")


def at_a_terminal(tap, place):
    terminal = Terminal([HEXMCP, "tools", "show", "hello"], place.environment, place.work,
                        columns=40)
    status, screen, _ = terminal.end()
    tap.equal("a terminal: paragraphs are broken", screen.split("\r\n\r\n")[1].split("\r\n"), [
        "Greets a person by name. Returns the", 'text "Hello, <name>!". An example and a',
        "way to check that the server runs tools."])
    terminal = Terminal([HEXMCP, "prompts", "--plugin", EVERYTHING], place.environment, place.work,
                        columns=40)
    tap.equal("a terminal: lists are cut", terminal.end(), (DONE, "".join(line + "\r\n" for line in [
        "simple               A prompt without...", "arguments            A question about...",
        "content              Messages with an...", "ask                  Asks the user fo..."]), ""))
    folder = changed(place, name="odd", description="\u6f22\u5b57" * 10 + "e\u0301" * 30)
    terminal = Terminal([HEXMCP, "tools", "--plugin", folder], place.environment, place.work,
                        columns=51)
    _, screen, _ = terminal.end()
    line = [line for line in screen.split("\r\n") if line.startswith("odd ")]
    tap.equal("a terminal: wide and combining characters", line,
              ["odd" + " " * 18 + "\u6f22\u5b57" * 6 + "\u6f22..."])


with Tap() as tap, Place(HEXMCP) as place:
    pages(tap, place)
    runs(tap, place)
    documents(tap, place)
    schemas(tap, place)
    at_a_terminal(tap, place)
