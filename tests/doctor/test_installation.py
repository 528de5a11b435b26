#!/usr/bin/env python3
"""test_installation.py HEXMCP

What "hexmcp doctor" says of an installation with one thing wrong: that, and nothing else.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
# What this kernel lacks is no matter of these tests.
OPTIONS = ["--json", "--skip", "kernel"]


def findings(place, *arguments, environment=None):
    status, text, _ = place.run("doctor", *OPTIONS, *arguments, environment=environment)
    return status, [(f["severity"], f["id"], f["seen"].replace(place.top, "TOP"))
                    for f in json.loads(text)["findings"]]


def check_clean(tap, place):
    tap.equal("a fresh home is clean", findings(place), (0, []))
    status, text, stderr = place.run("doctor", "--only", "configuration,grants")
    tap.equal("the report", (status, text.splitlines()[1:], stderr), (0, [
        f"hexmcp {version(place)}", "",
        "  ok       configuration      The configuration can be read",
        "  skipped  grants             Granted folders can be used",
        "                 no folder is granted, so tools open no files; --allow-read FOLDER or the",
        "                 setting grants.read grants one", "",
        "0 errors, 0 warnings, 0 notes in 2 checks, 1 skipped"], ""))
    _, text, _ = place.run("doctor", "--sarif", "--only", "kernel")
    tap.equal("SARIF has the rule", json.loads(text)["runs"][0]["tool"]["driver"]["rules"][0]["id"],
              "kernel")


def version(place):
    return json.loads(place.run("version", "--json")[1])["version"]


def check_configuration(tap, place):
    place.write("home/.config/hexmcp/config.json", {"workers": {"mux": 1}})
    status, found = findings(place)
    tap.equal("a bad configuration file", (status, [f[:2] for f in found]),
              (1, [("error", "configuration")]))
    tap.check("its name and key", "config.json" in found[0][2] and "workers" in found[0][2], found)
    place.remove("home/.config/hexmcp/config.json")


def check_clients(tap, place):
    folder = os.path.join(place.home, ".cursor")
    os.makedirs(folder, exist_ok=True)
    place.run("client", "add", "cursor", "--yes")
    tap.equal("a client that starts hexmcp", findings(place), (0, []))
    place.write("home/.cursor/mcp.json", {"mcpServers": {"hexmcp": {"command": "/nowhere/hexmcp"}}})
    tap.equal("a client that starts what is not there", findings(place), (0, [
        ("warning", "clients", "Cursor: TOP/home/.cursor/mcp.json starts /nowhere/hexmcp, which cannot "
                               "be run")]))
    place.write("home/.cursor/mcp.json", "{")
    status, found = findings(place)
    tap.equal("a file that is no JSON", (status, [f[:2] for f in found]), (0, [("warning", "clients")]))
    place.remove("home/.cursor/mcp.json")


def check_grants(tap, place):
    os.makedirs(os.path.join(place.top, "given"), exist_ok=True)
    file = place.write("file", "text")
    tap.equal("a good grant", findings(place, "--allow-read", place.top + "/given"), (0, []))
    tap.equal("a grant that is not there", findings(place, "--allow-read", place.top + "/none"),
              (0, [("warning", "grants", "grants.read grants TOP/none: No such file or directory")]))
    tap.equal("a grant of a file", findings(place, "--allow-write", file),
              (0, [("warning", "grants", "grants.write grants TOP/file, which is no folder")]))


def check_plugins(tap, place):
    tap.equal("a plugin that is nowhere", findings(place, "--plugin", "hexmcp.nowhere"),
              (1, [("error", "plugins",
                    "hexmcp.nowhere is refused (not-found): no plugin of this id was found")]))
    place.write("home/.local/share/hexmcp/plugins/com.example.bad/plugin.json", "{")
    status, found = findings(place)
    tap.equal("a broken bundle that nobody asked for", (status, [f[:2] for f in found]),
              (0, [("warning", "plugins")]))
    place.remove("home/.local/share/hexmcp/plugins/com.example.bad/plugin.json")
    os.rmdir(place.top + "/home/.local/share/hexmcp/plugins/com.example.bad")


def check_folders(tap, place):
    folder = place.top + "/home/.local/share/hexmcp/plugins"
    os.chmod(folder, 0o777)
    tap.equal("a folder that everybody can write", findings(place, "--skip", "plugins"),
              (1, [("error", "folders", "TOP/home/.local/share/hexmcp/plugins can be written by "
                    "everybody (mode 0777)")]))
    os.chmod(folder, 0o755)


with Tap() as tap, Place(HEXMCP) as place:
    check_clean(tap, place)
    check_configuration(tap, place)
    check_clients(tap, place)
    check_grants(tap, place)
    check_plugins(tap, place)
    check_folders(tap, place)
    tap.equal("usage", place.run("doctor", "--only", "plugin"),
              (2, "", 'hexmcp: there is no check "plugin"; did you mean "plugins"?\n'))
