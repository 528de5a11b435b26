"""service-checker against real servers: good, expired, wrong, silent and absent ones."""

import datetime
import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Failed, Library, Tap  # noqa: E402
from servers import Server, certificates, tls  # noqa: E402

TOOL = "service-checker"


class Web(Server):
    """/status/503 answers so; /nohead refuses HEAD."""

    def talk(self, connection):
        rest = b""
        while True:
            request, rest = self.read(connection, rest)
            if not request:
                return
            self.requests.append(request)
            code = request.path.rsplit("/", 1)[1] if request.path.startswith("/status/") else "200"
            if request.path == "/nohead" and request.method == "HEAD":
                code = "405"
            connection.sendall(f"HTTP/1.1 {code} X\r\nContent-Length: 0\r\nLocation: /other\r\n\r\n".encode())


class Silent(Server):
    def talk(self, connection):
        self.wait_for_close(connection)

    def serve(self, connection):
        self.talk(connection)


class Greeter(Silent):
    def talk(self, connection):
        connection.sendall(b"220 mail.test ESMTP\r\n")
        self.wait_for_close(connection)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Checks:
    def __init__(self, library):
        self.library = library

    def one(self, check_type, target, **more):
        more = {"retries": 0, **more}
        return self.library.call(TOOL, check_type=check_type, target=target, **more)["results"][0]

    def fails(self, **more):
        return self.library.fails(TOOL, **more)


def tcp(tap, checks, web, closed):
    result = checks.one("tcp", f"localhost:{web.port}")
    tap.check("a response time", 0 <= result.pop("response_time_ms") < 20000)
    tap.equal("a port that is open", result, {
        "target": f"localhost:{web.port}", "available": True, "status": "up",
        "metadata": {"attempts": 1, "address": "127.0.0.1"}})
    result = checks.one("tcp", f"localhost:{closed}", retries=2)
    tap.equal("one that is closed, with retries",
              (result["available"], result["status"], result["metadata"]["attempts"]), (False, "down", 3))
    tap.equal("and why", result["error"],
              f"localhost:{closed}: no connection: Connection refused")


def http(tap, checks, web):
    base = f"http://localhost:{web.port}"
    result = checks.one("http", base + "/x")
    tap.equal("a page", (result["available"], result["metadata"]["http_status"]), (True, 200))
    tap.equal("asked by HEAD", (web.requests[-1].method, web.requests[-1].path), ("HEAD", "/x"))
    tap.equal("by host and port", checks.one("http", f"localhost:{web.port}")["available"], True)
    result = checks.one("http", base + "/status/503")
    tap.equal("a bad status", (result["available"], result["error"], result["metadata"]["http_status"]),
              (False, f"{base}/status/503 answered with status 503", 503))
    tap.equal("that was expected", checks.one("http", base + "/status/503", expected_status=503)["available"],
              True)
    tap.equal("another than was expected",
              checks.one("http", base + "/x", expected_status=204)["available"], False)
    before = len(web.requests)
    result = checks.one("http", base + "/status/302")
    tap.equal("a redirect is an answer, and not followed",
              (result["available"], result["metadata"]["http_status"], len(web.requests) - before),
              (True, 302, 1))
    result = checks.one("http", base + "/nohead")
    tap.equal("where HEAD is refused GET is sent", (result["available"], web.requests[-1].method),
              (True, "GET"))


def https(tap, checks, servers):
    def look(name, host="localhost"):
        return checks.one("https", f"https://{host}:{servers[name].port}/x")

    good = look("good")
    x = good["metadata"]["certificate"]
    tap.equal("a good certificate", (good["available"], x["verified"], x["days_left"] in (29, 30),
                                     x["names"], x["subject"], x["issuer"]),
              (True, True, True, ["localhost"], "CN=localhost", "CN=localhost"))
    ends = datetime.datetime.strptime(x["not_after"], "%Y-%m-%dT%H:%M:%SZ")
    left = ends - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    tap.equal("its end", left.days, x["days_left"])
    tap.check("its version of TLS", x["protocol"] == "TLSv1.3" and "AES" in x["cipher"] + "AES", x)
    expired = look("expired")
    x = expired["metadata"]["certificate"]
    tap.equal("an expired one", (expired["available"], x["verified"], x["days_left"] < 0), (False, False, True))
    other = look("other")
    x = other["metadata"]["certificate"]
    tap.equal("one for another name", (other["available"], x["verified"], x["names"]),
              (False, False, ["other.test"]))
    tap.equal("with why", other["error"],
              f"https://localhost:{servers['other'].port}: its certificate is for another name")
    alone = look("alone")
    tap.equal("one that nobody signed", (alone["available"], alone["metadata"]["certificate"]["problem"]),
              (False, "self-signed certificate"))
    for name in ("other", "expired", "alone"):
        tap.equal(f"nothing was sent to {name}", len(servers[name].requests), 0)
    plain = look("greeter")
    tap.equal("no TLS", (plain["available"], plain["error"], "certificate" in plain["metadata"]),
              (False, "localhost: the TLS handshake failed: wrong version number", False))
    silent = checks.one("https", f"localhost:{servers['silent'].port}", timeout_seconds=0.5)
    tap.equal("a server that says nothing", (silent["available"], silent["error"]),
              (False, "localhost: no TLS handshake within 500 ms"))


