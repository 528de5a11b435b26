#!/usr/bin/env python3
"""test_cli.py HEXMCP

The commands as people type them: exit status, stdout and stderr, word for word.
"""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
PLUGINS = os.path.join(os.path.dirname(HEXMCP), "plugins")
DONE, FAILED, USAGE, CONFIGURATION, NOT_FOUND = 0, 1, 2, 3, 4

# Complaints: words of the command line, exit status, the line on stderr after "hexmcp: ".
COMPLAINTS = [
    # commands
    (["serv"], USAGE, 'unknown command "serv"; did you mean "serve"?'),
    (["xyz"], USAGE, 'unknown command "xyz"; "hexmcp --help" lists all'),
    (["plugin"], USAGE, '"hexmcp plugin" needs one more word: list, inspect, trust, untrust, new, validate, dev, pack, install, remove, reload'),
    (["plugin", "lsit"], USAGE, 'unknown command "plugin lsit"; did you mean "plugin list"?'),
    (["plugni", "list"], USAGE, 'unknown command "plugni"; did you mean "plugin"?'),
    (["config", "shwo"], USAGE, 'unknown command "config shwo"; did you mean "config show"?'),
    (["--json", "tools"], USAGE, '--json: a command comes first; "hexmcp --help" lists all'),
    # options and words
    (["call", "hello", "--jsn"], USAGE, "unknown option --jsn; did you mean --json?"),
    (["serve", "--stdi"], USAGE, "unknown option --stdi; did you mean --stdio?"),
    (["tools", "--zzzzzz"], USAGE, 'unknown option --zzzzzz; see "hexmcp tools --help"'),
    (["call", "-x"], USAGE, "unknown option -x; options begin with --"),
    (["call", "hello", "--arg"], USAGE, "option --arg needs a value: --arg NAME=VALUE"),
    (["call", "hello", "--json=1"], USAGE, "option --json takes no value"),
    (["call"], USAGE, "too few words; usage: hexmcp call TOOL [JSON | -]"),
    (["call", "hello", "{}", "b"], USAGE,
     'unexpected "b"; usage: hexmcp call TOOL [JSON | -]'),
    (["tools", "show"], USAGE, "too few words; usage: hexmcp tools show TOOL"),
    (["plugin", "inspect"], USAGE, "too few words; usage: hexmcp plugin inspect ID"),
    # names
    (["call", "helo"], NOT_FOUND, 'there is no tool "helo"; did you mean "hello"?'),
    (["call", "zzz"], NOT_FOUND, 'there is no tool "zzz"; "hexmcp tools" lists them'),
    (["tools", "show", "helo"], NOT_FOUND, 'there is no tool "helo"; did you mean "hello"?'),
    (["plugin", "inspect", "hexmcp.example.hello"], NOT_FOUND,
     "there is no plugin hexmcp.example.hello; did you mean hexmcp.examples.hello?"),
    (["plugin", "inspect", "zzz"], NOT_FOUND,
     'there is no plugin zzz; "hexmcp plugin list" lists them'),
    # arguments of a tool
    (["call", "hello", "{"], USAGE,
     "the arguments are not JSON: expected a key in quotes at byte 1"),
    (["call", "hello", "[1]"], USAGE,
     "the arguments must be a JSON object like '{\"name\":\"value\"}'"),
    (["call", "hello", "--arg", "nam=x"], USAGE,
     '--arg nam: no such argument; did you mean "name"?'),
    (["call", "hello", "--arg", "name"], USAGE, "--arg name: expected NAME=VALUE"),
    (["call", "hello", "--arg", "name=a", "--arg", "name=b"], USAGE,
     "the arguments: duplicate key at byte 12"),
    # settings
    (["tools", "--set", "x"], USAGE, "--set x: expected KEY=VALUE"),
    (["tools", "--set", "log.lvl=x"], CONFIGURATION,
     'unknown setting "log.lvl"; did you mean "log.level"?'),
    (["tools", "--set", "zzzzzz=x"], CONFIGURATION,
     'unknown setting "zzzzzz"; "hexmcp config show" lists all of them'),
    (["tools", "--set", "log.level=loud"], CONFIGURATION,
     "command line: log.level must be one of: debug info notice warning error critical alert "
     "emergency"),
    (["tools", "--set", "mcp.page_size=0"], CONFIGURATION,
     "command line: mcp.page_size must be a whole number from 1 to 10000"),
    (["tools", "--config", "/nonexistent.json"], CONFIGURATION,
     "/nonexistent.json does not exist"),
]

