#!/usr/bin/env python3
"""The listener with real sockets.

usage: test_listener.py HANDING_SERVER
"""
import os
import resource
import select
import socket
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402

PATIENCE = 20
UPGRADE = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
POST = b"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
TOO_MANY = "too many connections; try again later (setting listen.max_connections)"
TOO_MANY_HERE = ("too many connections from your address; close some or try again later "
                 "(setting listen.max_per_address)")
LATE = ("the request did not come in time; send its headers at once "
        "(setting listen.first_bytes_ms)")


def refusal(status, why):
    body = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"' + why + '"}}'
    return (f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}").encode()


class Server:
    def __init__(self, program, *places, connections=100, per_address=100, first_bytes_ms=60000,
                 descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        self.process = subprocess.Popen(
            [program, str(connections), str(per_address), str(first_bytes_ms), *places],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=limit)
        self.rest = b""
        self.places = []
        line = self.line()
        while line and line != "ready" and line.split(" ")[-1] in ("loopback", "open"):
            self.places.append(line)
            line = self.line()
        self.error = "" if line == "ready" else line

    def line(self):
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise TimeoutError("the server says nothing")
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def told(self, word):
        """The next line that begins so."""
        line = self.line()
        while line is not None and not line.startswith(word):
            line = self.line()
        return line

    def facts(self):
        """(connections, waiting, accepted, refused, turns of the loop)"""
        self.process.stdin.write(b"facts\n")
        self.process.stdin.flush()
        line = self.line()
        while not line[0].isdigit():
            line = self.line()
        return tuple(int(word) for word in line.split())

    def until(self, index, value):
        """Waits until a fact has this value, and gives the facts."""
        end = time.monotonic() + PATIENCE
        facts = self.facts()
        while facts[index] != value and time.monotonic() < end:
            time.sleep(0.01)
            facts = self.facts()
        return facts

    def address(self, at=0):
        host, port = self.places[at].split(" ")[0].rsplit(":", 1)
        return host.strip("[]"), int(port)

    def client(self, at=0):
        return patient(socket.create_connection(self.address(at)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def patient(sock):
    sock.settimeout(PATIENCE)
    return sock


def unix_client(path):
    sock = patient(socket.socket(socket.AF_UNIX))
    sock.connect(path)
    return sock


def say(sock, data):
    sock.sendall(data)
    return answer(sock)


def answer(sock):
    """The line of the taker."""
    got = b""
    while not got.endswith(b"\n"):
        more = sock.recv(4096)
        if not more:
            break
        got += more
    return got.decode()


def everything(sock):
    got = b""
    try:
        while True:
            more = sock.recv(65536)
            if not more:
                return got
            got += more
    except ConnectionResetError:
        return got + b"(reset)"


def test_kinds(tap, program, folder):
    path = os.path.join(folder, "kinds.sock")
    with Server(program, "127.0.0.1:0", path) as server:
        tap.equal("the places are told", [p.split(" ")[1] for p in server.places],
                  ["loopback", "loopback"])
        for name, data, kind in [("a POST", POST, "http"), ("an upgrade", UPGRADE, "websocket"),
                                 ("what is no HTTP", b"\x16\x03\x01", "http"),
                                 ("the word of lines", b"HEXMCP-CONNECT/1 {}\n", "http")]:
            with server.client() as sock:
                tap.equal(f"{name} over TCP", say(sock, data), f"{kind} 127.0.0.1 {len(data)}\n")
        for name, data, kind in [("a POST", POST, "http"), ("an upgrade", UPGRADE, "websocket"),
                                 ("the word of lines", b"HEXMCP-CONNECT/1 {}\n", "lines")]:
            with unix_client(path) as sock:
                tap.equal(f"{name} over a Unix socket", say(sock, data),
                          f"{kind} local {len(data)}\n")
        with server.client() as sock:
            sock.sendall(UPGRADE[:30])
            sock.shutdown(socket.SHUT_WR)
            tap.equal("a begun upgrade that ends goes to HTTP", answer(sock), "http 127.0.0.1 30\n")
        with unix_client(path) as sock:
            sock.sendall(UPGRADE[:30])
            sock.shutdown(socket.SHUT_WR)
            tap.equal("... also over a Unix socket", answer(sock), "http local 30\n")
        with server.client() as sock:
            sock.sendall(b"GET /ws HTTP/1.1\r\n" + b"x: y\r\n" * 4000)
            tap.equal("an upgrade with too many headers goes to HTTP", answer(sock).split(" ")[0],
                      "http")
        with server.client() as sock:
            sock.shutdown(socket.SHUT_WR)
            tap.equal("who says nothing and goes is let go", everything(sock), b"")
        tap.equal("no connection is left", server.until(0, 0)[:2], (0, 0))


def test_pieces(tap, program, folder):
    """Byte by byte, and the loop sleeps in between."""
    path = os.path.join(folder, "pieces.sock")
    with Server(program, "127.0.0.1:0", path) as server:
        for name, connect in [("TCP", server.client),
                              ("a Unix socket", lambda: unix_client(path))]:
            with connect() as sock:
                for i in range(len(UPGRADE) - 1):
                    sock.sendall(UPGRADE[i:i + 1])
                    time.sleep(0.001)
                tap.equal(f"over {name} a begun upgrade waits", server.facts()[1], 1)
                before = server.facts()[4]
                time.sleep(1)
                turns = server.facts()[4] - before
                tap.check(f"over {name} the loop does not spin while it waits", turns < 130,
                          f"{turns} turns in a second")
                tap.equal(f"over {name} bytes that came one by one are all handed on",
                          say(sock, UPGRADE[-1:]).split(" ")[0::2], ["websocket", f"{len(UPGRADE)}\n"])
            server.until(0, 0)


def test_deadline(tap, program, folder):
    path = os.path.join(folder, "late.sock")
    with Server(program, "127.0.0.1:0", path, first_bytes_ms=200) as server:
        with server.client() as sock:
            tap.equal("who says nothing is closed", everything(sock), b"")
        with server.client() as sock:
            sock.sendall(UPGRADE[:20])
            tap.equal("who begins and goes on too slowly is told", everything(sock),
                      refusal("408 Request Timeout", LATE))
        with unix_client(path) as sock:
            sock.sendall(b"HEXMCP")
            tap.equal("... and over a Unix socket", everything(sock),
                      ('HEXMCP-CONNECT/1 {"error":"' + LATE + '"}\n').encode())
        tap.equal("none is left", server.until(0, 0)[:2], (0, 0))


def test_caps(tap, program, folder):
    path = os.path.join(folder, "caps.sock")
    with Server(program, "127.0.0.1:0", path, connections=5, per_address=3) as server:
        held = [server.client() for _ in range(3)]
        server.until(0, 3)
        with server.client() as sock:
            tap.equal("one address has its cap", everything(sock),
                      refusal("503 Service Unavailable", TOO_MANY_HERE))
        with patient(socket.create_connection(server.address(),
                                              source_address=("127.0.0.2", 0))) as sock:
            tap.equal("another address has its own", say(sock, POST).split(" ")[:2],
                      ["http", "127.0.0.2"])
            held.append(unix_client(path))
            server.until(0, 5)
            with unix_client(path) as late:
                tap.equal("all together have a cap", everything(late),
                          ('HEXMCP-CONNECT/1 {"error":"' + TOO_MANY + '"}\n').encode())
            with patient(socket.create_connection(server.address(),
                                                  source_address=("127.0.0.3", 0))) as late:
                late.sendall(POST)
                tap.equal("... told in HTTP over TCP", everything(late),
                          refusal("503 Service Unavailable", TOO_MANY))
        tap.equal("refused ones are counted", server.until(0, 4)[3], 3)
        held.pop(0).close()
        server.until(0, 3)
        with server.client() as sock:
            tap.equal("there is room again when one has ended", say(sock, POST).split(" ")[0],
                      "http")
        for sock in held:
            sock.close()
        tap.equal("idle is told", server.told("idle"), "idle")


def test_descriptors(tap, program, _):
    with Server(program, "127.0.0.1:0", connections=1000, per_address=1000,
                descriptors=40) as server:
        held = [server.client() for _ in range(60)]
        tap.equal("that no descriptors are left is logged", server.told("log:"),
                  "log: no descriptors are left for connections; raise the limit of open files, "
                  "or lower listen.max_connections")
        before = server.facts()[4]
        time.sleep(1)
        turns = server.facts()[4] - before
        tap.check("the loop does not spin without descriptors", turns < 130,
                  f"{turns} turns in a second")
        for sock in held:
            sock.close()
        server.until(0, 0)
        with server.client() as sock:
            tap.equal("it accepts again when there are some", say(sock, POST).split(" ")[0], "http")


def mode_of(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


def refused_place(tap, program, name, place, text):
    with Server(program, place) as server:
        tap.equal(name, server.error, text)


def test_unix_places(tap, program, folder):
    path = os.path.join(folder, "deep", "place.sock")
    begin = f"cannot listen on the socket {path}: "
    with Server(program, path) as server:
        tap.equal("a missing folder is made for us alone", mode_of(os.path.dirname(path)), "0o700")
        tap.equal("the socket is ours alone", mode_of(path), "0o600")
        refused_place(tap, program, "a socket that answers is left alone", path,
                      begin + "a server answers there already; end it or choose another name")
        with unix_client(path) as sock:
            tap.equal("... and goes on", say(sock, POST).split(" ")[0], "http")
        server.process.kill()
        server.process.wait()
        tap.check("a server that is killed leaves its socket", os.path.exists(path))
    with Server(program, path) as server:
        with unix_client(path) as sock:
            tap.equal("a dead socket is replaced", say(sock, POST).split(" ")[0], "http")
    tap.check("the end removes it", not os.path.exists(path))
    with Server(program, path) as server:
        os.rename(path, path + ".old")
        with open(path, "w", encoding="ascii"):
            pass
    tap.check("what somebody else has put there is left", os.path.isfile(path))
    refused_place(tap, program, "a file that is no socket is left alone", path,
                  begin + "there is a file of that name that is no socket; choose another name")
    long = "/" + "x" * 108
    refused_place(tap, program, "a path that is too long is told", long,
                  f'cannot listen on the socket "{long}": its path must have 1 to 107 bytes')


def test_tcp_places(tap, program, _):
    for text in ["8080", ":8080", "localhost", "localhost:", "localhost:65536", "::1:80", "[::1]",
                 "localhost:8o"]:
        refused_place(tap, program, f"{text} is no place", text,
                      f'cannot listen on "{text}": expected HOST:PORT or [IPv6]:PORT, e.g. '
                      "127.0.0.1:8080")
    with Server(program, "127.0.0.1:0", "0.0.0.0:0") as server:
        tap.equal("what others can reach is told", [p.split(" ")[1] for p in server.places],
                  ["loopback", "open"])
        place = server.places[0].split(" ")[0]
        refused_place(tap, program, "a port that is taken is told", place,
                      f'cannot listen on "{place}": Address already in use')
    if not os.path.exists("/proc/net/if_inet6"):
        tap.skip("IPv6", "this machine has no IPv6")
        return
    with Server(program, "[::1]:0", "localhost:0") as server:
        tap.check("an IPv6 address stands in brackets", server.places[0].startswith("[::1]:"),
                  server.places)
        with server.client() as sock:
            tap.equal("IPv6 clients have their address", say(sock, POST), f"http ::1 {len(POST)}\n")
        ports = {p.split(" ")[0].rsplit(":", 1)[1] for p in server.places[1:]}
        tap.equal("a name has one port on all of its addresses", len(ports), 1)


def test_stop(tap, program, folder):
    path = os.path.join(folder, "stop.sock")
    with Server(program, "127.0.0.1:0", path) as server:
        with server.client() as served, server.client() as waiting:
            say(served, POST)
            server.until(1, 1)
            server.process.stdin.write(b"stop\n")
            server.process.stdin.flush()
            tap.equal("who waits is closed by the end", everything(waiting), b"")
            tap.equal("the end is at once", server.told("stopped"), "stopped")
            tap.check("it removes the socket", not os.path.exists(path))
            tap.equal("who is served stays", server.facts()[0], 1)
            try:
                server.client().close()
                tap.check("nobody else can connect", False)
            except ConnectionRefusedError:
                tap.check("nobody else can connect", True)
        tap.equal("idle comes with the last one's end", server.told("idle"), "idle")


def main():
    program = os.path.abspath(sys.argv[1])
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="hexmcp-listener-") as folder:
        for test in [test_kinds, test_pieces, test_deadline, test_caps, test_descriptors,
                     test_unix_places, test_tcp_places, test_stop]:
            test(tap, program, folder)


if __name__ == "__main__":
    main()
