#!/usr/bin/env python3
"""bundle_bad.py ID MANIFEST_VERSION ABI_MAJOR STAMP PLUGIN_SO

Puts together a bundle <folder of STAMP>/ID whose manifest may disagree with its binary.
"""
import json
import os
import shutil
import sys

TOOLS = ["good", "broken-json", "nothing", "twice", "complete-and-fail", "complete-and-pending",
         "fail", "endless-text", "no-text", "status", "outcome", "huge", "late", "print", "where",
         "wrong-id", "hang", "log"]

plugin_id, version, major, stamp, binary = sys.argv[1:]
manifest = {
    "manifest": 1, "id": plugin_id, "version": version, "license": "MIT",
    "description": "Breaks its contract.", "abi": {"major": int(major), "minor": 0},
    "provides": ["hexmcp.tool/1"],
    "tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS],
}
folder = os.path.join(os.path.dirname(stamp), plugin_id)
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
