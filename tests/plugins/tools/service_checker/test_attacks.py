#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES

service-checker against names, servers and certificates that mean harm.
"""
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import ODD, SPECIAL, Attacks  # noqa: E402
from library import Tap  # noqa: E402
from servers import Server, certificates, tls  # noqa: E402

TOOL = "service-checker"
KINDS = ("tcp", "http", "https", "dns")


def look(library, kind, target, **more):
    """The result of one target, or the error."""
    text = library.fails(TOOL, check_type=kind, target=target, **{"retries": 0, **more})
    return json.loads(text)["structuredContent"]["results"][0] if text.startswith("{") else text


def ask(library, url, **more):
    got = look(library, "http", url, **more)
    return got if isinstance(got, str) else got.get("error", json.dumps(got))


class Recorder(Server):
    """Keeps what comes, and says nothing."""

    def __init__(self, *arguments, **more):
        self.came = b""
        super().__init__(*arguments, **more)

    def serve(self, connection):
        with connection:
            while piece := connection.recv(65536):
                self.came += piece


class Once(Server):
    """Closes after each answer, so that the next request needs a connection of its own."""

    def talk(self, connection):
        request, _ = self.read(connection, b"")
        if request:
            self.answer(connection, fields=[("Connection", "close")])


class Trickle(Server):
    """A handshake of which a byte comes at a time."""

    def serve(self, connection):
        try:
            with connection:
                connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")
                while True:
                    connection.sendall(b"\x00")
                    time.sleep(0.05)
        except OSError:
            pass


def addresses(tap, attacks):
    """What * allows is the public network at the ports of the web."""
    attacks.addresses()
    with attacks.library(["*", f"*.test:{attacks.port}"],
                         names="inside.test=127.0.0.1 meta.test=169.254.169.254 private.test=10.0.0.1") as library:
        for kind in KINDS:
            for host in (*SPECIAL, *ODD, "inside.test", "meta.test", "private.test"):
                before = attacks.server.connections
                got = look(library, kind, f"{host}:{attacks.port}", timeout_ms=2000)
                tap.check(f"{kind} of {host}", isinstance(got, str) and attacks.server.connections == before, got)
            for port in (22, 25, 3306, 6379):
                if kind in ("tcp", "dns"):
                    got = look(library, kind, f"203.0.113.7:{port}")
                    tap.check(f"{kind} of port {port}", f":{port} is not granted" in str(got), got)


def rebinding(tap, attacks, folder):
    """A name that leads elsewhere at the next question: of a second check, of a retry, and of the request after a look
    at the certificate."""
    port = attacks.port
    allowed = Once("127.0.0.2", port=port)

    def library(names):
        return attacks.library([f"*.test:{port}", f"127.0.0.2:{port}", f"127.0.0.3:{port}", f"127.0.0.4:{port}"], names=names)
    refusal = "rebind.test has the address 127.0.0.1"
    for kind in ("tcp", "http", "dns"):
        before = attacks.server.connections
        with library("rebind.test=127.0.0.2,127.0.0.1") as checks:
            first = look(checks, kind, f"rebind.test:{port}")
            tap.check(f"{kind}: a name leads first to where it may", not isinstance(first, str) and first["available"],
                      first)
            tap.check(f"{kind}: and not to this machine when it means that later",
                      refusal in str(look(checks, kind, f"rebind.test:{port}")))
        tap.equal(f"{kind}: nothing arrived here", attacks.server.connections, before)
    with library("rebind.test=127.0.0.3,127.0.0.1") as checks:
        before = attacks.server.connections
        got = look(checks, "tcp", f"rebind.test:{port}", retries=2)
        tap.check("a retry is checked, too", refusal in str(got), got)
        tap.equal("and does not arrive", attacks.server.connections, before)
    secure = Server("127.0.0.4", tls=tls(folder, "alone"), port=port)
    with library("rebind.test=127.0.0.4,127.0.0.1") as checks:
        before = attacks.server.connections
        got = look(checks, "https", f"rebind.test:{port}")
        tap.check("the request after the handshake is checked, too", refusal in str(got), got)
        tap.equal("and does not arrive", (attacks.server.connections, secure.connections), (before, 1))


def redirects(tap, attacks):
    with attacks.library([f"localhost:{attacks.port}", f"localhost:{attacks.other.port}"]) as library:
        for place in (f"http://localhost:{attacks.other.port}/", "http://169.254.169.254/latest", "file:///etc/passwd"):
            got = look(library, "http", f"http://localhost:{attacks.port}/redirect?to={place}")
            tap.equal(f"a redirect to {place} is an answer", (got["available"], got["metadata"]["http_status"]), (True, 302))
        tap.equal("and nobody goes there, granted or not", attacks.other.connections, 0)


def injection(tap, attacks):
    port = attacks.port
    with attacks.library([f"localhost:{port}"]) as library:
        for target in (f"http://localhost:{port}/a\r\nX-Evil: 1", f"http://localhost:{port}/a HTTP/1.1\r\n\r\nGET /b",
                       f"localhost:{port}\r\nX-Evil: 1", f"http://localhost\r\n:{port}/"):
            look(library, "http", target)
        seen = [request.target + str(request.fields) for request in attacks.server.requests]
        tap.check("no header and no second request comes of a target",
                  not any("X-Evil'" in one or one.startswith("/b") for one in seen), seen)
        for target in (f"http://user:pw@localhost:{port}/", f"http://localhost:{port}@evil.test/",
                       f"http://evil.test\\@localhost:{port}/", f"http://localhost:{port}#@evil.test/x",
                       f"http://evil.test?@localhost:{port}/"):
            before = len(attacks.server.requests)
            got = look(library, "http", target)
            here = isinstance(got, dict) and got["available"] and len(attacks.server.requests) == before + 1
            tap.check(f"{target} is one host and no other", here or "is no URL" in got or "is not granted" in got, got)


def quiet(tap, attacks):
    """A check of a port sends nothing; what a server sends does not keep it."""
    recorder, trickle = Recorder(), Trickle()
    with attacks.library([f"localhost:{s.port}" for s in (recorder, trickle, attacks.server)]) as library:
        for kind in ("tcp", "dns"):
            tap.equal(f"{kind} is up", look(library, kind, f"localhost:{recorder.port}")["available"], True)
        tap.equal("and has sent nothing", recorder.came, b"")
        got = look(library, "https", f"localhost:{trickle.port}", timeout_ms=1500)
        tap.equal("a handshake byte by byte ends", got.get("error"), "localhost: no TLS handshake within 1500 ms")
        for path in ("endless", "big-head", "bomb"):
            got = look(library, "http", f"http://localhost:{attacks.port}/{path}", timeout_ms=3000)
            tap.check(f"/{path} is an answer or an error", "available" in got, got)
        got = look(library, "http", f"http://localhost:{attacks.port}/echo", retries=2)
        tap.check("and the next one is answered", got["available"], got)


def unanswered(tap, attacks):
    """A name is resolved also if nobody answers there, and that is what dns is about."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    waiting = []
    for _ in range(3):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
        waiting.append(one)
    with attacks.library([f"localhost:{port}"]) as library:
        got = look(library, "tcp", f"localhost:{port}", timeout_ms=400)
        tap.equal("a port that does not answer", got.get("error"), f"localhost:{port}: no connection within 400 ms")
        got = look(library, "dns", f"localhost:{port}", timeout_ms=400)
        tap.equal("its name is known all the same", got["available"], True)
    for one in (*waiting, full):
        one.close()


