#!/usr/bin/env python3
"""test_client.py HEXMCP FOLDER

hexmcp client: files like those that people have (FOLDER), for each client, survive add, add again and
remove byte for byte; and what the commands say and refuse.
"""
import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import tomllib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, SAMPLES = map(os.path.abspath, sys.argv[1:])
DONE, USAGE, CONFIGURATION, NOT_FOUND, DENIED = 0, 2, 3, 4, 5

# Client, title, file below the home folder, file of a project, key of the servers.
CLIENTS = [
    ("claude-desktop", "Claude Desktop", ".config/Claude/claude_desktop_config.json", None, "mcpServers"),
    ("claude-code", "Claude Code", ".claude.json", ".mcp.json", "mcpServers"),
    ("cursor", "Cursor", ".cursor/mcp.json", ".cursor/mcp.json", "mcpServers"),
    ("vscode", "VS Code", ".config/Code/User/mcp.json", ".vscode/mcp.json", "servers"),
    ("windsurf", "Windsurf", ".codeium/windsurf/mcp_config.json", None, "mcpServers"),
    ("zed", "Zed", ".config/zed/settings.json", ".zed/settings.json", "context_servers"),
    ("gemini", "Gemini CLI", ".gemini/settings.json", ".gemini/settings.json", "mcpServers"),
    ("codex", "Codex CLI", ".codex/config.toml", ".codex/config.toml", "mcp_servers"),
]
TYPED = {"claude-code", "cursor", "vscode"}
MOVED = {  # a variable, and where the file is in the folder that it names
    "claude-desktop": ("XDG_CONFIG_HOME", "Claude/claude_desktop_config.json"),
    "claude-code": ("CLAUDE_CONFIG_DIR", ".claude.json"),
    "vscode": ("XDG_CONFIG_HOME", "Code/User/mcp.json"),
    "zed": ("XDG_CONFIG_HOME", "zed/settings.json"),
    "gemini": ("GEMINI_CLI_HOME", ".gemini/settings.json"),
    "codex": ("CODEX_HOME", "config.toml"),
}


def without_comments(text):
    """JSON of an editor as strict JSON, in another way than the program does it."""
    token = re.compile(r'"(?:\\.|[^"\\])*"|//[^\r\n]*|/\*.*?\*/', re.S)
    text = token.sub(lambda m: m.group() if m.group()[0] == '"' else " ", text.lstrip("\ufeff"))
    comma = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[}\]])')
    return comma.sub(lambda m: m.group() if m.group()[0] == '"' else "", text)


def parse(client, data):
    text = data.decode()
    if client == "codex":
        return tomllib.loads(text)
    bare = without_comments(text)
    return json.loads(bare) if bare.strip() else {}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def entry_of(client, *arguments):
    entry = {"command": HEXMCP, "args": ["serve", *arguments]}
    return {"type": "stdio", **entry} if client in TYPED else entry


def with_entry(client, section, value, entry):
    """The value with the entry added, as the client would read it."""
    return {**value, section: {**value.get(section, {}), "hexmcp": entry}}


def samples(client):
    folder = os.path.join(SAMPLES, client)
    return [(name, read(os.path.join(folder, name))) for name in sorted(os.listdir(folder))]


def is_order_kept(before, after):
    """What was in the text is in it still, in its order: lines of `before` are a part of `after`, but
    for a comma behind the last one."""
    rest = iter(after.splitlines())
    return all(any(line == other or line + b"," == other or
                   line.replace(b" //", b", //", 1) == other for other in rest)
               for line in before.splitlines())


def round_trip(tap, client, section, path, name, data, options):
    what = f"{client}, {name}"
    with Place(HEXMCP) as place:
        path = put(os.path.join(place.top, path), data)
        os.chmod(path, 0o640)
        status, _, errors = place.run("client", "add", client, "--yes", *options)
        tap.equal(f"{what}: add", (status, errors), (DONE, ""))
        added = read(path)
        tap.equal(f"{what}: the entry, and all others",
                  parse(client, added), with_entry(client, section, parse(client, data),
                                                   entry_of(client)))
        status, out, errors = place.run("client", "add", client, "--yes", *options)
        tap.equal(f"{what}: add again", (status, "nothing to do" in out, errors, read(path)),
                  (DONE, True, "", added))
        tap.equal(f"{what}: the copy", read(path + ".hexmcp-backup"), data)
        tap.equal(f"{what}: modes", [stat.S_IMODE(os.stat(file).st_mode)
                                     for file in (path, path + ".hexmcp-backup")], [0o640, 0o640])
        status, _, errors = place.run("client", "remove", client, "--yes", *options)
        tap.equal(f"{what}: remove", (status, errors, read(path)), (DONE, "", data))
        tap.equal(f"{what}: nothing else is left",
                  sorted(file for file in os.listdir(os.path.dirname(path)) if "hexmcp" in file),
                  sorted(os.path.basename(path) + end for end in (".hexmcp-backup", ".hexmcp-backup-2")))
    return added


