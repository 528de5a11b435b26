#!/usr/bin/env python3
"""test_http_request.py HEXMCP FAKE_NAMES

Every kind of request and answer, what is refused, and what is missing without a grant.
"""
import base64
import email
import hashlib
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from servers import Server, pattern  # noqa: E402

HEXMCP = sys.argv[1]
TOOL = "http-request"
VALUE = "a-value-of-the-test"


def config(*hosts, **more):
    return {"grants": {"hosts": list(hosts), "secrets": ["key", "cookie"]},
            "secrets": {"sources": {"key": {"env": "TEST_KEY", "hosts": ["localhost:*"]},
                                    "other": {"env": "TEST_KEY", "hosts": ["localhost:*"]},
                                    "cookie": {"env": "TEST_COOKIE", "hosts": ["api.test:80"]}}}, **more}


def methods(tap, library, server, base):
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        got = library.call(TOOL, input=base + "/echo?q=1", method=method, headers={"X-One": "eins"})
        told = got["body"]
        tap.equal(f"{method} arrives", (told["method"], told["target"], dict(told["headers"])["X-One"]),
                  (method, "/echo?q=1", "eins"))
        tap.equal(f"{method} is told", [got[key] for key in (
            "operation", "method", "url", "status_code", "status_text", "success", "redirects",
            "attempts", "body_format")],
            ["request", method, base + "/echo?q=1", 200, "OK", True, 0, 1, "json"])
    got = library.call(TOOL, input=base + "/echo", method="HEAD")
    tap.equal("HEAD has headers and no body", (got["headers"]["content-length"] != "0",
              got["body_bytes"], "body" in got), (True, 0, False))
    got = library.call(TOOL, input=base + "/echo")
    tap.equal("a header that came twice", got["headers"]["x-two"], ["one", "two"])
    tap.check("it took a time, at a time", got["duration_ms"] >= 0 and got["timestamp"].endswith("Z"), got)
    result = library.result(TOOL, input=base + "/status/404")
    tap.equal("people read a sentence", result["content"][1]["text"],
              f"GET {base}/status/404: 404 Not Found, 0 bytes.")
    got = result["structuredContent"]
    tap.equal("404 is an answer", (got["status_code"], got["success"], got["status_text"]),
              (404, False, "Not Found"))


def sent_body(library, server, base, **arguments):
    library.call(TOOL, input=base + "/echo", method="POST", **arguments)
    request = server.requests[-1]
    return request.field("Content-Type"), request.body


def bodies(tap, library, server, base):
    def body(**arguments):
        return sent_body(library, server, base, **arguments)
    tap.equal("text", body(body="grün"), ("text/plain; charset=utf-8", "grün".encode()))
    tap.equal("text with a type", body(body="<a/>", headers={"content-type": "text/xml"}),
              ("text/xml", b"<a/>"))
    tap.equal("base64", body(body_base64=base64.b64encode(b"\0\xff\1").decode()),
              ("application/octet-stream", b"\0\xff\1"))
    kind, data = body(json={"a": [1, None, "ä"]})
    tap.equal("JSON", (kind, json.loads(data)), ("application/json", {"a": [1, None, "ä"]}))
    tap.equal("JSON that is false", body(json=False)[1], b"false")
    kind, data = body(form={"a b": "c&d=é", "n": 1.5, "t": True})
    tap.equal("a form", (kind, urllib.parse.parse_qs(data.decode())),
              ("application/x-www-form-urlencoded", {"a b": ["c&d=é"], "n": ["1.5"], "t": ["true"]}))
    library.put("up.bin", pattern(300000))
    tap.equal("a file", body(path="up.bin"), ("application/octet-stream", pattern(300000)))
    kind, data = body(multipart=[{"name": "field", "value": "text\r\n--x"},
                                 {"name": "f\"\r\nX: y", "path": "up.bin", "filename": "a\"b.bin",
                                  "content_type": "image/png"}])
    message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + data)
    parts = message.get_payload()
    tap.equal("a form with a file", (len(parts), parts[0].get_payload(decode=True),
              parts[1].get_payload(decode=True), parts[1].get_content_type()),
              (2, b"text\r\n--x", pattern(300000), "image/png"))
    tap.equal("names cannot break out of their quotes", parts[1]["Content-Disposition"],
              'form-data; name="f%22%0D%0AX: y"; filename="a%22b.bin"')

    def fails(name, expected, **arguments):
        tap.equal(name, library.fails(TOOL, input=base, method="POST", **arguments), expected)
    fails("two bodies", "body and json are both given; a request has one body: give one of them",
          body="a", json=1)
    fails("no base64", "body_base64 is no base64: A-Z, a-z, 0-9, + and /, with = at the end; give text "
          "as body", body_base64="?")
    fails("a part without content", "multipart: the part a needs a value or a path, and one of them "
          "alone", multipart=[{"name": "a"}])
    fails("a type for multipart", "headers has a Content-Type, but that of multipart has to name its "
          "boundary; leave it out", headers={"Content-Type": "a/b"}, multipart=[{"name": "a", "value": ""}])
    library.put("half.bin", bytes(5242881))
    library.put("much.bin", bytes(10485761))
    before = len(server.requests)
    fails("two files that are too large together", "multipart has more than 10485760 bytes, which is the most that is "
          "sent; send less", multipart=[{"name": "a", "path": "half.bin"}, {"name": "b", "path": "half.bin"}])
    fails("a file that is too large", "much.bin has more than 10485760 bytes, the most that is taken; give a smaller "
          "file", path="much.bin")
    fails("a form that percent coding makes too large", "the body has 10800002 bytes, but at most 10485760 are sent; "
          "send less", form={"a": "\u00fc" * 1800000})
    fails("more than 50 parts", 'invalid arguments for tool "http-request": /multipart: must have at most 50 items, '
          "has 51", multipart=[{"name": "a", "value": ""}] * 51)
    tap.equal("none of it was sent", len(server.requests), before)
    tap.equal("HEAD with a body", library.fails(TOOL, input=base, method="HEAD", body="x"),
              "a HEAD request has no body; leave it out, or take another method")