def make(folder, name, *extension, subject="/CN=localhost", days="30", form=()):
    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    with open(f"{folder}/{name}.cnf", "w", encoding="utf-8") as file:
        file.write("[req]\ndistinguished_name=dn\nstring_mask=utf8only\n[dn]\n[ext]\n" + "\n".join(extension) + "\n")
    run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-utf8", "-keyout", f"{name}.key", "-out", f"{name}.csr",
        "-config", f"{name}.cnf", "-subj", subject)
    run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
        f"{name}.crt", "-extfile", f"{name}.cnf", "-extensions", "ext", "-days", days, *form)
    with open(f"{folder}/{name}.pem", "w", encoding="ascii") as file:
        for part in ("crt", "key"):
            file.write(open(f"{folder}/{name}.{part}", encoding="ascii").read())


def strange_certificates(tap, attacks, folder):
    names = ",".join(f"DNS:n{i}.test" for i in range(30))
    make(folder, "many", f"subjectAltName=DNS:localhost,{names}")
    make(folder, "odd", "subjectAltName=DNS:localhost", subject="/L=" + "\u20ac" * 60 + "/OU=" + "\u20ac" * 60
         + "/CN=caf\u00e9\u202e\x07")
    make(folder, "address", "subjectAltName=IP:127.0.0.1,IP:2001:db8::1")
    make(folder, "wild", "subjectAltName=DNS:*.localhost")
    with open(f"{folder}/long.pem", "w", encoding="ascii") as file:
        file.write(open(f"{folder}/good.pem", encoding="ascii").read())
        file.write(open(f"{folder}/many.crt", encoding="ascii").read() * 150)
    servers = {name: Server(tls=tls(folder, name)) for name in ("many", "odd", "address", "wild", "long", "good")}
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(f"{folder}/good.pem")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    servers["old"] = Server(tls=old)
    hosts = [f"{host}:{s.port}" for s in servers.values() for host in ("localhost", "127.0.0.1", "a.localhost")]
    with attacks.library(hosts, names="a.localhost=127.0.0.1", http_client={"ca_file": f"{folder}/ca.pem"}) as library:
        def certificate(name, host="localhost"):
            got = look(library, "https", f"https://{host}:{servers[name].port}/echo")
            return got, got["metadata"].get("certificate", {})
        got, x = certificate("many")
        tap.equal("of many names the first come", (got["available"], len(x["names"]), x["names"][0]), (True, 20, "localhost"))
        got, x = certificate("odd")
        tap.check("a long subject with letters of all kinds is cut, and is text", got["available"] and "caf\u00e9" in
                  json.dumps(x, ensure_ascii=False) and "\x07" not in x["subject"] and len(x["subject"].encode()) <= 255, x)
        got, x = certificate("address", "127.0.0.1")
        tap.equal("addresses are names, too", (got["available"], x["names"]), (True, ["127.0.0.1", "2001:db8:0:0:0:0:0:1"]))
        got, x = certificate("address")
        tap.equal("but not of another host", (got["available"], x["verified"]), (False, False))
        got, x = certificate("wild")
        tap.equal("a name for those below it is not it", (got["available"], x["names"]), (False, ["*.localhost"]))
        got, x = certificate("long")
        tap.check("a chain that is too long ends the handshake", not got["available"] and not x and
                  "excessive message size" in got["error"], got)
        got, x = certificate("old")
        tap.equal("TLS 1.2", (got["available"], x["protocol"]), (True, "TLSv1.2"))
    with attacks.library(hosts) as library:
        got, x = certificate("good")
        tap.equal("an authority that this machine does not know", (got["available"], x["verified"]), (False, False))


def main(program, fake_names):
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        attacks = Attacks(tap, program, fake_names, ask)
        addresses(tap, attacks)
        rebinding(tap, attacks, folder)
        redirects(tap, attacks)
        injection(tap, attacks)
        quiet(tap, attacks)
        unanswered(tap, attacks)
        strange_certificates(tap, attacks, folder)


main(*sys.argv[1:])