# Calls of tools: words after "call", standard input, exit status, stdout.
CALLS = [
    (["hello", "--arg", "name=World"], "", DONE, "Hello, World!\n"),
    (["hello", '{"name":"World"}'], "", DONE, "Hello, World!\n"),
    (["hello", "-"], '{"name":"World"}', DONE, "Hello, World!\n"),
    (["hello", '{"name":"A"}', "--arg", "name=B"], "", DONE, "Hello, B!\n"),
    (["hello", "--arg=name=a=b"], "", DONE, "Hello, a=b!\n"),
    # the schema says string: what looks like another type stays one
    (["hello", "--arg", "name=5"], "", DONE, "Hello, 5!\n"),
    (["hello", "--arg", "name=true"], "", DONE, "Hello, true!\n"),
    (["hello", "--json", "--arg", "name=x"], "", DONE,
     '{"content":[{"type":"text","text":"Hello, x!"}]}\n'),
    (["hello"], "", FAILED,
     'invalid arguments for tool "hello": missing required property "name"\n'),
    (["hello", '{"name":1}'], "", FAILED,
     'invalid arguments for tool "hello": /name: must be a string, is a number\n'),
]

CALCULATOR_CALLS = [
    (["calculator", "--arg", "input=2^10"], "", DONE,
     '{"operation":"evaluate","input":"2^10","result":1024,"result_type":"integer",'
     '"variables":{}}\n'),
    # the schema says object: the value is JSON
    (["calculator", "--arg", "input=a+1", "--arg", 'variables={"a":2}'], "", DONE,
     '{"operation":"evaluate","input":"a+1","result":3,"result_type":"integer",'
     '"variables":{"a":2}}\n'),
]


def complaints(tap, place):
    for words, status, line in COMPLAINTS:
        tap.equal("hexmcp " + " ".join(words), place.run(*words),
                  (status, "", f"hexmcp: {line}\n"))
    tap.equal("arguments from standard input that are no JSON",
              place.run("call", "hello", "-", stdin="["),
              (USAGE, "", "hexmcp: the arguments are not JSON: unexpected end at byte 1\n"))


def calls(tap, place):
    for words, stdin, status, out in CALLS:
        tap.equal("hexmcp call " + " ".join(words), place.run("call", *words, stdin=stdin),
                  (status, out, ""))
    if place.run("tools", "show", "calculator")[0] == NOT_FOUND:
        tap.skip("calls of the calculator", "the calculator was not built; it needs muParser")
        return
    for words, stdin, status, out in CALCULATOR_CALLS:
        tap.equal("hexmcp call " + " ".join(words), place.run("call", *words, stdin=stdin),
                  (status, out, ""))
    tap.equal("a value that is not of the schema's type",
              place.run("call", "calculator", "--arg", "input=1", "--arg", "variables=x"),
              (USAGE, "", 'hexmcp: --arg variables: expected JSON of type "object", got x\n'))


