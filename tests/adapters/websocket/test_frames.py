#!/usr/bin/env python3
"""test_frames.py SERVER MODULES

Frames: whatever is sent, in whatever pieces, gets the answer or the close code that RFC 6455 wants.
"""
import random

from server import Server, Tap, websocket
from websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, frame

ONE = frame(TEXT, "one")

BROKEN = [
    ("a frame without mask", frame(TEXT, "x", mask=None), 1002, "a frame without mask"),
    ("a ping without mask", frame(PING, "x", mask=None), 1002, "a frame without mask"),
    ("RSV1 without an extension", frame(TEXT, "x", rsv=4), 1002, "a reserved bit is set"),
    ("RSV2", frame(TEXT, "x", rsv=2), 1002, "a reserved bit is set"),
    ("RSV3", frame(TEXT, "x", rsv=1), 1002, "a reserved bit is set"),
    ("RSV1 on a ping", frame(PING, "x", rsv=4), 1002, "a reserved bit is set"),
    *[(f"opcode {opcode}", frame(opcode, "x"), 1002, "unknown opcode")
      for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    ("a continuation of nothing", frame(CONTINUATION, "x"), 1002, "a continuation of nothing"),
    ("a continuation after a whole message", ONE[:0] + frame(TEXT, "never a") +
     frame(CONTINUATION, "x"), 1002, "a continuation of nothing"),
    ("a message inside of another one", frame(TEXT, "x", fin=False) + frame(TEXT, "y"), 1002,
     "a message inside of another one"),
    ("a binary one inside of it", frame(TEXT, "x", fin=False) + frame(BINARY, "y"), 1002,
     "a message inside of another one"),
    ("a ping in fragments", frame(PING, "x", fin=False), 1002, "a broken frame"),
    ("a ping of 126 bytes", frame(PING, "x" * 126), 1002, "a broken frame"),
    ("a close of 126 bytes", frame(CLOSE, close_payload(1000, b"x" * 124)), 1002, "a broken frame"),
    ("a length in two bytes that needs none", frame(TEXT, "x" * 125, length_bytes=2), 1002,
     "a broken frame"),
    ("a length in eight bytes that needs two", frame(TEXT, "x" * 200, length_bytes=8), 1002,
     "a broken frame"),
    ("a length of 2^63", b"\x81\xff" + b"\x80" + b"\0" * 7 + b"abcd", 1002, "a broken frame"),
    ("a length of 2^63 - 1", b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"abcde", 1009,
     "the message is too long"),
    ("a binary message", frame(BINARY, "x"), 1003, "text messages only"),
    ("the begin of one", frame(BINARY, "x", fin=False), 1003, "text messages only"),
    ("no UTF-8", frame(TEXT, b"a\xff"), 1007, "the message is not UTF-8"),
    ("a cut character", frame(TEXT, b"abcdefgh\xe2\x82"), 1007, "the message is not UTF-8"),
    ("a surrogate", frame(TEXT, b"\xed\xa0\x80"), 1007, "the message is not UTF-8"),
    ("an overlong character", frame(TEXT, b"\xc0\xaf"), 1007, "the message is not UTF-8"),
    ("a character above U+10FFFF", frame(TEXT, b"\xf4\x90\x80\x80"), 1007,
     "the message is not UTF-8"),
    ("no UTF-8 in fragments", frame(TEXT, b"\xe2", fin=False) + frame(CONTINUATION, b"\x28\xa1"), 1007,
     "the message is not UTF-8"),
    ("a close of one byte", frame(CLOSE, b"x"), 1002, "no such code of a close"),
    *[(f"a close with {code}", frame(CLOSE, close_payload(code)), 1002, "no such code of a close")
      for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)],
    ("a reason that is no UTF-8", frame(CLOSE, close_payload(1000, b"\xff")), 1007,
     "the reason of the close is not UTF-8"),
]


def broken(tap, server):
    for name, data, code, reason in BROKEN:
        client = server.connect()
        client.send(ONE + data + frame(TEXT, "after"))
        tap.equal(f"{name}: {code}", (client.message(), client.message(), client.frame()),
                  ("echo one", (code, reason), None))
        client.close()
    tap.equal("each byte of a broken frame may come alone",
              [in_bytes(server, data) for _, data, _, _ in BROKEN],
              [(code, reason) for _, _, code, reason in BROKEN])


def in_bytes(server, data):
    client = server.connect()
    try:
        for byte in data[:300]:
            client.send(bytes([byte]))
    except OSError:
        pass
    got = client.message()
    client.close()
    return got


