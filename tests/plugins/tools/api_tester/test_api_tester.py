#!/usr/bin/env python3
"""test_api_tester.py HEXMCP FAKE_NAMES

Every expectation, kept and broken; steps and the values between them.
"""
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from servers import Server  # noqa: E402

HEXMCP = sys.argv[1]
TOOL = "api-tester"


def say(base, value, kind="application/json"):
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{base}/say?type={kind}&text={urllib.parse.quote(text)}"


def single(tap, library, server, base):
    got = library.call(TOOL, input=base + "/echo", method="POST", json={"a": 1}, headers={"X-A": "b"},
                       expect={"status": 200})
    tap.equal("one request", (got["operation"], got["passed"], got["assertions_passed"],
              got["assertions_failed"], got["assertions"]),
              ("test", True, 1, 0, [{"check": "status", "passed": True}]))
    tap.equal("what was sent", got["request"], {
        "method": "POST", "url": base + "/echo", "headers": {"X-A": "b", "Content-Type":
                                                             "application/json"}, "body_bytes": 8})
    response = got["response"]
    tap.equal("what came", [response[key] for key in (
        "status_code", "status_text", "is_success", "url", "body_is_json")],
        [200, "OK", True, base + "/echo", True])
    tap.equal("with the body", response["body"]["text"], '{"a": 1}')
    tap.check("and its time", got["timing"]["duration_ms"] >= 0, got)
    got = library.call(TOOL, input=base + "/status/500")
    tap.equal("without expectations nothing fails", (got["passed"], got["assertions"],
              got["response"]["is_success"]), (True, [], False))
    got = library.call(TOOL, input=base + "/bytes/100")
    tap.equal("what is no text is left out", ("body" in got["response"],
              got["response"]["body_bytes"]), (False, 100))
    got = library.call(TOOL, input=base + "/gzip/700000", expect={"status": "2xx"})
    tap.equal("a large body", (got["passed"], got["response"]["body_bytes"]), (True, 700000))
    result = library.result(TOOL, input=base, expect={"status": 201})
    tap.equal("people read a sentence", result["content"][1]["text"],
              "Failed: 0 assertions passed, 1 failed.")


def expectations(tap, library, server, base):
    body = {"id": 7, "tags": ["a", "b/c"], "n": 1.0, "o": {"x": 1, "y": [None]}, "~": {"/": 5}}
    url = say(base, body)

    def check(name, expect, message=None, where=url):
        got = library.call(TOOL, input=where, expect=expect)
        wrong = [one.get("message") for one in got["assertions"] if not one["passed"]]
        tap.equal(name, (got["passed"], wrong), (message is None, [message] if message else []))
    check("status", {"status": 200})
    check("a class", {"status": "2xx"})
    check("one of several", {"status": [404, "2xx"]})
    check("another status", {"status": 201}, "the status is 200, expected was 201")
    check("another class", {"status": "4xx"}, 'the status is 200, expected was "4xx"')
    check("none of several", {"status": [1, 2]}, "the status is 200, expected was [1, 2]")
    check("max_ms", {"max_ms": 60000})
    check("a header", {"headers": {"Content-Type": "application/json"}})
    check("a part of one", {"headers": {"content-type": {"contains": "json"}}})
    check("one that is there", {"headers": {"Content-Type": True}})
    check("one that is not", {"headers": {"X-None": False}})
    check("another value", {"headers": {"Content-Type": "text/html"}},
          'it is "application/json", expected was "text/html"')
    check("not the part", {"headers": {"Content-Type": {"contains": "xml"}}},
          'it is "application/json", expected was {"contains": "xml"}')
    check("missing", {"headers": {"X-None": "a"}}, 'there is no header x-none, expected was "a"')
    check("there against the wish", {"headers": {"Content-Type": False}},
          'it is "application/json", expected was false')
    check("a text", {"body_contains": '"tags"'})
    check("texts", {"body_contains": ["b/c", "7"]})
    check("another text", {"body_contains": ["b/c", "zzz"]}, "the body does not contain zzz")
    check("values", {"json": {"/id": 7, "/tags/1": "b/c", "/n": 1, "/o": {"y": [None], "x": 1},
                              "/~0/~1": 5}})
    check("all of it", {"json": {"": body}})
    check("another value", {"json": {"/id": "7"}}, 'it is 7, expected was "7"')
    check("another order of an array", {"json": {"/tags": ["b/c", "a"]}},
          'it is ["a", "b/c"], expected was ["b/c", "a"]')
    for pointer in ("/none", "/tags/2", "/tags/01", "/tags/-", "/id/x"):
        check(f"nothing at {pointer}", {"json": {pointer: 1}}, "there is nothing, expected was 1")
    check("no JSON", {"json": {"/a": 1}}, "the body is no JSON, expected was 1",
          where=say(base, "{", "text/plain"))
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    check("a schema", {"json_schema": schema})
    check("another schema", {"json_schema": {"properties": {"id": {"type": "string"}}}},
          "the body does not fit the schema: /id: must be a string, is a number")
    check("a schema and no JSON", {"json_schema": schema}, "the body is no JSON",
          where=say(base, "{", "text/plain"))

    def fails(name, expected, **arguments):
        tap.equal(name, library.fails(TOOL, **{"input": url, **arguments}), expected)
    fails("no status", 'expect.status is neither a number, nor a class as "2xx", nor an array of those; '
          "correct it", expect={"status": "ok"})
    fails("no pointer", 'expect.json: id is no JSON Pointer, which is "" or begins with "/"; correct it',
          expect={"json": {"id": 1}})
    tap.check("no schema", library.fails(TOOL, input=url, expect={"json_schema": {"type": "x"}}).startswith(
        "expect.json_schema: "), library.fails(TOOL, input=url, expect={"json_schema": {"type": "x"}}))
    fails("two bodies", "body and json are both given; give one of them", method="POST", body="a", json=1)
    fails("input and steps", "give input (one request) or steps (several), and one of them alone",
          steps=[{"input": url}])
    tap.equal("neither", library.fails(TOOL),
              "give input (one request) or steps (several), and one of them alone")
    closed = Server()
    closed.socket.close()
    got = library.call(TOOL, input=base + "/nothing", expect={"status": 200})
    tap.equal("no answer is a test that failed", (got["passed"], got["assertions"], "response" in got), (
        False, [{"check": "answer", "passed": False,
                 "message": f"{base}: it closed the connection without an answer"}], False))


