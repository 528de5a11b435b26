#!/usr/bin/env python3
"""test_state.py HEXMCP

hexmcp state with the store that comes with it: what is kept from one process to the next, migrated and rolled
back, encrypted and encrypted anew; and what lies on the disk.
"""
import json
import os
import secrets
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
DONE, FAILED, USAGE, CONFIGURATION, NOT_FOUND, DENIED = 0, 1, 2, 3, 4, 5
FOLDER = ".local/state/hexmcp"


def on_disk(place, text):
    folder = os.path.join(place.home, FOLDER)
    return any(text in open(os.path.join(folder, name), "rb").read()
               for name in os.listdir(folder) if name.startswith("store"))


def values(tap, place):
    tap.equal("nothing is there at first", place.run("state", "get", "theme"),
              (NOT_FOUND, "", 'hexmcp: there is no "theme" in the state of this tenant\n'))
    code, out, err = place.run("state", "set", "theme", '"dark"')
    tap.equal("a value is set", (code, json.loads(out), err), (DONE, {"version": 1}, ""))
    tap.equal("and another process gets it", place.run("state", "get", "theme"), (DONE, '"dark"\n', ""))
    code, out, err = place.run("state", "set", "theme", "1", "--if-version", "0")
    tap.equal("a change asks for a version", (code, json.loads(out), err),
              (FAILED, {"version": 1, "conflict": True},
               "hexmcp: the key is at version 1; nothing was changed\n"))
    tap.equal("no scope sees another", place.run("state", "get", "theme", "--scope", "user")[0], NOT_FOUND)
    tap.equal("a value is JSON", place.run("state", "set", "k", "dark"),
              (USAGE, "", "hexmcp: the value is no JSON (a text needs quotes of its own): unexpected character "
                          "at byte 0\n"))
    tap.equal("a secret is refused", place.run("state", "set", "k", '{"password":"hunter2"}'),
              (DENIED, "", 'hexmcp: the value of "k" holds a secret by its name at /password, which is not kept '
                           "in clear; name secrets by their handles, {{secret:NAME}}, or see the setting "
                           "state.secrets\n"))
    place.run("state", "set", "size", "7")
    tap.equal("values are listed", place.run("state", "list", "--values"),
              (DONE, "size" + " " * 38 + '7\n' + "theme" + " " * 37 + '"dark"\n', ""))
    tap.equal("and found", place.run("state", "search", "s*", "--pointer", "", "--equals", "7"),
              (DONE, "size" + " " * 38 + "version 1, 64 bytes\n", ""))
    tap.equal("and removed", json.loads(place.run("state", "delete", "size")[1])["removed"], True)


def migrations(tap, place):
    path = os.path.join(place.home, "migrations.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"migrations": [{"from": 1, "to": 2, "steps": [
            {"rename": {"from": "/n", "to": "/number", "required": True}}]}]}, file)
    for i in range(3):
        place.run("state", "set", f"k{i}", f'{{"n": {i}}}', "--scope", "user")
    code, out, _ = place.run("state", "migrate", path, "--scope", "user")
    run = json.loads(out)
    tap.equal("a place is migrated", (code, run["migrated"], run["kept"]), (DONE, 3, True))
    tap.equal("values have the new shape", place.run("state", "get", "k1", "--scope", "user")[1],
              '{"number":1}\n')
    tap.equal("another place has no such run", place.run("state", "rollback", run["run"])[0], NOT_FOUND)
    code, out, _ = place.run("state", "rollback", run["run"], "--scope", "user")
    tap.equal("it is rolled back", (code, json.loads(out)["restored"]), (DONE, 3))
    tap.equal("to the byte", place.run("state", "get", "k1", "--scope", "user")[1], '{"n": 1}\n')
    place.run("state", "set", "bad", "{}", "--scope", "user")
    code, out, _ = place.run("state", "migrate", path, "--scope", "user")
    tap.equal("a failure puts everything back", (code, json.loads(out)["failure"], json.loads(out)["migrated"]),
              (FAILED, '"bad": version 1 to 2, step 1 (rename /n): there is nothing at "/n"', 0))


def encryption(tap, place):
    keys = {"k1": {"env": "STATE_K1"}, "k2": {"env": "STATE_K2"}}
    env = {"STATE_K1": secrets.token_hex(32), "STATE_K2": secrets.token_hex(32)}

    def run(names, *words):
        some = json.dumps({name: keys[name] for name in names})
        return place.run("state", *words, "--scope", "session", "--id", "s", "--set", "encryption.keys=" + some,
                         "--set", "encryption.key=" + names[-1],
                         "--set", 'encryption.scopes=["session"]', environment=env)

    tap.equal("an encrypted value is set", run(["k1"], "set", "plan", '"attack at dawn"')[0], DONE)
    tap.check("and not on the disk", not on_disk(place, b"attack at dawn"))
    tap.equal("it is read with the key", run(["k1"], "get", "plan"), (DONE, '"attack at dawn"\n', ""))
    code, _, err = run(["k2"], "get", "plan")
    tap.equal("another key does not open it", (code, err),
              (70, 'hexmcp: the value of "plan" in state/local/session/stdio/s cannot be read: it is encrypted '
                   'with the key "k1", which encryption.keys does not name\n'))
    more = ["--set", "encryption.keys=" + json.dumps(keys), "--set", "encryption.key=k2"]
    code, out, _ = place.run("state", "rotate", *more, environment=env)
    tap.equal("all is encrypted anew", (code, json.loads(out)["rotated"]), (DONE, 2))
    tap.equal("with the other key", run(["k2"], "get", "plan"), (DONE, '"attack at dawn"\n', ""))
    tap.equal("a sensitive value needs a key",
              place.run("state", "set", "s", "1", "--class", "sensitive")[0], DENIED)
    tap.equal("a wrong setting is named", place.run("state", "list", "--set", 'encryption.scopes=["session"]'),
              (CONFIGURATION, "", "hexmcp: state: encryption.scopes names a scope and encryption.keys no key\n"))


with Tap() as tap, Place(HEXMCP) as place:
    values(tap, place)
    migrations(tap, place)
    encryption(tap, place)
