#!/usr/bin/env python3
"""test_graphql_query.py HEXMCP FAKE_NAMES

Queries, mutations, subscriptions and schemas; what of a document is looked at before it is sent.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from servers import Server  # noqa: E402

HEXMCP = sys.argv[1]
TOOL = "graphql-query"


def nested(depth):
    return "{" + "a{" * (depth - 1) + "b" + "}" * depth


def operations(tap, library, server, base):
    result = library.result(TOOL, endpoint=base, input="query One($id: Int) { lamp(id: $id) }\nquery Two { x }",
                            variables={"id": 7}, operation_name="One", headers={"X-A": "b"})
    got, request = result["structuredContent"], server.requests[-1]
    tap.equal("a query", [got[key] for key in ("operation", "success", "status_code", "extensions")],
              ["query", True, 200, {"took": 1}])
    tap.equal("with all that belongs to it", got["data"]["asked"], {
        "query": "query One($id: Int) { lamp(id: $id) }\nquery Two { x }", "variables": {"id": 7},
        "operationName": "One"})
    tap.equal("as GraphQL over HTTP has it", (request.method, request.field("Content-Type"),
              request.field("Accept"), request.field("X-A")),
              ("POST", "application/json", "application/graphql-response+json, application/json;q=0.9", "b"))
    tap.equal("people read a sentence", result["content"][1]["text"], "The query was answered without "
              "errors.")
    got = library.call(TOOL, endpoint=base, input="mutation { make }", operation="mutation")
    tap.equal("a mutation", (got["operation"], got["success"]), ("mutation", True))
    result = library.result(TOOL, endpoint=base, input="{ broken }")
    got = result["structuredContent"]
    tap.equal("errors of GraphQL", (got["success"], got["data"], got["errors"]),
              (False, None, [{"message": "it is broken", "path": ["broken"]}]))
    tap.equal("are read by people, too", result["content"][1]["text"],
              "The query was answered with 1 error: it is broken")
    got = library.call(TOOL, endpoint=base, input="{ many }")
    data = json.loads(library.raw("resources/read", {"uri": got["data_uri"]})["contents"][0]["text"])
    tap.equal("large data are a resource", (got["truncated"], "data" in got, len(data["many"])),
              (True, False, 10000))

    def fails(name, expected, path, **more):
        tap.equal(name, library.fails(TOOL, endpoint=f"http://localhost:{server.port}{path}",
                                      input="{ a }", **more), expected)
    what = ", which is no answer of GraphQL"
    fails("a page is no answer", "the endpoint answered 200 OK with text/html" + what + ": <p>hi</p>; "
          "check the endpoint and auth", "/say?type=text/html&text=%3Cp%3Ehi%3C/p%3E")
    fails("nor is nothing", "the endpoint answered 404 Not Found with no type" + what + "; check the "
          "endpoint and auth", "/status/404")
    fails("nor other JSON", "the endpoint answered 200 OK with application/json" + what + ': {"a": 1}; check '
          "the endpoint and auth", "/say?type=application/json&text=%7B%22a%22:%201%7D")
    fails("no answer at all", f"http://localhost:{server.port}: it closed the connection without an answer",
          "/nothing")
    fails("too slow", f"http://localhost:{server.port}: the request was not over within 200 ms", "/slow",
          timeout_ms=200)


def documents(tap, library, server, base):
    before = len(server.requests)

    def fails(name, document, expected, **more):
        tap.equal(name, library.fails(TOOL, endpoint=base, input=document, **more), expected)
    fails("a mutation as a query", "mutation { drop }", "input holds a mutation, but operation is query; give "
          "operation mutation if that is meant")
    fails("a query as a mutation", "{ a }", "input holds a query, but operation is mutation; give operation "
          "query if that is meant", operation="mutation")
    fails("one of several by its name", "query A { a } mutation B { b }", "input holds a mutation, but "
          "operation is query; give operation mutation if that is meant", operation_name="B")
    fails("which one", "query A { a } query B { b }", "input has 2 operations; say by operation_name which "
          "one is meant")
    fails("another name", "query A { a }", "input has no operation C; correct it", operation_name="C")
    fails("fragments alone", "fragment F on T { a }", "input has no operation; correct it")
    fails("nothing", "# only a comment", "input holds no operation; give a GraphQL document")
    fails("no end", "{ a { b }", 'input ends where "}" is due; complete it')
    fails("no end of arguments", "{ a(b: {c: 1} }", 'input ends where ")" is due; complete it')
    fails("a string without end", '{\n a(b: "x\n") }', "input, line 2: a string does not end; close it")
    fails("another character", "{ a\n ; }", "input, line 2: a character is none of GraphQL outside of "
          "strings; correct it")
    fails("another word", "select * from a", "input, line 1: select stands where query, mutation, "
          "subscription or fragment is due; correct it")
    deep = "input is 11 selections deep, fragments included, but at most 10 are sent; ask in several steps"
    fails("too deep", nested(11), deep)
    fails("too deep by fragments", "{ a { ...F } } fragment F on T { b { ...G } } fragment G on T " +
          nested(9), deep)
    fails("too deep by inline fragments", "{" + "... on T {" * 10 + "a" + "}" * 11, deep)
    fails("a fragment in a circle", "{ ...F } fragment F on T { a { ...G } } fragment G on T { ...F }",
          "input: the fragment F leads back to itself; correct it")
    fails("no document", "", "input is missing or empty; give the GraphQL document")
    fails("far too deep", "{" * 2000, "input is nested more than 1000 deep; make it flatter")
    fails("too many definitions", "{a}" * 201, "input has more than 200 definitions; make it smaller")
    tap.equal("nothing of this was sent", len(server.requests), before)
    for name, document in (
            ("ten deep", nested(10)), ("a circle that is not used", "{ a } fragment F on T { ...F }"),
            ("braces in a string", '{ a(b: "{{{{{{{{{{{{{", c: """x\\"""{{{{{{{{{{{{""") }'),
            ("braces in arguments", "{ a(b: " + "{c: " * 12 + "1" + "}" * 12 + ") }"),
            ("braces in comments", "{ a # {{{{{{{{{{{{{{\n }"),
            ("variables and directives", "query Q($a: [In!]! = {b: {c: 1}} @d(e: {f: 1}), $z: Int) @x { a @skip("
             "if: $z) { ...F @y ... @include(if: true) { c } } } fragment F on T @q(w: {e: 1}) { b }"),
            ("a field named mutation", "{ mutation { query } }"),
            ("a fragment named as a word", "query query { ...fragment } fragment fragment on on { a }"),
            ("commas and a mark", "\ufeff,,{,a,b,}")):
        got = library.call(TOOL, endpoint=base, input=document)
        tap.equal(name, got["data"]["asked"]["query"], document)


