#!/usr/bin/env python3
"""Where a request may not go: URLs, hosts, addresses, redirects, names that change.

usage: test_refusals.py DRIVER MODULES
"""
import json
import sys

from drive import DENIED, INVALID, OK, UNAVAILABLE, Driver, Tap, message
from servers import Proxy, Server

SPECIAL = {
    "127.0.0.1": "a loopback address", "127.9.9.9": "a loopback address", "::1": "a loopback address",
    "10.1.2.3": "a private address", "172.16.0.1": "a private address",
    "192.168.1.1": "a private address", "100.64.0.1": "a private address",
    "fd00::1": "a private address", "169.254.1.1": "a link-local address",
    "fe80::1": "a link-local address", "0.0.0.0": "an unspecified address",
    "224.0.0.1": "a multicast address", "169.254.169.254": "a metadata address of a cloud",
    "::ffff:7f00:1": "an IPv4 address inside of an IPv6 address",
}


def not_granted(host):
    return (f'{host} is not granted; the operator grants it with --allow-host {host} or '
            '"grants.hosts", and plugin.json has to ask for it')


def urls(tap, driver, base, port, hosts):
    user = "the URL names a user; send an Authorization header instead"
    strange = ("the host of the URL holds a character that no host has; write names beyond ASCII as "
               "xn--")
    scheme = "the URL has another scheme than http: and https:, which alone are allowed"
    expected = {
        f"http://localhost:{port}@evil.test/": (INVALID, user),
        f"http://localhost@evil.test:{port}/": (INVALID, user),
        f"http://a:b@localhost:{port}/": (INVALID, user),
        f"http://evil.test\\@localhost:{port}/": (INVALID, user),
        "file:///etc/passwd": (DENIED, "the URL begins with file:, only http: and https: are allowed"),
        "ftp://localhost/": (DENIED, "the URL begins with ftp:, only http: and https: are allowed"),
        "gopher://localhost/": (DENIED,
                                "the URL begins with gopher:, only http: and https: are allowed"),
        "nonsense://localhost/": (DENIED, scheme),
        "//localhost/": (INVALID, "the URL cannot be read: Bad scheme"),
        "localhost": (INVALID, "the URL cannot be read: Bad scheme"),
        "http://": (INVALID, "the URL cannot be read: No host part in the URL"),
        "http://localhost:0/": (INVALID, "the port of the URL is not between 1 and 65535"),
        "http://localhost:65536/": (INVALID,
                                    "the URL cannot be read: Port number was not a decimal number "
                                    "between 0 and 65535"),
        "http://loc\u00e4lhost/": (INVALID, strange),
        "http://\uff4cocalhost/": (INVALID, strange),
        "http://[fe80::1%25lo]/": (INVALID, "the URL names the zone of an address, which is not "
                                            "allowed"),
        "http://local host/": (INVALID, '"url" holds a space or a control character'),
        "http://localhost/\r\nX-Evil: 1": (INVALID, '"url" holds a space or a control character'),
        "http://localhost/\u0000": (INVALID, '"url" holds a space or a control character'),
        "": (INVALID, '"url" is missing'),
        "http://localhost/" + "a" * 8200: (INVALID, '"url" has more than 8192 bytes'),
    }
    for url, why in expected.items():
        tap.equal(f"refused: {url[:60]!r}", message(driver.http({"url": url}, hosts)), why)
    for url, host in {"http://example.org/": "example.org:80", "https://Example.ORG/": "example.org:443",
                      "http://localhost/": "localhost:80", "http://localhost.evil.test:1/":
                      "localhost.evil.test:1", f"http://127.1:{port}/": f"127.0.0.1:{port}",
                      f"http://2130706433:{port}/": f"127.0.0.1:{port}",
                      f"http://0x7f.1:{port}/": f"127.0.0.1:{port}",
                      f"http://0177.0.0.1:{port}/": f"127.0.0.1:{port}",
                      f"http://%31%32%37.0.0.1:{port}/": f"127.0.0.1:{port}",
                      f"http://[::ffff:127.0.0.1]:{port}/": f"[::ffff:127.0.0.1]:{port}",
                      f"http://[::]:{port}/": f"[::]:{port}",
                      "http://169.254.169.254/": "169.254.169.254:80",
                      f"http://localhost%00.evil.test:{port}/": None}.items():
        answer = driver.http({"url": url}, hosts)
        if host:
            tap.equal(f"not granted: {url}", message(answer), (DENIED, not_granted(host)))
        else:
            tap.check(f"refused: {url}", answer["end"] in (INVALID, DENIED), answer)