def answers(tap, library, server, base):
    def get(path, **arguments):
        return library.call(TOOL, input=base + path, **arguments)
    say = "/say?type=application/json&text="
    tap.equal("JSON as text", get(say + "%5B1%5D", response_format="text")["body"], "[1]")
    tap.equal("what is no JSON is text", [get(say + "%5B1", response_format="json")[key]
                                          for key in ("body", "body_format")], ["[1", "text"])
    tap.equal("as base64", get("/say?text=hello", response_format="base64")["body"], "aGVsbG8=")
    got = get("/bytes/251")
    tap.equal("what is no text is base64", (got["body_format"], base64.b64decode(got["body"])),
              ("base64", pattern(251)))
    tap.equal("packed answers are unpacked", get("/deflate")["body_bytes"], 1000)
    got = get("/say?text=" + urllib.parse.quote("ä" * 2))
    tap.equal("text", got["body"], "ää")
    result = library.result(TOOL, input=base + "/chunked/200000")
    got = result["structuredContent"]
    link = next(block for block in result["content"] if block["type"] == "resource_link")
    tap.equal("a large answer is a resource", (got["truncated"], got["body_uri"], link["size"],
              "body" in got), (True, link["uri"], 200000, False))
    read = library.raw("resources/read", {"uri": got["body_uri"]})
    tap.equal("that has all of it", hashlib.sha256(base64.b64decode(
        read["contents"][0]["blob"])).hexdigest(), hashlib.sha256(pattern(200000)).hexdigest())
    got = get("/chunked/9000000")
    tap.equal("one that cannot be kept says so", (got["truncated"], got["not_kept"]),
              (True, "the result is too large for an answer and cannot be kept as an artifact: it has "
               "9000000 bytes; give target_path"))
    got = get("/chunked/9000000", target_path="out.bin")
    tap.equal("a file takes it", (got["target_path"], got["body_bytes"], "body" in got,
              library.get("out.bin") == pattern(9000000)), ("out.bin", 9000000, False, True))
    before = len(server.requests)
    tap.equal("a file that is there is not replaced", library.fails(
        TOOL, input=base, target_path="out.bin"),
        "out.bin exists already; give overwrite true to replace it, or another path")
    tap.equal("and nothing was sent", len(server.requests), before)
    get("/say?text=new", target_path="out.bin", overwrite=True)
    tap.equal("but if it may be", library.get("out.bin"), b"new")
    tap.equal("more than max_bytes", library.fails(TOOL, input=base + "/bytes/1001", max_bytes=1000),
              f"http://localhost:{server.port}: its answer is longer than 1000 bytes")
    tap.equal("too slow", library.fails(TOOL, input=base + "/slow", timeout_ms=200,
                                        retry={"max_attempts": 1}),
              f"{base}: the request was not over within 200 ms")
    got = get("/count/3")
    tap.equal("redirects are followed", (got["redirects"], got["url"], got["body"]),
              (3, base + "/count/0", "arrived"))
    got = get("/count/1", max_redirects=0)
    tap.equal("or not", (got["status_code"], got["headers"]["location"], got["success"]), (302, "0", True))
    tap.equal("nobody keeps a cookie", [get("/echo") and "Cookie" in dict(server.requests[-1].fields)
                                        for _ in range(2)], [False, False])