def real_files(tap):
    for client, _, path, _, section in CLIENTS:
        for name, data in samples(client):
            added = round_trip(tap, client, section, f"home/{path}", name, data, [])
            if b"\n" in data and b"{}" not in data and name != "odd-indentation.json":
                tap.check(f"{client}, {name}: every line stays in its place",
                          is_order_kept(data, added), added.decode())


def project_files(tap):
    for client, title, _, path, section in CLIENTS:
        if not path:
            with Place(HEXMCP) as place:
                tap.equal(f"{client} --project", place.run("client", "add", client, "--project"),
                          (USAGE, "", f"hexmcp: {title} has no configuration file for a project; leave "
                                      "--project out\n"))
            continue
        name, data = samples(client)[0]
        round_trip(tap, f"{client}", section, f"work/{path}", f"{name} --project", data, ["--project"])


def new_files(tap):
    for client, title, path, _, section in CLIENTS:
        with Place(HEXMCP) as place:
            path = os.path.join(place.home, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            status, _, errors = place.run("client", "add", client, "--yes")
            tap.equal(f"{client}: without a file", (status, errors), (DONE, ""))
            tap.equal(f"{client}: the new file", parse(client, read(path)),
                      {section: {"hexmcp": entry_of(client)}})
            tap.equal(f"{client}: its mode", stat.S_IMODE(os.stat(path).st_mode), 0o600)
            status, out, errors = place.run("client", "remove", client, "--yes")
            tap.equal(f"{client}: it is deleted again", (status, os.path.exists(path), errors),
                      (DONE, False, ""))
        with Place(HEXMCP) as place:
            status, out, _ = place.run("client", "add", client, "--print")
            tap.equal(f"{client}: where it is not", (status, out.splitlines()[0]), (
                DONE, f"{title} was not found here. This is what its file would be."))
            tap.equal(f"{client}: --print makes nothing", os.listdir(place.home), [])
            tap.equal(f"{client}: folders are made", place.run("client", "add", client, "--yes")[0], DONE)


def variables(tap):
    for client, (variable, path) in MOVED.items():
        with Place(HEXMCP) as place:
            folder = place.folder("moved")
            status, _, errors = place.run("client", "add", client, "--yes",
                                          environment={variable: folder})
            tap.equal(f"{client}: {variable}", (status, errors, os.path.exists(f"{folder}/{path}"),
                                                os.listdir(place.home)), (DONE, "", True, []))
    with Place(HEXMCP) as place:
        newer = put(f"{place.home}/.config/devin/mcp_config.json", b"{}")
        place.run("client", "add", "windsurf", "--yes")
        tap.check("windsurf: the file of its later versions", b"hexmcp" in read(newer))


def listing(tap):
    with Place(HEXMCP) as place:
        rows = json.loads(place.run("client", "list", "--json")[1])
        tap.equal("list: nobody is here", [(row["client"], row["state"], row["found"]) for row in rows],
                  [(client[0], "not found", False) for client in CLIENTS])
        tap.equal("list: the files", [row["file"] for row in rows],
                  [os.path.join(place.home, client[2]) for client in CLIENTS])
        put(f"{place.home}/.gemini/settings.json", b"{]")
        place.folder("home/.codex")
        place.run("client", "add", "cursor", "--yes")
        place.run("client", "add", "zed", "--yes")
        zed = f"{place.home}/.config/zed/settings.json"
        put(zed, read(zed).replace(HEXMCP.encode(), b"/gone/hexmcp"))
        file = f"{place.home}/.gemini/settings.json"
        tap.equal("list", place.run("client", "list"), (DONE, (
            f"claude-desktop  not found       {place.home}/.config/Claude/claude_desktop_config.json\n"
            f"claude-code     not found       {place.home}/.claude.json\n"
            f"cursor          added           {place.home}/.cursor/mcp.json\n"
            f"vscode          not found       {place.home}/.config/Code/User/mcp.json\n"
            f"windsurf        not found       {place.home}/.codeium/windsurf/mcp_config.json\n"
            f"zed             command missing {zed}\n"
            '                there is no program /gone/hexmcp; "hexmcp client add zed" mends it\n'
            f"gemini          unreadable      {file}\n"
            "                is not JSON: expected a key in quotes at byte 1\n"
            f"codex           not added       {place.home}/.codex/config.toml\n"), ""))
        rows = {row["client"]: row for row in json.loads(place.run("client", "list", "--json")[1])}
        tap.equal("list --json: a lost command", rows["zed"], {
            "client": "zed", "title": "Zed", "state": "command missing", "found": True, "file": zed,
            "command": "/gone/hexmcp"})
        tap.equal("list --json: a broken file", rows["gemini"]["why"],
                  "is not JSON: expected a key in quotes at byte 1")
        tap.equal("list --name", json.loads(place.run("client", "list", "--json", "--name", "x")[1])[2]
                  ["state"], "not added")
        rows = json.loads(place.run("client", "list", "--project", "--json")[1])
        tap.equal("list --project", [row["state"] for row in rows],
                  ["not added" if client[3] else "user only" for client in CLIENTS])


def arguments(tap):
    with Place(HEXMCP) as place:
        path = f"{place.home}/.cursor/mcp.json"
        place.folder("proj")
        os.symlink(f"{place.top}/proj", f"{place.work}/link")
        place.run("client", "add", "cursor", "--yes", "--allow-read", "../proj", "--allow-write", "link",
                  "--set", "log.level=debug", "--plugin", "a.b.c", "--name", "hex-2")
        tap.equal("what is passed on", json.loads(read(path))["mcpServers"], {
            "hex-2": entry_of("cursor", "--allow-read", f"{place.top}/proj", "--allow-write",
                              f"{place.top}/proj", "--set", "log.level=debug", "--plugin", "a.b.c")})
        place.run("client", "add", "cursor", "--yes", "--name", "hex-2")
        tap.check("arguments stay when none are given", b"log.level" in read(path))
        place.run("client", "add", "cursor", "--yes", "--name", "hex-2", "--allow-read", ".")
        tap.equal("arguments that are given take their place", json.loads(read(path))["mcpServers"], {
            "hex-2": entry_of("cursor", "--allow-read", place.work)})
        put(path, read(path).replace(HEXMCP.encode(), b"/old/hexmcp"))
        status, out, _ = place.run("client", "add", "cursor", "--yes", "--name", "hex-2")
        tap.equal("a command that moved", (status, json.loads(read(path))["mcpServers"]), (
            DONE, {"hex-2": entry_of("cursor", "--allow-read", place.work)}))
        bin_folder = place.folder("bin")
        os.symlink(HEXMCP, f"{bin_folder}/hexmcp")
        place.run("client", "add", "cursor", "--yes", "--name", "found",
                  environment={"PATH": bin_folder})
        tap.equal("a program in the search path keeps the name of its link",
                  json.loads(read(path))["mcpServers"]["found"]["command"], f"{bin_folder}/hexmcp")


def refusals(tap):
    with Place(HEXMCP) as place:
        path = f"{place.home}/.cursor/mcp.json"
        for words, line in (
                (["add", "curser"], 'there is no client "curser"; did you mean "cursor"?'),
                (["remove", "xyz"], 'there is no client "xyz"; "hexmcp client list" shows which there are')):
            tap.equal("hexmcp client " + " ".join(words), place.run("client", *words),
                      (NOT_FOUND, "", f"hexmcp: {line}\n"))
        for words, line in (
                (["--name", "a b"], '--name a b: expected up to 64 letters, digits, "-", "_" and "."'),
                (["--allow-read", "none"], "--allow-read none: No such file or directory"),
                (["--allow-read", "/etc/passwd"], "--allow-read /etc/passwd: is no folder")):
            tap.equal("hexmcp client add cursor " + " ".join(words),
                      place.run("client", "add", "cursor", "--yes", *words), (USAGE, "", f"hexmcp: {line}\n"))
        done = subprocess.run([HEXMCP, "client", "add", "cursor", "--yes", "--set", b"a=\xff"],
                              cwd=place.work, env=place.environment, capture_output=True, timeout=PATIENCE)
        tap.equal("an argument that is no text", (done.returncode, done.stderr, os.listdir(place.home)), (
            USAGE, b"hexmcp: a=\xef\xbf\xbd: is not UTF-8, so it cannot be written into the file of a client\n", []))
        tap.equal("hexmcp client", place.run("client"), (
            USAGE, "", 'hexmcp: "hexmcp client" needs one more word: list, add, remove\n'))
        tap.equal("without a home folder", place.run("client", "add", "cursor", environment={"HOME": ""}),
                  (USAGE, "", "hexmcp: there is no home folder: HOME is not set\n"))
        put(path, b"{}")
        tap.equal("remove what is not there", place.run("client", "remove", "cursor", "--yes"),
                  (NOT_FOUND, "", f'hexmcp: {path} has no entry "hexmcp"\n'))
        for data, why in ((b'{"mcpServers": {', "is not JSON: expected a key in quotes at byte 16"),
                          (b'{"mcpServers": []}', 'has a "mcpServers" that is no object'),
                          (b'{"a": "\xff"}', "is not JSON: invalid UTF-8 at byte 7")):
            put(path, data)
            tap.equal(f"a file that is no JSON: {data}", (place.run("client", "add", "cursor", "--yes"),
                                                         read(path)),
                      ((CONFIGURATION, "", f"hexmcp: {path} {why}\n"), data))
        tap.equal("nothing was copied", os.listdir(os.path.dirname(path)), ["mcp.json"])
        put(f"{place.home}/.codex/config.toml", b"a = [1\n")
        tap.equal("a file that is no TOML", place.run("client", "add", "codex", "--yes"), (
            CONFIGURATION, "", f"hexmcp: {place.home}/.codex/config.toml is not TOML: line 2: there is no "
                               "value that could be read\n"))


def special_files(tap):
    with Place(HEXMCP) as place:
        path = f"{place.home}/.cursor/mcp.json"
        target = put(f"{place.top}/dotfiles/cursor.json", b'{"mcpServers":{}}')
        os.makedirs(os.path.dirname(path))
        os.symlink("../../dotfiles/cursor.json", path)
        tap.equal("a link is followed", place.run("client", "add", "cursor", "--yes")[0], DONE)
        tap.equal("the link stays a link", (os.path.islink(path), b"hexmcp" in read(target),
                                            os.path.exists(target + ".hexmcp-backup")), (True, True, True))
        os.remove(target)
        tap.equal("a link that leads nowhere", place.run("client", "add", "cursor", "--yes"), (
            CONFIGURATION, "", f"hexmcp: {path} is a link that leads nowhere; remove it, or make its "
                               "target\n"))
        os.remove(path)
        os.mkfifo(path)
        tap.equal("a pipe", place.run("client", "add", "cursor", "--yes"),
                  (CONFIGURATION, "", f"hexmcp: {path} is no regular file\n"))
        os.remove(path)
        os.mkdir(path)
        tap.equal("a folder", place.run("client", "add", "cursor", "--yes")[0], CONFIGURATION)
        os.rmdir(path)
        if os.getuid() == 0:
            tap.skip("a file that must not be written", "root may write every file")
            return
        put(path, b"{}")
        os.chmod(path, 0o444)
        tap.equal("a file that must not be written", place.run("client", "add", "cursor", "--yes"),
                  (DENIED, "", f"hexmcp: {path} cannot be written: Permission denied\n"))


def unasked(tap):
    with Place(HEXMCP) as place:
        path = put(f"{place.home}/.cursor/mcp.json", b'{\n  "mcpServers": {"a": {}}\n}\n')
        diff = ('@@ -1,3 +1,3 @@\n {\n-  "mcpServers": {"a": {}}\n+  "mcpServers": {"a": {}, "hexmcp": '
                f'{{"type": "stdio", "command": "{HEXMCP}", "args": ["serve"]}}}}\n }}\n')
        shown = f"--- {path}\n+++ {path}\n{diff}"
        tap.equal("no terminal, no --yes", place.run("client", "add", "cursor"), (
            USAGE, shown, "hexmcp: nothing was written; --yes writes the change without asking, --print "
                          "only shows it\n"))
        tap.equal("--print", place.run("client", "add", "cursor", "--print"), (DONE, shown, ""))
        tap.equal("nothing changed", (read(path), os.listdir(os.path.dirname(path))),
                  (b'{\n  "mcpServers": {"a": {}}\n}\n', ["mcp.json"]))
        status, out, _ = place.run("client", "add", "cursor", "--json")
        facts = {"client": "cursor", "file": path, "name": "hexmcp", "change": "add", "written": False,
                 "backup": None, "diff": diff}
        tap.equal("--json", (status, json.loads(out)), (USAGE, facts))
        status, out, errors = place.run("client", "add", "cursor", "--json", "--yes")
        tap.equal("--json --yes", (status, json.loads(out), errors), (
            DONE, {**facts, "written": True, "backup": f"{path}.hexmcp-backup"}, ""))
        status, out, errors = place.run("client", "add", "cursor", "--json")
        tap.equal("--json, again", (status, json.loads(out), errors), (
            DONE, {**facts, "change": "none", "diff": ""}, ""))


def on_terminal(place, answer, before_answer=None):
    """(exit status, whether it asked) of add on a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([HEXMCP, "client", "add", "cursor"], stdin=slave, stdout=slave,
                               stderr=slave, cwd=place.work, env=place.environment)
    os.close(slave)
    seen = b""
    while b"[y/N] " not in seen and select.select([master], [], [], PATIENCE)[0]:
        seen += os.read(master, 65536)
    if before_answer:
        before_answer()
    os.write(master, answer)
    status = process.wait(PATIENCE)
    while select.select([master], [], [], 0)[0]:
        try:
            seen += os.read(master, 65536)
        except OSError:
            break
    os.close(master)
    return status, seen.decode().replace("\r\n", "\n")


def asked(tap):
    with Place(HEXMCP) as place:
        path = put(f"{place.home}/.cursor/mcp.json", b"{}")
        for answer in (b"n\n", b"\n", b"\x04", b"yikes\n"):
            status, seen = on_terminal(place, answer)
            tap.equal(f"the answer {answer}", (status, read(path)), (USAGE, b"{}"))
            tap.check(f"the answer {answer}: it says so", "hexmcp: nothing was written\n" in seen, seen)
        status, seen = on_terminal(place, b"y\n", lambda: put(path, b'{"a":1}'))
        tap.equal("another program wrote meanwhile", (status, read(path)), (CONFIGURATION, b'{"a":1}'))
        tap.check("and it says so", f"hexmcp: {path} was changed by another program meanwhile; nothing was "
                  "written. Run the command again\n" in seen, seen)
        tap.equal("no half file is left", [name for name in os.listdir(os.path.dirname(path))
                                           if name.startswith(".")], [])
        status, seen = on_terminal(place, b"y\n")
        tap.equal("the answer y", (status, b"hexmcp" in read(path)), (DONE, True))


def secrets(tap):
    with Place(HEXMCP) as place:
        key = "sk-" + "s" * 60
        put(f"{place.home}/.claude.json", json.dumps(
            {"key": key, "mcpServers": {"a": {"command": "a", "env": {"KEY": key}, "args": []}}}).encode())
        out = place.run("client", "add", "claude-code", "--print")[1]
        tap.check("a long line of others is not shown", key not in out and "hexmcp" in out, out)


def shared(tap):
    """An entry whose sessions share one server."""
    for client in ("cursor", "codex"):
        with Place(HEXMCP) as place:
            path = f"{place.home}/" + (".cursor/mcp.json" if client == "cursor" else ".codex/config.toml")
            section = "mcpServers" if client == "cursor" else "mcp_servers"
            got = []
            for more in (["--shared"], ["--shared", "--allow-read", "/"], ["--shared"], [], ["--shared"]):
                place.run("client", "add", client, "--yes", *more)
                got.append(parse(client, read(path))[section]["hexmcp"]["args"])
            tap.equal(f"{client}: a shared server", got,
                      [["connect", "--start"], ["connect", "--start", "--allow-read", "/"],
                       ["connect", "--start", "--allow-read", "/"], ["serve"], ["connect", "--start"]])


def starts(tap):
    """What was written starts a server."""
    with Place(HEXMCP) as place:
        path = f"{place.home}/.cursor/mcp.json"
        place.run("client", "add", "cursor", "--yes", "--allow-read", ".")
        entry = json.loads(read(path))["mcpServers"]["hexmcp"]
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}}}
        done = subprocess.run([entry["command"], *entry["args"]], input=json.dumps(hello) + "\n", cwd="/",
                              env=place.environment, capture_output=True, text=True, timeout=PATIENCE)
        tap.equal("the entry starts a server", (
            done.returncode, json.loads(done.stdout)["result"]["serverInfo"]["name"]), (0, "hexmcp"))


if __name__ == "__main__":
    with Tap() as TAP:
        for part in (real_files, project_files, new_files, variables, listing, arguments, refusals,
                     special_files, unasked, asked, secrets, shared, starts):
            part(TAP)