def requests(tap, driver, base, hosts):
    def refused(name, request, why, **more):
        tap.equal(name, message(driver.http(request, hosts, **more)), (INVALID, why))

    def with_field(name, value):
        return {"url": base, "headers": [[name, value]]}

    clean = '"headers": the value of X-A holds a line break or another control character'
    refused("a line break in a header", with_field("X-A", "a\r\nX-B: b"), clean)
    refused("a line feed in a header", with_field("X-A", "a\nX-B: b"), clean)
    refused("a NUL in a header", with_field("X-A", "a\u0000b"), clean)
    refused("a name that is none", with_field("X A", "a"), '"headers": "X A" is no name of a header')
    refused("a name with a line break", with_field("X\r\nY", "a"), '"headers": "" is no name of a header')
    for name in ("Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization"):
        refused(f"{name} belongs to the host", with_field(name, "a"),
                f'"headers": {name} belongs to the connection, which is the host\'s; leave it out')
    refused("CONNECT", {"url": base, "method": "CONNECT"}, '"method": CONNECT is not for plugins')
    refused("a method with a line break", {"url": base, "method": "GET /\r\n"},
            '"method" is no method of HTTP')
    refused("a word that is unknown", {"url": base, "timeoutms": 1},
            'the request has the unknown member "timeoutms"')
    refused("too many redirects", {"url": base, "maxRedirects": 11},
            '"maxRedirects" is not a number from 0 to 10')
    refused("no time", {"url": base, "timeoutMs": 0}, '"timeoutMs" is not a number from 1 to 3600000')
    refused("headers of another form", {"url": base, "headers": {"a": "b"}},
            '"headers" is not a list of [name, value]')
    refused("more headers than a hundred", {"url": base, "headers": [["A", "b"]] * 101},
            '"headers" has more than 100 entries')
    refused("larger headers than 64 KiB", {"url": base, "headers": [["A", "b" * 40000]] * 2},
            '"headers" has more than 65536 bytes')
    refused("no object", [], "the request is not a JSON object")
    refused("a body with HEAD", {"url": base, "method": "HEAD"},
            '"method": a HEAD request has no body', body="x")
    refused("a body in two ways", {"url": base, "stream": True},
            '"stream": the body comes by write(), or in one piece', body="x")


def addresses(tap, driver, port):
    for address, kind in SPECIAL.items():
        bracketed = f"[{address}]" if ":" in address else address
        driver.names(a_test=[[address]])
        for rule in (f"*.test:{port}", "*:*", f"~a.test:{port}"):
            got = driver.http({"url": f"http://a.test:{port}/"}, [rule])
            tap.equal(f"{rule} does not lead to {address}", message(got), (
                DENIED, f"http://a.test:{port}: a.test has the address {address}, {kind}, which a rule "
                        f'must name to permit it: "{bracketed}:{port}"'))
    driver.names(a_test=[["127.0.0.1"]])
    got = driver.http({"url": f"http://a.test:{port}/"}, [f"a.test:{port}"])
    tap.equal("a name alone does not lead to this machine", got["end"], DENIED)
    got = driver.http({"url": f"http://a.test:{port}/"}, [f"a.test:{port}", f"127.0.0.1:{port}"])
    tap.equal("with the address named it does", (got["end"], got["head"]["status"]), (OK, 200))
    driver.names(a_test=[["10.0.0.1", "127.0.0.1", "::1"]])
    got = driver.http({"url": f"http://a.test:{port}/"}, ["*:*", f"127.0.0.1:{port}"])
    tap.equal("of several addresses those are used that are allowed", got["end"], OK)
    six = Server("::1")
    got = driver.http({"url": f"http://[::1]:{six.port}/echo"}, [f"[::1]:{six.port}"])
    tap.equal("an address of IPv6 in a URL", (got["end"], six.requests[0].field("Host")),
              (OK, f"[::1]:{six.port}"))
    driver.names()
    got = driver.http({"url": "http://nowhere.test/"}, ["*.test"])
    tap.equal("a name without address", message(got),
              (UNAVAILABLE, "http://nowhere.test: the name has no address"))


