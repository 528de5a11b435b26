"""tap.py tested with plain comparisons: it cannot vouch for itself."""

import io
import sys

from tap import Tap


def run(body):
    out = io.StringIO()
    try:
        with Tap(out) as tap:
            body(tap)
    except SystemExit as end:
        return end.code, out.getvalue()
    return None, out.getvalue()


def passes(tap):
    tap.equal("sum", 2 + 2, 4)
    tap.skip("a # name", "no such\nthing")


def fails(tap):
    tap.check("bad", False, "one\ntwo")
    tap.equal("types differ", 1, True)


def compares(tap):
    tap.equal("nested", {"a": [1, {"b": "x"}]}, {"a": [1.0, {"b": "x"}]})
    tap.equal("true inside", [{"a": True}], [{"a": 1}])


def raises(tap):
    tap.check("before", True)
    raise RuntimeError("boom")


CASES = [
    ("passing and skipped checks", passes, 0,
     ["ok 1 - sum", "ok 2 - a \\# name # SKIP no such thing", "1..2"]),
    ("failing checks", fails, 1,
     ["not ok 1 - bad", "# one", "# two", "not ok 2 - types differ", "# got:      1",
      "# expected: True", "1..2"]),
    ("JSON values", compares, 1,
     ["ok 1 - nested", "not ok 2 - true inside", "# got:      [{'a': True}]",
      "# expected: [{'a': 1}]", "1..2"]),
    ("no check at all", lambda tap: None, 1, ["Bail out! no check was made"]),
]


def verdicts():
    for name, body, code, lines in CASES:
        yield name, run(body) == (code, "\n".join(lines) + "\n")
    code, text = run(raises)
    yield "an exception", (code == 1 and text.startswith(
        "ok 1 - before\nnot ok 2 - the program runs to its end\n# Traceback")
        and text.endswith("# RuntimeError: boom\n1..2\n"))
    try:
        Tap(io.StringIO()).skip("nothing", "")
        yield "a skip without a reason", False
    except ValueError:
        yield "a skip without a reason", True


results = list(verdicts())
for number, (name, passed) in enumerate(results, 1):
    print(f"{'ok' if passed else 'not ok'} {number} - {name}")
print(f"1..{len(results)}")
sys.exit(0 if all(passed for _, passed in results) else 1)