def steps(tap, library, server, base):
    got = library.call(TOOL, steps=[
        {"name": "create", "input": say(base, {"id": 7, "name": "a b&c", "ok": True}),
         "expect": {"status": 200}, "extract": {"id": "/id", "name": "/name", "ok": "/ok"}},
        {"name": "use", "input": base + "/echo/{{id}}?n={{name}}", "method": "POST",
         "headers": {"X-Name": "<{{name}}>"}, "json": {"id": "{{id}}", "text": "no {{id}}", "ok": "{{ok}}",
                                                       "{{name}}": "{{name}}"},
         "expect": {"json": {"/method": "POST"}}},
        {"name": "again", "input": say(base, {"id": 7}), "expect": {"json": {"/id": "{{id}}"}}}])
    request = server.requests[-2]
    tap.equal("three steps", (got["passed"], [step["name"] for step in got["steps"]],
              got["assertions_passed"]), (True, ["create", "use", "again"], 6))
    tap.equal("values in the URL are encoded", request.target, "/echo/7?n=a%20b%26c")
    tap.equal("in headers and JSON they are what they were",
              (request.field("X-Name"), json.loads(request.body)),
              ("<a b&c>", {"id": 7, "text": "no 7", "ok": True, "a b&c": "a b&c"}))
    got = library.call(TOOL, steps=[
        {"input": say(base, {"next": base + "/count/0"}), "extract": {"next": "/next"}},
        {"input": "{{next}}", "expect": {"body_contains": "arrived"}}])
    tap.equal("a URL can come from an answer", got["passed"], True)
    failing = [{"name": "one", "input": base + "/status/500", "expect": {"status": 200}},
               {"name": "two", "input": base + "/status/200", "expect": {"status": 200}}]
    got = library.call(TOOL, steps=failing)
    tap.equal("it stops at a failure", (got["passed"], len(got["steps"]), got["steps_left_out"],
              got["steps"][0]["passed"]), (False, 1, 1, False))
    got = library.call(TOOL, steps=failing, stop_on_failure=False)
    tap.equal("unless it shall not", (got["passed"], len(got["steps"]), got["assertions_passed"]),
              (False, 2, 1))
    got = library.call(TOOL, steps=[{"input": say(base, {"a": {}}), "extract": {"x": "/b", "y": "/a"}}],
                       stop_on_failure=False)
    tap.equal("what cannot be extracted", got["steps"][0]["assertions"], [
        {"check": "extract x", "passed": False, "message": "there is nothing at its pointer"},
        {"check": "extract y", "passed": False, "message":
         "extract.y leads to no text, number or truth value; lead it to one"}])
    got = library.call(TOOL, steps=[{"input": base + "/graphql", "method": "POST", "json": {"query": "x" * 8193},
                                    "extract": {"x": "/data/asked/query"}}])
    tap.equal("a value that is too long", got["steps"][0]["assertions"], [{
        "check": "extract x", "passed": False, "message":
        "extract.x leads to a text of 8193 bytes, but at most 8192 are taken"}])
    tap.equal("a value that nobody extracted", library.fails(TOOL, steps=[
        {"name": "first", "input": base + "/{{none}}"}]),
        "step 1 (first): no step before has extracted none; add it to the extract of one")
    tap.equal("a wrong name", library.fails(TOOL, steps=[
        {"input": say(base, {"a": 1}), "extract": {"a-b": "/a"}}]),
        'step 1 (without name): extract.a-b: a name is of letters, digits and _, and leads to a JSON '
        'Pointer, which is "" or begins with "/"; correct it')


