#!/usr/bin/env python3
"""test_key.py HEXMCP

hexmcp key: keys made, listed and revoked, word for word, and what is left on the disk.
"""
import base64
import datetime
import hashlib
import json
import os
import re
import stat
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
DONE, USAGE, CONFIGURATION, NOT_FOUND, INTERNAL = 0, 2, 3, 4, 70
KEY = re.compile(r"hxk_([a-z2-9]{10})_[A-Za-z0-9_-]{43}")
KEPT = ".local/state/hexmcp/api-keys.json"


def state(place):
    return os.path.join(place.home, KEPT)


def plain(tap, place):
    tap.equal("no keys at first", place.run("key", "list"),
              (DONE, "", 'hexmcp: there are no API keys; "hexmcp key create NAME" makes one\n'))
    tap.check("to list makes no file", not os.path.exists(state(place)))
    code, out, err = place.run("key", "create", "Ann's laptop", "--expires", "90d")
    made = KEY.fullmatch(out.strip())
    tap.check("the key stands alone on standard output", code == DONE and made, out)
    tap.equal("and what it is on the other", err,
              f"hexmcp: this is API key {made[1]} (Ann's laptop); it is shown this once and not kept\n")
    mode = stat.S_IMODE(os.stat(state(place)).st_mode)
    tap.equal("the file is for its owner alone", oct(mode), "0o600")
    text = open(state(place), encoding="utf-8").read()
    tap.check("the secret is not in it", made[0].rpartition("_")[2] not in text and made[0] not in text)
    digest = hashlib.sha256(made[0].encode()).hexdigest()
    kept = json.loads(text)["keys"][0]["sha256"]
    tap.equal("SHA-256 of the key is", base64.urlsafe_b64decode(kept + "=").hex(), digest)
    day = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=90)).date()
    tap.equal("it is listed", place.run("key", "list"),
              (DONE, f"{made[1]}  Ann's laptop             local          valid    expires {day}\n", ""))
    tap.equal("it is revoked", place.run("key", "revoke", made[1]),
              (DONE, f"API key {made[1]} is revoked\n", ""))
    tap.equal("again changes nothing", place.run("key", "revoke", made[1])[0], DONE)
    tap.check("and is listed so", "  revoked  expires" in place.run("key", "list")[1])


def machine(tap, place):
    code, out, err = place.run("key", "create", "ci", "--json", "--tenant", "acme", "--scope", "mcp:use",
                               "--scope", "b")
    made = json.loads(out)
    tap.equal("JSON says all of a new key", list(made),
              ["id", "key", "name", "tenant", "scopes", "state", "created", "expires", "revoked"])
    tap.equal("and says it right",
              (code, err, made["name"], made["tenant"], made["scopes"], made["state"], made["expires"]),
              (DONE, "", "ci", "acme", "mcp:use b", "valid", None))
    tap.equal("its id is part of it", KEY.fullmatch(made["key"])[1], made["id"])
    listed = json.loads(place.run("key", "list", "--json")[1])
    tap.equal("the list has it without the key",
              {**listed[-1], "key": made["key"]}, made)
    gone = json.loads(place.run("key", "revoke", made["id"], "--json")[1])
    tap.check("a revoked one says when",
              gone["state"] == "revoked" and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", gone["revoked"]),
              gone)


def wrong(tap, place):
    file = state(place)
    for arguments, code, text in [
            (("create", ""), USAGE, "the name of a key must be 1 to 128 bytes of text on one line"),
            (("create", "a", "--expires", "9"), USAGE,
             "--expires 9: expected a number from 1 to 100000 and h, d or w, e.g. 90d"),
            (("create", "a", "--expires", "0d"), USAGE,
             "--expires 0d: expected a number from 1 to 100000 and h, d or w, e.g. 90d"),
            (("create", "a", "--expires", "100001h"), USAGE,
             "--expires 100001h: expected a number from 1 to 100000 and h, d or w, e.g. 90d"),
            (("create", "a", "--scope", 'x"y'), USAGE,
             "the scopes of a key must be words of visible ASCII, without \" and \\, separated by one "
             "space, together at most 128 bytes"),
            (("revoke", "nonsense"), NOT_FOUND,
             f'there is no API key nonsense in {file}; "hexmcp key list" lists them'),
            (("list", "--set", "auth.keys_file=keys.json"), CONFIGURATION,
             "auth.keys_file must be an absolute path, not keys.json")]:
        got = place.run("key", *arguments)
        tap.equal(" ".join(("key", *arguments)), got, (code, "", f"hexmcp: {text}\n"))
    os.chmod(file, 0o644)
    text = (f"hexmcp: the file of API keys {file} was open to other users; nobody is let in by a key "
            "until it is put right, or deleted and keys are made anew with \"hexmcp key create\"\n")
    tap.equal("a file that others may read", place.run("key", "list"), (CONFIGURATION, "", text))
    tap.equal("is not added to", place.run("key", "create", "a"), (CONFIGURATION, "", text))
    os.chmod(file, 0o600)
    tap.equal("without a home", place.run("key", "create", "a", environment={"HOME": ""}),
              (CONFIGURATION, "", "hexmcp: there is no place for API keys: HOME is not set; set it, or "
               "auth.keys_file\n"))
    elsewhere = os.path.join(place.top, "deep", "keys.json")
    tap.equal("in another place", place.run("key", "create", "a", environment={
        "HEXMCP_AUTH_KEYS_FILE": elsewhere})[0], DONE)
    tap.check("it is there", os.path.exists(elsewhere))


with Tap() as tap, Place(HEXMCP) as place:
    plain(tap, place)
    machine(tap, place)
    wrong(tap, place)
