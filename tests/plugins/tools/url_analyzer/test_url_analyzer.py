#!/usr/bin/env python3
"""test_url_analyzer.py HEXMCP FAKE_NAMES psl|none

What is told of a URL, what it is warned of, and what its server says. How it is read is compared with a
browser's way in test_browser.py.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from servers import Server  # noqa: E402

HEXMCP = sys.argv[1]
WITH_PSL = sys.argv[3] == "psl"
TOOL = "url-analyzer"


def parts(tap, library):
    got = library.call(TOOL, input="https://example.org:8443/a/b?x=1+2&x=%C3%A4&y#top")
    tap.equal("the parts of a URL", {key: got[key] for key in got if "domain" not in key and
                                     key != "public_suffix"}, {
        "operation": "analyze", "valid": True, "valid_rfc3986": True,
        "original": "https://example.org:8443/a/b?x=1+2&x=%C3%A4&y#top",
        "normalized": "https://example.org:8443/a/b?x=1+2&x=%C3%A4&y#top", "scheme": "https",
        "host": "example.org", "port": 8443, "is_default_port": False, "path": "/a/b",
        "query": "x=1+2&x=%C3%A4&y", "fragment": "top", "is_ip": False,
        "query_params": [{"name": "x", "value": "1 2"}, {"name": "x", "value": "ä"},
                         {"name": "y", "value": ""}], "differences": [], "warnings": []})
    got = library.call(TOOL, input="http://h/?a=%C3%A4+b&c=%FF", decode_params=False)
    tap.equal("parameters as they are", got["query_params"],
              [{"name": "a", "value": "%C3%A4+b"}, {"name": "c", "value": "%FF"}])
    got = library.call(TOOL, input="http://h/?c=%FF")
    tap.equal("what is no UTF-8 stays encoded", got["query_params"], [{"name": "c", "value": "%FF"}])
    got = library.call(TOOL, input="http://h/?" + "&".join(["a=b"] * 600))
    tap.equal("five hundred parameters", (len(got["query_params"]), got["truncated"]), (500, True))
    got = library.call(TOOL, input="mailto:a@b.example?subject=x")
    tap.equal("a URL without host", (got["path"], "host" in got, "port" in got), ("a@b.example", False, False))
    got = library.call(TOOL, input="https://www.b\u00fccher.co.uk/")
    tap.equal("an international name", (got["host"], got["host_unicode"], got["valid_rfc3986"]),
              ("www.xn--bcher-kva.co.uk", "www.bücher.co.uk", False))
    if WITH_PSL:
        tap.equal("who registered it", (got["public_suffix"], got["registrable_domain"]),
                  ("co.uk", "xn--bcher-kva.co.uk"))
    else:
        tap.skip("who registered it", "this build has no libpsl")


def addresses(tap, library):
    for url, version, kind in (
            ("http://127.0.0.1/", 4, "loopback"), ("http://10.1.2.3/", 4, "private"),
            ("http://172.31.0.1/", 4, "private"), ("http://192.168.0.1/", 4, "private"),
            ("http://169.254.169.254/", 4, "link-local"), ("http://100.64.0.1/", 4, "carrier-grade NAT"),
            ("http://224.0.0.1/", 4, "multicast"), ("http://255.255.255.255/", 4, "reserved"),
            ("http://0.0.0.0/", 4, "unspecified"), ("http://192.0.2.1/", 4, "documentation"),
            ("http://8.8.8.8/", 4, "public"), ("http://[::1]/", 6, "loopback"),
            ("http://[fd00::1]/", 6, "private"), ("http://[fe80::1]/", 6, "link-local"),
            ("http://[ff02::1]/", 6, "multicast"), ("http://[2001:db8::1]/", 6, "documentation"),
            ("http://[::ffff:10.0.0.1]/", 6, "private"), ("http://[2606:4700::1]/", 6, "public"),
            ("http://[::]/", 6, "unspecified")):
        got = library.call(TOOL, input=url)
        tap.equal(url, (got["is_ip"], got["ip_version"], got["ip_kind"]), (True, version, kind))
    for url in ("http://0x7f.1/", "http://017700000001/", "http://2130706433/", "http://127.1/",
                "http://0177.0.0.1/", "http://127.0.0.1./"):
        got = library.call(TOOL, input=url)
        tap.equal(f"{url} is 127.0.0.1", (got["host"], got["warnings"], got["differences"][-1]), (
            "127.0.0.1", ["the host is the address 127.0.0.1, written so that it does not look like it",
                          "the address is loopback, not a public one"],
            "WHATWG reads the host as an address of IPv4; in RFC 3986 it is a name"))


def warned(tap, library):
    def warns(url, *expected):
        tap.equal(f"warnings of {ascii(url)}", library.call(TOOL, input=url)["warnings"], list(expected))
    warns("https://bank.example@evil.example/",
          "what stands before @ is a user, not the host; the host is evil.example")
    warns("https://u:p@h.example/", "it holds a password, which is seen in logs and histories",
          "what stands before @ is a user, not the host; the host is h.example")
    warns("https://p\u0430ypal.com/", "the host p\u0430ypal.com mixes Latin letters with similar ones of "
          "other scripts and looks like paypal.com, which is another host")
    warns("https://\u0430\u0440\u0440\u04cf\u0435.com/", "the host \u0430\u0440\u0440\u04cf\u0435.com is "
          "written in letters of another script and looks like apple.com, which is another host")
    warns("https://xn--80ak6aa92e.com/", "the host \u0430\u0440\u0440\u04cf\u0435.com is written in letters "
          "of another script and looks like apple.com, which is another host")
    warns("https://\u043f\u0440\u0438\u043c\u0435\u0440.example/")
    warns("https://b\u00fccher.example/")
    warns("http:\\\\a.example\\b", "it holds \\, which some programs read as / and others not: they may "
          "see another host")
    warns("http://a.ex\nample/", "it holds tabs or line breaks, by which filters are deceived")
    warns("http://a.example/%252e", "it holds %25, an encoded %: it may have been encoded twice")
    long = "the host is longer than names of DNS are: 63 characters between dots, 253 in all"
    warns("http://" + "a" * 64 + ".example/", long)
    warns("http://" + "a" * 63 + ".example/")
    warns("http://" + "abcdefghi." * 25 + "abc/")
    warns("http://" + "abcdefghi." * 25 + "abc./")
    warns("http://" + "abcdefghi." * 25 + "abcd/", long)
    for size in range(17, 21):  # the sentence is cut, but never in the middle of a character
        [said] = library.call(TOOL, input="http://" + "p\u0430y." * size + "com/")["warnings"]
        tap.check(f"{size} labels of look-alikes", "\ufffd" not in said and "which is another host" in said, said)
    warns("javascript:alert(1)", "it holds code or data itself and leads nowhere")

    def differs(url, *expected):
        tap.equal(f"differences of {ascii(url)}", library.call(TOOL, input=url)["differences"],
                  list(expected))
    differs(" http://a.example/ ", "WHATWG drops spaces and control characters around it; RFC 3986 does "
            "not permit them")
    differs("http:/a.example", "WHATWG bears another number of slashes behind the scheme and reads what "
            "follows as the host; RFC 3986 reads it as a path")
    differs("http://a.example:80/%zz", "WHATWG keeps a % without two hexadecimal digits; RFC 3986 does "
            "not permit it", "WHATWG drops the default port; RFC 3986 keeps it until it is normalized")
    differs("http://b\u00fccher.example/", "WHATWG takes characters beyond ASCII and encodes them; RFC 3986 "
            "permits ASCII alone")


def refused(tap, library):
    def fault(url, error, at):
        got = library.call(TOOL, input=url)
        tap.equal(f"no URL: {url}", (got["valid"], got["error"], got.get("rfc3986_fault_at")),
                  (False, error, at))
    fault("example.org/a", 'it has no scheme, such as "https:", so it is a relative reference at most', 0)
    fault("http://", "there is no host", None)
    fault("http://a:70000/", "the port is above 65535", None)
    fault("http://a:8a/", "the port is no number", 11)
    fault("http://1.2.3.4.5/", "the host ends in a number, so it must be an address of IPv4, but it is none",
          None)
    fault("http://[::1/", 'the host begins with "[" and does not end with "]"', 11)
    fault("http://[fe80::1%25eth0]/", "the host is an address of IPv6 with a zone (%), which is no part of a "
          "URL", 15)
    fault("http://a b/", "the host holds a character that no host may hold", 8)
    tap.equal("nothing", library.fails(TOOL, input=""), 'invalid arguments for tool "url-analyzer": /input: '
              "must have at least 1 character, has 0")
    tap.equal("no server to ask", library.fails(TOOL, input="mailto:a@b", fetch_metadata=True),
              "input is no URL of http or https, so no server can be asked; leave fetch_metadata out")
    tap.equal("nothing to ask for", library.fails(TOOL, input="a", fetch_metadata=True),
              'input is no URL of http or https: it has no scheme, such as "https:", so it is a relative '
              "reference at most, so no server can be asked; leave fetch_metadata out")
    tap.check("no host was granted", library.fails(TOOL, input="http://a.example/", fetch_metadata=True)
              .startswith("no host was granted to this tool; the operator allows one"), "one was")


def asked(tap, server, base):
    with Library(HEXMCP, {"grants": {"hosts": [f"localhost:{server.port}"]}}) as library:
        got = library.call(TOOL, input=base + "/echo#part", fetch_metadata=True)["metadata"]
        tap.equal("the server is asked", (got["status_code"], got["is_redirect"],
                  got["headers"]["content-length"] != "0", server.requests[-1].method,
                  server.requests[-1].target), (200, False, True, "HEAD", "/echo"))
        before = len(server.requests)
        got = library.call(TOOL, input=base + "/redirect?to=/echo", fetch_metadata=True)["metadata"]
        tap.equal("a redirect is told and not followed", (got["status_code"], got["is_redirect"],
                  got["location"], len(server.requests) - before), (302, True, "/echo", 1))
        got = library.call(TOOL, input=base + "/status/405", fetch_metadata=True)["metadata"]
        tap.equal("GET where HEAD is unknown", (got["status_code"], server.requests[-1].method),
                  (405, "GET"))
        before = len(server.requests)
        library.call(TOOL, input=base + "/echo")
        tap.equal("nothing is sent unasked", len(server.requests), before)
        tap.check("another host is refused", "is not granted" in library.fails(
            TOOL, input="http://other.example/", fetch_metadata=True), "it is not")


def main():
    server = Server()
    base = f"http://localhost:{server.port}"
    with Tap() as tap:
        with Library(HEXMCP) as library:
            for part in (parts, addresses, warned, refused):
                part(tap, library)
        with Library(HEXMCP, {"policy": {"level": "safe"}}) as library:
            tap.check("it is a safe tool", TOOL in library.tools(), "it is not")
        asked(tap, server, base)


main()