def subscriptions(tap, library, server, base):
    def listen(words, **more):
        return library.call(TOOL, endpoint=base, operation="subscription",
                            input="subscription { " + words + " }", **more)
    got = listen("events 3")
    tap.equal("events until it completes", (got["events"], got["event_count"], got["ended"], got["success"]),
              ([{"data": {"n": i}} for i in range(3)], 3, "complete", True))
    tap.equal("asked for as a stream", server.requests[-1].field("Accept"), "text/event-stream")
    got = listen("endless", max_events=5)
    tap.equal("until there are enough", (got["event_count"], got["ended"], got["events"][4]),
              (5, "max_events", {"data": {"n": 4}}))
    got = listen("events 2 stays", duration_ms=500)
    tap.equal("until the time is over", (got["event_count"], got["ended"]), (2, "time"))
    tap.check("with progress", library.progress, "there is none")
    got = listen("events 2 breaks")
    tap.equal("until the server closes", (got["event_count"], got["ended"]), (2, "closed"))
    got = listen("events 1 wrong")
    tap.equal("errors in an event", (got["success"], got["events"]), (False, [{"errors": [{"message": "m"}]}]))
    got = listen("refused")
    tap.equal("a refusal", (got["success"], got["status_code"], got["errors"]),
              (False, 400, [{"message": "no stream"}]))
    tap.equal("what is no stream", library.fails(
        TOOL, endpoint=f"http://localhost:{server.port}/say?text=x", operation="subscription",
        input="subscription { a }"), "the endpoint answered 200 OK with text/plain, which is no answer of "
        "GraphQL: x; check the endpoint and auth")
    tap.equal("a query is none", library.fails(TOOL, endpoint=base, operation="subscription", input="{ a }"),
              "input holds a query, but operation is subscription; give operation query if that is meant")


