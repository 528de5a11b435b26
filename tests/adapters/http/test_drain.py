"""Going away: python3 test_drain.py HTTP_SERVER MODULES"""

import signal
import sys

from client import Server
from tap import Tap

COMMAND = sys.argv[1:3]


def in_time(tap):
    with Server(COMMAND, drain_ms=30000) as s:
        idle, busy, stream = s.connect(), s.connect(), s.connect()
        idle.request("GET", "/open")
        stream.send(stream.head("GET", "/stream?3,3,150"))
        stream.answer_head()
        busy.send(busy.head("GET", "/later?300"))
        s.wait_for("exchanges", 3)
        s.process.send_signal(signal.SIGTERM)
        tap.check("an idle connection is closed", idle.ended())
        with s.connect() as late:
            tap.check("a new one is told", b"503 Service Unavailable" in late.until(b"\r\n\r\n"))
        a = busy.answer()
        tap.equal("what runs is answered", (a.body, a.headers["connection"]), (b"later", "close"))
        tap.check("and the connection ends", busy.ended())
        text = b""
        while chunk := stream.chunk():
            text += chunk
        tap.equal("a stream comes to its end", text, b"data: eee\n\n" * 3 + b"data: sent 3\n\n")
        tap.equal("then it is over", s.stop(), ("drained\n", 0))


def not_in_time(tap):
    with Server(COMMAND, drain_ms=200) as s:
        busy, stream, half = s.connect(), s.connect(), s.connect()
        busy.send(busy.head("GET", "/later?100000"))
        stream.send(stream.head("GET", "/stream?100,1,100000"))
        stream.answer_head()
        half.send(half.head("POST", "/echo", content_length=5) + b"he")
        s.wait_for("exchanges", 3)
        s.process.send_signal(signal.SIGTERM)
        a = busy.answer()
        tap.equal("what runs too long is told", (a.status, a.error(), a.headers["connection"]),
                  (503, "The server is going away; ask again soon.", "close"))
        tap.equal("a stream is ended", stream.chunk() + stream.chunk(), b"data: e\n\n")
        tap.check("half a request is closed", half.ended())
        tap.equal("then it is over", s.stop(), ("drained\n", 0))


def at_once(tap):
    with Server(COMMAND) as s:
        clients = [s.connect() for _ in range(3)]
        for client, path in zip(clients, ("/later?100000", "/stream?100,1,100000", "/open")):
            client.send(client.head("GET", path))
        s.wait_for("exchanges", 3)
        tap.equal("an end without a drain", s.stop(), ("", 0))
    with Server(COMMAND, drain_ms=30000) as s:
        tap.equal("a drain of nothing", s.stop(), ("drained\n", 0))


def main():
    with Tap() as tap:
        for part in (in_time, not_in_time, at_once):
            part(tap)


main()