def retries(tap, library, server, base):
    quick = {"initial_ms": 1}
    got = library.call(TOOL, input=base + "/flaky/503/2", retry=quick)
    tap.equal("again after 503", [got[key] for key in (
        "status_code", "attempts", "retried_because")], [200, 3, "status 503"])
    got = library.call(TOOL, input=base + "/flaky/500/9", retry=quick)
    tap.equal("at most three times", (got["status_code"], got["attempts"]), (500, 3))
    got = library.call(TOOL, input=base + "/flaky/502/4", retry={**quick, "max_attempts": 5})
    tap.equal("or as often as is said", (got["status_code"], got["attempts"]), (200, 5))
    got = library.call(TOOL, input=base + "/flaky/404/1", retry=quick)
    tap.equal("not after 404", (got["status_code"], got["attempts"]), (404, 1))
    got = library.call(TOOL, input=base + "/flaky/418/1", retry={**quick, "statuses": [418]})
    tap.equal("but if it is said", (got["status_code"], got["attempts"]), (200, 2))
    got = library.call(TOOL, input=base + "/flaky/504/1", method="POST", body="x")
    tap.equal("a POST is not sent twice by itself", (got["status_code"], got["attempts"]), (504, 1))
    got = library.call(TOOL, input=base + "/flaky/429/1?after=1", retry=quick)
    tap.equal("Retry-After is honoured", (got["status_code"], got["attempts"]), (200, 2))
    tap.check("with progress meanwhile", library.progress and library.progress[0]["message"] ==
              "waiting before the request is sent again", library.progress)
    got = library.call(TOOL, input=base + "/flaky/429/2?after=3600", retry=quick)
    tap.equal("but not for an hour", (got["status_code"], got["attempts"], got["headers"]["retry-after"]),
              (429, 1, "3600"))
    before = len(server.requests)
    tap.equal("no answer at all", library.fails(TOOL, input=base + "/nothing", retry=quick),
              f"{base}: it closed the connection without an answer")
    # A connection that was kept and closes under a request is no answer of the server: once more.
    tap.check("was tried three times", len(server.requests) - before in (3, 4), len(server.requests))
    tap.equal("a wrong list", library.fails(TOOL, input=base, retry={"statuses": [200]}),
              'invalid arguments for tool "http-request": /retry/statuses/0: must be at least 400, is 200')


def secrets(tap, library, server, base):
    def sent(header, **arguments):
        got = library.call(TOOL, input=base + "/echo", **arguments)
        tap.check(f"the value of {header} is not in the answer", VALUE not in json.dumps(got), got)
        return server.requests[-1].field(header)
    key = {"secret": "key"}
    pair = base64.b64encode(b"alice:" + VALUE.encode()).decode()
    tap.equal("basic", sent("Authorization", auth={"type": "basic", "username": "alice",
                                                   "password": key}), "Basic " + pair)
    tap.equal("bearer", sent("Authorization", auth={"type": "bearer", "token": key}), "Bearer " + VALUE)
    tap.equal("api_key", sent("X-API-Key", auth={"type": "api_key", "key": key}), VALUE)
    tap.equal("api_key in another header", sent("X-Mine", auth={
        "type": "api_key", "key": key, "header_name": "X-Mine"}), VALUE)
    tap.equal("custom", sent("X-Own", auth={"type": "custom", "headers": {"X-Own": key}}), VALUE)
    tap.equal("none", sent("Authorization", auth={"type": "none"}), None)
    tap.equal("in headers", sent("Cookie", headers={"Cookie": "session={{secret:key}}"}),
              "session=" + VALUE)
    sent("Host", auth={"type": "api_key", "key": key, "query_name": "k"})
    tap.equal("api_key in the URL", server.requests[-1].target, "/echo?k=" + VALUE)

    def fails(name, expected, **arguments):
        tap.equal(name, library.fails(TOOL, **{"input": base, **arguments}), expected)
    how = (" is a credential, and those are not taken as text: the operator sets it with "
           '"secrets.sources" and "grants.secrets" of the configuration; then give {"secret": "NAME"} in '
           "its place, or {{secret:NAME}} in a text")
    for header in ("Authorization", "cookie", "X-API-Key", "X-Auth-Token", "Client-Secret"):
        fails(f"a literal {header}", f"headers.{header}" + how, headers={header: "x"})
    fails("a literal token", "auth.token" + how, auth={"type": "bearer", "token": "x"})
    fails("a literal password", "auth.password" + how,
          auth={"type": "basic", "username": "a", "password": "x"})
    fails("a literal key in custom", "auth.headers.X-Key" + how,
          auth={"type": "custom", "headers": {"X-Key": "x"}})
    fails("a literal key in the URL", "input: the parameter api_key" + how,
          input=base + "/?a=b&api_key=x")
    fails("a user in the URL", "input has a user or password in it; leave them out and give auth, whose "
          'secrets the operator sets with "secrets.sources" of the configuration',
          input=base.replace("//", "//u:p@"))
    fails("no type", 'invalid arguments for tool "http-request": /auth: missing required property "type"',
          auth={"token": key})
    fails("no token", 'auth.token is missing; give {"secret": "NAME"}, a secret that the operator has set',
          auth={"type": "bearer"})
    fails("two of them", "headers has an Authorization, and auth makes one; leave one of them out",
          auth={"type": "bearer", "token": key}, headers={"Authorization": "{{secret:key}}"})
    fails("a secret that was not granted", "the plugin was not granted the secret other; the operator "
          'names it in grants.secrets, and plugin.json in "grants": {"secrets": [...]}',
          auth={"type": "bearer", "token": {"secret": "other"}})
    fails("a secret for another host", f"the secret cookie may not be sent to localhost, port "
          f'{server.port}; add a rule to "hosts" of it in secrets.sources',
          headers={"Cookie": {"secret": "cookie"}})