def dns(tap, checks, closed):
    result = checks.one("dns", "localhost")
    tap.equal("a name that is known", result["available"], True)
    result = checks.one("dns", f"localhost:{closed}")
    tap.equal("whoever listens", result["available"], True)
    result = checks.one("dns", "no-such-host.invalid")
    tap.check("a name without an address", not result["available"] and result["error"].startswith(
        "no-such-host.invalid:443: the name "), result)


def several(tap, checks, library, web, closed, silent):
    result = library.call(TOOL, check_type="tcp", retries=0, targets=[
        f"localhost:{web.port}", f"localhost:{closed}", "192.0.2.1:9"])
    tap.equal("several", (result["available"], result["available_count"],
                          [r["status"] for r in result["results"]]),
              (False, 1, ["up", "down", "denied"]))
    slow = library.call(TOOL, check_type="https", retries=0, timeout_ms=1000,
                        targets=[f"localhost:{silent.port}"] * 10)
    tap.equal("ten that are slow", slow["available_count"], 0)
    tap.check("are checked at once", silent.connections >= 10)


def wrong(tap, checks):
    for arguments, text in (
            ({"check_type": "tcp", "target": "localhost"},
             'target: "localhost" has no port; give "host:port"'),
            ({"check_type": "tcp", "target": "localhost:0"},
             'target: "localhost:0" is no host; give "host:port" for tcp and "host" for dns'),
            ({"check_type": "tcp", "target": "a b:1"},
             'target: "a b:1" is no host; give "host:port" for tcp and "host" for dns'),
            ({"check_type": "http", "target": "ftp://localhost/"},
             'target: "ftp://localhost/" is no URL of http and no host; give "http://host/path" or '
             '"host:port"'),
            ({"check_type": "https", "target": "https://user:pw@localhost/"},
             'target: "https://user:pw@localhost/" is no URL of https and no host; give '
             '"https://host/path" or "host:port"'),
            ({"check_type": "tcp"}, "give target, or targets with 1 to 10 of them"),
            ({"check_type": "tcp", "target": "a:1", "targets": ["b:1"]},
             "give target, or targets with 1 to 10 of them"),
            ({"check_type": "ping", "target": "a"},
             'invalid arguments for tool "service-checker": /check_type: must be "tcp", "http", "https" or '
             '"dns", is "ping"')):
        tap.equal(str(arguments), checks.fails(**arguments), text)


def refused(tap, program):
    """Rules of hosts hold: names, addresses of this machine and of private networks."""
    with Library(program) as library:
        said = library.fails(TOOL, check_type="tcp", target="localhost:80")
        tap.equal("without a grant", said,
                  "no host was granted to this tool; the operator allows one with --allow-host NAME or "
                  '"grants.hosts" of the configuration')
    web = Server()
    with Library(program, {"grants": {"hosts": ["*:*"]}}) as library:
        for host in ("localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0",
                     "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"):
            for kind in ("tcp", "http", "https"):
                said = library.fails(TOOL, check_type=kind, target=f"{host}:{web.port}", retries=0,
                                     timeout_ms=1000)
                tap.check(f"{kind} to {host}", '"available":true' not in said.replace(" ", ""), said)
    tap.equal("nobody was connected to", web.connections, 0)


def main(program):
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        servers = {name: Web(tls=tls(folder, name)) for name in ("good", "other", "expired", "alone")}
        servers["plain"], servers["silent"], servers["greeter"] = Web(), Silent(), Greeter()
        closed = free_port()
        hosts = [f"localhost:{server.port}" for server in servers.values()]
        hosts += [f"localhost:{closed}", "localhost:443", "no-such-host.invalid"]
        config = {"grants": {"hosts": hosts}, "http_client": {"ca_file": f"{folder}/ca.pem"}}
        with Library(program, config) as library:
            checks = Checks(library)
            try:
                tcp(tap, checks, servers["plain"], closed)
                http(tap, checks, servers["plain"])
                https(tap, checks, servers)
                dns(tap, checks, closed)
                several(tap, checks, library, servers["plain"], closed, servers["silent"])
                wrong(tap, checks)
            except Failed as failed:
                tap.check("a check is answered", False, failed)
        refused(tap, program)


if __name__ == "__main__":
    main(sys.argv[1])
