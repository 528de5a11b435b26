#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES

What a test of an API must not reach, and what its answers must not make of later steps.
"""
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import VALUE, Attacks  # noqa: E402
from library import Tap  # noqa: E402

TOOL = "api-tester"


def ask(library, url, **more):
    text = library.fails(TOOL, input=url, **more)
    if not text.startswith("{"):
        return text
    # An answer that does not come is an assertion that failed; for these tests that is an error.
    got = json.loads(text)["structuredContent"]
    failed = [one["message"] for one in got["assertions"] if not one["passed"]]
    return failed[0] if failed else json.dumps(got)


def hostile(tap, attacks):
    """A server that wants the secret, or the headers and the host of a later step."""
    base = f"http://localhost:{attacks.port}"

    def after(values, **step):
        text = urllib.parse.quote(json.dumps(values))
        before = len(attacks.server.requests)
        got = library.fails(TOOL, steps=[
            {"input": f"{base}/say?type=application/json&text={text}",
             "extract": {name: "/" + name for name in values}},
            {"input": base + "/echo", **step}])
        arrived = attacks.server.requests[before + 1:]
        return got, [str(request.fields) + request.target for request in arrived]
    with attacks.library([f"localhost:{attacks.port}"]) as library:
        for values in ({"a": "{{secret:key}}", "b": ""}, {"a": "\0{{secret:key}}", "b": ""}, {"a": "{", "b": "{secret:key}}"},
                       {"a": "{{secret:", "b": "key}}"}):
            got, arrived = after(values, headers={"X-A": "{{a}}{{b}}"})
            tap.check(f"an answer makes no handle: {values}", not arrived and VALUE not in got and
                      "could make up the handle of a secret" in got, got)
        got, arrived = after({"a": "x\r\nX-Evil: y"}, headers={"X-A": "{{a}}"})
        tap.check("nor a header", not arrived and "headers.X-A holds a line break" in got, got)
        got, arrived = after({"a": "x\", \"method\": \"DELETE"}, headers={"X-A": "{{a}}"})
        tap.check("nor a member of the step", len(arrived) == 1 and '"method": "GET"' in got, got)
        got, arrived = after({"a": "../../admin?x=1#"}, input=base + "/echo/{{a}}/end")
        tap.check("nor another place in the URL",
                  len(arrived) == 1 and "/echo/..%2F..%2Fadmin%3Fx%3D1%23/end" in arrived[0], arrived)
        there = len(attacks.other.requests)
        got, arrived = after({"a": f"http://127.0.0.1:{attacks.other.port}/"}, input="{{a}}")
        tap.check("nor one that was not granted", "is not granted" in got and len(attacks.other.requests) ==
                  there, got)
        got, arrived = after({"a": "evil.test"}, input="http://{{a}}/")
        tap.check("by its name neither", "evil.test:80 is not granted" in got, got)


def main():
    program, fake_names = sys.argv[1:]
    with Tap() as tap:
        attacks = Attacks(tap, program, fake_names, ask)
        attacks.addresses()
        attacks.redirects()
        attacks.rebinding()
        attacks.bodies("its answer is longer than 10485760 bytes")
        attacks.credentials(auth={"type": "bearer", "token": {"secret": "key"}})
        attacks.credentials(auth={"type": "api_key", "key": {"secret": "key"}, "query_name": "k"})
        hostile(tap, attacks)


main()
