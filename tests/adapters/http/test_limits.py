"""Who may ask, and how much: python3 test_limits.py HTTP_SERVER MODULES"""

import socket
import sys
import time

from client import Server
from tap import Tap

COMMAND = sys.argv[1:3]
META = 'resource_metadata="http://x/meta"'

# Every route: that of the test server and those that are built in. True: open to everybody.
ROUTES = {"/echo": False, "/later?1": False, "/big?1": False, "/stream?1,1,0": False, "/open": True,
          "/tree": False, "/tree/x": False, "/facts": True, "/healthz": True, "/readyz": True,
          "/metrics": False}

KEYS = (
    (None, 401, "Bring a key.", f"Bearer {META}"),
    ("Basic x", 400, "This is no key.", f'Bearer error="invalid_request", {META}'),
    ("Bearer bad", 401, "The key is unknown.", f'Bearer error="invalid_token", {META}'),
    ("Bearer poor", 403, "This key may not use the server.",
     f'Bearer error="insufficient_scope", scope="mcp:use mcp:read", {META}'),
    ("Bearer down", 503, "Keys cannot be checked now.", None),
)


def route_table(tap):
    """No route without its checks."""
    with Server(COMMAND, keys=1) as s:
        for path, is_open in ROUTES.items():
            evil = s.get(path, host="evil.example", authorization="Bearer good").status
            page = s.get(path, origin="http://evil.example", authorization="Bearer good").status
            bare = s.get(path).status
            good = s.get(path, authorization="Bearer good").status
            tap.equal(f"{path}: bad Host, bad Origin, no key, key", [evil, page, bare, good],
                      [403, 403, 200 if is_open else 401, 200])
        for key, status, message, challenge in KEYS:
            a = s.get("/tree", authorization=key)
            tap.equal(f"key {key}", (a.status, a.error(), a.headers.get("www-authenticate"),
                                     a.headers.get("retry-after")),
                      (status, message, challenge, "5" if status == 503 else None))
        a = s.get("/tree", authorization=["Bearer good", "Bearer good"])
        tap.equal("two keys", (a.status, a.error()),
                  (400, "The request has several Authorization headers."))
        tap.equal("a key in the query is none", s.get("/tree?access_token=good").status, 401)
        for key in ("good", "slow"):
            tap.equal(f"key {key}", s.get("/tree", authorization=f"Bearer {key}").body,
                      b"GET /tree? by key-1 of local")
        with s.connect() as c:
            for key, who in (("good", "key-1"), ("other", "key-2"), ("slow", "key-1")):
                tap.equal(f"another key on the same connection: {key}",
                          c.request("GET", "/tree", authorization=f"Bearer {key}").body.decode(),
                          f"GET /tree? by {who} of local")
        before_body(tap, s)


def before_body(tap, s):
    with s.connect() as c:
        c.send(c.head("POST", "/echo", content_length=60_000_000))
        a = c.answer()
        tap.equal("no key: a large body is not waited for", (a.status, a.headers["connection"]),
                  (401, "close"))
    with s.connect() as c:
        c.send(c.head("POST", "/echo", content_length=5, expect="100-continue"))
        tap.equal("no key: who asks is not told to go on", c.answer().status, 401)
    with s.connect() as c:
        a = c.request("POST", "/echo", b"hello")
        tap.equal("no key: a small body leaves the connection", a.status, 401)
        tap.equal("as it was", c.request("POST", "/echo", b"x", authorization="Bearer good").body, b"x")
    with s.connect() as c:
        c.send(c.head("GET", "/tree", authorization="Bearer late"))
    tap.check("a client that goes while its key is checked", s.wait_for("connections", 1))
    time.sleep(1.2)  # the answer of the authenticator comes now
    tap.equal("is not missed", s.get("/open").body, b"open")


