"""TAP output for Python tests.

    with Tap() as tap:
        tap.equal("two and two", 2 + 2, 4)
        tap.check("the list is sorted", names == sorted(names), f"got {names}")
        tap.skip("the sandbox holds", "this kernel has no Landlock")

The plan is printed at the end. Leaving the block ends the program: status 0 if no check failed
and at least one was made. An exception inside the block is a failed check with its traceback.
"""

import sys
import traceback


class Tap:
    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.count = 0
        self.failed = 0

    def check(self, name, passed, diagnostic=""):
        """One check; the diagnostic is printed only if it failed. Returns whether it passed."""
        self._line("ok" if passed else "not ok", name)
        if not passed:
            self.failed += 1
            self.note(diagnostic)
        return bool(passed)

    def equal(self, name, got, expected):
        return self.check(name, same(got, expected), f"got:      {got!r}\nexpected: {expected!r}")

    def skip(self, name, reason):
        if not reason:
            raise ValueError("a skip needs a reason")
        self._line("ok", name, f" # SKIP {_flat(reason)}")

    def note(self, text):
        for line in str(text).splitlines():
            self._write(f"# {line}\n")

    def finish(self):
        """Prints the plan and returns the exit status."""
        if self.count == 0:
            self._write("Bail out! no check was made\n")
            return 1
        self._write(f"1..{self.count}\n")
        return 1 if self.failed else 0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, Exception):
            text = "".join(traceback.format_exception(kind, error, trace))
            self.check("the program runs to its end", False, text)
        elif error is not None:
            return False
        status = self.finish()
        sys.exit(status)

    def _line(self, verdict, name, tail=""):
        self.count += 1
        self._write(f"{verdict} {self.count} - {_flat(name)}{tail}\n")

    def _write(self, text):
        self.out.write(text)
        self.out.flush()


def same(a, b):
    """Equality of JSON values: unlike ==, it tells true from 1; 1 and 1.0 are one number."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and type(a) is type(b):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _flat(text):
    """On one line, and without the characters that TAP reads as a directive."""
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("#", "\\#")

