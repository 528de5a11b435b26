#!/usr/bin/env python3
"""test_deflate.py SERVER MODULES

permessage-deflate (RFC 7692): agreed to where it can be, right in any pieces, and no bomb.
"""
import random
import zlib

from server import Server, Tap, websocket
from websocket import CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, frame, packed

AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
RSV1 = 4

OFFERS = [
    ("permessage-deflate", True),
    ("permessage-deflate; client_max_window_bits", True),
    ("permessage-deflate; client_max_window_bits=10", True),
    ("permessage-deflate; client_max_window_bits=\"15\"", True),
    ("Permessage-Deflate ; Server_No_Context_Takeover ;client_no_context_takeover", True),
    ("x-webkit-deflate-frame, permessage-deflate", True),
    ("permessage-deflate; server_max_window_bits=10, permessage-deflate", True),
    ("permessage-deflate; server_max_window_bits=10", False),
    ("permessage-deflate; client_max_window_bits=7", False),
    ("permessage-deflate; client_max_window_bits=16", False),
    ("permessage-deflate; client_max_window_bits=010", False),
    ("permessage-deflate; server_no_context_takeover=1", False),
    ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", False),
    ("permessage-deflate; unknown", False),
    ("permessage-deflate;", False),
    ("permessage-deflate2", False),
    (";;;=,;", False),
    ("", False),
]


def offers(tap, server):
    for offer, agreed in OFFERS:
        client = server.connect(Sec_WebSocket_Extensions=offer)
        tap.equal(f"the offer {offer}", client.headers.get("sec-websocket-extensions"),
                  AGREED if agreed else None)
        client.close()
    with Server(compress=0) as plain:
        client = plain.connect(extensions="permessage-deflate")
        tap.equal("no offer is good if the setting says so",
                  client.headers.get("sec-websocket-extensions"), None)
        client.send(frame(TEXT, packed("a"), rsv=RSV1))
        tap.equal("and then RSV1 is reserved", client.message(), (1002, "a reserved bit is set"))


def final_block(text):
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(text.encode()) + engine.flush(zlib.Z_FINISH)


def good(tap, server):
    client = server.connect(extensions="permessage-deflate")
    text = "é deflate " * 300
    data = packed(text)
    half = len(data) // 2
    cases = [
        ("a packed message", frame(TEXT, data, rsv=RSV1), [text]),
        ("a plain one", frame(TEXT, text), [text]),
        ("packed fragments", frame(TEXT, data[:half], rsv=RSV1, fin=False) +
         frame(CONTINUATION, data[half:]), [text]),
        ("an empty one", frame(TEXT, packed(""), rsv=RSV1), [""]),
        ("one without a byte", frame(TEXT, b"", rsv=RSV1), [""]),
        ("a stored block", frame(TEXT, b"\x00\x05\x00\xfa\xffHello\x00", rsv=RSV1), ["Hello"]),
        ("two blocks", frame(TEXT, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", rsv=RSV1),
         ["Hello"]),
        ("a block that says that it is the last one", frame(
            TEXT, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", rsv=RSV1), ["Hello"]),
        ("a stream that has ended", frame(TEXT, final_block("end"), rsv=RSV1), ["end"]),
        ("two packed and a plain one", frame(TEXT, packed("a"), rsv=RSV1) +
         frame(TEXT, packed("b"), rsv=RSV1) + frame(TEXT, "c"), ["a", "b", "c"]),
    ]
    for name, sent, expected in cases:
        client.send(sent)
        tap.equal(name, [client.message() for _ in expected], ["echo " + e for e in expected])
    client.send(frame(TEXT, data[:half], rsv=RSV1, fin=False) + frame(PING, "p") +
                frame(CONTINUATION, data[half:]))
    tap.equal("a ping between packed fragments", client.frame()[:2], (PONG, b"p"))
    tap.equal("and the message", client.message(), "echo " + text)
    client.text("x" * 100)
    tap.equal("a short answer is not packed", client.frame(), (TEXT, b"echo " + b"x" * 100, True, 0))
    client.text("x" * 2000)
    opcode, payload, fin, rsv = client.frame()
    tap.equal("a long one is", (opcode, fin, rsv, len(payload) < 100, websocket.unpacked(payload)),
              (TEXT, True, RSV1, True, b"echo " + b"x" * 2000))
    client.text("big 300000")
    tap.equal("one that would hold up the others is not", client.frame()[3], 0)
    client.close()


def every_length(tap, server):
    """What is packed comes back, at every length around the library's block sizes."""
    chance = random.Random(7)
    text = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz \"{}[]:,") for _ in range(5000))
    client = server.connect(extensions="permessage-deflate")
    wrong = []
    for size in range(1000, 5000, 7):
        client.send(frame(TEXT, packed(text[:size]), rsv=RSV1))
        if client.message() != "echo " + text[:size]:
            wrong.append(size)
    tap.equal("lengths from 1,000 to 5,000", wrong, [])
    data = frame(TEXT, packed(text[:150]), rsv=RSV1)
    for at in range(1, len(data)):
        client.send(data[:at])
        client.send(data[at:])
        if client.message() != "echo " + text[:150]:
            wrong.append(at)
    tap.equal("a packed message in two pieces, cut at every byte", wrong, [])
    client.close()


def bad(tap, server):
    bomb = packed(b"a" * (17 << 20))
    cases = [
        ("a bomb", bomb, 1009, "the message is too long when it is inflated"),
        ("no deflated data", b"\xff\xff\xff\xff", 1007, "the message is not deflated"),
        ("a back reference to nothing", b"\x03\x02\x00", 1007, "the message is not deflated"),
        ("no UTF-8 in it", packed(b"\xff\xfe"), 1007, "the message is not UTF-8"),
    ]
    for name, data, code, reason in cases:
        client = server.connect(extensions="permessage-deflate")
        client.send(frame(TEXT, data, rsv=RSV1))
        tap.equal(f"{name}: {code}", client.message(), (code, reason))
        client.close()
    client = server.connect(extensions="permessage-deflate")
    client.send(frame(TEXT, packed("a"), rsv=RSV1, fin=False) + frame(CONTINUATION, "b", rsv=RSV1))
    tap.equal("RSV1 on a continuation", client.message(), (1002, "a reserved bit is set"))
    tap.check("a bomb leaves nothing behind",
              websocket.wait_until(lambda: server.facts()["private_kib"] < 12000), server.facts())
    with Server(max_inflated_bytes=1000) as small:
        client = small.connect(extensions="permessage-deflate")
        client.send(frame(TEXT, packed("a" * 1000), rsv=RSV1))
        tap.equal("a message of the very limit", client.message(), "echo " + "a" * 1000)
        client.send(frame(TEXT, packed("a" * 1001), rsv=RSV1))
        tap.equal("and one byte more", client.message(),
                  (1009, "the message is too long when it is inflated"))


def noise(tap, server):
    chance = random.Random(3)
    ended = 0
    for _ in range(300):
        client = server.connect(extensions="permessage-deflate")
        data = bytearray(packed("some text to begin with " * 20))
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        client.send(frame(TEXT, bytes(data), rsv=RSV1) + frame(CLOSE, close_payload(1000)))
        got = client.message()
        ended += isinstance(got, str) or got[0] == 1007
        client.close()
    tap.equal("wrong bytes end in an answer or 1007", ended, 300)


with Tap() as test:
    with Server() as one:
        offers(test, one)
        good(test, one)
        every_length(test, one)
        bad(test, one)
        noise(test, one)
        test.check("others are served", one.serves())
        test.equal("the server ends well", one.end()[1], 0)
