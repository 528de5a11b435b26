"""Bundles made of one plugin: tests/plugins/steady with other ids, versions and tools.

The id and the version stand in the info block of plugin.so, at fixed places (hexmcp/entry.h).
"""

import json
import os

MAGIC = b"HEXMCP\r\n"
ID_AT, ID_SIZE, VERSION_SIZE = 24, 128, 32
NUMBER = {"type": "integer", "minimum": 0, "maximum": 1000000000}


def patched(binary, ident, version):
    at = binary.index(MAGIC) + ID_AT
    fields = (ident.encode().ljust(ID_SIZE, b"\0") + version.encode().ljust(VERSION_SIZE, b"\0"))
    if len(fields) != ID_SIZE + VERSION_SIZE:
        raise ValueError(f"{ident} {version} is too long")
    return binary[:at] + fields + binary[at + len(fields):]


def tool(name, description, mode="inline", **properties):
    return {"name": name, "description": description,
            "inputSchema": {"type": "object", "properties": {"n": NUMBER, **properties},
                            "additionalProperties": False},
            "run": {"mode": mode}}


def manifest(ident, version, tools):
    return {"manifest": 1, "id": ident, "version": version, "license": "MIT",
            "description": "Answers exactly.", "abi": {"major": 1, "minor": 0},
            "provides": ["hexmcp.tool/1", "hexmcp.state/1"], "tools": tools}


def put(path, data):
    """Others see the old file or the new one."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.chmod(path + ".new", 0o644)
    os.replace(path + ".new", path)


def write(parent, binary, ident, version, tools):
    """The bundle `parent`/`ident`; `binary`: the bytes of plugin.so. Its folder."""
    folder = os.path.join(parent, ident)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    put(os.path.join(folder, "plugin.so"), patched(binary, ident, version))
    put(os.path.join(folder, "plugin.json"), json.dumps(manifest(ident, version, tools)).encode())
    return folder
