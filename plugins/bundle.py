#!/usr/bin/env python3
"""bundle.py ID STAMP PLUGIN_SO PLUGIN_JSON [FOLDER]

Copies both files to FOLDER/ID/ (by default the folder of STAMP) and refuses a bundle whose manifest, folder and binary
do not name the same plugin, so that a mistake shows at build and not at load.
"""
import json
import os
import shutil
import struct
import sys

MAGIC = b"HEXMCP\r\n"
INFO = struct.Struct("=8sIIII128s32s72x")


def read_info(path):
    with open(path, "rb") as file:
        data = file.read()
    at = data.find(MAGIC)
    while 0 <= at <= len(data) - INFO.size:
        magic, size, major, minor, _, plugin_id, version = INFO.unpack_from(data, at)
        if size == INFO.size:
            text = [field.split(b"\0")[0].decode() for field in (plugin_id, version)]
            return {"id": text[0], "version": text[1], "abi": {"major": major, "minor": minor}}
        at = data.find(MAGIC, at + 1)
    sys.exit(f"{path}: no info block; use HEXMCP_PLUGIN_DEFINE once")


def main():
    plugin_id, stamp, binary, manifest_path = sys.argv[1:5]
    parent = sys.argv[5] if len(sys.argv) > 5 else os.path.dirname(stamp)
    with open(manifest_path, encoding="utf-8") as file:
        manifest = json.load(file)
    if manifest["id"] != plugin_id:
        sys.exit(f"{manifest_path}: id is {manifest['id']!r}, "
                 f"plugins/meson.build says {plugin_id!r}")
    for key, value in read_info(binary).items():
        if manifest[key] != value:
            sys.exit(f"{manifest_path}: {key} is {manifest[key]!r}, the binary says {value!r}")

    folder = os.path.join(parent, plugin_id)
    os.makedirs(folder, exist_ok=True)
    for source, name in ((binary, "plugin.so"), (manifest_path, "plugin.json")):
        target = os.path.join(folder, name)
        # A new file, never new bytes in one that a running server has mapped.
        shutil.copyfile(source, target + ".new")
        os.replace(target + ".new", target)
    with open(stamp, "w", encoding="utf-8"):
        pass


main()
