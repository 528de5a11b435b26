#!/usr/bin/env python3
"""test_socket_attacks.py HEXMCP FAKE_NAMES

Where a WebSocket must not go, and what hostile servers must not do with one.
"""
import base64
import hashlib
import json
import os
import queue
import socket
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from attacks import SPECIAL, Attacks, stop  # noqa: E402
from library import Library, Tap  # noqa: E402

TOOL = "graphql-query"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload, opcode=TEXT, final=True, masked=False, bits=0, length=None):
    payload = payload.encode() if isinstance(payload, str) else payload
    length = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | bits << 4 | opcode])
    mask = 0x80 if masked else 0
    if length < 126:
        head += bytes([mask | length])
    elif length < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", length)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def message(**members):
    return frame(json.dumps(members))


ACK = message(type="connection_ack")
NEXT = message(type="next", id="1", payload={"data": {"a": 1}})


class Hostile:
    """Each connection is one path: do_PATH(connection, request's key). What came is kept."""

    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.create_server((host, port))
        self.port = self.socket.getsockname()[1]
        self.requests, self.received, self.ended = [], queue.Queue(), threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.settimeout(30)
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            self.requests.append(head.decode())
            path = head.split(b" ")[1].decode().strip("/").split("?")[0]
            getattr(self, "do_" + path)(connection, head)
        except OSError:
            pass
        finally:
            self.ended.set()
            connection.close()

    @staticmethod
    def key(head):
        return next(line.split(": ")[1] for line in head.decode().split("\r\n") if line.startswith("Sec-WebSocket-Key"))

    def greet(self, connection, head, protocol="graphql-transport-ws", more="", accept=None, upgrade="websocket"):
        accept = accept or base64.b64encode(hashlib.sha1(
            (self.key(head) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        chosen = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
        connection.sendall(f"HTTP/1.1 101 Switching\r\nUpgrade: {upgrade}\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Accept: {accept}\r\n{chosen}{more}\r\n".encode())

    def drain(self, connection):
        got = b""
        while True:
            piece = connection.recv(65536)
            if not piece:
                return got
            got += piece

    def say(self, connection, head, *frames, wait=True):
        self.greet(connection, head)
        for one in frames:
            connection.sendall(one)
        if wait:
            got = self.drain(connection)
            if b"GET /good " in head:
                self.received.put(got)

    # ---- handshakes

    def do_never(self, connection, head):
        self.drain(connection)

    def do_drip(self, connection, head):
        connection.sendall(b"HTTP/1.1 101 Switching\r\nX: ")
        while True:
            connection.sendall(b"y")
            time.sleep(0.01)

    def do_flood(self, connection, head):
        connection.sendall(b"HTTP/1.1 101 Switching\r\n")
        while True:
            connection.sendall(b"X: " + b"y" * 1000 + b"\r\n")

    def do_wrong_accept(self, connection, head):
        self.greet(connection, head, accept="AAAA")

    def do_no_protocol(self, connection, head):
        self.greet(connection, head, protocol=None)

    def do_other_protocol(self, connection, head):
        self.greet(connection, head, protocol="mqtt")

    def do_extension(self, connection, head):
        self.greet(connection, head, more="Sec-WebSocket-Extensions: permessage-deflate\r\n")

    def do_tea(self, connection, head):
        self.greet(connection, head, upgrade="tea")

    def do_no_http(self, connection, head):
        connection.sendall(b"220 mail.test ESMTP\r\n\r\n\r\n")

    def do_moved(self, connection, head):
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")

    def do_refused(self, connection, head):
        connection.sendall(b"HTTP/1.1 401 No\r\n\r\n")

    def do_gone(self, connection, head):
        pass

    # ---- frames

    def do_silent(self, connection, head):
        self.say(connection, head)

    def do_giant(self, connection, head):
        self.say(connection, head, ACK, frame(b"x" * 1000, length=1 << 62))

    def do_long(self, connection, head):
        self.say(connection, head, ACK, frame(b"x" * 1000, length=1 << 21))

    def do_masked(self, connection, head):
        self.say(connection, head, ACK, frame(json.dumps(
            {"type": "next", "id": "1", "payload": {"data": 1}}), masked=True))

    def do_bits(self, connection, head):
        self.say(connection, head, ACK, frame("{}", bits=4))

    def do_utf8(self, connection, head):
        self.say(connection, head, ACK, frame(b'{"type": "\xff\xfe"}'))

    def do_binary(self, connection, head):
        self.say(connection, head, ACK, frame(b"\0\1", BINARY))

    def do_opcode(self, connection, head):
        self.say(connection, head, ACK, frame(b"", 5))

    def do_continuation(self, connection, head):
        self.say(connection, head, ACK, frame("x", 0))

    def do_long_ping(self, connection, head):
        self.say(connection, head, ACK, frame(b"x" * 126, PING))

    def fragments(self, connection, head, piece):
        self.greet(connection, head)
        connection.sendall(ACK + frame('{"type": "', final=False))
        while True:
            connection.sendall(frame(piece, 0, final=False) * 100)

    def do_fragments(self, connection, head):
        self.fragments(connection, head, "x" * 1000)

    def do_empty_fragments(self, connection, head):
        self.fragments(connection, head, "")

    def flood(self, connection, head, one):
        self.greet(connection, head)
        connection.sendall(ACK)
        while True:
            connection.sendall(one * 1000)

    def do_pings(self, connection, head):
        self.flood(connection, head, frame(b"p" * 125, PING))

    def do_empty_pings(self, connection, head):
        self.flood(connection, head, frame(b"", PING))

    def do_spoken_pings(self, connection, head):
        self.flood(connection, head, message(type="ping", payload={"a": "x" * 1000}))

    def do_ack_flood(self, connection, head):
        self.flood(connection, head, message(type="pong"))

    def do_events(self, connection, head):
        self.flood(connection, head, NEXT)

    def do_large_events(self, connection, head):
        self.flood(connection, head, message(type="next", id="1", payload={"data": "x" * 10000}))

    # ---- messages

    def do_no_json(self, connection, head):
        self.say(connection, head, ACK, frame("{a: 1}"))

    def do_two_acks(self, connection, head):
        self.say(connection, head, ACK, ACK)

    def do_early(self, connection, head):
        self.say(connection, head, NEXT)

    def do_other_id(self, connection, head):
        self.say(connection, head, ACK, NEXT, message(type="next", id="2", payload={}))

    def do_no_type(self, connection, head):
        self.say(connection, head, ACK, message(id="1"))

    def do_unknown(self, connection, head):
        self.say(connection, head, ACK, message(type="constructor"))

    def do_deep(self, connection, head):
        self.say(connection, head, ACK, frame('{"type":"next","id":"1","payload":' + '{"a":' * 30000 + "1" + "}" * 30001))

    def do_no_payload(self, connection, head):
        self.say(connection, head, ACK, message(type="next", id="1", payload="text"))

    def do_good(self, connection, head):
        self.say(connection, head, ACK, frame(b"are you there", PING), NEXT[:5], NEXT[5:],
                 message(type="complete", id="1"))

    def do_echo(self, connection, head):
        """The secret again, in a reason."""
        self.greet(connection, head)
        connection.sendall(frame(struct.pack(">H", 4403) + b"no: a-value-that-must-not-travel", CLOSE))
        self.drain(connection)


def socket_ask(library, url, **more):
    return library.fails(TOOL, **{"endpoint": url.replace("http:", "ws:", 1), "operation": "subscription",
                                  "input": "subscription { a }", "duration_ms": 1500, "timeout_ms": 1500, **more})


def handshakes(tap, library, server):
    where = f"localhost:{server.port}"
    for path, expected in (
            ("never", f"{where}: no answer to the handshake of WebSocket within 1500 ms"),
            ("drip", f"{where}: no answer to the handshake of WebSocket within 1500 ms"),
            ("flood", f"{where}: the head of its answer is longer than 16384 bytes"),
            ("wrong_accept", f"{where} speaks no WebSocket: its answer does not belong to the request; check the "
             "endpoint"),
            ("no_protocol", f"{where} speaks neither graphql-transport-ws nor graphql-ws over WebSocket; check the "
             "endpoint"),
            ("other_protocol", f"{where} speaks neither graphql-transport-ws nor graphql-ws over WebSocket; check the "
             "endpoint"),
            ("extension", f"{where} speaks no WebSocket: it uses an extension that was not offered; check the endpoint"),
            ("tea", f"{where} speaks no WebSocket: it switches to another protocol; check the endpoint"),
            ("no_http", f"{where} speaks no WebSocket: its answer is no HTTP/1.1; check the endpoint"),
            ("moved", "the endpoint answered 302 Found to the handshake of WebSocket; check the endpoint, or ask with "
             "http(s):// and transport sse"),
            ("refused", "the endpoint answered 401 Unauthorized to the handshake of WebSocket; check auth"),
            ("gone", f"{where}: it closed the connection without an answer to the handshake of WebSocket"),
            ("silent", f"{where} did not accept the connection (connection_ack) within 1500 ms; check the endpoint"),
            ("early", f"{where} speaks no GraphQL over WebSocket: it speaks of a subscription that was not asked for; "
             "check the endpoint")):
        tap.equal(f"/{path}", socket_ask(library, f"ws://{where}/{path}"), expected)


def frames(tap, library, server):
    def ended(path, expected, fault=None, count=0, **more):
        got = library.call(TOOL, endpoint=f"ws://localhost:{server.port}/{path}", operation="subscription",
                           input="subscription { a }", **{"duration_ms": 1500, **more})
        tap.equal(f"/{path}", [got[key] for key in ("ended", "event_count")] + [got.get("fault")],
                  [expected, count, fault])
        return got
    for path in ("giant", "long", "fragments", "large_events"):
        ended(path, "too_large", count=104 if path == "large_events" else 0, max_events=1000)
    for path in ("masked", "bits", "utf8", "binary", "opcode", "continuation", "long_ping"):
        got = ended(path, "protocol_error")
        tap.check("is no success", not got["success"], got)
    for path, fault in (("no_json", "a message is no JSON object"), ("deep", "a message is no JSON object"),
                        ("two_acks", "it accepts the connection twice"), ("no_type", "a message has no type"),
                        ("unknown", "a message has an unknown type"),
                        ("no_payload", "an event has no payload")):
        ended(path, "protocol_error", fault)
    ended("other_id", "protocol_error", "it speaks of a subscription that was not asked for", 1)
    ended("empty_fragments", "time")
    ended("ack_flood", "time")
    ended("events", "max_events", None, 1000, max_events=1000)
    for path in ("pings", "spoken_pings"):
        ended(path, "closed", duration_ms=60000)
    # Answers of six bytes: the system's buffers may take them all until the time is over.
    got = library.call(TOOL, endpoint=f"ws://localhost:{server.port}/empty_pings", operation="subscription",
                       input="subscription { a }", duration_ms=1500)
    tap.check("/empty_pings", got["ended"] in ("closed", "time"), got)
    got = ended("good", "complete", None, 1)
    received = server.received.get(timeout=20)
    tap.check("a ping is answered, and all that is sent is masked", len(received) > 4 and received[1] & 0x80, received)


def injection(tap, attacks, server):
    with attacks.library([f"localhost:{server.port}"]) as library:
        url = f"ws://localhost:{server.port}/good"
        for name, more, words in (
                ("a line break in a value", {"headers": {"X-A": "b\r\nX-Evil: c"}}, "headers.X-A holds a line break"),
                ("a line break in a name", {"headers": {"X-A: b\r\nX-Evil": "c"}}, "no name of a header"),
                ("another host", {"headers": {"Host": "evil.test"}}, "headers.Host belongs to the connection"),
                ("another protocol", {"headers": {"Sec-WebSocket-Protocol": "a"}}, "Sec-WebSocket-Protocol belongs to"),
                ("an extension", {"headers": {"sec-websocket-extensions": "a"}}, "belongs to the connection"),
                ("another length", {"headers": {"Content-Length": "5"}}, "belongs to the connection"),
                ("a secret that the settings do not name", {"headers": {"X-A": {"secret": "key"}}},
                 "the secret key may not be sent to localhost"),
                ("a secret as part of the host", {"endpoint": "ws://{{secret:key}}.test/"}, "")):
            before = len(server.requests)
            got = socket_ask(library, url, **more)
            tap.check(name, words in got and len(server.requests) == before and got[:1] != "{", got)
        for name, tail in (("a line break in the URL", "?a\r\nX-Evil: b"), ("a space in the URL", "? HTTP/1.1")):
            got = socket_ask(library, url + tail)
            tap.check(name, got.startswith("endpoint holds a space or a control character"), got)


def secrets(tap, attacks, server):
    """A secret goes to the host that the operator has set, in one line, and over TLS if it is far away."""
    def config(hosts):
        source = {"env": "TEST_KEY"}
        return {"grants": {"hosts": [f"*.test:{server.port}", f"localhost:{server.port}", f"127.0.0.1:{server.port}"],
                           "secrets": ["graphql-websocket", "graphql-websocket-2"]},
                "secrets": {"sources": {"graphql-websocket": source, "graphql-websocket-2": {"env": "TEST_LINES"}}},
                "plugins": {"settings": {"hexmcp.graphql-query": {"websocketSecrets": {
                    "graphql-websocket": hosts, "graphql-websocket-2": hosts}}}}}
    environment = {"TEST_KEY": "a-value-that-must-not-travel", "TEST_LINES": "one\r\nX-Evil: two",
                   "LD_PRELOAD": attacks.fake_names, "FAKE_NAMES": "far.test=127.0.0.1"}
    with Library(attacks.program, config([f"localhost:{server.port}", f"far.test:{server.port}"]),
                 environment=environment) as library:
        with_it = {"connection_params": {"a": {"secret": "graphql-websocket"}}}
        for name, host, words in (
                ("another host", "127.0.0.1", "the secret graphql-websocket may not be sent to 127.0.0.1"),
                ("without TLS", "far.test", "the secret graphql-websocket is not sent without TLS; give an endpoint "
                 "with wss://")):
            before = len(server.requests)
            got = socket_ask(library, f"ws://{host}:{server.port}/good", **with_it)
            tap.check(name, words in got and len(server.requests) == before, got)
        got = socket_ask(library, f"ws://localhost:{server.port}/good", headers={"X-A": {"secret": "graphql-websocket-2"}})
        tap.check("a line break in a secret", "holds a control character" in got and "X-Evil" not in str(server.requests),
                  got)
        got = socket_ask(library, f"ws://localhost:{server.port}/echo", **with_it)
        tap.equal("a server that says it again", got, f"localhost:{server.port} closed the connection with 4403 no: "
                  "{{secret:graphql-websocket}} before it accepted it; check auth and connection_params")


def addresses(tap, attacks, server):
    with attacks.library(["*", f"*.test:{server.port}"], names="inside.test=127.0.0.1") as library:
        for host in SPECIAL:
            got = socket_ask(library, f"ws://{host}/")
            tap.check(f"{host} behind *", "is not granted" in got or "which a rule must name" in got, got)
        for host in ("127.1", "0x7f.1", "2130706433", "inside.test"):
            got = socket_ask(library, f"ws://{host}:{server.port}/good")
            tap.check(f"{host} is no way to this machine", got[:1] != "{" and not server.requests, got)
    allowed = Hostile("127.0.0.2", server.port)
    with attacks.library([f"*.test:{server.port}", f"127.0.0.2:{server.port}"],
                         names="rebind.test=127.0.0.2,127.0.0.1") as library:
        url = f"ws://rebind.test:{server.port}/good"
        got = socket_ask(library, url)
        tap.check("a name that leads first to where it may", '"event_count": 1' in got and
                  len(allowed.requests) == 1, got)
        got = socket_ask(library, url)
        tap.check("and then to this machine", "rebind.test has the address 127.0.0.1" in got and
                  len(allowed.requests) == 1 and not server.requests, got)
    stop(allowed)
    with Library(attacks.program, {"grants": {"hosts": ["localhost:1"]}}) as library:
        tap.equal("a host that was not granted", socket_ask(library, f"ws://localhost:{server.port}/good"),
                  f"localhost:{server.port} is not granted; the operator grants it with --allow-host "
                  f'localhost:{server.port} or "grants.hosts", and plugin.json has to ask for it')
    with Library(attacks.program) as library:
        tap.equal("no host at all", socket_ask(library, f"ws://localhost:{server.port}/good"),
                  "no host was granted to this tool; the operator allows one with --allow-host NAME or "
                  '"grants.hosts" of the configuration')


def cancelled(tap, library, server):
    """A call that is given up closes the connection at once."""
    server.ended.clear()
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "endpoint": f"ws://localhost:{server.port}/silent", "operation": "subscription",
        "input": "subscription { a }", "duration_ms": 300000, "timeout_ms": 120000}})
    before = len(server.requests)
    while len(server.requests) == before:
        time.sleep(0.01)
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident}}))
    tap.check("cancelling closes the connection", server.ended.wait(20), "it is open after 20 s")


def main():
    program, fake_names = sys.argv[1:]
    with Tap() as tap:
        attacks = Attacks(tap, program, fake_names, socket_ask)
        addresses(tap, attacks, Hostile())
        server = Hostile()
        with attacks.library([f"localhost:{server.port}"]) as library:
            handshakes(tap, library, server)
            frames(tap, library, server)
            cancelled(tap, library, server)
        server = Hostile()
        injection(tap, attacks, server)
        secrets(tap, attacks, server)


main()