def rebinding(tap, driver, port, server):
    """A name that is public at first and means this machine later: when a redirect comes, and when a
    connection was kept that another plugin may have."""
    allowed = Server("127.0.0.2", port=port)
    hosts, url = ["*.test:*", f"127.0.0.2:{port}"], f"http://rebind.test:{port}/nothing-ever"
    before = len(server.requests)
    driver.names(rebind_test=[["127.0.0.2"], ["127.0.0.1"]])
    answer = driver.http({"url": f"http://rebind.test:{port}/redirect?to={url}"}, hosts)
    tap.equal("at first it leads to where the rules permit", len(allowed.requests), 1)
    allowed.socket.close()
    tap.equal("when its address has changed the request is refused", message(answer), (
        DENIED, f"http://rebind.test:{port}: rebind.test has the address 127.0.0.1, a loopback "
                f'address, which a rule must name to permit it: "127.0.0.1:{port}"'))
    tap.equal("it was asked for once a connection", driver.number("lookups"), 2)
    tap.equal("nothing arrived at the other place", len(server.requests), before)
    driver.names(shared_test=[["127.0.0.1"]])
    url = f"http://shared.test:{port}/"
    ours = driver.http({"url": url}, [f"shared.test:{port}", f"127.0.0.1:{port}"], plugin="org.ours")
    tap.equal("one plugin may go there, and its connection is kept", ours["end"], OK)
    connections = server.connections
    again = driver.http({"url": url}, [f"shared.test:{port}", f"127.0.0.1:{port}"], plugin="org.ours")
    tap.equal("it is used again", (again["end"], server.connections), (OK, connections))
    theirs = driver.http({"url": url}, ["*.test:*"], plugin="org.theirs")
    tap.equal("the other does not get the connection of the first", message(theirs), (
        DENIED, f"http://shared.test:{port}: shared.test has the address 127.0.0.1, a loopback "
                f'address, which a rule must name to permit it: "127.0.0.1:{port}"'))


