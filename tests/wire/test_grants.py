#!/usr/bin/env python3
"""test_grants.py HEXMCP PLUGIN

What the folders that an operator grants, the settings and the client's roots make of a call that
opens a file. PLUGIN is hexmcp.test.files.
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import CLAIM, Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, PLUGIN = map(os.path.abspath, sys.argv[1:])
NO_GRANT = ("no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or "
            "--allow-write FOLDER, or set grants.read or grants.write in its configuration", True)


def first_start(tap, place):
    server = Server(place, "--plugin", PLUGIN)
    tap.equal("without a grant the tool says how to give one", server.call("open", {"path": "/etc/passwd"}),
              NO_GRANT)
    tap.equal("it ends well", server.end(), (0, "", ""))
    status, out, errors = place.run("call", "--plugin", PLUGIN, "open", "--arg", "path=file")
    tap.equal("so on the command line", (status, out, errors), (5, NO_GRANT[0] + "\n", ""))


def granted(tap, place):
    outside = f"{place.top}/secret is in no granted folder; granted: {place.top}/proj"
    for name, arguments, environment in (
            ("--allow-read", ["--allow-read", f"{place.top}/proj"], {}),
            ("a relative --allow-read", ["--allow-read", "../proj"], {}),
            ("--allow-write", ["--allow-write", f"{place.top}/proj/."], {}),
            ("--set", ["--set", f"grants.read={place.top}/proj"], {}),
            ("a variable", [], {"HEXMCP_GRANTS_READ": f"{place.top}/proj"})):
        def call(path):
            return place.run("call", "--plugin", PLUGIN, *arguments, "open", "--arg", f"path={path}",
                             environment=environment)
        tap.equal(f"{name}: a file of it", call(f"{place.top}/proj/file"), (0, "content\n", ""))
        tap.equal(f"{name}: the same from there", call("file"), (0, "content\n", ""))
        tap.equal(f"{name}: one outside", call(f"{place.top}/secret"), (5, outside + "\n", ""))
        tap.equal(f"{name}: one outside by ..", call(f"{place.top}/proj/../secret"),
                  (5, outside + "\n", ""))
    place.write("home/.config/hexmcp/config.json",
                "{ // mine\n  \"grants\": {\"read\": [\"~/notes\"]}\n}")
    place.write("home/notes/n", "note")
    call = ("call", "--plugin", PLUGIN, "open", "--arg", "path=n")
    tap.equal("the user's file", place.run(*call), (0, "note\n", ""))
    place.write("work/.hexmcp.json", '{"grants": {"read": ["."]}}')
    status, _, errors = place.run(*call)
    tap.equal("a project cannot widen", (status, errors),
              (3, f"hexmcp: .hexmcp.json:1:21: a project file may only narrow grants.read, which is "
                  f"[\"{place.home}/notes\"], and {place.work} is not in it; set it in your user file\n"))
    place.remove("work/.hexmcp.json")
    place.remove("home/.config/hexmcp/config.json")
    status, out, errors = place.run("call", "--plugin", PLUGIN, "--allow-read", "nowhere", "roots",
                                    "--arg", "path=x")
    tap.equal("a folder that is not there is warned of", (status, out, errors),
              (0, f"{place.work}/nowhere 1\n",
               f"hexmcp: warning: hexmcp: the granted folder {place.work}/nowhere does not exist\n"))


def folders_at_the_end(tap, place):
    """hexmcp serve FOLDER..."""
    folders = [f"{place.top}/proj", f"{place.top}/proj/sub"]
    plugin = place.folder("hexmcp.test.files")
    shutil.copy(os.path.join(PLUGIN, "plugin.so"), plugin)
    with open(os.path.join(PLUGIN, "plugin.json"), encoding="utf-8") as file:
        manifest = {**json.load(file), "grants": {"paths": ["read", "write"]}}
    os.chmod(place.write("hexmcp.test.files/plugin.json", manifest), 0o644)
    for options, access in (([], 1), (["--write=false"], 1), (["--write", "true"], 3)):
        server = Server(place, "--plugin", plugin, *options, *folders)
        tap.equal(f"serve {options} FOLDER FOLDER", server.call("roots", {"path": "x"}),
                  (", ".join(f"{folder} {access}" for folder in folders), False))
        tap.equal("it ends well", server.end(), (0, "", ""))
    tap.equal("--write has two values", place.run("serve", "--write", "yes", place.top),
              (2, "", "hexmcp: --write yes: expected true or false\n"))


class Client:
    """A client of a handshake revision that answers roots/list, and counts."""

    def __init__(self, place, folders, listens, *arguments):
        self.server = Server(place, "--plugin", PLUGIN, *arguments)
        self.folders = folders
        self.asked = 0
        self.request("initialize", {"protocolVersion": "2025-06-18", "clientInfo": {"name": "c", "version": "1"},
                                    "capabilities": {"roots": {"listChanged": True} if listens else {}}})

    def tell(self, message):
        self.server.send(json.dumps({"jsonrpc": "2.0", **message}))

    def request(self, method, params):
        self.tell({"id": method, "method": method, "params": params})
        message = self.server.message()
        while message.get("method") == "roots/list":
            self.asked += 1
            roots = [{"uri": "file://" + folder} for folder in self.folders]
            self.tell({"id": message["id"], "result": {"roots": roots}})
            message = self.server.message()
        return message

    def open(self, path):
        result = self.request("tools/call", {"name": "open", "arguments": {"path": path}})["result"]
        return result["content"][0]["text"]


def roots_of_sessions(tap, place):
    proj = f"{place.top}/proj"
    client = Client(place, [proj + "/sub"], True, "--allow-read", proj)
    tap.equal("in the root", client.open(proj + "/sub/deep"), "deep")
    tap.equal("granted, and outside of the root", client.open(proj + "/file"),
              f"{proj}/file is in no granted folder that is also a root of the client; granted: {proj}/sub")
    tap.equal("the client was asked once", client.asked, 1)
    client.folders = [place.top]
    client.tell({"method": "notifications/roots/list_changed"})
    tap.equal("roots that changed", client.open(proj + "/file"), "content")
    tap.equal("roots do not widen", client.open(place.top + "/secret"),
              f"{place.top}/secret is in no granted folder that is also a root of the client; granted: {proj}")
    tap.equal("asked again", client.asked, 2)
    client.folders = ["/nowhere"]
    client.tell({"method": "notifications/roots/list_changed"})
    tap.equal("no root in a granted folder", client.open(proj + "/file"),
              "no file may be opened: none of the client's roots is in a granted folder. Grant the folder "
              "that the client works in, for example with --allow-write FOLDER, or set "
              'grants.client_roots to "ignore"')
    client.server.end()
    client = Client(place, [proj], False, "--allow-read", proj)
    tap.equal("a client that does not tell of changes", [client.open("file"), client.open("file")],
              ["content", "content"])
    tap.equal("is asked each time", client.asked, 2)
    client.server.end()
    client = Client(place, [], True, "--allow-read", proj, "--set", "grants.client_roots=ignore")
    tap.equal("roots that do not count", (client.open("file"), client.asked), ("content", 0))
    client.server.end()
    client = Client(place, [], True)
    tap.equal("nothing granted: nobody is asked", (client.open("file"), client.asked), (NO_GRANT[0], 0))
    client.server.end()


def roots_of_modern_requests(tap, place):
    proj = f"{place.top}/proj"
    server = Server(place, "--plugin", PLUGIN, "--allow-read", proj)
    meta = {**CLAIM, "io.modelcontextprotocol/clientCapabilities": {"roots": {}}}
    call = {"name": "open", "arguments": {"path": proj + "/file"}, "_meta": meta}
    for root, text in ((proj, "content"), (proj + "/sub", f"{proj}/file is in no granted folder that is "
                                           f"also a root of the client; granted: {proj}/sub")):
        server.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}))
        result = server.answer(1)["result"]
        tap.equal("it is asked for its roots", (result["resultType"], result["inputRequests"]),
                  ("input_required", {"roots": {"method": "roots/list"}}))
        again = {**call, "requestState": result["requestState"],
                 "inputResponses": {"roots": {"roots": [{"uri": "file://" + root}]}}}
        server.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": again}))
        tap.equal("and answered", server.answer(2)["result"]["content"][0]["text"], text)
    tap.equal("a client without roots is not asked", server.call("open", {"path": proj + "/file"}),
              ("content", False))
    tap.equal("it ends well", server.end(), (0, "", ""))


with Tap() as tap, Place(HEXMCP) as place:
    place.top = os.path.realpath(place.top)
    place.write("secret", "secret")
    place.write("proj/file", "content")
    place.write("proj/sub/deep", "deep")
    first_start(tap, place)
    granted(tap, place)
    folders_at_the_end(tap, place)
    roots_of_sessions(tap, place)
    roots_of_modern_requests(tap, place)
