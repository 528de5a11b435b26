"""web-scraper against pages and sites that mean harm."""

import gzip
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Library, Tap  # noqa: E402
from servers import Server, certificates, tls  # noqa: E402
from website import Site, grants  # noqa: E402


def helpers(library):
    pid = library.server.process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(each) for each in file.read().split()]


def private_places(tap, site, inner):
    """A site that is granted leads to one that is not."""
    places = {"another port": inner.url, "an address of this machine": f"http://127.0.0.1:{inner.port}",
              "a short form of it": f"http://127.1:{inner.port}",
              "a number": f"http://2130706433:{inner.port}",
              "hexadecimal": f"http://0x7f000001:{inner.port}",
              "IPv6": f"http://[::ffff:127.0.0.1]:{inner.port}",
              "the service of a cloud": "http://169.254.169.254/latest/meta-data/"}
    with Library(sys.argv[1], grants(site)) as library:
        for name, url in places.items():
            site.pages["/go"] = (302, {"Location": url + "/secret"}, "")
            text = library.fails("web-scraper", input=site.url + "/go")
            tap.check(f"a redirect to {name}", "SECRET" not in text and not text.startswith("{"), text)
            text = library.fails("web-scraper", input=url + "/secret")
            tap.check(f"{name} itself", "SECRET" not in text and not text.startswith("{"), text)
        tap.equal("nothing has arrived there", inner.requests, [])
    with Library(sys.argv[1], {"grants": {"hosts": ["*"]}}) as library:
        text = library.fails("web-scraper", input=inner.url + "/secret")
        tap.check("all of the public network is not this machine", not text.startswith("{"), text)
        tap.equal("nothing has arrived there either", inner.requests, [])
    with Library(sys.argv[1], grants(site, inner)) as library:
        site.pages["/go"] = (302, {"Location": inner.url + "/secret"}, "")
        got = library.call("web-scraper", input=site.url + "/go")
        tap.equal("it does lead there if it is granted", got["content"], "SECRET")


def downgrade(tap, site):
    """What began encrypted does not go on in the clear."""
    with tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        secure = Server(tls=tls(folder, "good"))
        config = {"grants": {"hosts": [site.host, f"localhost:{secure.port}"]},
                  "http_client": {"ca_file": f"{folder}/ca.pem"}}
        before = len(site.requests)
        url = f"https://localhost:{secure.port}/redirect?to={site.url}/page"
        with Library(sys.argv[1], config) as library:
            tap.equal("a redirect from https to http", library.fails("web-scraper", input=url, ignore_robots=True),
                      f"{url} redirects to {site.url}/page, which is not followed: only http and https, never from https "
                      "to http")
        tap.equal("nothing was asked for in the clear", len(site.requests), before)


BOMBS = {
    "divs": "<div>" * 20000,
    "links and divs": "<a><div>" * 20000,
    "formats": "<b><i><font>" * 20000,
    "lists": "<ul><li>" * 20000,
    "quotes": "<blockquote>" * 20000,
    "foreign": "<svg><g>" * 20000,
    "templates": "<template>" * 20000,
    "selects": "<select><option>" * 20000,
    "ends": "<div>" * 1500 + "</p>" * 200000,
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(50000)) + ">",
    "misnested": "<b><table><tr><td><p>" * 3000,
}


def bombs(tap, site, library):
    for name, body in BOMBS.items():
        site.pages["/bomb"] = body
        began = time.monotonic()
        text = library.fails("web-scraper", input=site.url + "/bomb", selector="div div", limit=100)
        tap.note(f"{name}: {time.monotonic() - began:.1f} s: {text[:110]}")
        tap.check(f"{name} end with an answer", text.startswith("{") or "broken or hostile" in text, text)
    site.pages["/bomb"] = BOMBS["divs"]
    tap.equal("what is nested too deep", library.fails("web-scraper", input=site.url + "/bomb"),
              "the page nests more than 2000 elements; it is broken or hostile, and is not read")


def large(tap, site, library):
    site.pages["/large"] = "<p>" + "x" * (10 * 1024 * 1024)
    text = library.fails("web-scraper", input=site.url + "/large")
    tap.check("a page above 10 MiB", "10485760" in text or "10 MiB" in text, text)
    site.pages["/packed"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"},
                             gzip.compress(b"<p>" + b"x" * (40 * 1024 * 1024)))
    text = library.fails("web-scraper", input=site.url + "/packed")
    tap.check("a small one that unpacks to that", not text.startswith("{") and "large" in text or
              "more than" in text, text)
    site.pages["/robots.txt"] = ("text/plain", "Disallow: /\n" * 500000)
    text = library.fails("web-scraper", input=site.url + "/tiny")
    tap.check("a robots.txt above 4 MiB closes the site", "robots.txt cannot be read" in text, text)
    site.pages["/robots.txt"] = ("text/plain", "User-agent: *\nAllow: /tiny\n" + "# \n" * 200000 +
                                 "Disallow: /tiny$\n")
    text = library.fails("web-scraper", input=site.url + "/tiny")
    tap.check("of a long one the first 500 KiB count", text.startswith("{"), text)
    del site.pages["/robots.txt"]


def crash(tap, site, library):
    """The helper dies while it works: the call ends, and the next one is answered."""
    def die(_):
        os.kill(helpers(library)[0], signal.SIGSEGV)
        time.sleep(0.5)
        return "<p>too late"
    site.pages["/die"] = die
    text = library.fails("web-scraper", input=site.url + "/die")
    tap.check("a crash is told", "crashed with signal 11" in text, text)
    tap.equal("and the next call is answered",
              library.call("web-scraper", input=site.url + "/tiny")["content"], "tiny")


def slow(tap, site, library):
    def wait(_):
        time.sleep(3)
        return "<p>late"
    site.pages["/slow"] = wait
    text = library.fails("web-scraper", input=site.url + "/slow", timeout_ms=1000)
    tap.check("a server that does not answer", "the request was not over within" in text, text)


def ask(library, url):
    return library.fails("web-scraper", input=url, ignore_robots=True)


with Tap() as tap, Site({"/tiny": "<p>tiny"}) as site, Site({"/secret": "<p>SECRET"}) as inner:
    private_places(tap, site, inner)
    downgrade(tap, site)
    with Library(sys.argv[1], grants(site)) as library:
        library.call("web-scraper", input=site.url + "/tiny")
        tap.equal("it runs in a helper", len(helpers(library)), 1)
        bombs(tap, site, library)
        large(tap, site, library)
        slow(tap, site, library)
        crash(tap, site, library)
    attacks = Attacks(tap, sys.argv[1], sys.argv[2], ask)
    attacks.addresses()
    attacks.rebinding()
