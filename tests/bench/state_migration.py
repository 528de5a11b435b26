#!/usr/bin/env python3
"""state_migration.py HEXMCP [VALUES]

How many values a second `hexmcp state migrate` brings to another version in the store that comes with
hexmcp: first a dry run, which reads all, then for good, with the copies of former values that are kept until
the end. Prints a line for each, with the processor time beside.
"""
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

STEPS = [{"copy": {"from": "/id", "to": "/key"}}, {"default": {"at": "/active", "value": True}},
         {"remove": {"at": "/old"}}, {"rename": {"from": "/name", "to": "/title"}},
         {"convert": {"at": "/count", "to": "integer"}}]


def fill(store, count):
    """Copies the one value that is there, so that nobody starts the program so often."""
    with sqlite3.connect(store) as db:
        space, value = db.execute("SELECT space, value FROM entries WHERE key='seed'").fetchone()
        head = value.split(b"\n")[0] + b"\n"
        db.executemany("INSERT INTO entries(space, key, version, expires, value) VALUES(?, ?, 1, 0, ?)",
                       ((space, f"k{i:07}", head + json.dumps(
                           {"id": i, "name": f"item {i}", "count": str(i * 7), "old": [1, 2]}).encode())
                        for i in range(1, count)))


def main():
    program, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    with tempfile.TemporaryDirectory() as home:
        def run(*words):
            return subprocess.run([program, "state", *words, "--set", "state.max_keys=100000000"], check=True,
                                  env={"HOME": home, "PATH": "/usr/bin:/bin"}, capture_output=True).stdout

        run("set", "seed", '{"id": 0, "name": "item 0", "count": "0", "old": [1, 2]}')
        fill(os.path.join(home, ".local/state/hexmcp/store.sqlite"), count)
        path = os.path.join(home, "migrations.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"migrations": [{"from": 1, "to": 2, "steps": STEPS}]}, file)
        for name, option in (("dry run", "--dry-run"), ("durable", "--no-backup")):
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            done = json.loads(run("migrate", path, "--batch", "500", option))["migrated"]
            took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"migration, {name}: {done / took:.0f} values/s, {1e6 * used / done:.1f} us of processor time "
                  "each")


main()
