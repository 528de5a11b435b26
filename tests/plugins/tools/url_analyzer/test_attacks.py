#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES ...

Where fetch_metadata must not lead.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Tap  # noqa: E402

TOOL = "url-analyzer"


def ask(library, url, **more):
    return library.fails(TOOL, input=url, fetch_metadata=True, **more)


def main():
    with Tap() as tap:
        attacks = Attacks(tap, sys.argv[1], sys.argv[2], ask)
        attacks.addresses()
        attacks.rebinding_later()
        with attacks.library([f"localhost:{attacks.port}", f"localhost:{attacks.other.port}"]) as library:
            base = f"http://localhost:{attacks.port}"
            for place in ("http://169.254.169.254/", f"http://localhost:{attacks.other.port}/echo"):
                got = ask(library, f"{base}/redirect?to={place}")
                tap.check(f"a redirect to {place} is not followed",
                          '"status_code": 302' in got and not attacks.other.requests, got)
            for path in ("endless", "drip"):
                got = ask(library, f"{base}/{path}", timeout_ms=5000)
                tap.check(f"the body of /{path} is not read", '"status_code": 200' in got or
                               got.endswith("its answer is no HTTP"), got)
            got = ask(library, f"{base}/big-head")
            tap.check("an endless head", "the head of its answer is longer than" in got, got)
            attacks.refused("a user is not sent", library, f"http://u:p@localhost:{attacks.port}/", "user")
            library.call(TOOL, input=f"{base}/echo/\r\nX-Evil: a", fetch_metadata=True)
            request = attacks.server.requests[-1]
            tap.equal("a line break makes no header", (request.target, request.field("X-Evil")),
                      ("/echo/X-Evil:%20a", None))
            tap.equal("what is written in another way is checked as what it means",
                      "127.0.0.1:" in ask(library, f"http://0x7f.1:{attacks.port}/"), True)


main()
