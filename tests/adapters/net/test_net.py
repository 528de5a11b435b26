#!/usr/bin/env python3
"""Connections for plugins: what they get, where they may go, how long it takes.

usage: test_net.py DRIVER MODULES
"""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http_client"))
from drive import (BUSY, CANCELLED, DENIED, INVALID, NOT_FOUND, OK, TIMEOUT, UNAVAILABLE,  # noqa: E402
                   Driver, Tap, message)

IPV4, IPV6 = 1, 2


class Listener:
    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(8)
        self.socket.settimeout(30)
        self.port = self.socket.getsockname()[1]


class Deaf:
    """Takes no connection: its queue is full."""

    def __init__(self, host, port=0):
        self.socket = socket.socket()
        self.socket.bind((host, port))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((host, self.port))
            self.fillers.append(filler)

    def close(self):
        for sock in [self.socket, *self.fillers]:
            sock.close()


def not_granted(host):
    return (f'{host} is not granted; the operator grants it with --allow-host {host} or '
            '"grants.hosts", and plugin.json has to ask for it')


def connections(tap, driver):
    for bind, host, rule in (("127.0.0.1", "localhost", "localhost:{}"),
                             ("127.0.0.1", "127.0.0.1", "127.0.0.1:{}"),
                             ("::1", "::1", "[::1]:{}"), ("::1", "[::1]", "[::1]:{}")):
        listener = Listener(bind)
        driver.names(localhost=[["127.0.0.1"]])
        answer = driver.net(host, listener.port, [rule.format(listener.port)])
        tap.equal(f"a connection to {host}", (answer["end"], answer["json"]),
                  (OK, {"address": bind, "port": listener.port}))
        descriptor, pid = answer["fd"], driver.process.pid
        with open(f"/proc/{pid}/fdinfo/{descriptor}", encoding="ascii") as file:
            flags = int(next(line for line in file if line.startswith("flags:")).split()[1], 8)
        tap.check(f"{host}: it does not block and ends with the program",
                  flags & os.O_NONBLOCK and flags & os.O_CLOEXEC, oct(flags))
        server, _ = listener.socket.accept()
        tap.equal(f"{host}: it can be written to", driver.number("use-fd", "used", fd=descriptor), 6)
        tap.equal(f"{host}: and is the one that was made", server.recv(100), b"hello\n")
        driver.tell("close-fd", fd=descriptor)
        tap.equal(f"{host}: who owns it closes it", server.recv(100), b"")


def refusals(tap, driver):
    listener = Listener()
    port = listener.port
    for host, rules, why in (
            ("localhost", ["example.org"], not_granted(f"localhost:{port}")),
            ("127.0.0.1", ["*:*"], not_granted(f"127.0.0.1:{port}")),
            ("::1", ["*:*"], not_granted(f"[::1]:{port}")),
            ("169.254.169.254", ["*:*"], not_granted(f"169.254.169.254:{port}")),
            ("127.1", ["*:*", "127.0.0.1:*"], not_granted(f"127.1:{port}")),
            ("2130706433", ["*:*", "127.0.0.1:*"], not_granted(f"2130706433:{port}")),
            ("0x7f.1", ["*:*", "127.0.0.1:*"], not_granted(f"0x7f.1:{port}")),
            ("::ffff:127.0.0.1", ["*:*", "127.0.0.1:*"], not_granted(f"[::ffff:127.0.0.1]:{port}")),
            ("localhost", ["localhost:1"], not_granted(f"localhost:{port}"))):
        tap.equal(f"{host} with {rules}", message(driver.net(host, port, rules)), (DENIED, why))
    for address, kind in (("127.0.0.1", "a loopback address"), ("10.0.0.1", "a private address"),
                          ("169.254.169.254", "a metadata address of a cloud"),
                          ("0.0.0.0", "an unspecified address")):
        driver.names(a_test=[[address]])
        tap.equal(f"a name that means {address}", message(driver.net("a.test", port, ["*.test:*"])), (
            DENIED, f"a.test has the address {address}, {kind}, which a rule must name to permit it: "
                    f'"{address}:{port}"'))
    driver.names(a_test=[["127.0.0.1"]])
    tap.equal("a name whose address is named, too",
              driver.net("a.test", port, ["*.test:*", f"127.0.0.1:{port}"])["end"], OK)
    driver.names(a_test=[["93.184.216.34"], ["127.0.0.1"]])
    driver.net("a.test", port, ["*.test:*"], timeout_ms=200)
    tap.equal("a name that has changed is asked for and checked anew",
              (driver.net("a.test", port, ["*.test:*"])["end"], driver.number("lookups")), (DENIED, 2))
    character = ("the host is no name of 1 to 253 visible characters of ASCII; write names beyond it as "
                 "xn--")
    for host, number, flags, timeout, why in (
            ("", 1, 0, 0, character), ("a b", 1, 0, 0, character), ("b\u00fccher.test", 1, 0, 0, character),
            ("a" * 254, 1, 0, 0, character), ("a\u0000b", 1, 0, 0, character),
            ("a.test", 0, 0, 0, "the port is not between 1 and 65535"),
            ("a.test", 65536, 0, 0, "the port is not between 1 and 65535"),
            ("a.test", 1, 4, 0, "flags 4 are unknown to this host"),
            ("a.test", 1, 0, 600001, "the timeout is longer than 600000 ms")):
        tap.equal(f"wrong: {host[:20]!r} {number} {flags} {timeout}",
                  message(driver.net(host, number, ["*:*"], flags, timeout)), (INVALID, why))


