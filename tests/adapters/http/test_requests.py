"""Requests and their answers, with exact bytes: python3 test_requests.py HTTP_SERVER MODULES"""

import re
import sys

from client import Server, place
from tap import Tap

COMMAND = sys.argv[1:3]
POST = "POST /echo HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\n\r\nhello"


def answers(tap, server):
    with server.connect() as c:
        a = c.request("POST", "/echo", b"hello")
        tap.equal("a body comes back", (a.status, a.reason, a.headers, a.body),
                  (200, "OK", {"content-type": "text/plain", "content-length": "5"}, b"hello"))
        tap.equal("the connection goes on", c.request("POST", "/echo", b"again").body, b"again")
        tap.equal("an empty body", c.request("POST", "/echo", b"").body, b"")
        tap.equal("an answer that comes later", c.request("GET", "/later?5").body, b"later")
        for size in (1, 65536, 65537, 3_000_000):
            tap.equal(f"an answer of {size} bytes", c.request("GET", f"/big?{size}").body, b"b" * size)
            body = bytes(i % 251 for i in range(size))
            tap.check(f"a body of {size} bytes", c.request("POST", "/echo", body).body == body)
        a = c.request("HEAD", "/open")
        tap.equal("HEAD has no body", (a.status, a.headers["content-length"]), (200, "4"))
        a = c.request("GET", "/stream?3,4,0")
        tap.equal("a stream that is there at once", (a.headers["transfer-encoding"], a.body),
                  ("chunked", b"data: eeee\n\n" * 3 + b"data: sent 3\n\n"))
        a = c.request("GET", "/stream?3,4,5")
        tap.equal("a stream with pauses", a.body, b"data: eeee\n\n" * 3 + b"data: sent 3\n\n")
        a = c.request("GET", "/stream?2,3000000,5")
        tap.equal("a stream of large events", len(a.body), 2 * 3000008 + 14)
        tap.equal("and the connection goes on", c.request("GET", "/open").body, b"open")


def chunked(tap, server):
    with server.connect() as c:
        for text, body in ((b"5\r\nhello\r\n0\r\n\r\n", b"hello"), (b"0\r\n\r\n", b""),
                           (b"2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: x\r\n\r\n", b"hello")):
            c.send(c.head("POST", "/echo", transfer_encoding="chunked") + text)
            tap.equal(f"chunks {text!r}", c.answer().body, body)
        c.send(c.head("POST", "/echo", content_length=5, expect="100-continue"))
        tap.equal("a client that waits is told to go on", c.until(b"\r\n\r\n"),
                  b"HTTP/1.1 100 Continue\r\n\r\n")
        c.send(b"hello")
        tap.equal("and is answered", c.answer().body, b"hello")


def paths(tap, server):
    def tree(target, **headers):
        with server.connect() as c:
            a = c.request("GET", target, **headers)
            return a.body.decode() if a.status == 200 else (a.status, a.error())
    no_path = (404, "There is nothing at this path; MCP is at /mcp.")
    bad = (400, "The request target is malformed; ask for a path such as /mcp.")
    host = server.host
    tap.equal("beneath a route", tree("/tree/a%20b?q=%20"),
              "GET /tree/a b?q=%20 by anonymous of local")
    tap.equal("the route itself", tree("/tree"), "GET /tree? by anonymous of local")
    tap.equal("decoded once", tree("/tree/%2525"), "GET /tree/%25? by anonymous of local")
    tap.equal("absolute form", tree(f"http://{host}/tree/x?y"), "GET /tree/x?y by anonymous of local")
    tap.equal("absolute form of another host", tree("http://evil.example/tree"),
              (403, "The request target names a host that this server is not."))
    for target in ("/treehouse", "/", "/Tree", "//tree", f"http://{host}", "*", "/echo/x"):
        tap.equal(f"no route: {target}", tree(target), no_path)
    for target in ("/tree/../open", "/tree/%2e%2e/open", "/tree/.", "/tree/%00", "/tree/%0a", "/tree/%",
                   "/tree/%g0", "tree", "/tree/a b", "/tree#x", "http:///tree", "ftp://x/tree"):
        tap.equal(f"no target: {target}", tree(target), bad)


