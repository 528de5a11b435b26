#!/usr/bin/env python3
"""Requests over HTTP that go well: methods, headers, bodies, encodings, redirects.

usage: test_requests.py DRIVER MODULES
"""
import json
import sys
import zlib

from drive import BUSY, CANCELLED, INVALID, OK, TOO_LARGE, Driver, Tap, headers, message
from servers import Server, pattern, runs

MIB = 1 << 20


def methods(tap, driver, base, hosts):
    for method in ("GET", "DELETE", "POST", "PUT", "PATCH", "PROPFIND"):
        answer = driver.http({"url": base + "/echo?a=1", "method": method}, hosts)
        told = json.loads(answer["text"])
        tap.equal(f"{method} arrives", (answer["end"], told["method"], told["target"], told["length"]),
                  (OK, method, "/echo?a=1", 0))
        sends = method in ("POST", "PUT", "PATCH")
        tap.equal(f"{method} without a body says its length where it means one",
                  dict(told["headers"]).get("Content-Length"), "0" if sends else None)
    answer = driver.http({"url": base + "/echo", "method": "HEAD"}, hosts)
    tap.equal("HEAD has a head and no body",
              (answer["end"], answer["head"]["status"], answer["bytes"], answer["json"]),
              (OK, 200, 0, {"bytes": 0, "redirects": 0}))
    answer = driver.http({"url": base + "/status/404"}, hosts)
    tap.equal("a status is no failure", (answer["end"], answer["head"]["status"]), (OK, 404))
    answer = driver.http({"url": base + "/early"}, hosts)
    tap.equal("a head of 1xx is left out", (answer["head"]["status"], answer["text"],
                                            "x-early" in headers(answer)), (200, "late", False))


def fields(tap, driver, base, hosts):
    answer = driver.http({"url": base + "/echo", "headers": [["X-One", "a b"], ["X-Empty", ""],
                                                            ["Accept", "text/plain"]]}, hosts)
    told = json.loads(answer["text"])
    port = base.rsplit(":", 1)[1]
    tap.equal("headers arrive, ours beside them", told["headers"],
              [["Host", f"localhost:{port}"], ["X-One", "a b"], ["X-Empty", ""],
               ["Accept", "text/plain"], ["User-Agent", "hexmcp/9.8.7"],
               ["Accept-Encoding", "gzip, deflate"]])
    tap.equal("the answer's headers are in small letters and in order, doubles too",
              answer["head"]["headers"],
              [["content-type", "application/json"], ["x-two", "one"], ["x-two", "two"],
               ["content-length", str(len(answer["text"]))]])
    tap.equal("the answer says its URL", answer["head"]["url"], base + "/echo")
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "tracestate": "a=b"}
    told = json.loads(driver.http({"url": base, "headers": [["User-Agent", "mine"]]}, hosts,
                                  trace=trace)["text"])
    found = {name: value for name, value in told["headers"]}
    tap.equal("the trace context goes along, and one's own name",
              (found["traceparent"], found["tracestate"], found["User-Agent"]),
              (trace["traceparent"], "a=b", "mine"))
    told = json.loads(driver.http({"url": base, "decompress": False}, hosts)["text"])
    tap.check("without decompress nothing packed is asked for",
              "Accept-Encoding" not in dict(told["headers"]))


def bodies(tap, driver, base, hosts, server):
    for size in (0, 1, 65536, MIB, 8 * MIB):
        answer = driver.http({"url": base + "/echo", "method": "POST"}, hosts, bodyBytes=size)
        told = json.loads(answer["text"])
        tap.equal(f"a body of {size} bytes arrives", (told["length"], told["crc"]),
                  (size, zlib.crc32(pattern(size))))
    for size in (0, 1, MIB, 50 * MIB):
        for kind in ("bytes", "chunked"):
            answer = driver.http({"url": f"{base}/{kind}/{size}"}, hosts)
            tap.equal(f"an answer of {size} bytes comes ({kind})",
                      (answer["end"], answer["bytes"], answer["crc"], answer["json"]),
                      (OK, size, zlib.crc32(pattern(size)), {"bytes": size, "redirects": 0}))
    before = server.connections
    for _ in range(5):
        driver.http({"url": base + "/echo"}, hosts)
    tap.equal("a connection is kept and used again", server.connections, before)


