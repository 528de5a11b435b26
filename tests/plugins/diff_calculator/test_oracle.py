#!/usr/bin/env python3
"""test_oracle.py HEXMCP

diff-calculator against other hands: diff(1) byte for byte, patch(1), RFC 6902 applied by the letter,
over many random edits, through the real program.
"""
import json
import os
import random
import subprocess
import sys
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import Place, Server  # noqa: E402
from tap import Tap, same  # noqa: E402

ROUNDS = 150


class Differ:
    def __init__(self, server):
        self.server = server

    def __call__(self, **arguments):
        text, is_error = self.server.call("diff-calculator", arguments)
        if is_error:
            raise ValueError(f"{arguments!r}: {text}")
        return json.loads(text)


def run(*command, stdin=b""):
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(text.encode())
    return path


# ---- texts ------------------------------------------------------------------------------------

def text_of(chance, lines):
    """The lines as a text, which sometimes does not end with a line feed."""
    text = "".join(line + "\n" for line in lines)
    return text[:-1] if chance.random() < 0.3 else text


def unique_edit(chance):
    """Two texts that have just one shortest difference: no line occurs twice."""
    old = [f"line {i}" for i in range(chance.randrange(40))]
    new = [line for line in old if chance.random() > 0.15]
    for i in range(chance.randrange(6)):
        new.insert(chance.randrange(len(new) + 1), f"fresh {i}")
    return text_of(chance, old), text_of(chance, new)


def wild_edit(chance):
    """Two texts of few different lines, some of them odd."""
    words = ["", "a", "b", " a", "a ", "\ta\r", "é€😀", "--- x", "+++", "@@ -1 +1 @@", "\\ No"]
    old = [chance.choice(words) for _ in range(chance.randrange(25))]
    new = [chance.choice(words) if chance.random() < 0.3 else line for line in old]
    new = [line for line in new if chance.random() > 0.1]
    return text_of(chance, old), text_of(chance, new)


def first_wrong(cases, check):
    """What `check` complains of first, with the case; empty if it never does."""
    for case in cases:
        complaint = check(*case)
        if complaint:
            return f"{case!r}: {complaint}"
    return ""


def same_as_diff(differ, folder, form, flag, context):
    def check(old, new):
        a, b = write(folder, "a", old), write(folder, "b", new)
        wanted = run("diff", f"{flag}{context}", "--label", "old", "--label", "new", a, b)
        got = differ(old_text=old, new_text=new, format=form, context_lines=context)["diff"]
        return "" if got.encode() == wanted.stdout else f"{got!r}, not {wanted.stdout!r}"
    return check


def patched(differ, folder, form, context):
    def check(old, new):
        path = write(folder, "patched", old)
        diff = differ(old_text=old, new_text=new, format=form, context_lines=context)["diff"]
        done = run("patch", "--binary", "-s", path, stdin=diff.encode()) if diff else None
        with open(path, "rb") as file:
            got = file.read()
        return "" if got == new.encode() else f"{diff!r} gives {got!r}; {done}"
    return check


def read_inline(diff):
    """The old and the new text of an inline diff."""
    old, new = "", ""
    while diff:
        starts = [at for at in (diff.find("[-"), diff.find("{+")) if at >= 0]
        at = min(starts, default=len(diff))
        old, new, diff = old + diff[:at], new + diff[:at], diff[at:]
        if diff:
            end = diff.index("-]" if diff[0] == "[" else "+}")
            if diff[0] == "[":
                old += diff[2:end]
            else:
                new += diff[2:end]
            diff = diff[end + 2:]
    return old, new


def inline_holds_both(differ):
    def check(old, new):
        diff = differ(old_text=old, new_text=new, format="inline")["diff"]
        if not diff:
            return "" if old == new else "no difference"
        return "" if read_inline(diff) == (old, new) else repr(diff)
    return check


def stats_fit(differ):
    def check(old, new):
        result = differ(old_text=old, new_text=new, format="simple")
        stats, count = result["stats"], lambda text: text.count("\n") + (text[-1:] not in ("\n", ""))
        rows = [row for row in result["diff"].split("\n") if row[:1] in ("-", "+")]
        gone = sum(row[0] == "-" for row in rows)
        fits = (stats["removed"] + stats["modified"] == gone
                and stats["added"] + stats["modified"] == len(rows) - gone
                and stats["unchanged"] + gone == count(old)
                and stats["unchanged"] + len(rows) - gone == count(new)
                and result["identical"] == (old == new))
        return "" if fits else repr(result)
    return check