def several(tap, driver):
    listener, port = Listener(), 0
    port = listener.port
    hosts = ["many.test:*", "127.0.0.1:*", "127.0.0.2:*", "127.0.0.3:*", "[::1]:*"]
    driver.names(many_test=[["127.0.0.2", "127.0.0.3", "127.0.0.1"]])
    answer = driver.net("many.test", port, hosts)
    tap.equal("addresses where nobody is are passed over", answer["json"]["address"], "127.0.0.1")
    deaf = Deaf("127.0.0.2", port)
    driver.names(many_test=[["127.0.0.2", "127.0.0.1"]])
    answer = driver.net("many.test", port, hosts)
    tap.equal("one that does not answer is not waited for", (answer["end"], answer["json"]["address"]),
              (OK, "127.0.0.1"))
    deaf.close()
    driver.names(many_test=[["10.9.9.9", "127.0.0.1"]])
    answer = driver.net("many.test", port, ["~many.test:*", "127.0.0.1:*"])
    tap.equal("addresses that are not allowed are left out", answer["json"]["address"], "127.0.0.1")
    driver.names(many_test=[["::1", "127.0.0.1"]])
    answer = driver.net("many.test", port, hosts, IPV4)
    tap.equal("one kind of addresses", answer["json"]["address"], "127.0.0.1")
    answer = driver.net("many.test", port, hosts, IPV6)
    tap.equal("and the other", message(answer),
              (UNAVAILABLE, f"many.test:{port}: no connection: Connection refused"))
    answer = driver.net("127.0.0.1", port, hosts, IPV6)
    tap.equal("an address of the kind that is left out", message(answer),
              (INVALID, "127.0.0.1 is an address of the kind that the flags leave out"))
    driver.names()
    tap.equal("a name that is none", message(driver.net("nowhere.test", 1, ["*.test:*"])),
              (NOT_FOUND, "nowhere.test:1: the name has no address"))


def late(tap, driver):
    deaf = Deaf("127.0.0.1")
    port, rules = deaf.port, [f"127.0.0.1:{deaf.port}"]
    answer = driver.net("127.0.0.1", port, rules, timeout_ms=200)
    tap.equal("nobody answers in time", message(answer),
              (TIMEOUT, f"127.0.0.1:{port}: no connection within 200 ms"))
    answer = driver.net("127.0.0.1", port, rules, deadlineMs=200)
    tap.equal("nor before the call ends", message(answer),
              (TIMEOUT, f"127.0.0.1:{port}: the deadline of the call has passed"))
    text = {"host": "127.0.0.1", "port": port}
    idents = [driver.begin("net", text, rules) for _ in range(6)]
    tap.equal("a plugin has its share", message(driver.net("127.0.0.1", port, rules)),
              (BUSY, "6 attempts of the plugin are open, as many as it may have"))
    idents += [driver.begin("net", text, rules, plugin="org.other") for _ in range(2)]
    tap.equal("all have theirs", message(driver.net("127.0.0.1", port, rules, plugin="org.third")),
              (BUSY, "8 attempts are open, as many as there may be"))
    for ident in idents:
        driver.tell("close", id=ident)
        tap.equal("an attempt is given up", driver.end(ident)["end"], CANCELLED)
    deaf.close()
    driver.names(hangs_test=[[1500, "127.0.0.1"]], quick_test=[["127.0.0.1"]])
    listener = Listener()
    rules = ["*.test:*", f"127.0.0.1:{listener.port}"]
    for _ in range(3):
        answer = driver.net("hangs.test", listener.port, rules, timeout_ms=100, plugin="org.slow")
        tap.equal("a name that hangs", message(answer),
                  (TIMEOUT, f"hangs.test:{listener.port}: the name was not resolved within 100 ms"))
    answer = driver.net("quick.test", listener.port, rules)
    tap.equal("does not hold up the names of others", answer["end"], OK)
    tap.equal("nor take more workers than two", driver.number("lookups"), 3)


def main():
    program, modules = sys.argv[1:]
    with Tap() as tap:
        with Driver(program, modules) as driver:
            before = driver.number("fds")
            late(tap, driver)
            connections(tap, driver)
            refusals(tap, driver)
            several(tap, driver)
            opened = 6  # that the tests above were handed and have not closed
            tap.equal("descriptors are those of before and those that were handed over",
                      driver.number("fds") - before, opened)
            tap.equal("the driver ends cleanly", driver.close(), 0)


main()