def dry_runs(tap, library, server, base):
    before = len(server.requests)
    result = library.result(TOOL, input=base + "/echo", method="POST", json={"a": "b"}, dry_run=True, auth={
        "type": "bearer", "token": {"secret": "key"}}, expect={"status": 201})
    tap.equal("a dry run", result["structuredContent"], {
        "operation": "test", "dry_run": True, "request": {
            "method": "POST", "url": base + "/echo", "headers": {
                "Authorization": "Bearer {{secret:key}}", "Content-Type": "application/json"},
            "body": '{"a": "b"}', "body_bytes": 10},
        "assertions": [], "passed": True, "assertions_passed": 0, "assertions_failed": 0})
    tap.equal("people read a sentence", result["content"][1]["text"], "Nothing was sent. 1 request would be.")
    got = library.call(TOOL, dry_run=True, steps=[
        {"name": "one", "input": base + "/a", "extract": {"id": "/id", "next": "/next"}},
        {"name": "two", "input": base + "/b/{{id}}", "method": "PUT", "json": {"id": "{{id}}", "t": "<{{id}}>"},
         "headers": {"X-Id": "{{id}}"}, "expect": {"status": "{{id}}"}},
        {"name": "three", "input": "{{next}}"}])
    tap.equal("of steps", [(one["name"], one["request"]["url"], one["request"].get("body"), one["passed"])
                           for one in got["steps"]], [
        ("one", base + "/a", None, True),
        ("two", base + "/b/{{id}}", '{"id": "{{id}}", "t": "<{{id}}>"}', True), ("three", "{{next}}", None, True)])
    for name, arguments, expected in (
            ("a value that nobody extracts", {"steps": [{"name": "a", "input": base + "/{{none}}"}]},
             "step 1 (a): no step before has extracted none; add it to the extract of one"),
            ("a wrong expectation", {"input": base, "expect": {"json": {"id": 1}}},
             'expect.json: id is no JSON Pointer, which is "" or begins with "/"; correct it'),
            ("no URL", {"input": "localhost"}, "input does not begin with http:// or https://; give the whole URL")):
        tap.equal(f"{name} is found", library.fails(TOOL, dry_run=True, **arguments), expected)
    library.fails(TOOL, input=base, method="DELETE", expect={"status": "ok"})
    library.fails(TOOL, input=base, method="DELETE", expect={"json_schema": {"type": "x"}})
    library.fails(TOOL, steps=[{"input": base, "method": "DELETE", "extract": {"a-b": "/a"}}])
    tap.equal("nothing of all this was sent", len(server.requests), before)
    tap.check("a typing error in a step", "/steps/0/expect" in library.fails(
        TOOL, steps=[{"input": base, "expect": {"stauts": 200}}]), "it passes")


def secrets(tap, library, server, base):
    got = library.call(TOOL, input=base + "/echo", auth={"type": "bearer", "token": {"secret": "key"}},
                       expect={"body_contains": "Bearer {{secret:key}}"})
    tap.equal("a secret is sent and not seen", (server.requests[-1].field("Authorization"),
              "value-of-the-test" in json.dumps(got), got["passed"]),
              ("Bearer value-of-the-test", False, True))
    tap.check("and is none as text", "is a credential" in library.fails(
        TOOL, input=base, headers={"Authorization": "Bearer x"}), "it is")


def refused(tap, server):
    base = f"http://localhost:{server.port}"
    sentence = (f"localhost:{server.port} is not granted; the operator grants it with --allow-host "
                f'localhost:{server.port} or "grants.hosts", and plugin.json has to ask for it')
    with Library(HEXMCP, {"grants": {"hosts": ["localhost:1"]}}) as library:
        tap.equal("a host that was not granted", library.fails(TOOL, input=base), sentence)
        tap.equal("so in a step", library.fails(TOOL, steps=[{"name": "a", "input": base}]),
                  "step 1 (a): " + sentence)
    with Library(HEXMCP) as library:
        tap.check("no host at all", library.fails(TOOL, input=base).startswith(
            "no host was granted to this tool"), "one was")


def main():
    server = Server()
    base = f"http://localhost:{server.port}"
    config = {"grants": {"hosts": [f"localhost:{server.port}"], "secrets": ["key"]},
              "secrets": {"sources": {"key": {"env": "TEST_KEY", "hosts": ["localhost:*"]}}}}
    with Tap() as tap:
        with Library(HEXMCP, config, environment={"TEST_KEY": "value-of-the-test"}) as library:
            for part in (single, expectations, steps, dry_runs, secrets):
                part(tap, library, server, base)
        refused(tap, server)


main()
