#!/usr/bin/env python3
"""test_browser.py HEXMCP

url-analyzer against another implementation of the WHATWG URL Standard, that of Node.js: URLs with every
part in odd forms, and random ones of a seed.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

HEXMCP = sys.argv[1]
PROGRAM = """
const urls = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(urls.map(u => { try { return new URL(u).href } catch { return null } })));
"""
SCHEMES = ["http:", "https:", "HTTP:", "ftp:", "ws:", "file:", "foo:", "a+b-c.1:", "", "1a:", "http"]
SLASHES = ["//", "//", "//", "/", "", "///", "\\\\", "/\\", "////"]
USERS = ["", "", "", "u@", "u:p@", ":p@", "u:@", "@", "a@b@", "ü:ß@", "%41:%zz@", "u:p:q@", "{}@"]
HOSTS = ["example.com", "EXAMPLE.com", "localhost", "127.0.0.1", "0x7f.1", "0177.1", "2130706433", "1.2.3",
         "256.256.256.256", "1.2.3.4.5", "09.1.1.1", "0x", "1.2.3.4.", "a.0x1", "a.1", "a.b.", "[::1]",
         "[1:0:0:2:0:0:0:3]", "[::ffff:1.2.3.4]", "[::1", "[fe80::1%25a]", "[1::2::3]", "b\u00fccher.de",
         "xn--bcher-kva.de", "faß.de", "a b", "a%20b", "a%41.com", "a_b", "a|b", "a<b", "", "a^b", "a%00b",
         "\u3002", "a\u3002b", "\uff11.2.3.4", "ex\u00adample.com", "C:", "c|", "-a.com", "a..b", "%zz"]
PORTS = ["", "", "", ":80", ":443", ":0", ":65535", ":65536", ":", ":8a", ":080", ":21"]
PATHS = ["", "/", "/a/b", "/a/../b", "/./a", "/a/..", "/a/.", "/%2e/a", "/a/%2E%2e", "/..", "//a", "/a//b",
         "/a b", "/ä", "/\"<>`{}^|", "\\a\\..\\b", "/%zz%", "/C:/../x", "/c|/x/..", "/a/...", "/'", "x", "/.//a"]
QUERIES = ["", "", "?", "?a=b", "?a b'\"<>#", "?ä=ß", "?a?b", "?%41%zz"]
FRAGMENTS = ["", "", "#", "#a", "#a b`<>\"", "#a#b", "#ä"]
ODD = [" http://a/ ", "\thttp://a/", "ht\ntp://a/", "http://a\t.b/", "http:", "http://", "http:///", "//a/b",
       "mailto:a@b", "javascript:alert(1)", "data:text/plain,a b", "foo:", "foo:/", "foo://", "foo:///a",
       "foo:a/../b", "foo:/a/../b", "foo://h/../b", "foo:/..//b", "file:", "file:/", "file://", "file:a",
       "file://localhost/a", "file:///C|/a/../..", "file://h/a", "file:\\\\h\\a", "file://C:/a", "file:C:/a",
       "http://u@/", "http://:80", "foo://u@h:1/", "foo://h:70000/", "foo://[::1]/", "foo://a b/", "foo://ü/",
       "http://a?b", "http://a#b", "foo://a?b", "http://a:b@c:d/", "http://a@:80/", "https:a", "https:/a",
       "blob:http://a/b", "urn:isbn:1", "http://1e2/", "http://0x1.0x2.0x3.0x4", "http://0xffffffff",
       "http://0x100000000", "http://4294967295", "http://a.b..", "http://.", "http://..", "foo:?a", "foo:#a"]


def urls():
    chosen = random.Random(8)
    made = list(ODD)
    for host in HOSTS:
        made += [f"{scheme}//{host}/" for scheme in ("http:", "foo:", "file:")]
    for path in PATHS:
        made += [f"{scheme}//h{path}" for scheme in ("http:", "foo:", "file:")]
    while len(made) < 3000:
        made.append("".join(chosen.choice(part) for part in (
            SCHEMES, SLASHES, USERS, HOSTS, PORTS, PATHS, QUERIES, FRAGMENTS)))
    return made


def same(got, expected):
    """Node.js 20 keeps ^ in paths, which the standard encodes since 2023, and forgets the slash of the
    empty path that is left of foo://host/.."""
    if got is None or expected is None:
        return got == expected
    got, expected = got.replace("%5E", "^"), expected.replace("%5E", "^")
    return got == expected or re.sub(r"^([^:]+://[^/?#]+)/(?=$|[?#])", r"\1", got) == expected


def main():
    with Tap() as tap:
        node = shutil.which("node")
        if not node:
            tap.skip("what a browser says", "there is no node")
            return
        made = urls()
        told = json.loads(subprocess.run([node, "-e", PROGRAM], input=json.dumps(made), text=True,
                                         capture_output=True, check=True).stdout)
        wrong = []
        with Library(HEXMCP) as library:
            for url, expected in zip(made, told):
                got = library.call("url-analyzer", input=url)
                if not same(got.get("normalized"), expected):
                    wrong.append((url, got.get("normalized", got.get("error")), expected))
        tap.check(f"{len(made)} URLs are read as Node.js reads them", not wrong,
                  f"{len(wrong)} are not: {wrong[:20]}")


main()
