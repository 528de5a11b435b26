#!/usr/bin/env python3
"""Servers that answer badly, late, too much or never; requests that are ended.

usage: test_failures.py DRIVER MODULES
"""
import json
import socket
import sys

from drive import (CANCELLED, OK, PROTOCOL, TIMEOUT, TOO_LARGE, UNAVAILABLE, Driver, Tap, message)
from servers import Server

MIB = 1 << 20


def bad_answers(tap, driver, base, hosts):
    breaks_off = "its answer breaks off after {} bytes"
    expected = {
        "short": (UNAVAILABLE, breaks_off.format(9)),
        "cut-chunk": (UNAVAILABLE, breaks_off.format(4)),
        "cut-gzip": (UNAVAILABLE, None),
        "nothing": (UNAVAILABLE, "it closed the connection without an answer"),
        "bad-length": (PROTOCOL, "its answer is no HTTP"),
        "not-http": (PROTOCOL, "its answer is no HTTP"),
        "bad-gzip": (PROTOCOL, "its answer is not packed as its Content-Encoding says"),
        "transfer-gzip": (PROTOCOL, "it answers with a Transfer-Encoding that was not asked for"),
        "switch": (PROTOCOL, "it changes the protocol unasked"),
        "big-head": (TOO_LARGE, "the head of its answer is longer than 262144 bytes or has more than "
                                "1000 fields"),
        "many-heads": (TOO_LARGE, "the head of its answer is longer than 262144 bytes or has more "
                                  "than 1000 fields"),
        "bomb": (TOO_LARGE, "its answer unpacks to more than 200 times its size"),
    }
    for path, (status, why) in expected.items():
        answer = driver.http({"url": f"{base}/{path}"}, hosts)
        if why is None:
            why = breaks_off.format(answer["bytes"])
        tap.equal(f"/{path}", message(answer), (status, f"{base}: {why}"))
    answer = driver.http({"url": base + "/bomb", "maxBytes": 1 << 40}, hosts)
    tap.check("of a bomb little more than a mebibyte is unpacked", answer["bytes"] <= MIB + 65536,
              answer["bytes"])
    answer = driver.http({"url": base + "/long"}, hosts)
    tap.equal("bytes behind the length are not of the answer", (answer["end"], answer["text"]),
              (OK, "four"))


def too_much(tap, driver, base, hosts, server):
    for path in ("bytes/1001", "chunked/1001", "gzip/1100", "endless"):
        answer = driver.http({"url": f"{base}/{path}", "maxBytes": 1000}, hosts)
        tap.equal(f"/{path} is longer than maxBytes", message(answer),
                  (TOO_LARGE, f"{base}: its answer is longer than 1000 bytes"))
    answer = driver.http({"url": base + "/bytes/1000", "maxBytes": 1000}, hosts)
    tap.equal("as long as maxBytes is fine", (answer["end"], answer["bytes"]), (OK, 1000))
    answer = driver.http({"url": base + "/endless"}, hosts)
    tap.equal("without maxBytes there is a limit, too", message(answer),
              (TOO_LARGE, f"{base}: its answer is longer than 67108864 bytes"))
    answer = driver.http({"url": base + "/redirect?to=/endless", "maxBytes": 5}, hosts)
    tap.equal("the limit is for where it ends", answer["end"], TOO_LARGE)


def too_late(tap, driver, base, hosts, server):
    for path in ("slow", "half", "drip"):
        answer = driver.http({"url": f"{base}/{path}", "timeoutMs": 200}, hosts)
        tap.equal(f"/{path} takes too long", message(answer),
                  (TIMEOUT, f"{base}: the request was not over within 200 ms"))
        tap.check(f"the server of /{path} sees the end", server.gone.acquire(timeout=30))
        answer = driver.http({"url": f"{base}/{path}"}, hosts, deadlineMs=200)
        tap.equal(f"/{path} takes longer than its call", message(answer),
                  (TIMEOUT, f"{base}: the deadline of the call has passed"))
        tap.check(f"the server of /{path} sees that end, too", server.gone.acquire(timeout=30))
    answer = driver.http({"url": base + "/bytes/1000000", "timeoutMs": 300}, hosts, pauseAt=1)
    tap.equal("a reader who never goes on is ended, too", message(answer),
              (TIMEOUT, f"{base}: the request was not over within 300 ms"))
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    answer = driver.http({"url": f"http://localhost:{port}/", "connectTimeoutMs": 200},
                         [f"localhost:{port}"])
    tap.equal("nobody takes the connection", message(answer),
              (TIMEOUT, f"http://localhost:{port}: no connection within 200 ms"))
    for sock in [full, *fillers]:
        sock.close()
    answer = driver.http({"url": f"http://localhost:{port}/"}, [f"localhost:{port}"])
    tap.equal("nobody is there", message(answer),
              (UNAVAILABLE, f"http://localhost:{port}: no connection: Connection refused"))


def ended(tap, driver, base, hosts, server):
    for path in ("slow", "half", "drip", "endless"):
        ident = driver.start({"url": f"{base}/{path}"}, hosts)
        if path in ("slow",):
            while not server.requests or server.requests[-1].path != "/slow":
                pass
        else:
            driver.head(ident)
        driver.tell("close", id=ident)
        tap.equal(f"/{path} is ended", driver.end(ident)["end"], CANCELLED)
        tap.check(f"the server of /{path} sees it", server.gone.acquire(timeout=30))
        server.requests.clear()
    answer = driver.http({"url": base + "/echo"}, hosts)
    tap.equal("others go on", answer["end"], OK)


def names_that_hang(tap, driver, port):
    """A name whose answer takes long holds up its own request, and keeps its place until it is
    there: there are never more threads than requests that are permitted."""
    driver.names(hangs_test=[[3000, "127.0.0.1"]])
    hosts = ["*.test:*", f"127.0.0.1:{port}"]
    began = driver.number("lookups")
    for _ in range(6):
        answer = driver.http({"url": f"http://hangs.test:{port}/", "connectTimeoutMs": 50}, hosts)
        tap.equal("the request ends at its time", message(answer),
                  (TIMEOUT, f"http://hangs.test:{port}: no connection within 50 ms"))
    answer = driver.http({"url": f"http://hangs.test:{port}/"}, hosts)
    tap.equal("while threads wait for names, their places are taken",
              (answer["end"], driver.number("lookups") - began), (-9, 6))
    answer = driver.http({"url": f"http://localhost:{port}/echo"}, [f"localhost:{port}"],
                         plugin="org.other")
    tap.equal("others are served meanwhile", answer["end"], OK)


def main():
    program, modules = sys.argv[1:]
    server = Server()
    base, hosts = f"http://localhost:{server.port}", [f"localhost:{server.port}"]
    with Tap() as tap:
        with Driver(program, modules) as driver:
            driver.http({"url": base + "/echo"}, hosts)
            before = driver.number("fds")
            bad_answers(tap, driver, base, hosts)
            too_much(tap, driver, base, hosts, server)
            while server.gone.acquire(blocking=False):
                pass
            too_late(tap, driver, base, hosts, server)
            while server.gone.acquire(blocking=False):
                pass
            ended(tap, driver, base, hosts, server)
            tap.check("no descriptor stays behind a request that failed",
                      driver.number("fds") <= before + 3, f"{before} {driver.number('fds')}")
            names_that_hang(tap, driver, server.port)
            tap.equal("the driver ends cleanly, whatever still runs", driver.close(), 0)


main()
