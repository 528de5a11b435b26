#!/usr/bin/env python3
"""test_upgrade.py SERVER MODULES

The upgrade: what is let in, and what each refusal says. Nothing of a refused request reaches the
protocol, and the connection ends.
"""
import os
import tempfile

from server import Server, Tap, websocket
from websocket import KEY, upgrade

OWN_HOST = ("the header Host names a server that is not this one; use its own address, or allow the name "
            "in the setting http.allowed_hosts")
OWN_ORIGIN = ("pages of this Origin may not use this server; allow it in the setting "
              "http.allowed_origins")
ASK = ("this address speaks WebSocket; ask for it with the headers \"Connection: Upgrade\" and "
       "\"Upgrade: websocket\"")
VERSION = "the version of WebSocket must be 13"
NO_KEY = "the header Sec-WebSocket-Key must hold 16 bytes in base64"
OFFER = "the client does not offer the subprotocol \"mcp\"; name it in Sec-WebSocket-Protocol"
LINE = "the request is not HTTP/1.1: its first line is not METHOD TARGET HTTP/1.1"
HEADER = "the request is not HTTP/1.1: a header is not NAME: VALUE"
CONTROL = "the request is not HTTP/1.1: a header holds a control character"


def accepted(tap, server):
    client = server.connect()
    tap.equal("an upgrade selects the subprotocol and proves the key", client.headers,
              {"upgrade": "websocket", "connection": "Upgrade",
               "sec-websocket-accept": websocket.ACCEPT, "sec-websocket-protocol": "mcp"})
    tap.equal("the first message is answered", client.ask("hello"), "echo hello")
    client.close()
    good = {
        "lists and cases": {"Upgrade": "h2c, WebSocket", "Connection": "keep-alive, UPGRADE",
                            "Sec-WebSocket-Protocol": "chat, mcp"},
        "several lines": {"Connection": ["keep-alive", "Upgrade"],
                          "Sec-WebSocket-Protocol": ["chat", "mcp"]},
        "a query": {"path": "/ws?x=1"},
        "localhost": {"Host": f"localhost:{server.port}"},
        "IPv6 loopback": {"Host": f"[::1]:{server.port}"},
        "its own Origin": {"Origin": f"http://127.0.0.1:{server.port}"},
        "an Origin of localhost": {"Origin": f"http://localhost:{server.port}"},
        "a length of nothing": {"Content_Length": "0"},
        "a subprotocol like a token": {"Sec-WebSocket-Protocol": "mcp, bearer.abc"},
    }
    for name, what in good.items():
        client = server.connect(**dict(what))
        tap.equal(f"accepted: {name}", client.ask("a"), "echo a")
        client.close()


