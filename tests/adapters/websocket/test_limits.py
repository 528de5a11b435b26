#!/usr/bin/env python3
"""test_limits.py SERVER MODULES

Every limit holds, with the code that a client sees, and leaves the others alone.
"""
import socket

from server import Server, Tap, websocket
from websocket import CONTINUATION, PING, PONG, TEXT, frame, upgrade, wait_until


def messages(tap):
    with Server(max_message_bytes=1000) as server:
        client = server.connect()
        tap.equal("a message of the very limit", client.ask("a" * 1000), "echo " + "a" * 1000)
        client.text("a" * 1001)
        tap.equal("one byte more", client.message(), (1009, "the message is too long"))
        client = server.connect()
        client.send(frame(TEXT, "a" * 600, fin=False) + frame(CONTINUATION, "a" * 401))
        tap.equal("one byte more in fragments", client.message(), (1009, "the message is too long"))
        client = server.connect()
        client.send(frame(TEXT, "", fin=False) + frame(CONTINUATION, "", fin=False) * 5000 +
                    frame(CONTINUATION, "end"))
        tap.equal("fragments without end take nothing", client.message(), "echo end")
    with Server(max_held_bytes=100000) as server:
        holders = [server.connect() for _ in range(9)]
        for holder in holders:
            holder.send(frame(TEXT, "a" * 10000, fin=False))
        tap.check("begun messages are counted",
                  wait_until(lambda: server.facts()["held"] == 90000), server.facts())
        late = server.connect()
        late.send(frame(TEXT, "a" * 20000, fin=False))
        tap.equal("together they have a limit", late.message(),
                  (1013, "the server receives too much at once"))
        holders[0].send(frame(CONTINUATION, "b"))
        tap.equal("those who hold go on", holders[0].message(), "echo " + "a" * 10000 + "b")
        for holder in holders:
            holder.abort()
        tap.check("who goes gives back", wait_until(lambda: server.facts()["held"] == 0),
                  server.facts())


def connections(tap):
    with Server(max_connections=3) as server:
        first = [server.connect() for _ in range(3)]
        got = server.refused(upgrade(server.port))
        tap.equal("one connection too many", (got[0], got[1].get("retry-after"), got[2]),
                  (503, "1", "the server has as many WebSocket connections as it may; "
                             "try again later"))
        tap.equal("the others are served", [c.ask("a") for c in first], ["echo a"] * 3)
        first[0].close()
        tap.check("there is room again", wait_until(lambda: server.facts()["connections"] == 2))
        tap.check("and it is used", server.serves())
    with Server(max_per_caller=2) as server:
        ann = [server.connect(Authorization="Bearer good-ann") for _ in range(2)]
        got = server.refused(upgrade(server.port, Authorization="Bearer good-ann"))
        tap.equal("one of a caller too many", (got[0], got[1].get("retry-after"), got[2]),
                  (429, "1", "you have as many connections as you may; close one"))
        tap.equal("another caller may", server.connect(Authorization="Bearer good-bob").ask("who"),
                  "bob test")
        ann[0].close()
        wait_until(lambda: server.facts()["connections"] == 2)
        again = server.connect(Authorization="Bearer good-ann")
        tap.equal("and the caller, when one has ended", again.ask("who"), "ann test")


def slow_reader(tap):
    with Server(max_queued_bytes=1 << 20, write_ms=300000) as server:
        client = server.raw(upgrade(server.port), receive_buffer=4096)
        client.answer()
        client.text("notify 100 100000")
        tap.equal("notifications are dropped when the client does not read",
                  wait_until(lambda: server.facts()["dropped"] > 50), True)
        for _ in range(200):
            client.text("big 100000")
        tap.check("then its input is not read", server.facts()["received"] < 60, server.facts())
        tap.check("and what is queued is bounded", server.facts()["queued"] < 2 << 20, server.facts())
        tap.check("others are served", server.serves())
        got, answers = [], 0
        while answers < 200:
            got.append(client.message())
            if not isinstance(got[-1], str):
                break
            answers += got[-1] == "x" * 100000
        notes = got.count("n" * 100000)
        tap.check("what was told of dropped ones is true",
                  f"sent={notes} dropped={100 - notes}" in got, notes)
        tap.equal("each request is answered once it reads", len(got), notes + 1 + 200)
    with Server(max_queued_bytes=100000, write_ms=300000) as server:
        client = server.raw(upgrade(server.port), receive_buffer=4096)
        client.answer()
        client.send(b"".join(frame(TEXT, f"delay 300 {'y' * 20000}") for _ in range(400)))
        tap.check("answers that nobody reads end the connection",
                  wait_until(lambda: server.facts()["connections"] == 0 or
                             server.facts()["queued"] > 100000), server.facts())
        got = client.message()
        while isinstance(got, str):
            got = client.message()
        tap.equal("with 1008 behind what was queued", got, (1008, "the client does not read"))
    with Server(write_ms=300) as server:
        client = server.raw(upgrade(server.port), receive_buffer=4096)
        client.answer()
        client.text("big 20000000")
        tap.check("a client that takes nothing for too long is given up",
                  wait_until(lambda: server.facts()["connections"] == 0), server.facts())
        tap.equal("and what was queued is freed", server.facts()["queued"], 0)
        tap.check("others are served", server.serves())


