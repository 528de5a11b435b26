#!/usr/bin/env python3
"""test_manual.py HEXMCP MANUAL

The manual page is good roff and says all that `hexmcp help` says.
"""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from tap import Tap  # noqa: E402

HEXMCP, MANUAL = sys.argv[1:3]
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS OF EVERY COMMAND", "EXIT STATUS",
            "FILES", "ENVIRONMENT"]
# The page must be the same whenever it is built.
NO_DATE = ' missing date, using "": TH'


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout


def flat(text):
    return " ".join(text.split())


def check_roff(tap):
    if not shutil.which("mandoc"):
        tap.skip("the page is good roff", "mandoc is not installed")
        return
    faults = [line for line in output("mandoc", "-Tlint", MANUAL).splitlines()
              if not line.endswith(NO_DATE)]
    tap.equal("the page is good roff", faults, [])
    page = re.sub(r".\x08", "", output("mandoc", "-Tutf8", "-Owidth=200", MANUAL))
    facts = json.loads(output(HEXMCP, "help", "--json"))
    tap.equal("its sections", re.findall(r"^([A-Z ]+)$", page, re.M), SECTIONS)
    missing = []
    for command in facts["commands"]:
        for text in (command["summary"], command["details"],
                     f"hexmcp {command['name']} {command['operands']}"):
            missing += [text] if flat(text) not in flat(page) else []
        missing += [option["help"] for option in command["options"] if option["help"] not in flat(page)]
    missing += [option["help"] for option in facts["options"] if option["help"] not in flat(page)]
    missing += [code["meaning"] for code in facts["exitCodes"]
                if f"{code['code']} {code['meaning']}".replace("`", "") not in flat(page)]
    tap.equal("it says all that help says", missing, [])


with Tap() as tap:
    check_roff(tap)