def good(tap, server):
    client = server.connect()
    long = "é" * 100
    cases = [
        ("an empty message", frame(TEXT, ""), ["echo "]),
        ("125 bytes", frame(TEXT, "a" * 125), ["echo " + "a" * 125]),
        ("126 bytes", frame(TEXT, "a" * 126), ["echo " + "a" * 126]),
        ("65,535 bytes", frame(TEXT, "a" * 65535), ["echo " + "a" * 65535]),
        ("65,536 bytes", frame(TEXT, "a" * 65536), ["echo " + "a" * 65536]),
        ("a mask of zeros", frame(TEXT, "zero", mask=b"\0\0\0\0"), ["echo zero"]),
        ("fragments", frame(TEXT, "a", fin=False) + frame(CONTINUATION, "b", fin=False) +
         frame(CONTINUATION, "c"), ["echo abc"]),
        ("empty fragments", frame(TEXT, "", fin=False) + frame(CONTINUATION, "", fin=False) +
         frame(CONTINUATION, "d") + frame(TEXT, "e"), ["echo d", "echo e"]),
        ("characters cut by fragments", b"".join(
            frame(TEXT if i == 0 else CONTINUATION, long.encode()[i:i + 1],
                  fin=i == len(long.encode()) - 1) for i in range(len(long.encode()))),
         ["echo " + long]),
        ("the largest character", frame(TEXT, "\U0010FFFF"), ["echo \U0010FFFF"]),
        ("a line break", frame(TEXT, "a\nb\r\nc"), ["echo a\nb\r\nc"]),
        ("many in one piece", b"".join(frame(TEXT, str(i)) for i in range(2000)),
         [f"echo {i}" for i in range(2000)]),
    ]
    for name, data, expected in cases:
        client.send(data)
        tap.equal(name, [client.message() for _ in expected], expected)
    tap.equal("a large answer", len(client.ask("big 5000000")), 5000000)
    client.close()


def control(tap, server):
    client = server.connect()
    client.send(frame(PING, "abc"))
    tap.equal("a ping is answered by its payload", client.frame(), (PONG, b"abc", True, 0))
    client.send(frame(PING) + frame(PING, "x" * 125))
    tap.equal("an empty and a full one", [client.frame()[1] for _ in range(2)], [b"", b"x" * 125])
    client.send(frame(PONG, "nobody asked"))
    client.send(frame(TEXT, "a", fin=False) + frame(PING, "between") + frame(CONTINUATION, "b"))
    tap.equal("one between fragments", (client.frame()[:2], client.message()),
              ((PONG, b"between"), "echo ab"))
    client.close()
    for payload, echoed in ((b"", b""), (close_payload(1000), close_payload(1000)),
                            (close_payload(1001, "für".encode()), close_payload(1001)),
                            (close_payload(3000), close_payload(3000)),
                            (close_payload(4999, b"x" * 123), close_payload(4999))):
        client = server.connect()
        client.send(frame(TEXT, "last") + frame(CLOSE, payload) + frame(TEXT, "ignored"))
        tap.equal(f"a close with {payload[:5]!r} is answered", [client.frame() for _ in range(3)],
                  [(TEXT, b"echo last", True, 0), (CLOSE, echoed, True, 0), None])
        client.close()
    client = server.connect()
    client.send(frame(TEXT, "a", fin=False) + frame(CLOSE, close_payload(1000)))
    tap.equal("a close between fragments", client.message(), (1000, ""))


def split(tap, server):
    data = (frame(TEXT, "first") + frame(PING, "p") + frame(TEXT, "a" * 130, fin=False) +
            frame(CONTINUATION, "é") + frame(PONG) + frame(TEXT, "") + frame(TEXT, "last"))
    expected = [(TEXT, b"echo first"), (PONG, b"p"), (TEXT, b"echo " + b"a" * 130 + "é".encode()),
                (TEXT, b"echo "), (TEXT, b"echo last")]
    client = server.connect()
    wrong = []
    for at in range(1, len(data)):
        client.send(data[:at])
        client.send(data[at:])
        if [client.frame()[:2] for _ in expected] != expected:
            wrong.append(at)
    tap.equal("a conversation in two pieces, cut at every byte", wrong, [])
    for byte in data:
        client.send(bytes([byte]))
    tap.equal("and byte by byte", [client.frame()[:2] for _ in expected], expected)
    client.close()


def noise(tap, server):
    chance = random.Random(20)
    ended = 0
    for _ in range(300):
        client = server.connect()
        try:
            client.send(chance.randbytes(chance.randrange(1, 3000)))
            client.send(b"\x80" * 20)
            client.socket.shutdown(1)
            ended += client.at_end() or bool(client.data)
        except OSError:
            ended += 1
        client.close()
    tap.equal("random bytes behind an upgrade end in an answer or the end", ended, 300)
    for _ in range(300):
        client = server.raw(chance.randbytes(chance.randrange(1, 3000)))
        client.abort()
    frames = 0
    for _ in range(200):
        client = server.connect()
        data = bytearray(ONE * 3 + frame(TEXT, "x" * 300) + frame(PING, "y"))
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        client.send(bytes(data) + frame(CLOSE, close_payload(1000)))
        try:
            client.socket.shutdown(1)
        except OSError:
            pass
        while client.frame():
            frames += 1
        client.close()
    tap.check("one bit that is wrong", frames > 200, frames)


with Tap() as test:
    with Server() as one:
        good(test, one)
        control(test, one)
        split(test, one)
        broken(test, one)
        noise(test, one)
        test.check("others are served", one.serves())
        test.check("every connection is given back",
                   websocket.wait_until(lambda: one.facts()["leases"] == 0), one.facts())
        facts = one.facts()
        test.equal("nothing is held", (facts["held"], facts["queued"], facts["connections"]), (0, 0, 0))
        test.equal("the server ends well", one.end()[1], 0)
