"""sitemap-crawler: what it finds in sitemaps, what it says when it cannot."""

import gzip
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402
from website import Site, grants  # noqa: E402

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*locs, extra=""):
    entries = "".join(f"<url><loc>{loc}</loc>{extra}</url>" for loc in locs)
    return ("application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACE}>{entries}</urlset>')


def index(*locs):
    entries = "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in locs)
    return ("application/xml", f"<sitemapindex {NAMESPACE}>{entries}</sitemapindex>")


def urls(result):
    return [each["url"] for each in result["urls"]]


def no_stats(**more):
    return {"sitemaps_processed": 0, "index_files_found": 0, "total_urls_discovered": 0,
            "urls_with_metadata": 0, "other_hosts": 0, "invalid": 0, "sitemaps_failed": 0, **more}


def reading(tap, site, library):
    base = site.url
    site.pages.update({
        "/robots.txt": ("text/plain", f"Sitemap: {base}/index.xml\nsitemap: {base}/plain.txt\n"),
        "/index.xml": index(f"{base}/a.xml", f"{base}/b.xml.gz", f"{base}/a.xml"),
        "/a.xml": ("application/xml", f"""<?xml version="1.0"?>
<!-- a comment --><urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> {base}/one?a=1&amp;b=2#part </loc><lastmod>2026-01-02</lastmod><changefreq>daily</changefreq>
<priority>0.8</priority><image:image><image:loc>{base}/i.png</image:loc></image:image></url>
<url><loc><![CDATA[{base}/two]]></loc><priority>high</priority></url>
<url><loc>{base}/one?a=1&amp;b=2</loc></url>
<url><loc>https://elsewhere.example/x</loc></url><url><loc>ftp://x/y</loc></url><url><loc/></url>
</urlset>"""),
        "/b.xml.gz": ("application/gzip", gzip.compress(urlset(f"{base}/packed")[1].encode())),
        "/plain.txt": ("text/plain", f"{base}/line1\r\n\n{base}/line2\n{base}/two\nnothing\n"),
    })
    got = library.call("sitemap-crawler", input=base, delay_ms=0)
    tap.equal("the addresses", got["urls"], [
        {"url": base + "/line1"}, {"url": base + "/line2"}, {"url": base + "/two"},
        {"url": base + "/one?a=1&b=2", "lastmod": "2026-01-02", "changefreq": "daily", "priority": 0.8},
        {"url": base + "/packed"}])
    tap.equal("what was counted", got["stats"], no_stats(
        sitemaps_processed=4, index_files_found=1, total_urls_discovered=5, urls_with_metadata=1,
        other_hosts=1, invalid=2))
    tap.equal("it is all", (got["complete"], got["truncated"], got["problems"]), (True, False, []))
    got = library.call("sitemap-crawler", input=base, delay_ms=0, max_urls=2)
    tap.equal("the first two", (urls(got), got["truncated"], got["next_offset"], got["complete"]),
              ([base + "/line1", base + "/line2"], True, 2, False))
    got = library.call("sitemap-crawler", input=base, delay_ms=0, max_urls=2, offset=2)
    tap.equal("the next two", (urls(got), got["next_offset"]), ([base + "/two", base + "/one?a=1&b=2"], 4))
    got = library.call("sitemap-crawler", input=base, delay_ms=0, max_urls=2, offset=4)
    tap.equal("the last one", (urls(got), got["truncated"]), ([base + "/packed"], False))
    got = library.call("sitemap-crawler", input=base, delay_ms=0, follow_sitemaps=False)
    tap.equal("without what indexes name", urls(got), [base + "/line1", base + "/line2", base + "/two"])
    got = library.call("sitemap-crawler", input=base + "/a.xml", same_host=False)
    tap.equal("one sitemap, with other hosts", urls(got),
              [base + "/one?a=1&b=2", base + "/two", "https://elsewhere.example/x"])


def usual_name(tap):
    with Site() as site, Library(sys.argv[1], grants(site)) as library:
        site.pages["/sitemap.xml"] = urlset(site.url + "/x")
        tap.equal("without robots.txt it is sitemap.xml",
                  urls(library.call("sitemap-crawler", input=site.url)), [site.url + "/x"])


def encodings(tap, site, library):
    base = site.url
    text = f'<?xml version="1.0" encoding="ENCODING"?>\n<urlset {NAMESPACE}><url><loc>{base}/\u0436\u00e9</loc></url></urlset>'
    latin = text.replace("\u0436", "")

    def read(name, data, kind="application/xml"):
        site.pages["/encoded.xml"] = (kind, data)
        got = library.fails("sitemap-crawler", input=base + "/encoded.xml", delay_ms=0)
        tap.check(name, got.startswith("{") and
                  urls(json.loads(got)["structuredContent"]) == [base + ("/%C3%A9" if "%" in name else "/%D0%B6%C3%A9")], got)
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"):
        read(codec, text.replace("ENCODING", "UTF-16" if "16" in codec else "utf-8").encode(codec))
    read("big-endian with a mark", b"\xfe\xff" + text.replace("ENCODING", "UTF-16").encode("utf-16-be"))
    read("gb18030", text.replace("ENCODING", "gb18030").encode("gb18030"))
    read("% latin-1", latin.replace("ENCODING", "ISO-8859-1").encode("latin-1"))
    read("% windows-1252", latin.replace("ENCODING", "windows-1252").replace('"', "'").encode("cp1252"))
    read("packed, in UTF-16", gzip.compress(text.replace("ENCODING", "UTF-16").encode("utf-16")), "application/gzip")
    read("text in UTF-16", f"{base}/\u0436\u00e9\n".encode("utf-16"), "text/plain")
    data = urlset(base + "/a", base + "/b")[1].encode()
    site.pages["/parts.xml.gz"] = ("application/gzip", gzip.compress(data[:100]) + gzip.compress(data[100:]) + b"rest")
    tap.equal("packed in parts", urls(library.call("sitemap-crawler", input=base + "/parts.xml.gz")), [base + "/a", base + "/b"])


def nested(tap, site, library):
    base = site.url
    for level in range(5):
        site.pages[f"/level{level}.xml"] = index(f"{base}/level{level + 1}.xml", f"{base}/leaf{level}.xml")
        site.pages[f"/leaf{level}.xml"] = urlset(f"{base}/page{level}")
    site.pages["/level0.xml"] = index(f"{base}/level1.xml", f"{base}/leaf0.xml", f"{base}/level0.xml")
    got = library.call("sitemap-crawler", input=base + "/level0.xml", delay_ms=0)
    tap.equal("indexes in indexes, three deep", sorted(urls(got)), [base + f"/page{i}" for i in range(3)])
    site.pages["/bad.xml"] = index(f"{base}/none.xml", f"{base}/broken.xml", f"{base}/leaf0.xml")
    site.pages["/broken.xml"] = ("application/xml", f"<urlset {NAMESPACE}><url><loc>{base}/half</loc></url><url>")
    got = library.call("sitemap-crawler", input=base + "/bad.xml", delay_ms=0)
    tap.equal("what is good comes", urls(got), [base + "/half", base + "/page0"])
    tap.equal("what is not is told", got["problems"], [
        {"sitemap": base + "/none.xml", "message": f"{base}/none.xml: the server answered 404; check the address"},
        {"sitemap": base + "/broken.xml", "message": "it is broken XML (line 1), read up to there"}])
    tap.equal("and counted", (got["stats"]["sitemaps_failed"], got["complete"]), (2, False))


def waiting(tap):
    with Site() as site, Library(sys.argv[1], grants(site)) as library:
        base, times = site.url, []

        def page(number):
            def answer(_):
                times.append(time.monotonic())
                return urlset(f"{base}/{number}")
            return answer
        site.pages.update({"/robots.txt": ("text/plain", "User-agent: *\nCrawl-delay: 0.5\n"),
                           "/sitemap.xml": index(*(f"{base}/s{i}.xml" for i in range(3))),
                           **{f"/s{i}.xml": page(i) for i in range(3)}})
        library.call("sitemap-crawler", input=base, delay_ms=0)
        tap.check("crawl-delay is kept", min(b - a for a, b in zip(times, times[1:])) >= 0.45, times)
        tap.check("progress is reported", len(library.progress) >= 2, library.progress)
        got = library.call("sitemap-crawler", input=base, delay_ms=900, timeout_ms=2000)
        tap.check("time that is over", 1 <= len(got["urls"]) <= 2 and not got["complete"], got)
        tap.equal("is told", got["stopped"],
                  "the time of 2000 ms is over; give a longer timeout_ms, or go on with offset")
        site.pages["/robots.txt"] = ("text/plain", "User-agent: *\nCrawl-delay: 60\n")
        ident = library.server.start("tools/call", {"name": "sitemap-crawler", "arguments":
                                                    {"input": base, "timeout_ms": 100000}, "_meta": CLAIM})
        time.sleep(1)
        began = time.monotonic()
        library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                        "params": {"requestId": ident}}))
        library.call("sitemap-crawler", input=base + "/s0.xml")
        tap.check("a cancelled crawl ends", time.monotonic() - began < 20, "")


