#!/usr/bin/env python3
"""test_webhook_caller.py HEXMCP FAKE_NAMES

Deliveries, their signatures, attempts, and what is refused.
"""
import base64
import hmac
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from servers import Server  # noqa: E402

HEXMCP = sys.argv[1]
TOOL = "webhook-caller"
KEY = "key-of-the-test"


def delivery(tap, library, server, base):
    result = library.result(TOOL, input=base + "/echo", payload={"event": "made", "n": [1]},
                            headers={"X-Event": "made"})
    got, request = result["structuredContent"], server.requests[-1]
    tap.equal("an event is delivered", [got[key] for key in (
        "operation", "success", "status_code", "status_text", "retries_attempted")],
        ["call", True, 200, "OK", 0])
    tap.equal("as JSON by POST", (request.method, request.field("Content-Type"), json.loads(request.body),
              request.field("X-Event")), ("POST", "application/json", {"event": "made", "n": [1]}, "made"))
    tap.check("with a key that is made up", re.fullmatch("msg_[0-9a-f]{32}", got["idempotency_key"]) and
              request.field("Idempotency-Key") == got["idempotency_key"], got)
    tap.check("and the time", request.field("X-Webhook-Timestamp") == got["timestamp"] and
              abs(int(got["timestamp"]) - time.time()) < 100, got)
    tap.equal("its answer is there", got["response"]["method"], "POST")
    tap.equal("people read a sentence", result["content"][1]["text"], "Delivered: 200 OK after 1 attempt.")
    got = library.call(TOOL, input=base + "/echo", payload="a=b", method="PUT", idempotency_key="mine-1",
                       headers={"Content-Type": "application/x-www-form-urlencoded"})
    request = server.requests[-1]
    tap.equal("a text, by PUT, with a key of one's own", (
        request.method, request.body, request.field("Content-Type"), request.field("Idempotency-Key"),
        got["idempotency_key"]),
        ("PUT", b"a=b", "application/x-www-form-urlencoded", "mine-1", "mine-1"))
    library.call(TOOL, input=base + "/echo")
    tap.equal("no payload is an empty object", server.requests[-1].body, b"{}")
    got = library.call(TOOL, input=base + "/redirect?to=/echo")
    tap.equal("a redirect is no delivery", (got["success"], got["status_code"],
              server.requests[-1].path), (False, 302, "/redirect"))
    got = library.call(TOOL, input=base + "/chunked/5000")
    tap.check("a long answer is cut", "response" not in got or got["truncated"], got)
    got = library.call(TOOL, input=base + "/say?text=" + "x" * 5000)
    tap.equal("and says so", (len(got["response"]), got["truncated"]), (4000, True))


def signatures(tap, library, server, base):
    def sent(header, **signature):
        library.call(TOOL, input=base + "/echo", payload={"a": "ä"}, signature={"secret": "key", **signature})
        return server.requests[-1].field(header), server.requests[-1]

    def mac(before, request):
        return hmac.new(KEY.encode(), before.encode() + request.body, "sha256")
    got, request = sent("X-Webhook-Signature")
    stamp = request.field("X-Webhook-Timestamp")
    tap.equal("over the time and the body", got, "sha256=" + mac(stamp + ".", request).hexdigest())
    got, request = sent("X-Hub-Signature-256", scheme="body", header_name="X-Hub-Signature-256")
    tap.equal("over the body", got, "sha256=" + mac("", request).hexdigest())
    got, request = sent("X-Sign", scheme="body", header_name="X-Sign", prefix="", encoding="base64")
    tap.equal("as base64", got, base64.b64encode(mac("", request).digest()).decode())
    got, request = sent("webhook-signature", scheme="standard-webhooks")
    before = f"{request.field('webhook-id')}.{request.field('webhook-timestamp')}."
    tap.equal("as Standard Webhooks has it", got,
              "v1," + base64.b64encode(mac(before, request).digest()).decode())
    tap.equal("with its id", request.field("webhook-id"), request.field("Idempotency-Key"))
    got = library.call(TOOL, input=base + "/echo", dry_run=True, idempotency_key="k", payload=[1],
                       signature={"secret": "key"}, auth={"type": "bearer", "token": {"secret": "key"}})
    tap.equal("a dry run", {**got, "timestamp": "", "request": {**got["request"], "headers": {
        **got["request"]["headers"], "X-Webhook-Timestamp": ""}}}, {
        "operation": "call", "success": False, "dry_run": True, "idempotency_key": "k", "timestamp": "",
        "request": {"method": "POST", "url": base + "/echo", "body": "[1]", "body_bytes": 3, "headers": {
            "Authorization": "Bearer {{secret:key}}", "Content-Type": "application/json",
            "Idempotency-Key": "k", "X-Webhook-Timestamp": "",
            "X-Webhook-Signature": "sha256={{hmac-sha256:{{secret:key}}}}"}}})
    tap.check("sends nothing", server.requests[-1] is request, "it did")


