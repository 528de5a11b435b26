#!/usr/bin/env python3
"""What badly behaved clients cost the others: p99 of 16 good connections just before each kind of bad
client and while it is there (medians of three), and the private memory of the server.

    hostile.py BUILD
"""
import json
import os
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run as bench  # noqa: E402

CLIENTS = 50
LIMITS = ("http.session_idle_ms=5000", "http.header_ms=3000", "http.write_idle_ms=3000",
          "listen.max_connections=2000", "listen.max_per_address=2000",
          "listen.first_bytes_ms=3000")
INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"}}})
LIST = bench.message("tools/list", {})
LIST_HEADERS = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n"


def connect(port):
    return socket.create_connection(("127.0.0.1", port))


def send_quietly(link, data):
    """False: the server has closed the connection."""
    try:
        link.sendall(data)
        return True
    except OSError:
        return False


def each(port, stop, work):
    """`work` on CLIENTS connections in turn, until told to stop."""
    links = [connect(port) for _ in range(CLIENTS)]
    while not stop.is_set():
        links = [link if work(link) else connect(port) for link in links]
        time.sleep(0.05)
    for link in links:
        link.close()


def slow_sender(port, stop):
    each(port, stop, lambda link: send_quietly(link, b"P"))


def slow_reader(port, stop):
    """Asks until nothing more is taken, and never reads."""
    request = bench.post(LIST, port, LIST_HEADERS)
    links = [connect(port) for _ in range(CLIENTS)]
    for link in links:
        link.settimeout(0.01)
        while send_quietly(link, request) and not stop.is_set():
            pass
    stop.wait()
    for link in links:
        link.close()


def huge_body(port, stop):
    head = post_head(port, "Transfer-Encoding: chunked")
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    while not stop.is_set():
        with connect(port) as link:
            if not send_quietly(link, head):
                continue
            for _ in range(1 << 14):
                if stop.is_set() or not send_quietly(link, piece):
                    break


def post_head(port, last):
    return (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\n{last}\r\n\r\n").encode()


def announced_body(port, stop):
    head = post_head(port, f"Content-Length: {1 << 30}")
    while not stop.is_set():
        with connect(port) as link:
            send_quietly(link, head)
            time.sleep(0.01)


def header_flood(port, stop):
    lines = b"X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 100
    while not stop.is_set():
        with connect(port) as link:
            alive = send_quietly(link, b"GET /mcp HTTP/1.1\r\n")
            while alive and not stop.is_set():
                alive = send_quietly(link, lines)


def half_open(port, stop):
    links = [connect(port) for _ in range(500)]
    stop.wait()
    for link in links:
        link.close()


def abandoned_sessions(port, stop):
    request = bench.post(INITIALIZE, port)
    with connect(port) as link:
        for _ in range(1000):
            link.sendall(request)
            link.recv(65536)
    stop.wait()


def median_load(load):
    return [statistics.median(values) for values in zip(*(load() for _ in range(3)))]


def measure(server, load, attack):
    normal = median_load(load)
    before = server.memory()
    stop = threading.Event()
    thread = threading.Thread(target=attack, args=(server.port, stop))
    thread.start()
    time.sleep(2)
    found = median_load(load)
    during = server.memory()
    stop.set()
    thread.join()
    time.sleep(6)
    load()
    return normal, found, (before, during, server.memory())


def main():
    on = bench.Bench(os.path.abspath(sys.argv[1]), 1)
    server = on.hexmcp(*[part for limit in LIMITS for part in ("--set", limit)])

    def load():
        return on.load("http", server.port, "/mcp",
                       bench.post(bench.CALL, server.port, bench.MODERN), 16)
    load()
    print("| bad clients | p99 us before | p99 us with them | private KiB before | during | after |\n"
          "| --- | --- | --- | --- | --- | --- |", flush=True)
    for attack in (slow_sender, slow_reader, announced_body, huge_body, header_flood, half_open,
                   abandoned_sessions):
        normal, found, memory = measure(server, load, attack)
        cells = " | ".join(str(value // 1024) for value in memory)
        print(f"| {attack.__name__.replace('_', ' ')} | {normal[2]:.1f} | {found[2]:.1f} | {cells} |",
              flush=True)
    server.stop()


if __name__ == "__main__":
    main()
