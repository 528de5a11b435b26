#!/usr/bin/env python3
"""Figures of hexmcp on the network beside their floors, and beside a server on the official SDK.

    network.py BUILD [ROUNDS [NODE SDK_SERVER]]

Each round measures floor and hexmcp in turn, at each number of connections; the medians over the
rounds and the ratio of the medians are printed.
"""
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CONNECTIONS = (1, 16, 256)
MILLISECONDS = "700"
IDLE = 10000
SUBSCRIBERS = 1000
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}


def message(method, params, ident=7):
    return json.dumps({"jsonrpc": "2.0", "id": ident, "method": method,
                       "params": dict(params, _meta=META)}, separators=(",", ":"))


CALL = message("tools/call", {"name": "hello", "arguments": {"name": "twenty bytes"}})
LEGACY_CALL = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
                          "params": {"name": "hello", "arguments": {"name": "twenty bytes"}}})


def post(body, port, extra=""):
    return (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\n{extra}"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


MODERN = ("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: hello\r\n")
LISTEN = ("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n")


class Server:
    """A program that prints the address it listens on, on the given stream."""

    def __init__(self, argv, stream="stderr", env=None):
        self.began = time.monotonic()
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env,
                                        **{stream: subprocess.PIPE})
        self.stream = getattr(self.process, stream)
        while True:
            line = self.stream.readline().decode()
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
            if not line:
                sys.exit(f"{argv[0]} printed no address")

    def memory(self):
        """Private bytes."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return 1024 * sum(int(line.split()[1]) for line in file
                              if line.startswith("Private_"))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.stream.close()


class Bench:
    def __init__(self, build, rounds):
        self.build, self.rounds = build, rounds
        self.folder = tempfile.mkdtemp()
        self.env = dict(os.environ, XDG_STATE_HOME=self.folder, XDG_CACHE_HOME=self.folder,
                        XDG_CONFIG_HOME=self.folder)

    def program(self, name):
        return os.path.join(self.build, "tests/bench", name)

    def hexmcp(self, *arguments):
        return Server([os.path.join(self.build, "hexmcp"), "serve", "--listen", "127.0.0.1:0",
                       *arguments], env=self.env)

    def load(self, kind, port, path, request, connections):
        name = os.path.join(self.folder, "request")
        with open(name, "wb") as file:
            file.write(request if isinstance(request, bytes) else request.encode())
        out = subprocess.run([self.program("load"), kind, f"127.0.0.1:{port}", path, name,
                              str(connections), MILLISECONDS], check=True, stdout=subprocess.PIPE)
        rate, median, high, bad = (float(x) for x in out.stdout.split())
        if bad:
            sys.exit(f"{kind} {path}: {bad:.0f} answers were no good")
        return rate, median, high

    def compare(self, title, kinds):
        """`kinds`: name, server, kind of load, path, request; the first one is the floor."""
        for connections in CONNECTIONS:
            runs = {name: [] for name, *_ in kinds}
            for _ in range(self.rounds):
                for name, server, kind, path, request in kinds:
                    runs[name].append(self.load(kind, server.port, path, request, connections))
            medians = {name: [statistics.median(values) for values in zip(*found)]
                       for name, found in runs.items()}
            floor = medians[kinds[0][0]][0]
            for name, (rate, median, high) in medians.items():
                print(f"| {title}, {connections} connections | {name} | {rate:,.0f} | "
                      f"{median:,.1f} | {high:,.1f} | {rate / floor:.2f} |", flush=True)

    def first_answer(self, start, request):
        times = []
        for _ in range(self.rounds * 3):
            server = start()
            with socket.create_connection(("127.0.0.1", server.port)) as link:
                link.sendall(request(server.port))
                if b"200 OK" not in link.recv(65536):
                    sys.exit("the first answer was no good")
            times.append((time.monotonic() - server.began) * 1000)
            server.stop()
        return statistics.median(times)


def hold(bench, port, count):
    name = os.path.join(bench.folder, "empty")
    with open(name, "wb"):
        pass
    holder = subprocess.Popen([bench.program("load"), "hold", f"127.0.0.1:{port}", "/ws", name,
                               str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if holder.stdout.readline().split() != [b"open", str(count).encode()]:
        sys.exit("the idle connections could not be opened")
    return holder


def release(holder):
    holder.stdin.close()
    holder.wait()
    holder.stdout.close()


def idle(bench):
    server = bench.hexmcp("--set", f"listen.max_connections={IDLE + 100}",
                          "--set", f"listen.max_per_address={IDLE + 100}")
    alone = bench.load("ws", server.port, "/ws", CALL, 1)
    before = server.memory()
    holder = hold(bench, server.port, IDLE)
    each = (server.memory() - before) / IDLE
    among = bench.load("ws", server.port, "/ws", CALL, 1)
    release(holder)
    print(f"{IDLE:,} idle WebSocket connections: {each / 1024:.2f} KiB each; a call takes "
          f"{among[1]:.1f} us (p99 {among[2]:.1f}), {alone[1]:.1f} us (p99 {alone[2]:.1f}) on an "
          "empty server", flush=True)
    server.stop()


def subscribe(port):
    link = socket.create_connection(("127.0.0.1", port))
    body = message("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, 1)
    link.sendall(post(body, port, LISTEN))
    text = b""
    while b"subscriptions/acknowledged" not in text:
        text += link.recv(65536)
    return link


def wait_for_change(link):
    text = b""
    while b"tools/list_changed" not in text:
        text += link.recv(65536)


def fan_out(bench):
    server = bench.hexmcp("--plugin", os.path.join(bench.build, "examples/hexmcp.conformance"),
                          "--set", f"listen.max_connections={SUBSCRIBERS + 100}",
                          "--set", f"listen.max_per_address={SUBSCRIBERS + 100}")
    links = [subscribe(server.port) for _ in range(SUBSCRIBERS)]
    body = message("tools/call", {"name": "test_trigger_tool_change", "arguments": {}})
    times = []
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        for _ in range(bench.rounds):
            began = time.monotonic()
            caller.sendall(post(body, server.port, MODERN.replace("hello",
                                                                  "test_trigger_tool_change")))
            caller.recv(65536)
            for link in links:
                wait_for_change(link)
            times.append((time.monotonic() - began) * 1000)
    for link in links:
        link.close()
    server.stop()
    print(f"a change of the tools reaches {SUBSCRIBERS:,} SSE subscribers in "
          f"{statistics.median(times):.0f} ms, of which 50 ms are waited for further changes",
          flush=True)


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    bench = Bench(build, rounds)
    print("| what | server | answers/s | p50 us | p99 us | of the floor |\n"
          "| --- | --- | --- | --- | --- | --- |")
    http_floor = Server([bench.program("http_floor")], "stdout")
    ws_floor = Server([bench.program("ws_floor")], "stdout")
    hexmcp = bench.hexmcp()
    kinds = [("bare libmicrohttpd", http_floor, "http", "/mcp", post(CALL, http_floor.port)),
             ("hexmcp", hexmcp, "http", "/mcp", post(CALL, hexmcp.port, MODERN))]
    if len(sys.argv) > 4:
        peer = Server(sys.argv[3:5], "stdout")
        kinds.append(("TypeScript SDK", peer, "http", "/mcp", post(LEGACY_CALL, peer.port)))
    bench.compare("HTTP", kinds)
    bench.compare("WebSocket", [("bare libwebsockets", ws_floor, "ws", "/ws", CALL),
                                ("hexmcp", hexmcp, "ws", "/ws", CALL)])
    for server in (http_floor, ws_floor, hexmcp):
        server.stop()
    floor = bench.first_answer(lambda: Server([bench.program("http_floor")], "stdout"),
                               lambda port: post(CALL, port))
    ours = bench.first_answer(bench.hexmcp, lambda port: post(CALL, port, MODERN))
    print(f"spawn to first answer over HTTP: {ours:.2f} ms, bare libmicrohttpd {floor:.2f} ms, "
          f"ratio {ours / floor:.2f}", flush=True)
    idle(bench)
    fan_out(bench)


if __name__ == "__main__":
    main()