def refusals(port):
    return [
        ("no Host", upgrade(port, Host=None), 403, OWN_HOST),
        ("a foreign Host", upgrade(port, Host="evil.example"), 403, OWN_HOST),
        ("a foreign Host with our port", upgrade(port, Host=f"evil.example:{port}"), 403, OWN_HOST),
        ("another port", upgrade(port, Host="127.0.0.1:1"), 403, OWN_HOST),
        ("a foreign Origin", upgrade(port, Origin="http://evil.example"), 403, OWN_ORIGIN),
        ("no Origin at all", upgrade(port, Origin="null"), 403, OWN_ORIGIN),
        ("an empty Origin", upgrade(port, Origin=""), 403, OWN_ORIGIN),
        ("the Origin of another port", upgrade(port, Origin="http://127.0.0.1:1"), 403, OWN_ORIGIN),
        ("a foreign Host at another path", upgrade(port, "/x", Host="evil.example"), 403, OWN_HOST),
        ("another path", upgrade(port, "/mcp"), 404, "WebSocket is served at /ws alone"),
        ("a longer path", upgrade(port, "/ws/"), 404, "WebSocket is served at /ws alone"),
        ("an escaped path", upgrade(port, "/%77s"), 404, "WebSocket is served at /ws alone"),
        ("POST", upgrade(port).replace(b"GET", b"POST"), 405,
         "an upgrade to WebSocket is a GET request"),
        ("no Upgrade", upgrade(port, Upgrade=None), 426, ASK),
        ("another Upgrade", upgrade(port, Upgrade="h2c"), 426, ASK),
        ("no Connection", upgrade(port, Connection=None), 426, ASK),
        ("another Connection", upgrade(port, Connection="close"), 426, ASK),
        ("no version", upgrade(port, Sec_WebSocket_Version=None), 426, VERSION),
        ("version 8", upgrade(port, Sec_WebSocket_Version="8"), 426, VERSION),
        ("no key", upgrade(port, Sec_WebSocket_Key=None), 400, NO_KEY),
        ("a short key", upgrade(port, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25j"), 400, NO_KEY),
        ("a key of 18 bytes", upgrade(port, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQAA"), 400,
         NO_KEY),
        ("a key that is no base64", upgrade(port, Sec_WebSocket_Key="!" * 24), 400, NO_KEY),
        ("no subprotocol", upgrade(port, Sec_WebSocket_Protocol=None), 400, OFFER),
        ("another subprotocol", upgrade(port, Sec_WebSocket_Protocol="mcp2, xmcp"), 400, OFFER),
        ("HTTP/1.0", upgrade(port).replace(b"HTTP/1.1", b"HTTP/1.0"), 400, LINE),
        ("no target", b"GET HTTP/1.1\r\n\r\n", 400, LINE),
        ("a whole URL", upgrade(port, "http://127.0.0.1/ws"), 400, LINE),
        ("a space in the target", upgrade(port, "/ws x"), 400, LINE),
        ("a control character in the target", upgrade(port, "/ws\x01"), 400, LINE),
        ("nothing", b"\r\n\r\n", 400, LINE),
        ("TLS", b"\x16\x03\x01\x02\x00\r\n\r\n", 400, LINE),
        ("a header without a colon", upgrade(port).replace(b"Upgrade: w", b"Upgrade w"), 400, HEADER),
        ("a space before the colon", upgrade(port).replace(b"Host:", b"Host :"), 400, HEADER),
        ("a folded header", upgrade(port).replace(b"Connection: ", b"Connection:\r\n "), 400, HEADER),
        ("a NUL in a header", upgrade(port, X="a\0b"), 400, CONTROL),
        ("a bare line feed in a header", upgrade(port, X="a\nHost: evil.example"), 400, CONTROL),
        ("two Hosts", upgrade(port, Host=[f"127.0.0.1:{port}"] * 2), 400,
         "the header Host stands there twice"),
        ("two keys", upgrade(port, Sec_WebSocket_Key=[KEY, KEY]), 400,
         "the header Sec-WebSocket-Key stands there twice"),
        ("two Origins", upgrade(port, Origin=[f"http://127.0.0.1:{port}", "http://evil.example"]), 400,
         "the header Origin stands there twice"),
        ("two credentials", upgrade(port, Authorization=["Bearer good-a", "Bearer good-b"]), 400,
         "the header Authorization stands there twice"),
        ("five lines of subprotocols", upgrade(port, Sec_WebSocket_Protocol=["mcp"] * 5), 400,
         "the header Sec-WebSocket-Protocol stands there more than 4 times"),
        ("a body", upgrade(port, Content_Length="5") + b"hello", 400,
         "a request for an upgrade has no body"),
        ("a chunked body", upgrade(port, Transfer_Encoding="chunked"), 400,
         "a request for an upgrade has no body"),
        ("101 headers", upgrade(port, X=["y"] * 95), 400,
         "the request is not HTTP/1.1: it has more than 100 headers"),
        ("a head over the limit", upgrade(port, X="y" * 17000), 431,
         "the head of the request is longer than 16384 bytes"),
    ]


def refused(tap, server):
    for name, request, status, message in refusals(server.port):
        got = server.refused(request)
        tap.equal(f"refused: {name}", got and (got[0], got[2]), (status, message))
    got = server.refused(upgrade(server.port, Sec_WebSocket_Version="8"))[1]
    tap.equal("the version that is served is told", got["sec-websocket-version"], "13")
    tap.equal("a refusal ends the connection", got["connection"], "close")
    tap.equal("nothing of it has reached the protocol", server.facts()["received"], 0)


def credentials(tap):
    meta = "resource_metadata=\"http://127.0.0.1/meta\""
    cases = [
        ("none", None, 401, "credentials are needed", f"Bearer {meta}"),
        ("unknown", "Bearer bad", 401, "this key is not known",
         f"Bearer error=\"invalid_token\", scope=\"mcp:use\", {meta}"),
        ("malformed", "Basic YTpi", 400, "the header Authorization is not Bearer TOKEN",
         f"Bearer error=\"invalid_request\", {meta}"),
        ("insufficient", "Bearer scope", 403, "the token does not allow to use this server",
         f"Bearer error=\"insufficient_scope\", scope=\"mcp:use\", {meta}"),
        ("not to be checked", "Bearer down", 503, "the credentials cannot be checked now", None),
    ]
    with Server(needs=1, handshake_ms=400) as server:
        for name, value, status, message, challenge in cases:
            got = server.refused(upgrade(server.port, Authorization=value))
            tap.equal(f"credentials that are {name}",
                      (got[0], got[2], got[1].get("www-authenticate")),
                      (status, message, challenge))
        client = server.connect(Authorization="Bearer good-ann")
        tap.equal("the caller is whom the credentials say", client.ask("who"), "ann test")
        client = websocket.Client(server.port, upgrade(server.port, Authorization="Bearer slow-bob") +
                                  websocket.frame(websocket.TEXT, "who"))
        tap.equal("a slow check is waited for", client.answer()[0], 101)
        tap.equal("and what came meanwhile is answered", client.message(), "bob test")
        gone = server.raw(upgrade(server.port, Authorization="Bearer slow-eve"))
        gone.abort()
        got = server.refused(upgrade(server.port, Authorization="Bearer hang"))
        tap.equal("a check that hangs is not waited for", (got[0], got[2]),
                  (503, "the credentials could not be checked in time; try again later"))
        got = server.refused(upgrade(server.port, "/ws?access_token=good-ann"))
        tap.equal("a token in the query is none", got[0], 401)
        got = server.refused(upgrade(server.port, Sec_WebSocket_Protocol="mcp, bearer.good-ann"))
        tap.equal("nor is one in a subprotocol", got[0], 401)
        got = server.refused(upgrade(server.port, Host="evil.example",
                                     Authorization="Bearer good-ann"))
        tap.equal("good credentials do not make a foreign Host good", got[0], 403)
        tap.check("others are served", server.connect(Authorization="Bearer good-a").ask("a"))
    with Server(needs=1, token_subprotocol=1) as server:
        client = server.connect(**{"Sec-WebSocket-Protocol": "mcp, bearer.good-ann"})
        tap.equal("unless the setting says so", client.ask("who"), "ann test")
        tap.equal("and then it is not selected", client.headers["sec-websocket-protocol"], "mcp")


def named(tap):
    with Server(hosts="mcp.example", origins="https://app.example") as server:
        client = server.connect(Host="mcp.example", Origin="https://app.example")
        tap.equal("named hosts and origins are let in", client.ask("a"), "echo a")
        got = server.refused(upgrade(server.port, Host="mcp.example", Origin="https://b.example"))
        tap.equal("others are not", (got[0], got[2]), (403, OWN_ORIGIN))


def local(tap):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        with Server(unix=path) as server:
            client = websocket.Client(0, upgrade(0, Host="anything"), unix=path)
            tap.equal("over a Unix socket Host is not looked at", client.answer()[0], 101)
            got = server.refused(upgrade(0, Origin="http://evil.example"), unix=path)
            tap.equal("Origin is", got[0], 403)


def pieces(tap, server):
    request = upgrade(server.port) + websocket.frame(websocket.TEXT, "early")
    good = 0
    for at in range(1, len(request)):
        client = server.raw(request[:at])
        client.send(request[at:])
        good += client.answer()[0] == 101 and client.message() == "echo early"
        client.close()
    tap.equal("an upgrade in two pieces, cut at every byte", good, len(request) - 1)
    client = server.raw()
    for byte in request:
        client.send(bytes([byte]))
    tap.equal("or byte by byte", (client.answer()[0], client.message()), (101, "echo early"))


with Tap() as test:
    with Server() as one:
        accepted(test, one)
        pieces(test, one)
    with Server() as one:
        refused(test, one)
        test.check("others are served", one.serves())
    credentials(test)
    named(test)
    local(test)
    with Server(handshake_ms=200) as one:
        slow = one.raw(b"GET /ws HTTP/1.1\r\n")
        answer = slow.answer()
        test.equal("a request that does not come whole", answer[0], 408)