def check_texts(tap, differ, folder):
    chance = random.Random(1)
    plain = [unique_edit(chance) for _ in range(ROUNDS)]
    wild = [wild_edit(chance) for _ in range(ROUNDS)]
    for form, flag in (("unified", "-U"), ("context", "-C")):
        for context in (0, 1, 3):
            tap.equal(f"as diff {flag}{context}",
                      first_wrong(plain, same_as_diff(differ, folder, form, flag, context)), "")
    for context in (1, 3):
        tap.equal(f"patch applies the unified format with {context} lines of context",
                  first_wrong(plain + wild, patched(differ, folder, "unified", context)), "")
    tap.equal("patch applies the context format",
              first_wrong(plain + wild, patched(differ, folder, "context", 3)), "")
    tap.equal("inline holds both texts", first_wrong(plain + wild, inline_holds_both(differ)), "")
    tap.equal("the stats fit the lines", first_wrong(plain + wild, stats_fit(differ)), "")


def check_whitespace(tap, differ, folder):
    """diff's options find the same pairs of texts equal."""
    texts = ["a b\n", "a  b\n", "ab\n", " a b\n", "a b \n", "a\tb\n", "a b\r\n", "a b", "a\vb\n", "a b\n\n"]

    def check(how, option, old, new):
        differs = run("diff", option, "-q", write(folder, "a", old), write(folder, "b", new)).returncode
        got = differ(old_text=old, new_text=new, ignore_whitespace=how)["identical"]
        return "" if got == (differs == 0) else f"identical is {got}"

    for how, option in (("at_end", "-Z"), ("amount", "-b"), ("all", "-w")):
        tap.equal(f"ignore_whitespace {how} as diff {option}",
                  first_wrong([(how, option, a, b) for a in texts for b in texts], check), "")


# ---- JSON -------------------------------------------------------------------------------------

def random_value(chance, depth=0):
    kind = chance.randrange(8 if depth < 3 else 5)
    if kind < 5:
        return chance.choice([None, True, False, 0, 1, -2, 1.5, "", "a", "é\n\"", "x" * 9])
    if kind == 5:
        return {key: random_value(chance, depth + 1)
                for key in chance.sample(["a", "b", "", "~", "/", "a/b~0", "é", "0"], chance.randrange(5))}
    return [random_value(chance, depth + 1) for _ in range(chance.randrange(6))]


def edited(chance, value):
    """The value with some changes somewhere in it."""
    if chance.random() < 0.1:
        return random_value(chance)
    if isinstance(value, dict):
        kept = {key: edited(chance, v) for key, v in value.items() if chance.random() > 0.1}
        if chance.random() < 0.2:
            kept["new"] = random_value(chance, 2)
        return kept
    if isinstance(value, list):
        kept = [edited(chance, v) for v in value if chance.random() > 0.15]
        while chance.random() < 0.3:
            kept.insert(chance.randrange(len(kept) + 1), random_value(chance, 2))
        return kept
    return value


def steps(pointer):
    if pointer and pointer[0] != "/":
        raise ValueError(pointer)
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def found(document, pointer):
    for step in steps(pointer):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def applied(document, operations):
    """RFC 6902, sections 4.1 to 4.3, and no more lenient."""
    document = json.loads(json.dumps(document))
    for operation in operations:
        path = steps(operation["path"])
        if not path:
            document = operation["value"]
            continue
        parent = found(document, operation["path"].rsplit("/", 1)[0])
        key = int(path[-1]) if isinstance(parent, list) else path[-1]
        if operation["op"] == "add" and isinstance(parent, list):
            if not 0 <= key <= len(parent):
                raise IndexError(operation)
            parent.insert(key, operation["value"])
        elif operation["op"] == "add":
            parent[key] = operation["value"]
        elif operation["op"] == "remove":
            del parent[key]
        else:
            parent[key]  # must be there
            parent[key] = operation["value"]
    return document