def version(tap, place):
    status, out, errors = place.run("version", "--json")
    facts = json.loads(out)
    tap.equal("version --json", (status, errors, sorted(facts)),
              (DONE, "", ["abi", "protocols", "version"]))
    tap.equal("version --json: the revisions", facts["protocols"],
              ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"])
    text = (f"hexmcp {facts['version']}\n"
            f"plugin ABI {facts['abi']['major']}.{facts['abi']['minor']} (draft)\n"
            f"MCP {', '.join(facts['protocols'])}\n")
    tap.equal("version", place.run("version"), (DONE, text, ""))
    tap.equal("--version", place.run("--version"), (DONE, text, ""))


def help_texts(tap, place):
    status, out, errors = place.run()
    tap.equal("no words: status", (status, errors), (DONE, ""))
    for words in (["help"], ["--help"], ["-h"], ["help", "--help"]):
        tap.equal("help: " + " ".join(words), place.run(*words), (DONE, out, ""))
    status, of_call, _ = place.run("help", "call")
    tap.equal("help call", of_call.splitlines()[0], "usage: hexmcp call TOOL [JSON | -] [options]")
    for words in (["call", "--help"], ["call", "-h"], ["call", "a", "b", "c", "--help"]):
        tap.equal("help: " + " ".join(words), place.run(*words), (DONE, of_call, ""))
    _, of_list, _ = place.run("help", "plugin", "list")
    tap.equal("help plugin list", of_list.splitlines()[0], "usage: hexmcp plugin list [options]")


def tools(tap, place):
    status, listed, errors = place.run("tools")
    tap.equal("tools: status", (status, errors), (DONE, ""))
    tap.check("tools: one line a tool",
              "hello                Greets a person by name.\n" in listed, listed)
    tap.equal("tools list is the same", place.run("tools", "list"), (DONE, listed, ""))
    whole = json.loads(place.run("tools", "--json")[1])
    hello = [tool for tool in whole if tool["name"] == "hello"]
    tap.equal("tools --json: its members", [sorted(tool) for tool in hello],
              [["annotations", "description", "inputSchema", "name", "plugin", "title"]])
    tap.equal("tools show --json is the same",
              json.loads(place.run("tools", "show", "hello", "--json")[1]), hello[0])


def plugins(tap, place):
    status, listed, errors = place.run("plugin", "list")
    line = "hexmcp.examples.hello        0.1.0      bundled      enabled    1 tool\n"
    tap.equal("plugin list: status", (status, errors), (DONE, ""))
    tap.check("plugin list: a plugin", line in listed, listed)
    status, listed, _ = place.run("plugin", "list", "--set",
                                  'plugins.disable=["hexmcp.examples.hello"]')
    tap.check("plugin list: one that is off", line.replace("enabled   ", "off       ") in listed,
              listed)
    facts = json.loads(place.run("plugin", "inspect", "hexmcp.examples.hello", "--json")[1])
    tap.check("plugin list --json holds the same",
              facts in json.loads(place.run("plugin", "list", "--json")[1]))
    tap.equal("plugin inspect --json", {key: facts[key] for key in (
        "id", "version", "origin", "enabled", "state", "reason", "tools", "grants")}, {
            "id": "hexmcp.examples.hello", "version": "0.1.0", "origin": "bundled",
            "enabled": True, "state": "verified", "reason": "", "tools": ["hello"], "grants": {}})
    needs = json.dumps(facts["needed"], separators=(",", ":"))
    tap.equal("plugin inspect", place.run("plugin", "inspect", "hexmcp.examples.hello"), (DONE, (
        "id           hexmcp.examples.hello\nversion      0.1.0\ntitle        Hello\n"
        "description  The smallest plugin: one tool that greets.\nlicence      MIT\n"
        f"place        {PLUGINS}/hexmcp.examples.hello (bundled)\n"
        'state        verified, enabled\nABI          1.0\nprovides     ["hexmcp.tool/1"]\n'
        f"asks for     nothing beyond itself\ngets         nothing beyond itself\nneeds        {needs}\n"
        "tools        hello (inline, at most 30000 ms)\n"), ""))


def shown(place, key, *words, environment=None):
    """(value, layer) of a setting, or what went wrong."""
    status, out, errors = place.run("config", "show", "--json", *words, environment=environment)
    if status != DONE:
        return status, errors
    setting = json.loads(out)[key]
    return setting["value"], setting["layer"]


def layers(tap, place):
    user, project = "home/.config/hexmcp/config.json", "work/.hexmcp.json"
    size = "mcp.page_size"
    variable = {"HEXMCP_MCP_PAGE_SIZE": "30"}
    tap.equal("layers: default", shown(place, size), (200, "default"))
    place.write(user, '{\n  // a comment\n  "mcp": {"page_size": 10}\n}')
    tap.equal("layers: user file", shown(place, size), (10, "user file"))
    place.write(project, {"mcp": {"page_size": 20}})
    tap.equal("layers: project file", shown(place, size), (20, "project file"))
    tap.equal("layers: environment", shown(place, size, environment=variable),
              (30, "environment"))
    tap.equal("layers: command line", shown(place, size, "--set", "mcp.page_size=40",
                                            environment=variable), (40, "command line"))
    place.remove(project)
    chosen = place.write("chosen.json", {"mcp": {"page_size": 50}})
    tap.equal("layers: a chosen file in place of the user's",
              shown(place, size, "--config", chosen)[0], 50)
    place.remove(user)


def project_narrows(tap, place):
    project = "work/.hexmcp.json"
    mark = "hexmcp: .hexmcp.json:1:"
    refused = [
        (22, {"policy": {"level": "privileged"}},
         'a project file may only lower policy.level, which is "restricted"; set it in your user file'),
        (27, {"mcp": {"max_in_flight": 5000}},
         "a project file may only lower mcp.max_in_flight, which is 4096; set it in your user "
         "file"),
        (24, {"plugins": {"enable": ["x"]}},
         "a project file may not set plugins.enable; set it in your user file"),
        (22, {"plugins": {"path": ["/x"]}},
         "a project file may not set plugins.path; set it in your user file"),
        (26, {"plugins": {"settings": {}}},
         "a project file may not set plugins.settings; set it in your user file"),
        (29, {"server": {"instructions": "obey"}},
         "a project file may not set server.instructions; set it in your user file"),
        (10, {"mcp": {"page_siz": 1}},
         'unknown setting "mcp.page_siz"; did you mean "mcp.page_size"?'),
    ]
    for column, value, reason in refused:
        place.write(project, value)
        tap.equal("project file: " + json.dumps(value), place.run("tools"),
                  (CONFIGURATION, "", f"{mark}{column}: {reason}\n"))
        tap.equal("version needs no configuration: " + json.dumps(value),
                  place.run("version")[0], DONE)
    place.write(project, {"mcp": {"max_in_flight": 5}})
    tap.equal("project file: lower is allowed", shown(place, "mcp.max_in_flight"),
              (5, "project file"))
    place.write(project, {"plugins": {"disable": ["hexmcp.examples.hello"]}})
    tap.equal("project file: may turn a plugin off", place.run("call", "hello"),
              (NOT_FOUND, "", 'hexmcp: there is no tool "hello"; "hexmcp tools" lists them\n'))
    tap.equal("project file: the user's list stays",
              shown(place, "plugins.disable", "--config", place.write(
                  "chosen.json", {"plugins": {"disable": ["a.b"]}}))[0],
              ["a.b", "hexmcp.examples.hello"])
    place.remove(project)


def faults_in_files(tap, place):
    path = place.write("home/.config/hexmcp/config.json", '{\n\n"log": {"level": "debg"}}')
    tap.equal("user file: a wrong choice names file, line and the nearest", place.run("tools"),
              (CONFIGURATION, "", f"hexmcp: {path}:3:18: log.level must be one of: debug info "
               'notice warning error critical alert emergency (did you mean "debug"?)\n'))
    place.remove(path)
    tap.equal("environment: a mistyped variable",
              place.run("tools", environment={"HEXMCP_MCP_PAGE_SIZ": "7"}),
              (CONFIGURATION, "", "hexmcp: unknown variable HEXMCP_MCP_PAGE_SIZ; did you mean "
               "HEXMCP_MCP_PAGE_SIZE?\n"))
    tap.equal("serve with a wrong configuration ends at once",
              place.run("serve", "--set", "log.level=x")[0], CONFIGURATION)


def config_check(tap, place):
    path = place.write("check.json", '{\n  "log": {"levl": "debug"},\n  "mcp": {"page_size": 0}\n}')
    lines = [(2, 11, 'unknown setting "log.levl"; did you mean "log.level"?'),
             (3, 24, "mcp.page_size must be a whole number from 1 to 10000")]
    tap.equal("config check: every fault, with its place", place.run("config", "check", path),
              (CONFIGURATION, "".join(f"{path}:{a}:{b}: {text}\n" for a, b, text in lines), ""))
    status, out, _ = place.run("config", "check", path, "--json")
    tap.equal("config check --json", (status, json.loads(out)), (CONFIGURATION, [
        {"file": path, "line": a, "column": b, "message": text, "severity": "error"} for a, b, text in lines]))
    path = place.write("check.json", '{"log": {"level": "debug",} /* fine */}')
    tap.equal("config check: a good file", place.run("config", "check", path),
              (DONE, f"{path} is good\n", ""))
    tap.equal("config check --json: a good file", place.run("config", "check", path, "--json"),
              (DONE, "[]\n", ""))
    tap.equal("config check: no file", place.run("config", "check", "/nonexistent.json"),
              (CONFIGURATION, "", "hexmcp: /nonexistent.json does not exist\n"))
    path = place.write("other/.hexmcp.json", {"plugins": {"path": []}})
    tap.equal("config check: a project file by its name", place.run("config", "check", path),
              (CONFIGURATION, f"{path}:1:22: a project file may not set plugins.path; set it in "
               "your user file\n", ""))
    tap.equal("config check: all layers", place.run(
        "config", "check", environment={"HEXMCP_MCP_PAGE_SIZ": "7"}),
              (CONFIGURATION, "unknown variable HEXMCP_MCP_PAGE_SIZ; did you mean "
               "HEXMCP_MCP_PAGE_SIZE?\n", ""))
    tap.equal("config check: a variable that nothing reads is no fault", place.run(
        "config", "check", environment={"HEXMCP_SOMETHING": "7"}),
              (DONE, 'note: nothing reads the variable HEXMCP_SOMETHING; "hexmcp config show" lists '
               "the settings\nthe configuration of this folder and user is good\n", ""))
    tap.equal("config check: all layers are good", place.run("config", "check"),
              (DONE, "the configuration of this folder and user is good\n", ""))
    schema = json.loads(place.run("config", "schema")[1])
    tap.equal("config schema: every setting", sorted(
        f"{section}.{name}" for section, of in schema["properties"].items() if "." not in section
        for name in of.get("properties", {})),
              sorted(json.loads(place.run("config", "show", "--json")[1])))


def serve(tap, place):
    ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
    tap.equal("serve: one answer, and the end with the input",
              place.run("serve", stdin=ping + "\n"),
              (DONE, '{"jsonrpc":"2.0","id":1,"result":{}}\n', ""))
    tap.equal("serve: CR LF and blank lines", place.run("serve", stdin=f"\r\n\n{ping}\r\n"),
              (DONE, '{"jsonrpc":"2.0","id":1,"result":{}}\n', ""))
    tap.equal("serve: a line over the limit, and on",
              place.run("serve", "--set", "stdio.max_message_bytes=1024",
                        stdin="x" * 2000 + "\n" + ping + "\n"),
              (DONE, '{"jsonrpc":"2.0","error":{"code":-32700,"message":"the message is longer '
               'than 1024 bytes (setting stdio.max_message_bytes)"}}\n'
               '{"jsonrpc":"2.0","id":1,"result":{}}\n', ""))
    tap.equal("serve: nothing at all", place.run("serve"), (DONE, "", ""))


def hostile_texts(tap, place):
    """A manifest is read by people who do not trust it yet: it must not drive their terminal."""
    tool = {"name": "t", "description": "x", "inputSchema": {"type": "object"}}
    place.write("foreign/org.x.y/plugin.json", {
        "manifest": 1, "id": "org.x.y", "version": "1.0.0", "license": "MIT",
        "title": "\x1b[2J\x1b]0;title\x07 \u009b31m caf\u00e9",
        "description": "one\ntwo\ttab \u202eevil\u2066 \u200bzero \U000e0041tag \U0001f600",
        "abi": {"major": 1, "minor": 0}, "provides": ["hexmcp.tool/1"], "tools": [tool]})
    path = json.dumps([os.path.join(place.top, "foreign")])
    status, out, errors = place.run("plugin", "inspect", "org.x.y", "--set", f"plugins.path={path}")
    tap.equal("a foreign manifest: status", (status, errors), (DONE, ""))
    tap.equal("a foreign manifest: title and description", out.split("licence")[0],
              "id           org.x.y\nversion      1.0.0\n"
              "title        \\u001b[2J\\u001b]0;title\\u0007 \\u009b31m caf\u00e9\n"
              "description  one\ntwo\ttab \\u202eevil\\u2066 \\u200bzero \\u{e0041}tag "
              "\U0001f600\n")


def copied_alone(tap, place):
    alone = shutil.copy(HEXMCP, place.folder("bin"))
    done = subprocess.run([alone, "tools"], capture_output=True, text=True, cwd=place.work,
                          env=place.environment, timeout=PATIENCE)
    tap.equal("a program without its plugins: no tools", (done.returncode, done.stdout), (DONE, ""))
    tap.check("and it says where they should be", re.fullmatch(
        "hexmcp: warning: hexmcp: no bundled plugins: " + re.escape(place.folder("bin")) +
        r"/\.\./\S+/hexmcp/plugins-1 cannot be read \(No such file or directory\); "
        "run hexmcp where it was built or installed\n", done.stderr), done.stderr)


with Tap() as tap, Place(HEXMCP) as place:
    complaints(tap, place)
    calls(tap, place)
    version(tap, place)
    help_texts(tap, place)
    tools(tap, place)
    plugins(tap, place)
    layers(tap, place)
    project_narrows(tap, place)
    faults_in_files(tap, place)
    config_check(tap, place)
    serve(tap, place)
    hostile_texts(tap, place)
    copied_alone(tap, place)
