#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES

Where a question must not go, and what hostile endpoints must not do.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Tap  # noqa: E402

TOOL = "graphql-query"


def ask(library, url, **more):
    document = {} if more.get("operation") == "introspection" else {"input": "{ a }"}
    return library.fails(TOOL, endpoint=url, **{**document, **more})


def main():
    program, fake_names = sys.argv[1:]
    with Tap() as tap:
        attacks = Attacks(tap, program, fake_names, ask)
        attacks.addresses()
        attacks.redirects()
        attacks.rebinding()
        attacks.rebinding_later()
        attacks.rebinding_later(operation="subscription", input="subscription { a }")
        attacks.rebinding_later(operation="introspection")
        attacks.credentials(auth={"type": "bearer", "token": {"secret": "key"}})
        base = f"http://localhost:{attacks.port}"
        with attacks.library([f"localhost:{attacks.port}"]) as library:
            for path, words in (("bomb", "200 times"), ("endless", "longer than 33554432 bytes"), ("bad-gzip", "")):
                for more in ({}, {"operation": "introspection"},
                             {"operation": "subscription", "input": "subscription { a }"}):
                    got = ask(library, f"{base}/{path}", **more)
                    tap.check(f"/{path} {more}", got[:1] != "{" and
                              (words in got or "no answer of GraphQL" in got), got[:300])
            got = ask(library, base + "/graphql", operation="subscription", max_events=1000,
                      input="subscription { endless }")
            tap.check("a flood of events ends", '"event_count": 1000' in got and
                      '"ended": "max_events"' in got, got[:300])
            for words, count in (("large", 0), ("endless many", 104)):
                got = library.call(TOOL, endpoint=base + "/graphql", operation="subscription", max_events=1000,
                                   input="subscription { " + words + " }")
                tap.equal(f"events that are too large: {words}", (got["ended"], got["event_count"]),
                          ("too_large", count))
            got = ask(library, base + "/graphql", variables={"a": "{{secret:key}}"})
            tap.check("a handle in variables stays one", b"{{secret:key}}" in
                      attacks.server.requests[-1].body and "a-value-that" not in got, got)
            attacks.refused("a line break in a header", library, base + "/graphql", "line break",
                            headers={"X-A": "b\r\nX-Evil: c"})
            attacks.refused("a mutation that hides behind a query", library, base + "/graphql",
                            "say by operation_name", input="query A { a } mutation B { drop }")
            attacks.refused("a mutation in a comment's shadow", library, base + "/graphql",
                            "input holds a mutation", input="# query {\nmutation { drop }")
            attacks.refused("a mutation behind a string that seems to end", library, base + "/graphql",
                            "2 operations", input='{ a(b: """ \\""" """) } mutation { drop }')


main()