def attempts(tap, library, server, base):
    before = len(server.requests)
    result = library.result(TOOL, input=base + "/flaky/503/2", retry_initial_ms=1,
                            signature={"secret": "key"})
    got, requests = result["structuredContent"], server.requests[before:]
    tap.equal("again after 503", [got[key] for key in (
        "success", "retries_attempted", "retried_because")], [True, 2, "status 503"])
    tap.equal("each attempt is the same", len({str(request.fields) for request in requests}), 1)
    tap.equal("people read how many", result["content"][1]["text"], "Delivered: 200 OK after 3 attempts.")
    got = library.call(TOOL, input=base + "/flaky/500/9", retry_initial_ms=1)
    tap.equal("four in all", (got["success"], got["status_code"], got["retries_attempted"]), (False, 500, 3))
    got = library.call(TOOL, input=base + "/flaky/500/8", max_retries=0)
    tap.equal("or one", (got["success"], got["retries_attempted"]), (False, 0))
    got = library.call(TOOL, input=base + "/flaky/400/1", retry_initial_ms=1)
    tap.equal("not after 400", (got["success"], got["status_code"], got["retries_attempted"]),
              (False, 400, 0))
    tap.equal("no answer at all", library.fails(TOOL, input=base + "/nothing", retry_initial_ms=1,
                                                max_retries=1, idempotency_key="k"),
              f"{base}: it closed the connection without an answer (after 2 attempts; idempotency_key k)")


def refused(tap, library, server, base):
    def fails(name, expected, **arguments):
        tap.equal(name, library.fails(TOOL, **{"input": base, **arguments}), expected)
    fails("a key with a space", "idempotency_key is not of printable ASCII without spaces; correct it",
          idempotency_key="a b")
    fails("no secret", 'invalid arguments for tool "webhook-caller": /signature: missing required property '
          '"secret"', signature={})
    fails("a header of the signature", "headers.X-Webhook-Signature is what the signature makes; leave it "
          "out", signature={"secret": "key"}, headers={"X-Webhook-Signature": "x"})
    fails("a secret that was not granted", "the plugin was not granted the secret other; the operator "
          'names it in grants.secrets, and plugin.json in "grants": {"secrets": [...]}',
          signature={"secret": "other"})
    fails("a secret for another host", f"the secret far may not be sent to localhost, port {server.port}; "
          'add a rule to "hosts" of it in secrets.sources', signature={"secret": "far"})
    fails("a large payload", "payload has 1048577 bytes, but at most 1048576 are taken; shorten it", payload="x" * 1048577)
    fails("a large payload that is no text", "payload has 1048578 bytes, but at most 1048576 are sent; send less",
          payload=["x" * 1048574])
    tap.check("a credential as text", "is a credential" in library.fails(
        TOOL, input=base, headers={"Authorization": "x"}), "it is taken")
    tap.equal("a host that was not granted", library.fails(TOOL, input="http://other.example/"),
              "other.example:80 is not granted; the operator grants it with --allow-host other.example:80 "
              'or "grants.hosts", and plugin.json has to ask for it')


def main():
    server = Server()
    base = f"http://localhost:{server.port}"
    source = {"env": "TEST_KEY", "hosts": ["localhost:*"]}
    config = {"grants": {"hosts": [f"localhost:{server.port}"], "secrets": ["key", "far"]},
              "secrets": {"sources": {"key": source, "other": source,
                                      "far": {"env": "TEST_KEY", "hosts": ["far.example"]}}}}
    with Tap() as tap:
        with Library(HEXMCP, config, environment={"TEST_KEY": KEY}) as library:
            for part in (delivery, signatures, attempts, refused):
                part(tap, library, server, base)
        with Library(HEXMCP) as library:
            tap.check("no host at all", library.fails(TOOL, input=base, max_retries=0).startswith(
                "no host was granted to this tool"), "one was")


main()
