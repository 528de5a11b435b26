#!/usr/bin/env python3
"""The module `tls` and the ssl of Python.

usage: test_tls.py ECHO_SERVER MODULES
"""
import contextlib
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402

PATIENCE = 20
PLAIN = (b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n"
         b"Connection: close\r\n\r\nThis port speaks TLS: use https or wss.\n")


class Server:
    def __init__(self, program, modules, handshake_ms=60000, cert="cert.pem", key="key.pem"):
        self.process = subprocess.Popen([program, modules, cert, key, str(handshake_ms)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.rest = b""
        self.first = self.line()

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

    def tell(self, word):
        self.process.stdin.write(word.encode() + b"\n")
        self.process.stdin.flush()

    def facts(self):
        """(sessions, handshakes, failures, reloads, ended)"""
        self.tell("facts")
        return tuple(int(word) for word in self.line().split())

    def until_alone(self):
        end = time.monotonic() + PATIENCE
        facts = self.facts()
        while facts[0] and time.monotonic() < end:
            time.sleep(0.01)
            facts = self.facts()
        return facts

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", int(self.first)))
        sock.settimeout(PATIENCE)
        return sock

    def client(self, **settings):
        context = ssl.create_default_context(cafile="cert.pem")
        if "alpn" in settings:
            context.set_alpn_protocols(settings["alpn"])
        if "version" in settings:
            context.minimum_version = context.maximum_version = settings["version"]
        return context.wrap_socket(self.connect(), server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def certificate(name, cert="cert.pem", key="key.pem"):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
                   capture_output=True, check=True)


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


def echoed(sock, data):
    got = b""
    sock.sendall(data)
    while len(got) < len(data):
        more = sock.recv(65536)
        if not more:
            break
        got += more
    return got


def both_ways(sock, data):
    """In one thread: a connection of OpenSSL is not for two at once."""
    sent, got = 0, bytearray()
    waits = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
    sock.setblocking(False)
    while len(got) < len(data):
        with contextlib.suppress(*waits):
            while sent < len(data):
                sent += sock.send(data[sent:sent + 65536])
        with contextlib.suppress(*waits):
            while len(got) < len(data):
                got += sock.recv(65536)
        more = [sock] if sent < len(data) else []
        if len(got) < len(data) and not any(select.select([sock], more, [], PATIENCE)):
            break
    sock.settimeout(PATIENCE)
    return bytes(got)


def name_of(sock):
    return sock.getpeercert()["subject"][0][0][1]


def test_echo(tap, start):
    data = os.urandom(1 << 20) * 8
    with start() as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with server.client(version=version) as sock:
                tap.equal(f"{sock.version()} carries bytes", echoed(sock, b"hello"), b"hello")
                tap.check("... eight megabytes, both ways at once", both_ways(sock, data) == data)
        clients = [server.client() for _ in range(50)]
        for i, sock in enumerate(clients):
            sock.sendall(str(i).encode())
        tap.equal("fifty clients get their own bytes", [sock.recv(10) for sock in clients],
                  [str(i).encode() for i in range(50)])
        for sock in clients:
            sock.close()
        tap.equal("none is left", server.until_alone(), (0, 52, 0, 0, 52))


def test_half_close(tap, start):
    with start() as server:
        with server.client() as sock:
            sock.sendall(b"last words")
            socket.socket.shutdown(sock, socket.SHUT_WR)  # without the goodbye of TLS
            tap.equal("who ends its output still gets what was to come", everything(sock),
                      b"last words")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile="cert.pem")
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with server.connect() as sock:
            def step(action):
                while True:
                    try:
                        done = action()
                        sock.sendall(outgoing.read())
                        return done
                    except ssl.SSLWantReadError:
                        sock.sendall(outgoing.read())
                        incoming.write(sock.recv(65536))
            step(tls.do_handshake)
            step(lambda: tls.write(b"goodbye"))
            try:
                tls.unwrap()
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
            tap.equal("... also after the goodbye of TLS", step(lambda: tls.read(100)), b"goodbye")
        tap.equal("none is left", server.until_alone()[0], 0)


def test_slow(tap, start):
    """Nobody reads: what is on its way is bounded, and all of it comes in the end."""
    with start() as server:
        with server.client() as sock:
            tap.equal("it echoes", echoed(sock, b"x"), b"x")
            server.tell("mute")
            sock.setblocking(False)
            sent = 0
            for _ in range(20000):
                try:
                    sent += sock.send(b"y" * 16384)
                except ssl.SSLWantWriteError:
                    if not select.select([], [sock], [], 0.5)[1]:
                        break
            tap.check("a client is held up when those behind do not read", sent < 64 << 20,
                      f"{sent} bytes were taken")
            tap.equal("others are served", [echoed(s, b"z") for s in [server.client()]], [b"z"])
            server.tell("talk")
            sock.settimeout(PATIENCE)
            got = 0
            while got < sent:
                got += len(sock.recv(65536))
            tap.equal("everything comes in the end", got, sent)


def test_failures(tap, start):
    with start(handshake_ms=300) as server:
        with server.connect() as sock:
            tap.equal("who says nothing is closed", everything(sock), b"")
        with server.connect() as sock:
            sock.sendall(b"\x16\x03\x01\x02\x00\x01")
            tap.equal("who does not go on is closed", everything(sock), b"")
        with server.connect() as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            tap.check("who speaks plain HTTP is told", everything(sock).startswith(PLAIN))
        with server.connect() as sock:
            sock.sendall(os.urandom(200))
            tap.check("noise is closed", len(everything(sock)) < 100)
        tap.equal("each is a failure", server.until_alone(), (0, 0, 4, 0, 4))
    with start() as server:
        with server.client(alpn=["h2", "http/1.1"]) as sock:
            tap.equal("http/1.1 is chosen", sock.selected_alpn_protocol(), "http/1.1")
        try:
            server.client(alpn=["h2"]).close()
            tap.check("h2 alone is refused", False)
        except ssl.SSLError as error:
            tap.check("h2 alone is refused", "no application protocol" in str(error), error)
        old = subprocess.run(["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
                              "-connect", f"127.0.0.1:{server.first}"], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False)
        tap.check("TLS 1.1 is refused", "alert protocol version" in old.stderr, old.stderr)


def test_reload(tap, start):
    with start() as server:
        with server.client() as open_before:
            tap.equal("the first certificate", name_of(open_before), "one")
            certificate("two")
            server.tell("reload")
            tap.equal("it is read when told", server.line(),
                      "tls: the certificate was read again")
            with server.client() as sock:
                tap.equal("... and used", name_of(sock), "two")
            tap.equal("open connections go on", echoed(open_before, b"still"), b"still")
        certificate("three")
        time.sleep(1.2)
        with server.client() as sock:
            tap.equal("a change is noticed with a connection", name_of(sock), "three")
        tap.equal("... and logged", server.line(), "tls: the certificate was read again")
        with open("cert.pem", encoding="ascii") as file:
            good = file.read()
        with open("cert.pem", "w", encoding="ascii") as file:
            file.write("nothing")
        time.sleep(1.2)
        server.connect().close()
        tap.equal("a bad one is logged", server.line(),
                  "tls: the old certificate is kept: the certificate cert.pem cannot be used: "
                  "no start line")
        with open("cert.pem", "w", encoding="ascii") as file:
            file.write(good)
        with server.client() as sock:
            tap.equal("... and the old one kept", name_of(sock), "three")


def test_start(tap, start):
    certificate("other", "other.pem", "other-key.pem")
    for name, cert, key, text in [
            ("no certificate", "missing.pem", "key.pem",
             "the certificate missing.pem cannot be used: No such file or directory"),
            ("no key", "cert.pem", "missing.pem",
             "the private key missing.pem cannot be used: No such file or directory"),
            ("a key of another certificate", "cert.pem", "other-key.pem",
             "the private key other-key.pem cannot be used: key values mismatch"),
            ("a key that is none", "cert.pem", "cert.pem",
             "the private key cert.pem cannot be used: unsupported")]:
        with start(cert=cert, key=key) as server:
            tap.equal(f"{name} is told", server.first, text)


def main():
    program, modules = map(os.path.abspath, sys.argv[1:])
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="hexmcp-tls-") as folder:
        os.chdir(folder)
        for test in [test_echo, test_half_close, test_slow, test_failures, test_reload, test_start]:
            certificate("one")
            test(tap, lambda **options: Server(program, modules, **options))


if __name__ == "__main__":
    main()