def packed(tap, driver, base, hosts):
    for path, expected in (("gzip/1000", runs(1000)), ("gzip/0", b""), ("deflate", pattern(1000)),
                           ("raw-deflate", pattern(1000)), ("members", b"first second"),
                           ("gzip/9000000", runs(9000000))):
        answer = driver.http({"url": f"{base}/{path}"}, hosts)
        tap.equal(f"/{path} is unpacked", (answer["end"], answer["bytes"], answer["crc"]),
                  (OK, len(expected), zlib.crc32(expected)))
        tap.equal(f"/{path} has no headers of the packed one",
                  answer["head"]["headers"], [["etag", "x"]])
    answer = driver.http({"url": base + "/gzip/1000", "decompress": False}, hosts)
    tap.equal("without decompress it comes as it is",
              (headers(answer)["content-encoding"], answer["bytes"] != 1000), ("gzip", True))
    answer = driver.http({"url": base + "/brotli"}, hosts)
    tap.equal("what was not asked for comes as it is, and says so",
              (answer["end"], headers(answer)["content-encoding"], answer["bytes"]), (OK, "br", 9))


def pauses(tap, driver, base, hosts, server):
    for path, expected in (("bytes/9000000", pattern(9000000)), ("gzip/9000000", runs(9000000))):
        ident = driver.start({"url": f"{base}/{path}"}, hosts, pauseAt=1)
        driver.head(ident)
        progress = -1
        while progress != (progress := driver.number("progress", id=ident)):
            driver.http({"url": base + "/echo"}, hosts)
        tap.check(f"/{path}: a reader who pauses holds up himself alone, and at most 256 KiB",
                  0 < progress <= 262144, f"{progress}")
        driver.tell("resume", id=ident)
        answer = driver.end(ident)
        tap.equal(f"/{path}: all of it comes after a pause",
                  (answer["end"], answer["bytes"], answer["crc"]),
                  (OK, 9000000, zlib.crc32(expected)))
        tap.check(f"/{path}: never was more than 256 KiB on the way", answer["most"] <= 262144)
    ident = driver.start({"url": base + "/endless", "maxBytes": 1 << 40}, hosts, pauseAt=1)
    driver.head(ident)
    sent = -1
    while sent != (sent := server.sent):
        driver.http({"url": base + "/slow", "timeoutMs": 300}, hosts)
    tap.check("a server whose reader pauses is not read from", sent < 32 * MIB, f"{sent}")
    driver.tell("close", id=ident)
    tap.equal("the reader who pauses can go", driver.end(ident)["end"], CANCELLED)
    tap.check("and its server sees that", server.gone.acquire(timeout=30))


def written(tap, driver, base, hosts):
    ident = driver.start({"url": base + "/echo", "method": "PUT", "stream": True}, hosts)
    for _ in range(40):
        driver.tell("write", id=ident, bodyBytes=251 * 1000)
        room = 0
        while room < 251 * 1000:
            room += driver.until(lambda line: "sent" in line)["sent"]
    driver.tell("finish", id=ident)
    told = json.loads(driver.end(ident)["text"])
    tap.equal("a body that is written piece by piece arrives", (told["length"], told["crc"]),
              (251 * 40000, zlib.crc32(pattern(251 * 40000))))
    ident = driver.start({"url": base + "/echo", "method": "PUT", "stream": True}, hosts)
    driver.tell("finish", id=ident)
    tap.equal("and an empty one", json.loads(driver.end(ident)["text"])["length"], 0)
    ident = driver.start({"url": base + "/slow", "method": "PUT", "stream": True}, hosts)
    driver.tell("write", id=ident, bodyBytes=MIB + 1)
    tap.equal("nobody writes ahead of the wire", message(driver.end(ident)), (
        TOO_LARGE, "more than 1048576 bytes were written before they could be sent"))
    ident = driver.start({"url": base + "/slow"}, hosts)
    driver.tell("write", id=ident, bodyBytes=1)
    tap.equal("nobody writes without saying so", message(driver.end(ident)), (
        INVALID, 'write() needs "stream": true'))