def dry(tap, library, server, base):
    before = len(server.requests)
    got = library.call(TOOL, input=base + "/echo", method="POST", json=[1], dry_run=True,
                       auth={"type": "basic", "username": "alice", "password": {"secret": "key"}},
                       headers={"X-A": "b"})
    tap.equal("a dry run", got, {
        "operation": "request", "dry_run": True, "request": {
            "method": "POST", "url": base + "/echo", "headers": {
                "X-A": "b", "Authorization": "Basic {{base64:alice:{{secret:key}}}}",
                "Content-Type": "application/json"}, "body": "[1]", "body_bytes": 3}})
    tap.equal("sends nothing", len(server.requests), before)
    tap.equal("and says that a file is there", library.fails(
        TOOL, input=base, target_path="up.bin", dry_run=True),
        "up.bin exists already; give overwrite true to replace it, or another path")


def refused(tap, server):
    base = f"http://localhost:{server.port}"
    with Library(HEXMCP, config("localhost:1")) as library:
        tap.equal("a host that was not granted", library.fails(TOOL, input=base),
                  f"localhost:{server.port} is not granted; the operator grants it with --allow-host "
                  f'localhost:{server.port} or "grants.hosts", and plugin.json has to ask for it')
        tap.equal("what is no URL", library.fails(TOOL, input="localhost"),
                  "input does not begin with http:// or https://; give the whole URL")
        tap.equal("another scheme", library.fails(TOOL, input="file:///etc/passwd"),
                  "input does not begin with http:// or https://; give the whole URL")
    with Library(HEXMCP) as library:
        tap.equal("no host at all", library.fails(TOOL, input=base),
                  'no host was granted to this tool; the operator allows one with --allow-host NAME or '
                  '"grants.hosts" of the configuration')
    with Library(HEXMCP, {**config(f"localhost:{server.port}"), "policy": {"level": "safe"}}) as library:
        tap.check("it is no safe tool", TOOL not in library.tools(), "it is listed")
    with Library(HEXMCP, config(f"localhost:{server.port}"), write=False) as library:
        tap.check("a folder that is only read gets no file", "out" not in library.fails(
            TOOL, input=base, target_path="out") or not os.path.exists(library.path("out")), "a file")
    limit = {"plugins": {"settings": {"hexmcp.http-request": {"perMinute": 2}}}}
    with Library(HEXMCP, {**config(f"localhost:{server.port}"), **limit}) as library:
        got = [library.fails(TOOL, input=base) for _ in range(3)]
        tap.check("two a minute", got[2].startswith(
            "2 requests were made within a minute, as many as the setting perMinute of "
            "hexmcp.http-request permits; try again in "), got)


def main():
    server = Server()
    base = f"http://localhost:{server.port}"
    environment = {"TEST_KEY": VALUE, "TEST_COOKIE": "another-value"}
    settings = {"plugins": {"settings": {"hexmcp.http-request": {"perMinute": 600}}}}
    with Tap() as tap:
        with Library(HEXMCP, {**config(f"localhost:{server.port}"), **settings},
                     environment=environment) as library:
            for part in (methods, bodies, answers, retries, secrets, dry):
                part(tap, library, server, base)
        refused(tap, server)


main()