def refused(tap, site, library):
    base = site.url

    def fails(path, **more):
        return library.fails("sitemap-crawler", input=base + path, **more)
    site.pages.update({"/page": ("text/html", "<html><body>x</body></html>"), "/nothing": "",
                       "/rss.xml": ("application/xml", "<rss/>"), "/cut.xml.gz": gzip.compress(b"x" * 99)[:20],
                       "/robots.txt": ("text/plain", "User-agent: hexmcp\nDisallow: /secret\n"),
                       "/secret.xml": urlset(base + "/y")})
    tap.equal("one that is not there", fails("/none.xml"),
              f"{base}/none.xml: the server answered 404; check the address")
    tap.equal("a page", fails("/page"),
              base + "/page: it is XML, but no sitemap: the root is neither urlset nor sitemapindex")
    tap.equal("a feed", fails("/rss.xml"),
              base + "/rss.xml: it is XML, but no sitemap: the root is neither urlset nor sitemapindex")
    tap.equal("nothing", fails("/nothing"), base + "/nothing: it is empty")
    site.pages["/data.json"] = ("application/json", '{"a": 1}')
    tap.equal("what is something else", fails("/data.json"),
              base + "/data.json: it is no sitemap: it is not XML, and no line of it is an address")
    with Site() as bare, Library(sys.argv[1], grants(bare)) as other:
        tap.equal("a site without one", other.fails("sitemap-crawler", input=bare.url),
                  f"{bare.url}/ has no sitemap: robots.txt names none, and there is none at /sitemap.xml; follow the "
                  "links of its pages by web-scraper with extract_links")
    for name, page, text in (
            ("an encoding that nobody knows", b'<?xml version="1.0" encoding="x-klingon"?><urlset/>',
             'its encoding "x-klingon" is not known here; sitemaps have to be UTF-8'),
            ("half a character", b"\xff\xfe<", "it is not the UTF-16LE that it says to be"),
            ("bytes that are none of the encoding", b'<?xml version="1.0" encoding="us-ascii"?><urlset>\xe9</urlset>',
             "it is not the us-ascii that it says to be"),
            ("NUL", base.encode() + b"/\0", "it holds NUL, so it is no text of an encoding that is known here"),
            ("UTF-8 that is none", b"<urlset><url><loc>\xe9</loc></url></urlset>", "it is broken XML (line 1), read up to there")):
        site.pages["/wide.xml"] = ("application/xml", page)
        tap.equal(name, fails("/wide.xml"), base + "/wide.xml: " + text)
    tap.equal("half a file", fails("/cut.xml.gz"), base + "/cut.xml.gz: it is a broken gzip file")
    tap.equal("one that robots.txt forbids", fails("/secret.xml"),
              f"{base}/robots.txt does not let robots fetch /secret.xml; give ignore_robots true only if "
              "its owner allows you to")
    tap.equal("unless it is ignored",
              urls(library.call("sitemap-crawler", input=base + "/secret.xml", ignore_robots=True)), [base + "/y"])
    tap.equal("no address", library.fails("sitemap-crawler", input="example.org"),
              'input is no address of the web: "example.org"; give one such as https://example.org/page, '
              "without user and password")
    with Library(sys.argv[1]) as other:
        tap.equal("no host is granted", other.fails("sitemap-crawler", input=base),
                  "no host was granted to this tool; the operator allows one with --allow-host NAME or "
                  '"grants.hosts" of the configuration')


with Tap() as tap, Site() as site, Library(sys.argv[1], grants(site)) as library:
    reading(tap, site, library)
    usual_name(tap)
    encodings(tap, site, library)
    nested(tap, site, library)
    waiting(tap)
    refused(tap, site, library)
