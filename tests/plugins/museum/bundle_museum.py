#!/usr/bin/env python3
"""bundle_museum.py ID STAMP PLUGIN_SO SOURCE

Puts together the bundle <folder of STAMP>/museum/ID. Its plugin.json is the usual one, with the
members that a comment "plugin.json: {...}" in SOURCE gives instead; null takes a member away.
"""
import json
import os
import re
import shutil
import sys

plugin_id, stamp, binary, source = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read()
sentence = " ".join(re.match(r"/\*(.*?)\*/", text, re.S).group(1).replace("\n *", "\n").split())
manifest = {
    "manifest": 1, "id": plugin_id, "version": "1.0.0", "license": "MIT",
    "description": sentence.split(" plugin.json: ")[0], "abi": {"major": 1, "minor": 0},
    "provides": ["hexmcp.tool/1"],
    "tools": [{"name": name, "description": f"The tool {name} of an exhibit.",
               "inputSchema": {"type": "object", "additionalProperties": False}, "run": {"timeoutMs": 1500}}
              for name in ("good", "bad")],
}
change = re.search(r"plugin\.json: (\{.*?\}) ?\*/", sentence + " */")
for key, value in (json.loads(change.group(1)) if change else {}).items():
    if value is None:
        del manifest[key]
    else:
        manifest[key] = value
folder = os.path.join(os.path.dirname(stamp), "museum", plugin_id)
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
