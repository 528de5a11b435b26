#!/usr/bin/env python3
"""bundle_version.py VERSION STAMP PLUGIN_SO

Makes the bundle <folder of STAMP>/versions/<name of STAMP>/hexmcp.test.versions. Version 2 lists one
tool more, one less, and says something else of a third.
"""
import json
import os
import shutil
import sys

version, stamp, binary = sys.argv[1:]
ID = "hexmcp.test.versions"
second = version.startswith("2.")


def tool(name, description):
    return {"name": name, "description": description, "inputSchema": {"type": "object"},
            "run": {"mode": "inline"}}


tools = [tool("version", "Says two." if second else "Says one."), tool("hold", "Waits."),
         tool("let_go", "Ends what waits.")]
tools.append(tool("added", "New.") if second else tool("removed", "Goes."))
manifest = {"manifest": 1, "id": ID, "version": version, "license": "MIT",
            "description": "Comes in versions.", "abi": {"major": 1, "minor": 0},
            "provides": ["hexmcp.tool/1", "hexmcp.state/1", "hexmcp.selftest/1"], "tools": tools}
name = os.path.splitext(os.path.basename(stamp))[0]
folder = os.path.join(os.path.dirname(stamp), "versions", name, ID)
os.makedirs(folder, exist_ok=True)
os.chmod(folder, 0o755)
shutil.copyfile(binary, os.path.join(folder, "plugin.so.new"))
os.replace(os.path.join(folder, "plugin.so.new"), os.path.join(folder, "plugin.so"))
with open(os.path.join(folder, "plugin.json"), "w", encoding="utf-8") as file:
    json.dump(manifest, file, indent=1)
for name in ("plugin.so", "plugin.json"):
    os.chmod(os.path.join(folder, name), 0o644)
with open(stamp, "w", encoding="utf-8"):
    pass
