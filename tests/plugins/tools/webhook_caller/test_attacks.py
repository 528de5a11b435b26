#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES

Where a delivery must not go, and what it must not carry there.
"""
import hmac
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import VALUE, Attacks, stop  # noqa: E402
from library import Tap  # noqa: E402
from servers import Server  # noqa: E402

TOOL = "webhook-caller"


def ask(library, url, **more):
    return library.fails(TOOL, input=url, max_retries=0, **more)


def again(tap, attacks):
    """A receiver that wants the next attempt elsewhere."""
    allowed = Server("127.0.0.2", port=attacks.port)
    with attacks.library([f"*.test:{attacks.port}", f"127.0.0.2:{attacks.port}"],
                         names="rebind.test=127.0.0.2,127.0.0.1") as library:
        before = len(attacks.server.requests)
        got = library.fails(TOOL, input=f"http://rebind.test:{attacks.port}/nothing", max_retries=1,
                            retry_initial_ms=0)
        tap.check("a retry goes to no other address", "rebind.test has the address 127.0.0.1" in got and
                  len(allowed.requests) == 1 and len(attacks.server.requests) == before, got)
    stop(allowed)


def main():
    program, fake_names = sys.argv[1:]
    with Tap() as tap:
        attacks = Attacks(tap, program, fake_names, ask)
        attacks.addresses()
        attacks.rebinding_later()
        attacks.bodies("its answer is longer than 1048576 bytes")
        again(tap, attacks)
        hosts = [f"localhost:{attacks.port}", f"localhost:{attacks.other.port}", "127.0.0.1:*"]
        base = f"http://localhost:{attacks.port}"
        with attacks.library(hosts) as library:
            for place in ("http://169.254.169.254/", f"http://localhost:{attacks.other.port}/echo"):
                got = ask(library, f"{base}/redirect?to={place}", signature={"secret": "key"})
                tap.check(f"a redirect to {place} is not followed",
                          '"status_code": 302' in got and not attacks.other.requests, got)
            # Who may have a text signed for one receiver must not be able to show it to another.
            attacks.refused("nothing is signed for a host that the secret is not for", library,
                            f"http://127.0.0.1:{attacks.port}/echo", "the secret key may not be sent to "
                            "127.0.0.1", signature={"secret": "key"})
            ask(library, base + "/echo", signature={"secret": "key", "scheme": "body"})
            request = attacks.server.requests[-1]
            tap.check("the key is not sent", VALUE not in str(request.fields) + request.body.decode() and
                      request.field("X-Webhook-Signature") == "sha256=" + hmac.new(
                          VALUE.encode(), request.body, "sha256").hexdigest(), request.fields)
            for name, more, words in (
                    ("a line break in the key", {"idempotency_key": "a\r\nX-Evil: b"}, "printable ASCII"),
                    ("a line break in the name", {"signature": {"secret": "key", "header_name":
                                                                "X-A: b\r\nX-C"}}, ""),
                    ("a line break before it", {"signature": {"secret": "key", "prefix": "a\r\nX-Evil: b"}},
                     ""),
                    ("another length", {"headers": {"Content-Length": "1"}}, "belongs to the connection"),
                    ("a secret that is no name", {"signature": {"secret": "a}}{{secret:key"}}, "")):
                attacks.refused(name, library, base + "/echo", words, **more)
            got = ask(library, base + "/echo", payload={"a": "{{secret:key}}"})
            tap.check("a handle in the payload stays one", b"{{secret:key}}" in
                      attacks.server.requests[-1].body, got)


main()