def bodies(tap):
    with Server(COMMAND, body=1000, header=2000) as s:
        tap.equal("a body as large as allowed", s.connect().request("POST", "/echo", b"x" * 1000).body,
                  b"x" * 1000)
        too_large = (413, "The body is too large: at most 1000 bytes are taken (http.max_body_bytes).")
        with s.connect() as c:
            a = c.request("POST", "/echo", b"x" * 1001)
            tap.equal("a larger one", (a.status, a.error()), too_large)
            tap.equal("leaves the connection", c.request("GET", "/open").body, b"open")
        with s.connect() as c:
            c.send(c.head("POST", "/echo", content_length=1 << 30))
            a = c.answer()
            tap.equal("1 GiB is refused before it comes", (a.status, a.error()), too_large)
        with s.connect() as c:
            c.send(c.head("POST", "/echo", transfer_encoding="chunked"))
            for _ in range(3):
                c.send(b"190\r\n" + b"x" * 400 + b"\r\n")
            a = raw_refusal(c)
            tap.equal("chunks that grow too large", (a.status, a.error(), c.ended()), (*too_large, True))
        heads(tap, s)


def raw_refusal(c):
    """A refusal without Date, given by hand."""
    head = c.until(b"\r\n\r\n")
    c.got = head[:-2] + b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n" + c.got
    return c.answer()


def heads(tap, s):
    message = ("The head of the request is too large: at most 2000 bytes (http.max_header_bytes) and "
               "128 headers are taken.")
    with s.connect() as c:
        tap.equal("a head below the limit", c.request("GET", "/open", x="a" * 1900).status, 200)
        a = c.request("GET", "/open", x="a" * 1990)
        tap.equal("a larger one", (a.status, a.error()), (431, message))
    with s.connect() as c:
        a = c.request("GET", "/open", **{f"a{i}": "" for i in range(130)})
        tap.equal("too many headers", (a.status, a.error()), (431, message))
    with s.connect() as c:
        c.send(b"GET /open HTTP/1.1\r\nx: " + b"a" * 10_000_000)
        a = c.answer_head()
        tap.equal("a flood of header", (a.status, a.headers["connection"]), (431, "close"))
    with s.connect() as c:
        c.send(b"GET /" + b"a" * 1_000_000)
        tap.equal("a flood of path", c.answer_head().status, 414)


def held(tap):
    with Server(COMMAND, held=100_000, body=90_000) as s:
        busy = "The server is receiving too much at once; ask again soon."
        with s.connect() as a, s.connect() as b:
            a.send(a.head("POST", "/echo", content_length=80_000) + b"x" * 79_999)
            s.wait_for("held", 80_000)
            r = b.request("POST", "/echo", b"y" * 30_000)
            tap.equal("more bodies than there is room for", (r.status, r.error(), r.headers["retry-after"]),
                      (503, busy, "1"))
            b.send(b.head("POST", "/echo", transfer_encoding="chunked") + b"7530\r\n" + b"y" * 30_000)
            r = raw_refusal(b)
            tap.equal("the same in chunks", (r.status, r.error(), r.headers["retry-after"]),
                      (503, busy, "1"))
            a.send(b"x")
            tap.equal("the first one is answered", a.answer().body, b"x" * 80_000)
        tap.check("then there is room again", s.wait_for("held", 0))
        tap.equal("for the other", s.connect().request("POST", "/echo", b"y" * 30_000).status, 200)


def in_flight(tap):
    with Server(COMMAND, keys=1, in_flight=2) as s:
        mine = [s.connect() for _ in range(3)]
        for c in mine[:2]:
            c.send(c.head("GET", "/later?100000", authorization="Bearer good"))
        s.wait_for("exchanges", 3)
        a = mine[2].request("GET", "/tree", authorization="Bearer good")
        tap.equal("a third request of a caller that may have two",
                  (a.status, a.error(), a.headers["retry-after"]),
                  (429, "You have 2 requests in flight; wait for answers before sending more "
                        "(http.max_in_flight).", "1"))
        tap.equal("another caller", mine[2].request("GET", "/tree", authorization="Bearer other").status,
                  200)
        tap.equal("open routes do not count", mine[2].request("GET", "/open").status, 200)
        mine[0].socket.close()
        facts = s.wait_for("gone", 1)
        tap.equal("a client that goes frees its place", facts["exchanges"], 2)
        tap.equal("for the next", mine[2].request("GET", "/tree", authorization="Bearer good").status, 200)
        mine[1].socket.close()


