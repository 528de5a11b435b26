#!/usr/bin/env python3
"""test_bundle.py ROOT: the build refuses a bundle whose parts do not name the same plugin."""
import json
import os
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

MANIFEST = {"manifest": 1, "id": "org.example.a", "version": "1.0.0",
            "abi": {"major": 1, "minor": 0}}


def info(plugin_id=b"org.example.a", version=b"1.0.0", major=1):
    return struct.pack("=8sIIII128s32s72x", b"HEXMCP\r\n", 256, major, 0, 0, plugin_id, version)


def bundle(folder, manifest, binary):
    paths = [os.path.join(folder, name) for name in ("a.so", "a.json", "a.bundled")]
    with open(paths[0], "wb") as file:
        file.write(binary)
    with open(paths[1], "w", encoding="utf-8") as file:
        json.dump(manifest, file)
    done = subprocess.run([os.path.join(ROOT, "plugins/bundle.py"), "org.example.a", paths[2],
                           paths[0], paths[1]], capture_output=True, text=True)
    return done.returncode, done.stderr.replace(folder + "/", "").strip()


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        lone_magic = b"code HEXMCP\r\n and " + b"x" * 300
        for name, manifest, binary, message in [
            ("another id in the manifest", {**MANIFEST, "id": "org.example.b"}, info(),
             "a.json: id is 'org.example.b', plugins/meson.build says 'org.example.a'"),
            ("another id in the binary", MANIFEST, info(plugin_id=b"org.example.b"),
             "a.json: id is 'org.example.a', the binary says 'org.example.b'"),
            ("another version", MANIFEST, info(version=b"1.0.1"),
             "a.json: version is '1.0.0', the binary says '1.0.1'"),
            ("another ABI", MANIFEST, info(major=2),
             "a.json: abi is {'major': 1, 'minor': 0}, the binary says {'major': 2, 'minor': 0}"),
            ("no info block", MANIFEST, lone_magic,
             "a.so: no info block; use HEXMCP_PLUGIN_DEFINE once"),
            ("an info block that is cut", MANIFEST, info()[:100],
             "a.so: no info block; use HEXMCP_PLUGIN_DEFINE once"),
        ]:
            tap.equal(name, bundle(folder, manifest, binary), (1, message))
        tap.equal("nothing was written", os.path.exists(folder + "/org.example.a"), False)
        tap.equal("a whole bundle", bundle(folder, MANIFEST, lone_magic + info()), (0, ""))
        tap.equal("has two files", sorted(os.listdir(folder + "/org.example.a")),
                  ["plugin.json", "plugin.so"])


main()
