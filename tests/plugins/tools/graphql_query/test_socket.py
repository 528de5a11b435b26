#!/usr/bin/env python3
"""test_socket.py HEXMCP

Subscriptions over WebSocket, from real servers: graphql-ws (graphql-transport-ws) and
subscriptions-transport-ws (the older graphql-ws).
"""
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "../../../tools")]
from library import Library, Tap  # noqa: E402
from npm_server import NpmServer, why_missing  # noqa: E402
from servers import certificates  # noqa: E402

HEXMCP = sys.argv[1]
TOOL = "graphql-query"
FOLDER = os.path.join(HERE, "../../../tools/graphql")
VALUE = 'a value with "quotes" and ü'


def configured(port, hosts=None, **settings):
    secrets = {"websocketSecrets": {"graphql-websocket": [f"localhost:{port}"]}, **settings}
    return {"grants": {"hosts": hosts or [f"localhost:{port}"], "secrets": ["graphql-websocket", "other"]},
            "secrets": {"sources": {name: {"env": "TEST_KEY", "hosts": ["localhost:*"]}
                                    for name in ("graphql-websocket", "other")}},
            "plugins": {"settings": {"hexmcp.graphql-query": secrets}}}


def library(config):
    return Library(HEXMCP, config, environment={"TEST_KEY": VALUE})


class Listener:
    def __init__(self, library, base):
        self.library, self.base = library, base

    def arguments(self, words, path, more):
        return {"endpoint": f"{self.base}/{path}", "operation": "subscription",
                "input": "subscription { " + words + " }", **more}

    def __call__(self, words, path="graphql", **more):
        return self.library.call(TOOL, **self.arguments(words, path, more))

    def fails(self, words, path="graphql", **more):
        return self.library.fails(TOOL, **self.arguments(words, path, more))


def events(tap, server, listen, path, protocol):
    def facts(got, *keys):
        return [got.get(key) for key in ("success", "ended", "event_count", *keys)]
    got = listen("count(to: 3)", path)
    tap.equal(f"{protocol}: events until it completes", (facts(got, "events", "transport", "subprotocol",
              "status_code"), list(got)[0]),
              ([True, "complete", 3, [{"data": {"count": i}} for i in (1, 2, 3)], "websocket", protocol, 101],
               "operation"))
    got = listen("count(to: 50)", path, max_events=4)
    tap.equal("until there are enough", facts(got), [True, "max_events", 4])
    got = listen("silent", path, duration_ms=700)
    tap.equal("until the time is over", facts(got), [True, "time", 0])
    tap.check("with progress", listen.library.progress, "there is none")
    got = listen("fails", path)
    tap.equal("errors in an event", (facts(got), got["events"][0]["errors"][0]["message"]),
              ([False, "complete", 1], "no such thing"))
    got = listen("nothing", path)
    errors = got["errors"] if path == "graphql" else got["events"][0]["errors"]
    tap.check("a field that is not there", not got["success"] and "nothing" in errors[0]["message"], got)
    tap.equal("ends it", got["ended"], "error" if path == "graphql" else "complete")
    got = listen("large(bytes: 1200000)", path)
    tap.equal("an event that is too large", facts(got), [True, "too_large", 0])
    got = listen("large(bytes: 300000)", path)
    tap.equal("one that is not", (facts(got), len(got["events"][0]["data"]["large"])),
              ([True, "complete", 1], 300000))
    got = listen.library.call(
        TOOL, endpoint=f"{listen.base}/{path}", operation="subscription", variables={"n": 2}, operation_name="B",
        input="subscription A { silent } subscription B($n: Int!) { count(to: $n) }")
    tap.equal("variables and the name of the operation", got["events"], [{"data": {"count": 1}},
                                                                         {"data": {"count": 2}}])


def secrets(tap, server, listen):
    handle = "{{secret:graphql-websocket}}"
    params = {"authToken": {"secret": "graphql-websocket"}, "deep": [{"a": handle + "!", "n": 1, "t": True}]}
    got = listen("echo", "graphql?x=1", connection_params=params, headers={"X-A": "b"},
                 auth={"type": "api_key", "key": {"secret": "graphql-websocket"}, "query_name": "k"})
    told = server.line()
    tap.equal("what connection_init carries", told["params"],
              {"authToken": VALUE, "deep": [{"a": VALUE + "!", "n": 1, "t": True}]})
    tap.equal("and the handshake", (told["headers"]["x-a"], told["url"]),
              ("b", "/graphql?x=1&k=a%20value%20with%20%22quotes%22%20and%20%C3%BC"))
    text = json.dumps(got, ensure_ascii=False)
    tap.check("where the server repeats a secret, stands its handle", text.count(handle) == 3 and "quotes" not in
              text, text)
    tap.equal("the server is told that no more is wanted", [server.line()["event"] for _ in range(2)],
              ["complete", "disconnect"])
    tap.equal("a secret of another name", listen.fails("echo", connection_params={"a": {"secret": "other"}}),
              f"the secret other may not be sent to localhost:{server.port} over WebSocket; the operator allows it "
              'with "websocketSecrets" in the settings of hexmcp.graphql-query, for the names graphql-websocket, '
              "graphql-websocket-2 to graphql-websocket-4, or use transport sse")
    tap.check("a secret in a header", "the secret other may not be sent" in listen.fails(
        "echo", headers={"X-A": {"secret": "other"}}), "it may")
    tap.check("a credential as text", listen.fails("echo", connection_params={"authToken": "abc"}).startswith(
        "connection_params.authToken is a credential, and those are not taken as text"), "it is taken")
    tap.check("too deep", "connection_params is nested more than 20 deep" in listen.fails(
        "echo", connection_params={"a": json.loads("[" * 30 + "]" * 30)}), "it is not")


