"""Clients that mean harm, while others go on: python3 test_hostile.py HTTP_SERVER MODULES [ROUNDS [SEED]]"""

import random
import socket
import struct
import sys
import time

from client import Server
from tap import Tap

COMMAND = sys.argv[1:3]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 300
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 7

WORDS = (b"GET ", b"POST ", b"/echo", b"/later?1", b"/stream?2,5,0", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n",
         b" HTTP/9.9\r\n", b"Host: x\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999999\r\n",
         b"Content-Length: -1\r\n", b"Content-Length: abc\r\n", b"Transfer-Encoding: chunked\r\n",
         b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Connection: Upgrade\r\nUpgrade: x\r\n",
         b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n",
         b"7fffffff\r\n", b"\x00", b"\xff\xfe", b":", b" ", b"a" * 3000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         b"\x16\x03\x01\x02\x00\x01\x00", b"hello", b"Authorization: Bearer x\r\n", b"\t continued\r\n")


def something(rng, server):
    """What a client sends: words of HTTP and bytes in any order."""
    words = [*WORDS, b"Host: " + server.host.encode() + b"\r\n",
             b"POST /echo HTTP/1.1\r\nHost: " + server.host.encode() + b"\r\nContent-Length: 5\r\n\r\nhello"]
    parts = [rng.choice(words) if rng.random() < 0.8 else rng.randbytes(rng.randrange(40))
             for _ in range(rng.randrange(1, 14))]
    data = b"".join(parts)
    if rng.random() < 0.2:
        at = rng.randrange(len(data) or 1)
        data = data[:at] + rng.randbytes(1) + data[at + 1:]
    return data


def leave(rng, client):
    """Some go politely, some with a reset, some without a word and half open."""
    how = rng.randrange(3)
    if how == 0:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how == 1:
        try:
            client.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    client.socket.close()


def anything(tap, server, good):
    rng, wrong, waiting = random.Random(SEED), [], []
    tap.note(f"seed {SEED}, {ROUNDS} clients")
    for number in range(ROUNDS):
        client = server.connect()
        try:
            data = something(rng, server)
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(data) + 1)
                client.send(data[:at])
                data = data[at:]
            client.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        waiting.append(client)
        if len(waiting) > 20:
            leave(rng, waiting.pop(rng.randrange(20)))
        body = b"%d" % number
        got = good.request("POST", "/echo", body).body
        if got != body:
            wrong.append((body, got))
    for client in waiting:
        leave(rng, client)
    tap.equal("others are answered all the time", wrong, [])


def spinning(tap, server, good):
    """What makes the library ask for turns without an end: a line of a chunk that never ends."""
    clients = []
    for text in (b"5;" + b"x" * 100_000, b"5\r\nhello\r\n0\r\n" + b"a: " + b"x" * 100_000):
        client = server.connect()
        try:
            client.send(client.head("POST", "/echo", transfer_encoding="chunked") + text)
        except (BrokenPipeError, ConnectionResetError):
            pass
        clients.append(client)
    before = server.facts()["cpu_ms"]
    time.sleep(1)
    used = server.facts()["cpu_ms"] - before
    tap.check("a chunk without an end costs no processor", used < 500, f"{used} ms in a second")
    tap.equal("and stops nobody", good.request("POST", "/echo", b"x").body, b"x")
    for client in clients:
        client.socket.close()


def greedy(tap, server, good):
    """A client that pipelines without an end and does not read does not keep others waiting."""
    client = server.connect()
    data = client.head("POST", "/echo", content_length=5) + b"hello"
    client.socket.setblocking(False)
    sent, wrong = 0, 0
    for number in range(200):
        try:
            sent += client.socket.send(data * 200)
        except BlockingIOError:
            pass
        body = b"%d" % number
        wrong += good.request("POST", "/echo", body).body != body
    tap.check("a client that never reads", sent > 0 and wrong == 0, f"{sent} bytes, {wrong} wrong")
    client.socket.close()


def mixed_up(tap, server):
    """Many clients, one id: nobody sees the answer of another."""
    clients = [server.connect() for _ in range(300)]
    for number, client in enumerate(clients):
        body = b'{"id":0,"for":%d}' % number
        client.send(client.head("POST", "/echo", content_length=len(body)) + body)
        if number % 3 == 0:
            client.send(client.head("GET", f"/later?{number % 17}"))
    got = [client.answer().body for client in clients]
    tap.equal("each gets its own", got, [b'{"id":0,"for":%d}' % n for n in range(300)])
    later = [clients[n].answer().body for n in range(0, 300, 3)]
    tap.equal("also later", later, [b"later"] * 100)
    for client in clients:
        client.socket.close()


def gone(tap, server):
    """A client that goes while its answer is being made."""
    before = server.facts()["gone"]
    for path in ("/later?100000", "/stream?100000,1,5", "/stream?2,1,100000",
                 "/stream?0,0,100000"):
        client = server.connect()
        client.send(client.head("GET", path))
        server.wait_for("exchanges", 2)
        client.socket.close()
        server.wait_for("exchanges", 1)
    tap.equal("the route hears of each", server.facts()["gone"] - before, 4)
    with server.connect() as client:
        client.send(client.head("GET", "/later?100000"))
        server.wait_for("exchanges", 2)
        client.socket.shutdown(socket.SHUT_WR)
        tap.check("one that sends no more is gone, too", client.ended())


def main():
    with Tap() as tap, Server(
            COMMAND, header_ms=3000, body_ms=3000, write_ms=3000) as server:
        with server.connect() as good:
            for part in (anything, spinning, greedy):
                part(tap, server, good)
        mixed_up(tap, server)
        gone(tap, server)
        facts = server.wait_for("connections", 1)
        tap.equal("all memory is given back", [facts[x] for x in ("exchanges", "streams", "held", "queued")],
                  [1, 0, 0, 0])
        tap.equal("and all places", server.wait_for("leases", 1)["leases"], 1)
        tap.equal("it ends as it should", server.stop(), ("", 0))


main()
