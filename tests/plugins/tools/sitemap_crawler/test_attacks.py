"""sitemap-crawler against sitemaps that mean harm."""

import gzip
import os
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Library, Tap  # noqa: E402
from website import Site, grants  # noqa: E402

LAUGHS = ('<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "ha">' +
          "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij")) +
          "]><urlset><url><loc>http://localhost/&j;</loc></url></urlset>")
ENTITIES = "it has a DOCTYPE, which no sitemap needs"


def xml(body):
    return ("application/xml", body)


def places(tap, site, inner):
    """Sitemaps and addresses of places that are not granted."""
    with Library(sys.argv[1], grants(site)) as library:
        hidden = inner.url + "/secret.xml"
        site.pages["/index.xml"] = xml(f"<sitemapindex><sitemap><loc>{hidden}</loc></sitemap></sitemapindex>")
        for same_host in (True, False):
            library.fails("sitemap-crawler", input=site.url + "/index.xml", same_host=same_host, delay_ms=0)
        site.pages["/go.xml"] = (302, {"Location": hidden}, "")
        text = library.fails("sitemap-crawler", input=site.url + "/go.xml")
        tap.check("a redirect to it", not text.startswith("{"), text)
        site.pages["/robots.txt"] = ("text/plain", f"Sitemap: {hidden}\n")
        text = library.fails("sitemap-crawler", input=site.url)
        tap.check("robots.txt that names it", not text.startswith("{"), text)
        del site.pages["/robots.txt"]
        tap.equal("nothing has arrived there", inner.requests, [])
    with Library(sys.argv[1], grants(site, inner)) as library:
        got = library.call("sitemap-crawler", input=site.url + "/go.xml", same_host=False)
        tap.equal("it does arrive if it is granted", [each["url"] for each in got["urls"]],
                  ["http://example.org/secret"])


def bombs(tap, site, library):
    def fails(page, **more):
        site.pages["/bomb.xml"] = page
        text = library.fails("sitemap-crawler", input=site.url + "/bomb.xml", delay_ms=0, **more)
        return text.removeprefix(site.url + "/bomb.xml: ")
    tap.equal("a billion laughs", fails(xml(LAUGHS)), ENTITIES)
    tap.equal("a file of this machine", fails(xml(
        '<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset><url><loc>&f;</loc></url></urlset>')),
        ENTITIES)
    tap.equal("a file of another one", fails(xml(
        f'<!DOCTYPE urlset SYSTEM "{site.url}/evil.dtd"><urlset><url><loc>a</loc></url></urlset>')), ENTITIES)
    tap.check("which was not fetched", "/evil.dtd" not in site.requests)
    for codec in ("utf-16", "utf-16-be", "utf-7", "cp037"):
        text = fails(xml(LAUGHS.replace('"1.0"?', f'"1.0" encoding="{codec}"?').encode(codec)))
        tap.check(f"a billion laughs in {codec}", text in (ENTITIES, "it is broken XML (line 1), read up to there") or
                  codec == "cp037" and "http://localhost/" not in text, text)
    hidden = '<?xml version="1.0" encoding="utf-7"?>' + LAUGHS[21:].encode("utf-7").decode()
    tap.equal("one that hides behind an encoding", fails(xml(hidden)), ENTITIES)
    wide = b"\xff\xfe" + ("<urlset><!--" + "\u20ac" * (18 << 20)).encode("utf-16-le")
    tap.equal("a file that grows above 50 MiB as UTF-8", fails(xml(wide)), "it has more than 50 MiB as UTF-8")
    maker = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(maker.compress(bytes(1 << 20)) for _ in range(200)) + maker.flush()
    tap.equal("a packed file of 200 MiB", fails(("application/gzip", packed)),
              "it unpacks to more than 50 MiB or to more than 200 times of its size")
    text = fails((200, {"Content-Type": "application/xml", "Content-Encoding": "gzip"}, packed))
    tap.check("a packed answer", not text.startswith("{"), text)
    deep = "<urlset>" + "<a>" * 100000
    text = fails(xml(deep))
    tap.check("elements in elements", text.startswith("it is broken XML"), text)
    text = fails(xml("<urlset><url><loc>" + "x" * 9000 + "</loc></url></urlset>"))
    tap.equal("an endless field", text, "one of its fields has more than 8192 bytes")
    for value in ("1", ">"):
        body = "<urlset " + " ".join(f"a{i}='{value}'" for i in range(100000)) + "><url>"
        tap.equal(f"attributes without end ({value})", fails(xml(body)), "one of its tags has more than 2048 bytes")
    tag = "<a " + " ".join(f"a{i}='1'" for i in range(200)) + "/>"
    text = fails(xml("<urlset>" + tag * 20000))
    tap.check("tags without end", text.startswith("it is broken XML") or "more than 20 seconds" in text, text)


def endless(tap, site, library):
    """Each index names a fresh one, and each robots.txt a thousand."""
    def more(request):
        number = int(request.query.get("n", "0"))
        return xml("<sitemapindex>" + "".join(f"<sitemap><loc>{site.url}/more.xml?n={number * 1000 + i}</loc></sitemap>"
                                              for i in range(1, 1000)) + "</sitemapindex>")
    site.pages["/more.xml"] = more
    before = len(site.requests)
    got = library.call("sitemap-crawler", input=site.url + "/more.xml", delay_ms=0, timeout_ms=60000)
    tap.equal("sitemaps without end", got["stopped"], "100 sitemaps were read, which is the most")
    tap.check("no more were fetched", len(site.requests) - before <= 102, len(site.requests) - before)
    site.pages["/many.xml"] = xml("<urlset>" + "".join(f"<url><loc>{site.url}/{i}</loc></url>"
                                                       for i in range(60000)) + "</urlset>")
    got = library.call("sitemap-crawler", input=site.url + "/many.xml", max_urls=5000, offset=40000)
    tap.equal("many addresses", (len(got["urls"]), got["next_offset"]), (5000, 45000))


def lasting(tap, site, library):
    site.pages["/good.xml"] = ("application/gzip",
                               gzip.compress(f"<urlset><url><loc>{site.url}/x</loc></url></urlset>".encode()))
    tap.equal("after all that it still works",
              library.call("sitemap-crawler", input=site.url + "/good.xml")["urls"], [{"url": site.url + "/x"}])


def ask(library, url):
    return library.fails("sitemap-crawler", input=url, ignore_robots=True, delay_ms=0)


with Tap() as tap, Site() as site, Site() as inner:
    inner.pages["/secret.xml"] = xml("<urlset><url><loc>http://example.org/secret</loc></url></urlset>")
    places(tap, site, inner)
    with Library(sys.argv[1], grants(site)) as library:
        bombs(tap, site, library)
        endless(tap, site, library)
        lasting(tap, site, library)
    attacks = Attacks(tap, sys.argv[1], sys.argv[2], ask)
    attacks.addresses()
    attacks.rebinding()