def time(tap):
    with Server(ping_ms=200) as server:
        client = server.connect()
        tap.equal("a silent client is pinged", client.frame(), (PING, b"", True, 0))
        client.send(frame(PONG))
        tap.equal("and again after its pong", client.frame(), (PING, b"", True, 0))
        client.text("delay 300 alive")
        tap.equal("each message is as good", [client.frame()[0], client.message()],
                  [PING, "echo alive"])
        tap.check("without a word it is ended", client.at_end() or client.ended)
    with Server(ping_ms=0, idle_ms=300) as server:
        client = server.connect()
        client.text("delay 900 later")
        tap.equal("who waits for an answer is not idle", client.message(), "echo later")
        tap.equal("who does not is", client.message(), (1001, "the connection was idle"))


def memory(tap):
    with Server() as server:
        server.serves()
        before = server.facts()["private_kib"]
        clients = [server.connect(extensions="permessage-deflate") for _ in range(900)]
        for client in clients:
            client.text("big 20000")
        got = [len(client.message()) for client in clients]
        tap.equal("nine hundred clients are served", got, [20000] * 900)
        tap.check("the idle ones cost at most 4 KiB each", wait_until(
            lambda: server.facts()["private_kib"] - before < 900 * 4), server.facts())
        for client in clients:
            client.close()
        tap.check("what they had is given back", wait_until(
            lambda: server.facts()["private_kib"] - before < 600), server.facts())


def pause(tap):
    with Server(ping_ms=100) as server:
        client = server.connect()
        client.send(frame(TEXT, "pause 500 one") + b"".join(frame(TEXT, str(i)) for i in range(3000)))
        tap.equal("a pause", client.message(), "echo one")
        tap.equal("nothing of the rest is lost, and nobody is pinged in it",
                  [client.frame()[1].decode() for _ in range(3000)], [f"echo {i}" for i in range(3000)])
        client.text("pause 200 two")
        tap.equal("another one", client.message(), "echo two")
        tap.equal("what comes in it is taken later", client.ask("three"), "echo three")


def ends(tap):
    with Server() as server:
        clients = [server.connect() for _ in range(4)]
        clients[0].text("delay 300 done")
        clients[1].text("never this")
        opening = server.raw(b"GET /ws HTTP/1.1\r\n")
        wait_until(lambda: server.facts()["received"] == 2)
        server.say("drain 1500")
        tap.equal("an idle client hears of the end at once", clients[2].message(),
                  (1001, "the server ends"))
        tap.equal("one that was about to come, too", opening.answer()[0], 503)
        got = server.refused(upgrade(server.port))
        tap.equal("nobody is let in", (got[0], got[2]), (503, "the server ends; try again later"))
        tap.equal("what runs may end", (clients[0].message(), clients[0].message()),
                  ("echo done", (1001, "the server ends")))
        tap.equal("for a while", (clients[1].message(), clients[1].message()),
                  ("cancelled this", (1001, "the server ends")))
        tap.equal("the last one is waited for", server.process.stdout.readline().strip(),
                  "ended connections=0 leases=0 held=0 queued=0")
        tap.equal("the server ends well", server.process.wait(websocket.PATIENCE), 0)
    with Server() as server:
        clients = [server.connect() for _ in range(3)]
        clients[0].send(frame(TEXT, "x" * 1000, fin=False))
        clients[1].text("never this")
        clients[2].send(b"\x81")
        server.raw(upgrade(server.port, Authorization="Bearer hang"))
        wait_until(lambda: server.facts()["opening"] == 1)
        tap.equal("it may end at once", server.end()[1], 0)


def mixed(tap):
    """Many clients with the same words: nobody gets what is another's."""
    with Server() as server:
        clients = [server.connect() for _ in range(200)]
        for number, client in enumerate(clients):
            client.send(frame(TEXT, f"delay {50 + number % 7 * 10} 0:{number}") +
                        frame(TEXT, f"0:{number}"))
        wrong = [n for n, c in enumerate(clients)
                 if [c.message(), c.message()] != [f"echo 0:{n}"] * 2]
        tap.equal("two hundred clients", wrong, [])
        for client in clients[::2]:
            client.abort()
        wrong = [n for n, c in enumerate(clients) if n % 2 and c.ask(f"b{n}") != f"echo b{n}"]
        tap.equal("a hundred of them, when the others are gone", wrong, [])
        half = clients[1]
        half.socket.shutdown(socket.SHUT_WR)
        tap.check("the end of input is the end", half.at_end())


with Tap() as test:
    messages(test)
    connections(test)
    slow_reader(test)
    time(test)
    memory(test)
    pause(test)
    ends(test)
    mixed(test)