def redirects(tap, driver, base, port, hosts, other):
    def led(to, expected, more_hosts=(), **more):
        answer = driver.http({"url": f"{base}/redirect?to={to}", **more}, [*hosts, *more_hosts])
        tap.equal(f"a redirect to {to}", message(answer), expected)

    for address in ("127.0.0.1", "169.254.169.254", "[::1]", "metadata.google.internal", "10.0.0.1"):
        led(f"http://{address}/latest/", (DENIED, f"http://{address}: a redirect leads here, and "
                                                  + not_granted(f"{address}:80")), ["*"])
    led("file:///etc/passwd", (DENIED, f"{base}: it redirects to a place that is refused: the URL "
                                       "begins with file:, only http: and https: are allowed"))
    led("gopher://localhost/", (DENIED, f"{base}: it redirects to a place that is refused: the URL "
                                        "begins with gopher:, only http: and https: are allowed"))
    led(f"http://x@localhost:{port}/", (INVALID, f"{base}: it redirects to a place that is refused: "
                                                 "the URL names a user; send an Authorization header "
                                                 "instead"))
    led("//evil.test/", (DENIED, "http://evil.test: a redirect leads here, and "
                                 + not_granted("evil.test:80")))
    driver.names(evil_test=[["127.0.0.1"]])
    led(f"http://evil.test:{port}/", (DENIED, f"http://evil.test:{port}: evil.test has the address "
                                              "127.0.0.1, a loopback address, which a rule must name "
                                              f'to permit it: "127.0.0.1:{port}"'), ["*.test:*"])
    answer = driver.http({"url": base + "/count/6"}, hosts)
    tap.equal("a chain that is too long", message(answer),
              (UNAVAILABLE, f"{base}: it redirects for more than 5 times"))
    answer = driver.http({"url": base + "/redirect?to=/redirect%3Fto=/redirect", "maxRedirects": 1},
                         hosts)
    tap.equal("a chain of two with a limit of one", message(answer),
              (UNAVAILABLE, f"{base}: it redirects for more than 1 times"))
    sent = [["Authorization", "Bearer x"], ["Cookie", "a=b"], ["X-Api-Key", "k"], ["X-Plain", "p"]]
    for to, stays in ((f"http://localhost:{port}/echo", True),
                      (f"http://localhost:{other.port}/echo", False)):
        answer = driver.http({"url": f"{base}/redirect?to={to}", "headers": sent},
                             [*hosts, f"localhost:{other.port}"])
        found = dict(json.loads(answer["text"])["headers"])
        tap.equal(f"what is confidential {'stays with' if stays else 'leaves'} the request to {to}",
                  [name for name, _ in sent if name in found],
                  [name for name, _ in sent] if stays else ["X-Plain"])
    for name, last in (("back", base), ("on from there", f"http://localhost:{other.port}")):
        further = f"http://localhost:{other.port}/redirect?to={last}/echo"
        answer = driver.http({"url": f"{base}/redirect?to={further}", "headers": sent},
                             [*hosts, f"localhost:{other.port}"])
        found = dict(json.loads(answer["text"])["headers"])
        tap.equal(f"and is not there when it leads {name}", [name for name, _ in sent if name in found],
                  ["X-Plain"])


def proxies(tap, program, modules, base, port, hosts, server):
    proxy = Proxy()
    variables = {"http_proxy": f"http://127.0.0.1:{proxy.port}",
                 "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
                 "ALL_PROXY": f"http://127.0.0.1:{proxy.port}"}
    with Driver(program, modules, env=variables) as driver:
        answer = driver.http({"url": base + "/bytes/3"}, hosts)
        tap.equal("a proxy of the environment is not used", (answer["bytes"], len(proxy.requests)),
                  (3, 0))
    with Driver(program, modules, env=variables, proxy="environment") as driver:
        answer = driver.http({"url": base + "/bytes/3"}, hosts)
        tap.equal("but if the operator says so", (answer["text"], proxy.requests[0].target),
                  ("by the proxy", base + "/bytes/3"))
    with Driver(program, modules, proxy=f"http://127.0.0.1:{proxy.port}") as driver:
        answer = driver.http({"url": base + "/bytes/3"}, hosts)
        tap.equal("or names one", answer["text"], "by the proxy")
        answer = driver.http({"url": "http://169.254.169.254/"}, ["*"])
        tap.equal("rules of hosts hold behind it, too", message(answer),
                  (DENIED, not_granted("169.254.169.254:80")))


def main():
    program, modules = sys.argv[1:]
    server, other = Server(), Server()
    port = server.port
    base, hosts = f"http://localhost:{port}", [f"localhost:{port}"]
    with Tap() as tap:
        with Driver(program, modules) as driver:
            urls(tap, driver, base, port, hosts)
            requests(tap, driver, base, hosts)
            tap.equal("nothing of all this has arrived", len(server.requests), 0)
            addresses(tap, driver, port)
            rebinding(tap, driver, port, server)
            redirects(tap, driver, base, port, hosts, other)
        proxies(tap, program, modules, base, port, hosts, server)


main()