def redirects(tap, driver, base, hosts):
    answer = driver.http({"url": base + "/count/5"}, hosts)
    tap.equal("five redirects are followed",
              (answer["text"], answer["json"]["redirects"], answer["head"]["url"]),
              ("arrived", 5, base + "/count/0"))
    answer = driver.http({"url": base + "/count/5", "maxRedirects": 0}, hosts)
    tap.equal("with maxRedirects 0 the redirect is the answer",
              (answer["head"]["status"], headers(answer)["location"]), (302, "4"))
    expected = {("POST", 301): ("GET", 0), ("POST", 302): ("GET", 0), ("POST", 303): ("GET", 0),
                ("POST", 307): ("POST", 5), ("POST", 308): ("POST", 5), ("PUT", 302): ("PUT", 5),
                ("PUT", 303): ("GET", 0)}
    for (method, code), (then, length) in expected.items():
        answer = driver.http({"url": f"{base}/redirect?code={code}&to=/echo", "method": method,
                              "headers": [["Content-Type", "text/plain"]]}, hosts, body="hello")
        told = json.loads(answer["text"])
        tap.equal(f"{method} that is answered with {code} goes on as {then}",
                  (told["method"], told["length"],
                   dict(told["headers"]).get("Content-Type")),
                  (then, length, "text/plain" if length else None))
    answer = driver.http({"url": base + "/redirect?to=/echo", "method": "HEAD"}, hosts)
    tap.equal("HEAD stays HEAD", (answer["head"]["status"], answer["bytes"]), (200, 0))
    for _ in range(3):
        driver.http({"url": base + "/bomb", "method": "HEAD"}, hosts)
        answer = driver.http({"url": base + "/echo"}, hosts)
        tap.equal("a body that came for HEAD is no answer to the next request",
                  answer.get("head", answer).get("status"), 200)


def rooms(tap, program, modules, base, hosts):
    with Driver(program, modules, own=2, max=3) as driver:
        first = [driver.start({"url": base + "/slow"}, hosts, plugin="org.a") for _ in range(2)]
        answer = driver.http({"url": base + "/echo"}, hosts, plugin="org.a")
        tap.equal("a plugin has its share of requests", message(answer), (
            BUSY, "2 requests of the plugin are open, as many as http_client.max_per_plugin permits"))
        first.append(driver.start({"url": base + "/slow"}, hosts, plugin="org.b"))
        answer = driver.http({"url": base + "/echo"}, hosts, plugin="org.c")
        tap.equal("all have theirs together", message(answer), (
            BUSY, "3 requests are open, as many as http_client.max_requests permits"))
        for ident in first:
            driver.tell("close", id=ident)
            driver.end(ident)
        while (answer := driver.http({"url": base + "/echo"}, hosts, plugin="org.c"))["end"] == BUSY:
            pass
        tap.equal("who goes makes room", answer["end"], OK)


def idle(tap, program, modules, base, hosts, server):
    with Driver(program, modules, idle=100, traces=0) as driver:
        driver.http({"url": base + "/echo"}, hosts)
        before = driver.number("fds")
        while driver.number("fds") >= before:
            pass
        tap.check("a connection that nobody uses is closed", True)
        connections = server.connections
        answer = driver.http({"url": base + "/echo"}, hosts, trace={"traceparent": "00-1-2-03"})
        tap.equal("and another one is made", (answer["end"], server.connections), (OK, connections + 1))
        tap.check("where the operator says so, no trace context is sent",
                  "traceparent" not in answer["text"], answer["text"])


def main():
    program, modules = sys.argv[1:]
    server = Server()
    base, hosts = f"http://localhost:{server.port}", [f"localhost:{server.port}"]
    with Tap() as tap:
        with Driver(program, modules) as driver:
            driver.http({"url": base + "/echo"}, hosts)
            descriptors = driver.number("fds")
            methods(tap, driver, base, hosts)
            fields(tap, driver, base, hosts)
            bodies(tap, driver, base, hosts, server)
            packed(tap, driver, base, hosts)
            written(tap, driver, base, hosts)
            redirects(tap, driver, base, hosts)
            pauses(tap, driver, base, hosts, server)
            driver.http({"url": base + "/echo"}, hosts)
            left = driver.number("fds")
            tap.check("descriptors are those of before, and at most a few connections that are kept",
                      left <= descriptors + 8, f"{descriptors} before, {left} after")
            tap.equal("the driver ends cleanly", driver.close(), 0)
        rooms(tap, program, modules, base, hosts)
        idle(tap, program, modules, base, hosts, server)


main()
