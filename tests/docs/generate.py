#!/usr/bin/env python3
"""Writes docs/cli.md, docs/configuration.md and docs/config.schema.json from what the program says of
itself.

usage: generate.py HEXMCP ROOT [--check]
With --check nothing is written; the exit status is 1 if a page is not what would be written.
"""
import json
import os
import subprocess
import sys
import tempfile

FILE_EXAMPLE = """```sh
mkdir -p ~/.config/hexmcp ~/notes ~/src
cat > ~/.config/hexmcp/config.json <<'END'
{
  // what tools may open: nothing without these two
  "grants": {
    "read": ["~/src", "/usr/share/doc"],
    "write": ["~/notes"], // a comma at the end does no harm
  },
  // how long accepted requests may run on after the end of input
  "stdio": { "drain_ms": 500 },
  "log": { "level": "info", "format": "json" },
  "plugins": {
    "disable": ["hexmcp.examples.hello"],
    "enable": [] /* ids of plugins that were found, or their folders */
  },
  "mcp.page_size": 50 // a key with its dot is the same as an object
}
END
hexmcp config check
hexmcp config show | grep 'mcp.page_size *= 50'
```
"""

GRANTS = """## Folders

Without a grant no tool opens a file. `grants.read` and `grants.write` name folders, each with all that
is beneath; what may be written may be read. Names begin with `/` or `~/`; in a project file and on the
command line they may also start from where they are. A project file can only name folders within what
the user granted, so a clone from elsewhere cannot open yours:

```sh
mkdir -p ~/.config/hexmcp clone/proj && cd clone
echo '{ "grants": { "read": ["~/"] } }' > ~/.config/hexmcp/config.json
echo '{ "grants": { "read": ["/etc"] } }' > .hexmcp.json
hexmcp config check | grep 'a project file may only narrow grants.read'
echo '{ "grants": { "read": ["proj"] } }' > .hexmcp.json
hexmcp config show --json | grep -o '"grants.read":{"value":\\["[^]]*/clone/proj"\\],"layer":"project file"'
HEXMCP_GRANTS_WRITE="/tmp:$PWD/proj" hexmcp config show | grep -F "grants.write"
hexmcp config show --allow-read /usr/share/doc | grep -A 1 grants.read | grep "command line"
```

On the command line `--allow-read FOLDER` and `--allow-write FOLDER` add to what the files grant.
[security.md](security.md) says what holds a path beneath its folder, and what a client's own roots
change.

`grants.hosts`, `grants.programs`, `grants.env` and `grants.secrets` say in the same way what bundled
plugins get of what they ask for; [plugins/grants.md](plugins/grants.md) has the rules. Other plugins
get what was confirmed for them, see [plugins.md](plugins.md). On the command line `--allow-host RULE`,
`--allow-program NAME` and `--allow-env NAME` add to them:

```sh
mkdir -p ~/.config/hexmcp
echo '{ "grants": { "hosts": ["*.example.org", "localhost:3000"] } }' > ~/.config/hexmcp/config.json
echo '{ "grants": { "hosts": ["api.example.org"] } }' > .hexmcp.json
hexmcp config show | grep -F '["~api.example.org"]'
echo '{ "grants": { "hosts": ["other.example"] } }' > .hexmcp.json
hexmcp config check | grep 'a project file may only narrow grants.hosts'
rm .hexmcp.json
HEXMCP_GRANTS_HOSTS='a.example,[::1]:8080' hexmcp config show | grep -F '["a.example","[::1]:8080"]'
hexmcp config show --allow-program git | grep -A 1 grants.programs | grep "command line"
```
"""

CHECK_EXAMPLE = """```sh
echo '{ "log": { "levl": "debug" } }' > wrong.json
hexmcp config check wrong.json > faults.txt || test $? = 3
test "$(cat faults.txt)" = \\
  'wrong.json:1:12: unknown setting "log.levl"; did you mean "log.level"?'
```
"""

SCHEMA_EXAMPLE = """```sh
hexmcp config schema > config.schema.json
echo '{ "$schema": "./config.schema.json", "log": { "level": "info" } }' > config.json
hexmcp config check config.json
```
"""


def run(hexmcp, *args):
    """The output of the program with nobody's configuration but its own."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": "/usr/bin:/bin", "HOME": home}
        done = subprocess.run([hexmcp, *args], env=env, cwd=home, capture_output=True, text=True,
                              timeout=20, check=True)
    return done.stdout


def exit_codes(facts):
    rows = [f"| {code['code']} | {code['meaning']} |" for code in facts["exitCodes"]]
    return "\n".join(["| code | meaning |", "| --- | --- |", *rows, ""])


def cli_page(hexmcp):
    facts = json.loads(run(hexmcp, "help", "--json"))
    parts = ["# The command line\n",
             "Generated from `--help`. `tests/docs` fails when this page is out of date.\n",
             f"```\n{run(hexmcp, '--help')}```\n", "## Exit codes\n", exit_codes(facts)]
    for command in facts["commands"]:
        parts.append(f"## hexmcp {command['name']}\n")
        parts.append(f"```\n{run(hexmcp, *command['name'].split(), '--help')}```\n")
    return "\n".join(parts)


def configuration_page(hexmcp):
    settings = json.loads(run(hexmcp, "config", "show", "--json"))
    rows = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for key, setting in settings.items():
        value = json.dumps(setting["value"])
        rows.append(f"| `{key}` | `{value}` | {setting['help']} |")
    variable = "HEXMCP_STDIO_DRAIN_MS"
    return "\n".join([
        "# Configuration\n",
        "Generated from `hexmcp config show`. `tests/docs` fails when this page is out of date.\n",
        "Settings come in layers; later ones win:\n",
        "1. built-in defaults",
        "2. the system file, `/etc/hexmcp/config.json`",
        "3. the user file, `$XDG_CONFIG_HOME/hexmcp/config.json` (by default below `~/.config`), or "
        "the one that `--config` names",
        "4. the project file, `.hexmcp.json` in the working folder; it can narrow what the layers "
        "before it allow, never widen it",
        f"5. variables: `{variable}` sets `stdio.drain_ms`",
        "6. the command line: `--set stdio.drain_ms=500`\n",
        "Files are JSON with comments. A key that nobody knows is an error that names the nearest "
        "known one.\n",
        FILE_EXAMPLE,
        GRANTS,
        "`hexmcp config show` prints every setting, its value and the layer that it came from. "
        "`hexmcp config check` tells every fault of the files and variables, with line and column:\n",
        CHECK_EXAMPLE,
        "An editor that knows the schema of the file completes names and shows what is wrong. "
        "[config.schema.json](config.schema.json) is the schema; an installation has it in "
        "`share/hexmcp`, and the program prints it. It is draft-07, because that is what editors know "
        "best.\n",
        SCHEMA_EXAMPLE,
        "## All settings\n",
        *rows, ""])


def main():
    hexmcp, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    check = "--check" in sys.argv
    stale = []
    for name, text in (("cli.md", cli_page(hexmcp)), ("configuration.md", configuration_page(hexmcp)),
                       ("config.schema.json", run(hexmcp, "config", "schema"))):
        path = os.path.join(root, "docs", name)
        have = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        if have == text:
            continue
        stale.append(name)
        if not check:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run tests/docs/generate.py {sys.argv[1]} {root}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