REFUSED = (
    ("no Host", {"host": None}, 400, "The request has no Host header."),
    ("two Hosts", {"host": ["localhost:PORT", "localhost:PORT"]}, 400,
     "The request has several Host headers."),
    ("another name", {"host": "evil.example:PORT"}, 403,
     'This server is not reached as "evil.example:PORT"; if it should be, add the name to the setting '
     "http.allowed_hosts."),
    ("another port", {"host": "localhost:1"}, 403,
     'This server is not reached as "localhost:1"; if it should be, add the name to the setting '
     "http.allowed_hosts."),
    ("a Host that is no name", {"host": 'a"b\\c'}, 403,
     'This server is not reached as "a"b\\c"; if it should be, add the name to the setting '
     "http.allowed_hosts."),
    ("another origin", {"origin": "http://evil.example"}, 403,
     'Pages from "http://evil.example" may not use this server; if they should, add the origin to the '
     "setting http.allowed_origins."),
    ("no origin at all", {"origin": "null"}, 403,
     'Pages from "null" may not use this server; if they should, add the origin to the setting '
     "http.allowed_origins."),
    ("two origins", {"origin": ["http://localhost:PORT", "http://localhost:PORT"]}, 403,
     'Pages from "http://localhost:PORT" may not use this server; if they should, add the origin to '
     "the setting http.allowed_origins."),
    ("a control character", {"x_a": "a\x01b"}, 400, "Header x-a is malformed."),
    ("space behind a name", {"x_a ": "b"}, 400, "Header x-a  is malformed."),
)


def refusals(tap, server):
    for name, headers, status, message in REFUSED:
        filled = {k: [x.replace("PORT", str(server.port)) for x in v] if isinstance(v, list) else
                  v and v.replace("PORT", str(server.port)) for k, v in headers.items()}
        with server.connect() as c:
            a = c.request("POST", "/echo", b"hello", **filled)
            tap.equal(name, (a.status, a.error()),
                      (status, message.replace("PORT", str(server.port))))
            tap.equal(name + ": the connection goes on", c.request("POST", "/echo", b"x").body, b"x")
    with server.connect() as c:
        a = c.request("BREW", "/echo")
        tap.equal("an unknown method", (a.status, a.error()),
                  (501, "This server does not know the method of the request."))
        a = c.request("DELETE", "/healthz")
        tap.equal("a method that a path does not have", (a.status, a.headers["allow"], a.error()),
                  (405, "GET, HEAD", "This path can only be read."))


def allowed(tap):
    with Server(COMMAND, host="mcp.example", origin="https://app.example", cors="http://page.example") as s:
        def status(**headers):
            return s.get("/open", **headers).status
        own = f"http://localhost:{s.port}"
        tap.equal("a Host of the setting", status(host="MCP.example:443"), 200)
        tap.equal("127.0.0.1", status(host=f"127.0.0.1:{s.port}"), 200)
        tap.equal("our own origin", status(origin=own), 200)
        tap.equal("the origin that is our Host", status(host="mcp.example", origin="https://mcp.example"),
                  200)
        tap.equal("an origin of the setting", status(origin="https://app.example"), 200)
        a = s.get("/open", origin="https://app.example")
        tap.check("whose pages cannot read the answer", "access-control-allow-origin" not in a.headers)
        a = s.get("/open", origin="http://page.example")
        tap.equal("a page that may read", {k: v for k, v in a.headers.items() if "content" not in k},
                  {"access-control-allow-origin": "http://page.example", "vary": "Origin",
                   "access-control-expose-headers": "MCP-Session-Id, WWW-Authenticate, Retry-After"})
        preflight(tap, s)


def preflight(tap, s):
    with s.connect() as c:
        ask = {"access_control_request_method": "POST",
               "access_control_request_headers": "mcp-param-x, content-type"}
        a = c.request("OPTIONS", "/echo", origin="http://page.example", **ask)
        tap.equal("a page that asks first", (a.status, a.headers),
                  (204, {"access-control-allow-origin": "http://page.example", "vary": "Origin",
                         "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
                         "access-control-allow-headers": "mcp-param-x, content-type",
                         "access-control-max-age": "600",
                         "access-control-expose-headers":
                             "MCP-Session-Id, WWW-Authenticate, Retry-After"}))
        a = c.request("OPTIONS", "/echo", origin="http://evil.example", **ask)
        tap.equal("another page that asks", a.status, 403)
        a = c.request("OPTIONS", "/echo", **ask)
        tap.equal("who is no page is the route's", (a.status, a.body), (200, b""))