def schemas(tap, library, server, base):
    def load(path="", **more):
        return library.call(TOOL, endpoint=base + path, operation="introspection", **more)
    got = load()
    tap.equal("a schema", [got.get(key) for key in (
        "success", "cached", "query_type", "mutation_type", "subscription_type", "types", "type_count")],
        [True, False, "Query", None, "Sub", ["T0"], 1])
    tap.equal("is there", got["schema"]["types"][0]["name"], "T0")
    before = len(server.requests)
    got = load()
    tap.equal("and remembered", (got["cached"], got["age_s"] < 100, got["schema"]["queryType"],
              len(server.requests)), (True, True, {"name": "Query"}, before))
    tap.equal("unless it shall be asked for", (load(refresh=True)["cached"], len(server.requests)),
              (False, before + 1))
    tap.equal("or somebody else asks", load(headers={"X-User": "b"})["cached"], False)
    got = load("/large")
    schema = json.loads(library.raw("resources/read", {"uri": got["schema_uri"]})["contents"][0]["text"])
    tap.equal("a large one is a resource", (got["truncated"], "schema" in got, got["type_count"],
              len(schema["types"])), (True, False, 300, 301))
    tap.equal("with a document", library.fails(TOOL, operation="introspection", endpoint=base, input="{ a }"),
              "operation introspection asks for the schema and takes no input and no variables; leave them out, or "
              "give operation query")
    tap.equal("none", library.fails(TOOL, operation="introspection", endpoint=f"http://localhost:"
              f"{server.port}/say?type=application/json&text=%7B%22errors%22:%5B%7B%22message%22:%22off%22%7D%5D"
              "%7D"), "the endpoint does not tell its schema: off; it may have introspection switched off")


def dry_runs(tap, library, server, base):
    before = len(server.requests)
    got = library.call(TOOL, endpoint=base, input="mutation { drop }", operation="mutation", dry_run=True,
                       variables={"a": 1}, auth={"type": "bearer", "token": {"secret": "key"}})
    tap.equal("a dry run of a mutation", got, {"operation": "mutation", "success": True, "dry_run": True, "request": {
        "method": "POST", "url": base, "transport": "http", "headers": {
            "Authorization": "Bearer {{secret:key}}", "Content-Type": "application/json",
            "Accept": "application/graphql-response+json, application/json;q=0.9"},
        "body": '{"query":"mutation { drop }","variables":{"a": 1}}', "body_bytes": 50}})
    got = library.call(TOOL, endpoint=base, operation="introspection", dry_run=True)["request"]
    tap.check("of an introspection", got["body"].startswith('{"query":"query IntrospectionQuery'), got)
    got = library.call(TOOL, endpoint=base, input="{ a(b: \"" + "\u00fc" * 5000 + "\") }", dry_run=True)["request"]
    tap.equal("what is long is cut", (got["body_cut"], got["body_bytes"], len(got["body"].encode()) <= 4000),
              (True, 10026, True))
    got = library.call(TOOL, endpoint=base, operation="subscription", input="subscription { a }", dry_run=True)
    tap.equal("of a subscription", got["request"]["transport"], "sse")
    tap.equal("what is wrong is found", library.fails(TOOL, endpoint=base, input="mutation { a }", dry_run=True),
              "input holds a mutation, but operation is query; give operation mutation if that is meant")
    tap.equal("nothing of it was sent", len(server.requests), before)


def secrets(tap, library, server, base):
    got = library.call(TOOL, endpoint=base, input="{ a }", auth={"type": "bearer", "token": {"secret": "key"}})
    tap.equal("a secret", (server.requests[-1].field("Authorization"), got["success"]),
              ("Bearer value-of-the-test", True))
    tap.check("no credential as text", "is a credential" in library.fails(
        TOOL, endpoint=base, input="{ a }", headers={"Authorization": "x"}), "it is taken")


def refused(tap, server):
    base = f"http://localhost:{server.port}/graphql"
    for arguments in ({"input": "{ a }"}, {"operation": "introspection"},
                      {"operation": "subscription", "input": "subscription { a }"}):
        with Library(HEXMCP, {"grants": {"hosts": ["localhost:1"]}}) as library:
            tap.equal(f"a host that was not granted: {arguments}", library.fails(
                TOOL, endpoint=base, **arguments), f"localhost:{server.port} is not granted; the operator "
                f'grants it with --allow-host localhost:{server.port} or "grants.hosts", and plugin.json has '
                "to ask for it")
    with Library(HEXMCP) as library:
        tap.check("no host at all", library.fails(TOOL, endpoint=base, input="{ a }").startswith(
            "no host was granted to this tool"), "one was")


def main():
    server = Server()
    base = f"http://localhost:{server.port}/graphql"
    config = {"grants": {"hosts": [f"localhost:{server.port}"], "secrets": ["key"]},
              "secrets": {"sources": {"key": {"env": "TEST_KEY", "hosts": ["localhost:*"]}}}}
    with Tap() as tap:
        with Library(HEXMCP, config, environment={"TEST_KEY": "value-of-the-test"}) as library:
            for part in (operations, documents, subscriptions, schemas, dry_runs, secrets):
                part(tap, library, server, base)
        refused(tap, server)


main()