def patch_applies(differ):
    def check(old, new):
        result = differ(old_json=old, new_json=new, format="json-patch")
        got = applied(old, result["patch"])
        fits = same(got, new) and result["identical"] == same(old, new) == (not result["patch"])
        return "" if fits else f"{result!r} gives {got!r}"
    return check


def lists_are_true(differ):
    def check(old, new):
        result = differ(old_text=json.dumps(old, indent=1), new_text=json.dumps(new), type="json")
        for entry in result["added"]:
            if not same(found(new, entry["path"]), entry["value"]):
                return repr(entry)
        for entry in result["removed"]:
            if not same(found(old, entry["path"]), entry["value"]):
                return repr(entry)
        for entry in result["modified"]:
            there = found(old, entry.get("old_path", entry["path"]))
            if not (same(there, entry["old_value"])
                    and same(found(new, entry["path"]), entry["new_value"])
                    and not same(entry["old_value"], entry["new_value"])):
                return repr(entry)
        stats = result["stats"]
        counts = {kind: len(result[kind]) for kind in ("added", "removed", "modified")}
        return "" if same(counts, {kind: stats[kind] for kind in counts}) else repr(result)
    return check


def numbers_compare(differ):
    """Against whole numbers and fractions of any size."""
    texts = ["0", "-0", "0.0", "0e5", "1", "1.0", "10e-1", "0.1e1", "-1", "100", "1e2", "1E+2", "1e-2",
             "0.01", "0.010", "12345678901234567890", "12345678901234567891",
             "1234567890123456789.0e1", "1.00000000000000000001", "1.5", "15e-1", "0.15e1", "150e-2"]

    def check(a, b):
        got = differ(type="json", old_text=a, new_text=b)["identical"]
        return "" if got == (Fraction(a) == Fraction(b)) else f"identical is {got}"
    return first_wrong([(a, b) for a in texts for b in texts], check)


def check_json(tap, differ):
    chance = random.Random(2)
    pairs = []
    for _ in range(2 * ROUNDS):
        value = random_value(chance)
        pairs.append((value, edited(chance, value)))
        pairs.append((value, random_value(chance)))
    tap.equal("a patch turns the old document into the new", first_wrong(pairs, patch_applies(differ)), "")
    tap.equal("the lists say what is there", first_wrong(pairs, lists_are_true(differ)), "")
    tap.equal("numbers are compared by value", numbers_compare(differ), "")


# ---- files ------------------------------------------------------------------------------------

def check_files(tap, differ, folder):
    write(folder, "old name", "a\nb\n")
    write(folder, "new\"\n", "a\nc\n")
    write(folder, "old.json", "\ufeff{\"a\": [1,\n 2]}\r\n")
    result = differ(old_path="old name", new_path=os.path.join(folder, "new\"\n"))
    tap.equal("files are compared, and their names quoted as diff does", result["diff"],
              "--- old name\t\n+++ \"" + os.path.join(folder, "new\\\"\\012")
              + "\"\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    result = differ(old_path="old.json", new_json={"a": [1, 3]})
    tap.equal("a JSON file is compared with a value", result["modified"],
              [{"path": "/a/1", "old_value": 2, "new_value": 3}])
    write(folder, "latin1", "")
    with open(os.path.join(folder, "latin1"), "wb") as file:
        file.write(b"caf\xe9\n")
    tap.equal("a file that is not UTF-8 is refused",
              differ.server.call("diff-calculator", {"old_path": "latin1", "new_text": ""}),
              ("old_path is not UTF-8 text: byte 4 of 5 is 0xe9; convert it to UTF-8 first, or, if it is "
               "binary, compare hashes with hash-calculator", True))
    tap.equal("a file outside of what is granted is refused",
              differ.server.call("diff-calculator", {"old_path": "/etc/passwd", "new_text": ""}),
              (f"/etc/passwd is in no granted folder; granted: {folder}", True))


def main():
    with Tap() as tap, Place(os.path.abspath(sys.argv[1])) as place:
        folder = place.folder("granted")
        server = Server(place, "--allow-read", folder)
        differ = Differ(server)
        check_texts(tap, differ, folder)
        check_whitespace(tap, differ, folder)
        check_json(tap, differ)
        check_files(tap, differ, folder)
        tap.equal("the server ends well", server.end(), (0, "", ""))


main()