SMUGGLING = (
    "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 5\r\nContent-Length: 5", "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: xchunked", "Content-Length : 5", "Transfer-Encoding : chunked",
    "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: 0x5", "Content-Length: 99999999999999999999")


def framing(tap, server):
    """Requests whose end two readers could see in two places: 400 or 413, and nothing behind is read."""
    for lines in SMUGGLING:
        with server.connect() as c:
            c.send(f"POST /echo HTTP/1.1\r\nHost: {server.host}\r\n{lines}\r\n\r\n".encode() +
                   b"5\r\nhello\r\n0\r\n\r\n" + c.head("GET", "/open"))
            while c.more():
                pass
            status = re.match(rb"HTTP/1.1 (400|413) ", c.got)
            closed = b"Connection: close\r\n" in c.got or b" : " in lines.encode()
            tap.check("refused: " + lines.replace("\r\n", " | "),
                      status and closed and b"open" not in c.got[-4:], repr(c.got))
    with server.connect() as c:
        c.send(c.head("POST", "/echo", "HTTP/1.0", transfer_encoding="chunked") + b"0\r\n\r\n")
        a = c.answer()
        tap.equal("chunks in HTTP/1.0", (a.status, a.error(), c.ended()),
                  (400, "The request does not say clearly where its body ends: send one "
                   'Content-Length, or "Transfer-Encoding: chunked" alone.', True))


def old_clients(tap, server):
    with server.connect() as c:
        c.send(c.head("GET", "/open", "HTTP/1.0"))
        tap.equal("HTTP/1.0 ends with the answer", (c.answer().body, c.ended()), (b"open", True))
    with server.connect() as c:
        c.send(c.head("GET", "/stream?2,3,1", "HTTP/1.0"))
        c.answer_head()
        while c.more():
            pass
        tap.equal("a stream for HTTP/1.0", c.got, b"data: eee\n\n" * 2 + b"data: sent 2\n\n")
    with server.connect() as c:
        c.send(c.head("GET", "/open", connection="close"))
        tap.equal("who says close is closed", (c.answer().body, c.ended()), (b"open", True))


def local(tap):
    with place() as folder, Server(COMMAND, unix=f"{folder}/s") as s:
        tap.equal("a Unix socket needs no Host", s.get("/open", host=None).body, b"open")
        tap.equal("and takes any", s.get("/open", host="x").body, b"open")
        tap.equal("a page is no local program", s.get("/open", origin="http://evil.example").status, 403)


def own_routes(tap, server):
    a = server.get("/healthz")
    tap.equal("it is alive", (a.status, a.body, a.headers["cache-control"]), (200, b"ok\n", "no-store"))
    a = server.get("/readyz")
    tap.equal("it is ready", (a.status, a.body), (200, b"ready\n"))
    text = server.get("/metrics")
    tap.equal("figures are text", text.headers["content-type"],
              "text/plain; version=0.0.4; charset=utf-8")
    lines = text.body.decode().splitlines()
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+')
    tap.equal("each line is a sample or says what follows",
              [x for x in lines if not sample.fullmatch(x) and not re.match("# (HELP|TYPE) ", x)], [])
    tap.check("answers are counted",
              any(x.startswith('hexmcp_http_requests_total{route="/open",method="GET",status="200"} ')
                  for x in lines), text.body)


def main():
    with Tap() as tap:
        with Server(COMMAND) as server:
            for part in (answers, chunked, paths, refusals, framing, old_clients, own_routes):
                part(tap, server)
            facts = server.wait_for("connections", 1)
            tap.equal("nothing is left", [facts[x] for x in ("exchanges", "streams", "held", "queued")],
                      [1, 0, 0, 0])
        allowed(tap)
        local(tap)


main()