def refusals(tap, server, listen):
    said = listen.fails("count(to: 1)")
    tap.equal("without the token", said, f"localhost:{server.port} closed the connection with 4403 Forbidden before "
              "it accepted it; check auth and connection_params")
    said = listen.fails("count(to: 1)", "legacy")
    tap.equal("in the older protocol", said, f"localhost:{server.port} does not accept the connection: "
              '[{"message":"who are you?"}]; check auth and connection_params')
    with_token = {"connection_params": {"authToken": {"secret": "graphql-websocket"}}}
    for path in ("graphql", "legacy"):
        tap.equal(f"with it: {path}", listen("count(to: 1)", path, **with_token)["event_count"], 1)


def arguments(tap, server, listen):
    base = listen.base
    call = lambda **more: listen.library.fails(TOOL, **{"endpoint": base + "/graphql", **more})  # noqa: E731
    what = {"operation": "subscription", "input": "subscription { count(to: 1) }"}
    tap.equal("a query", call(input="{ lamp }"), "endpoint begins with ws, which is for operation subscription; give "
              "it with http:// or https://")
    tap.equal("sse", call(transport="sse", **what), "endpoint begins with ws, but transport is sse, which goes over "
              "http:// or https://; correct one")
    tap.equal("no transport", call(transport="pigeon", **what), 'invalid arguments for tool "graphql-query": '
              '/transport: must be "auto", "sse" or "websocket", is "pigeon"')
    tap.check("params without a socket", "connection_params belongs to a subscription over WebSocket" in call(
        endpoint=base.replace("ws:", "http:"), input="{ a }", connection_params={}), "they are taken")
    got = listen.library.call(TOOL, endpoint=base.replace("ws:", "http:") + "/graphql", transport="websocket", **what)
    tap.equal("http with transport websocket", (got["subprotocol"], got["event_count"]), ("graphql-transport-ws", 1))
    server.line(), server.line(), server.line()
    got = listen.library.call(TOOL, endpoint=base + "/graphql", dry_run=True, auth={
        "type": "bearer", "token": {"secret": "graphql-websocket"}}, connection_params={"a": [{"secret": "other"}]}, **what)
    tap.equal("a dry run", got, {"operation": "subscription", "success": True, "dry_run": True, "request": {
        "method": "GET", "url": base + "/graphql", "transport": "websocket",
        "headers": {"Authorization": "Bearer {{secret:graphql-websocket}}"},
        "connection_params": {"a": ["{{secret:other}}"]},
        "body": '{"query":"subscription { count(to: 1) }"}', "body_bytes": 41}})
    tap.equal("sends nothing", server.line(0.3), None)


def tls(tap, folder):
    def pem(name):
        with open(f"{folder}/{name}", encoding="ascii") as file:
            return file.read()
    certificates(folder)
    for name, good in (("good", True), ("other", False), ("expired", False), ("alone", False)):
        key = pem(f"{name}.key")
        cert = pem("alone.pem").split("-----BEGIN PRIVATE")[0] if name == "alone" else pem(f"{name}.crt")
        with NpmServer(FOLDER, key=key, cert=cert) as server:
            with library(configured(server.port, caFile=f"{folder}/ca.pem")) as of:
                listen = Listener(of, f"wss://localhost:{server.port}")
                said = listen.fails("count(to: 2)", connection_params={"a": {"secret": "graphql-websocket"}})
                if good:
                    tap.check("TLS", '"event_count": 2' in said, said)
                    said = Listener(of, f"ws://localhost:{server.port}").fails("count(to: 2)", timeout_ms=2000)
                    tap.check("no TLS where it is wanted", "localhost" in said and said[:1] != "{", said)
                    continue
                tap.check(f"a certificate that does not fit: {name}", said.startswith(
                    f"localhost:{server.port}: its certificate does not fit (") and said.endswith(
                        "; nothing was sent"), said)
                tap.equal("and it is told nothing", server.line(0.2), None)
    with NpmServer(FOLDER, key=pem("good.key"), cert=pem("good.crt")) as server:
        with library(configured(server.port)) as of:
            said = Listener(of, f"wss://localhost:{server.port}").fails("count(to: 2)")
            tap.check("an authority that is not trusted", "its certificate does not fit" in said, said)
    with NpmServer(FOLDER) as server:
        with library(configured(server.port)) as of:
            said = Listener(of, f"wss://localhost:{server.port}").fails("count(to: 2)")
            tap.check("TLS with a server that has none", said.startswith(
                f"localhost:{server.port}: the TLS handshake failed ("), said)


def main():
    with Tap() as tap:
        reason = why_missing(FOLDER)
        if reason:
            tap.skip("subscriptions over WebSocket", reason)
            return
        with NpmServer(FOLDER) as server, library(configured(server.port)) as of:
            listen = Listener(of, f"ws://localhost:{server.port}")
            events(tap, server, listen, "graphql", "graphql-transport-ws")
            events(tap, server, listen, "legacy", "graphql-ws")
        with NpmServer(FOLDER) as server, library(configured(server.port)) as of:
            listen = Listener(of, f"ws://localhost:{server.port}")
            secrets(tap, server, listen)
        with NpmServer(FOLDER) as server, library(configured(server.port)) as of:
            arguments(tap, server, Listener(of, f"ws://localhost:{server.port}"))
        with NpmServer(FOLDER, token=VALUE) as server, library(configured(server.port)) as of:
            refusals(tap, server, Listener(of, f"ws://localhost:{server.port}"))
        with tempfile.TemporaryDirectory() as folder:
            tls(tap, folder)


main()