def connections(tap):
    with Server(COMMAND, connections=3) as s:
        open_ones = [s.connect() for _ in range(3)]
        for c in open_ones:
            c.request("GET", "/open")
        with s.connect() as c:
            a = raw_refusal(c)
            tap.equal("one connection too many", (a.status, a.error(), c.ended()),
                      (503, "The server has too many connections; ask again soon "
                            "(listen.max_connections).", True))
        open_ones.pop().socket.close()
        for _ in range(500):
            with s.connect() as c:
                c.send(c.head("GET", "/open"))
                if c.more() and b"200 OK" in c.got:
                    break
            time.sleep(0.02)
        tap.check("when one has gone there is room", b"200 OK" in c.got, repr(c.got))


def times(tap):
    with Server(COMMAND, header_ms=300, body_ms=300, idle_ms=300, write_ms=300) as s:
        for name, data in (("nothing at all", b""), ("half a line", b"GET /op"),
                           ("half a head", b"GET /open HTTP/1.1\r\nHost: x\r\n")):
            with s.connect() as c:
                c.send(data)
                a = raw_refusal(c)
                tap.equal(name, (a.status, a.error(), c.ended()),
                          (408, "The head of the request took too long (http.header_ms).", True))
        slow_head(tap, s)
        with s.connect() as c:
            c.send(c.head("POST", "/echo", content_length=5) + b"hel")
            a = raw_refusal(c)
            tap.equal("half a body", (a.status, a.error(), c.ended()),
                      (408, "Nothing more of the body came in time (http.body_idle_ms).", True))
        with s.connect() as c:
            c.send(c.head("POST", "/echo", content_length=8))
            for byte in b"by bytes":
                time.sleep(0.1)
                c.send(bytes([byte]))
            tap.equal("a slow body that goes on", c.answer().body, b"by bytes")
            tap.check("an idle connection is closed without a word", c.ended())
        with s.connect() as c:
            c.send(c.head("GET", "/later?900"))
            tap.equal("a slow answer is no idle connection", c.answer().body, b"later")
            a = c.request("GET", "/stream?3,3,500")
            tap.equal("nor is a quiet stream", a.body, b"data: eee\n\n" * 3 + b"data: sent 3\n\n")
        slow_readers(tap, s)


def slow_head(tap, s):
    with s.connect() as c:
        sent = 0
        try:
            for byte in c.head("GET", "/open", x="a" * 1000):
                c.send(bytes([byte]))
                sent += 1
                time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            pass
        while c.more():
            pass
        tap.check("a head that comes byte by byte is not waited for", sent < 1000 and b" 200 " not in c.got,
                  f"{sent} {c.got!r}")


def slow_readers(tap, s):
    for path in ("/big?30000000", "/stream?100,100000,0"):
        with s.connect() as c:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            c.send(c.head("GET", path))
            facts = s.wait_for("connections", 1)
            tap.equal(f"who does not read {path} is closed", facts["queued"], 0)
    with s.connect() as c:
        c.send(c.head("GET", "/big?3000000"))
        got = 0
        while got < 3000000:
            time.sleep(0.02)
            c.socket.recv(100_000)
            got += 100_000
        tap.check("who reads slowly is not", True)


def queues(tap):
    with Server(COMMAND, queued=1_000_000) as s:
        with s.connect() as c:
            c.send(c.head("GET", "/stream?100000,1000,0,1"))
            time.sleep(0.5)  # it is written while nobody reads
            body = c.answer().body
            events = body.count(b"e\n\n")
            tap.check("droppable events are dropped beyond half of what may wait",
                      body.endswith(b"data: sent %d\n\n" % events) and events * 1008 < 1_000_000,
                      f"{events} {body[-30:]!r}")
        with s.connect() as c:
            c.send(c.head("GET", "/stream?100,100000,1"))
            facts = s.wait_for("gone", 1)
            tap.equal("a client that lets too much wait is given up", facts["queued"], 0)
        a = s.get("/stream?1,5000000,0")
        tap.equal("one large event is no reason", len(a.body), 5000008 + 14)


def main():
    with Tap() as tap:
        for part in (route_table, bodies, held, in_flight, connections, times, queues):
            part(tap)


main()
