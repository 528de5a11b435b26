"""Attacks on tools that make requests: each is told as one call that must fail, and how it is known
that it did."""

import os
import socket

from library import Library
from servers import Server

VALUE = "a-value-that-must-not-travel"
SPECIAL = ("169.254.169.254", "10.0.0.1", "192.168.1.1", "[::1]", "[fd00::1]", "[::ffff:127.0.0.1]",
           "metadata.google.internal")
ODD = ("127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "localhost.")


def stop(server):
    """Its port is free after this: a thread that waits in accept() would keep it."""
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()


class Attacks:
    """`ask(library, url, **more)` is one request of the tool by GET; its error, or its result as JSON."""

    def __init__(self, tap, program, fake_names, ask):
        self.tap, self.program, self.ask = tap, program, ask
        self.fake_names = os.path.abspath(fake_names)
        self.server, self.other = Server(), Server()
        self.port = self.server.port

    def library(self, hosts, names="", **more):
        environment = {"TEST_KEY": VALUE, "TEST_LINES": "one\r\nX-Evil: two"}
        if names:
            environment.update(LD_PRELOAD=self.fake_names, FAKE_NAMES=names)
        sources = {"key": {"env": "TEST_KEY", "hosts": ["localhost:*"]},
                   "lines": {"env": "TEST_LINES", "hosts": ["localhost:*"]}}
        return Library(self.program, {"grants": {"hosts": hosts, "secrets": list(sources)},
                                      "secrets": {"sources": sources}, **more}, environment=environment)

    def refused(self, name, library, url, words, **more):
        before = len(self.server.requests) + len(self.other.requests)
        text = self.ask(library, url, **more)
        arrived = len(self.server.requests) + len(self.other.requests) - before
        self.tap.check(name, words in text and not arrived and text[:1] != "{", f"{arrived} requests arrived; {text}")

    def addresses(self):
        with self.library(["*", f"*.test:{self.port}"],
                          names="inside.test=127.0.0.1 meta.test=169.254.169.254") as library:
            for host in SPECIAL:
                self.refused(f"{host} behind *", library, f"http://{host}/", ":80 is not granted"
                             if "google" not in host else "")
            for host in ODD:
                self.refused(f"{host} is no other way to this machine", library,
                             f"http://{host}:{self.port}/", "")
            self.refused("a name that leads to this machine", library,
                         f"http://inside.test:{self.port}/", "inside.test has the address 127.0.0.1, a "
                         "loopback address, which a rule must name to permit it")
            self.refused("a name that leads to where clouds hand out credentials", library,
                         "http://meta.test/", "which a rule must name to permit it")

    def redirects(self):
        with self.library([f"localhost:{self.port}", "*"]) as library:
            for place in (f"http://127.0.0.1:{self.other.port}/", "http://169.254.169.254/latest",
                          "http://10.0.0.1/", f"http://[::1]:{self.other.port}/"):
                text = self.ask(library, f"http://localhost:{self.port}/redirect?to={place}")
                self.tap.check(f"a redirect to {place}",
                               "rule must name" in text or "is not granted" in text, text)
            self.tap.equal("nothing arrived there", len(self.other.requests), 0)
            text = self.ask(library, f"http://localhost:{self.port}/redirect?to=file:///etc/passwd")
            self.tap.check("a redirect to a file", "only http: and https: are allowed" in text, text)

    def rebinding(self):
        allowed = Server("127.0.0.2", port=self.port)
        names = "rebind.test=127.0.0.2,127.0.0.1"
        with self.library([f"*.test:{self.port}", f"127.0.0.2:{self.port}"], names=names) as library:
            before = len(self.server.requests)
            url = f"http://rebind.test:{self.port}"
            text = self.ask(library, f"{url}/redirect?to={url}/echo")
            self.tap.equal("a name leads first to where it may", len(allowed.requests), 1)
            self.tap.check("and not to this machine when it means that later",
                           "rebind.test has the address 127.0.0.1" in text, text)
            self.tap.equal("nothing arrived here", len(self.server.requests), before)
        stop(allowed)

    def rebinding_later(self, **more):
        """For tools that follow no redirect: the name means this machine when it is asked for again."""
        allowed = Server("127.0.0.2", port=self.port)
        with self.library([f"*.test:{self.port}", f"127.0.0.2:{self.port}"],
                          names="rebind.test=127.0.0.2,127.0.0.1") as library:
            before = len(self.server.requests)
            url = f"http://rebind.test:{self.port}/nothing"  # which leaves no connection for the next
            self.ask(library, url, **more)
            self.tap.equal("a name leads first to where it may", (len(allowed.requests), len(self.server.requests)),
                           (1, before))
            text = self.ask(library, url, **more)
            self.tap.check("and not to this machine when it means that later",
                           "rebind.test has the address 127.0.0.1" in text, text)
            self.tap.equal("nothing arrived here", (len(allowed.requests), len(self.server.requests)), (1, before))
        stop(allowed)

    def bodies(self, most="its answer is longer than"):
        with self.library([f"localhost:{self.port}"]) as library:
            for path, words in (("bomb", "200 times"), ("endless", most), ("big-head", "the head of its answer is longer than 262144 bytes"),
                                ("bad-gzip", ""), ("cut-gzip", "")):
                text = self.ask(library, f"http://localhost:{self.port}/{path}")
                self.tap.check(f"/{path}", words in text and '"status_code": 200' not in text, text[:400])
            self.tap.check("the server lives on", "200" in self.ask(
                library, f"http://localhost:{self.port}/echo"), "it does not")

    def credentials(self, **credential):
        """`credential` puts the secret "key" into a header."""
        hosts = [f"localhost:{self.port}", f"localhost:{self.other.port}"]
        with self.library(hosts) as library:
            self.ask(library, f"http://localhost:{self.port}/redirect?to=http://localhost:"
                              f"{self.other.port}/echo", **credential)
            def carries(server):
                request = server.requests[-1]
                return VALUE in str(request.fields) + request.target
            self.tap.equal("the secret goes where it may, and not along with a redirect to another "
                           "origin", (carries(self.server), carries(self.other)), (True, False))
