#!/usr/bin/env python3
"""What a hostile table, expression or path can try; after each, the tool works."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402

PROGRAM = sys.argv[1]
TOOL = "csv-analyzer"


def works(tap, library, after):
    tap.equal(f"it works after {after}", library.call(TOOL, input="a\n1\n")["row_count"], 1)


def tables(tap, library):
    library.put("quote.csv", "a,b\n1,\"" + "x,y\n" * (5 << 20))
    tap.equal("a quote that swallows the file", library.fails(TOOL, path="quote.csv"),
              "the row that begins on line 2 has more than 16777216 bytes; is a quote missing there?")
    library.put("wide.csv", ",".join("a" * 20000) + "\n")
    tap.equal("too many fields", library.fails(TOOL, path="wide.csv"),
              "the row on line 1 has more than 10000 fields; is the delimiter right?")
    library.put("names.csv", ",".join(["a"] * 10000) + "\n" + ",".join(["1"] * 10000) + "\n")
    began = time.monotonic()
    got = library.call(TOOL, path="names.csv", options={"has_headers": True, "rows": 1})
    tap.check("10000 columns of one name", got.get("column_count") == 10000, str(got)[:200])
    tap.note(f"took {time.monotonic() - began:.1f} s")
    with open(library.path("huge.csv"), "wb") as file:
        file.truncate(501 << 20)
    tap.equal("a file that is too large", library.fails(TOOL, path="huge.csv"),
              "huge.csv has more than 524288000 bytes, the most that is taken; give a smaller file")
    library.put("zeros.csv", b"\0" * 100000 + b"\na,b\n\0,\xff\xfe\n")
    text = library.fails(TOOL, path="zeros.csv")
    tap.check("zero bytes", "crashed" not in text, text[:200])
    library.put("distinct.csv", "a\n" + "".join(f"{i}\n" for i in range(2100000)))
    text = library.fails(TOOL, operation="validate", path="distinct.csv", options={"rules": {"a": {"unique": True}}})
    tap.check("too many different values", text.startswith('the column "a" has more than 2000000 different values'), text)
    works(tap, library, "tables")


def expressions(tap, library):
    for expression in ("(" * 200 + "a > 1" + ")" * 200, "not " * 200 + "a > 1", " and ".join(["a > 1"] * 300),
                       "a > 1) or (1 == 1", "[a == 1", "__import__('os')", "a == $(id)", ""):
        text = library.fails(TOOL, operation="filter", input="a\n2\n", options={"filter": expression})
        tap.check(f"no filter: {expression[:20]}", text.startswith("the filter "), text[:200])
    text = library.fails(TOOL, operation="transform", input="a\n{a}\n", options={"add_columns": {"b": "{a}{a}"}})
    tap.equal("braces in fields are text", json.loads(text)["structuredContent"]["rows"], [{"a": "{a}", "b": "{a}{a}"}])
    library.put("long.csv", "a\n" + "x" * (8 << 20) + "\n")
    text = library.fails(TOOL, operation="transform", path="long.csv", options={"add_columns": {"b": "{a}" * 1300}})
    tap.check("a column that grows", "crashed" not in text and "structuredContent" not in text, text[:300])
    works(tap, library, "expressions")


def paths(tap, library):
    secret = library.place.write("secret.csv", "secret\n42\n")
    os.symlink(secret, library.path("link.csv"))
    for path in ("../secret.csv", secret, "link.csv", "/proc/self/environ", "/etc/passwd"):
        for arguments in ({"path": path}, {"operation": "convert", "input": "a\n1\n", "target_path": path,
                                           "overwrite": True}):
            text = library.fails(TOOL, **arguments)
            tap.check(f"{sorted(arguments)[-1]} {os.path.basename(path)}", "structuredContent" not in text and
                      "42" not in text, text)
    with open(secret, encoding="utf-8") as file:
        tap.equal("it is as it was", file.read(), "secret\n42\n")


def cancelled(tap, library):
    library.put("much.csv", "a,b\n" + "1,2\n" * (20 << 20))
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "convert", "path": "much.csv", "target_path": "never.json"},
        "_meta": {**CLAIM, "progressToken": "p"}})
    told = library.server.message()
    tap.equal("progress is told", told["method"], "notifications/progress")
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident, "_meta": CLAIM}}))
    works(tap, library, "a cancelled call")
    for _ in range(100):
        left = [name for name in os.listdir(library.folder) if name.startswith((".hexmcp", "never"))]
        if not left:
            break
        time.sleep(0.1)
    tap.equal("nothing is left of it", left, [])


def main():
    with Tap() as tap, Library(PROGRAM) as library:
        for test in (tables, expressions, paths, cancelled):
            test(tap, library)


main()
