"""webpage-monitor against pages and sites that mean harm."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Library, Tap  # noqa: E402
from website import Site, grants  # noqa: E402


def places(tap, site, inner):
    site.pages["/page"] = "<p>good"
    with Library(sys.argv[1], grants(site)) as library:
        library.call("webpage-monitor", input=site.url + "/page")
        site.pages["/page"] = (302, {"Location": inner.url + "/secret"}, "")
        text = library.fails("webpage-monitor", input=site.url + "/page")
        tap.check("a page that comes to lead to a place that is not granted", not text.startswith("{"), text)
        site.pages["/page"] = (302, {"Location": f"http://[::1]:{inner.port}/secret"}, "")
        text = library.fails("webpage-monitor", input=site.url + "/page")
        tap.check("by another name", not text.startswith("{"), text)
        tap.equal("nothing has arrived there", inner.requests, [])
        site.pages["/page"] = "<p>good"
        tap.equal("and what was kept is as it was",
                  library.call("webpage-monitor", input=site.url + "/page")["has_changes"], False)
    with Library(sys.argv[1], grants(site, inner)) as library:
        site.pages["/page"] = (302, {"Location": inner.url + "/secret"}, "")
        tap.equal("it does lead there if it is granted",
                  library.call("webpage-monitor", input=site.url + "/page")["current_content"], "SECRET\n")


def answers(tap, site, library):
    """What a server says of its page comes back to it as headers, and not as more."""
    site.pages["/etag"] = (200, {"Content-Type": "text/html", "ETag": '"a{{secret:token}}b"',
                                 "Last-Modified": "x" * 300}, "<p>t")
    library.call("webpage-monitor", input=site.url + "/etag")
    text = library.fails("webpage-monitor", input=site.url + "/etag")
    sent = [value for headers in site.seen for key, value in headers.items() if key.lower() == "if-none-match"]
    tap.equal("a handle of a secret in an ETag is not filled in", sent, [])
    sent = [value for headers in site.seen for key, value in headers.items() if key.lower() == "if-modified-since"]
    tap.equal("a date that is too long for one is not sent back", sent, [])
    tap.check("the call ends well", text.startswith("{"), text)


def large(tap, site, library):
    site.pages["/bomb"] = "<div>" * 20000
    tap.equal("elements in elements", library.fails("webpage-monitor", input=site.url + "/bomb"),
              "the page nests more than 2000 elements; it is broken or hostile, and is not read")
    rng = random.Random(5)
    site.pages["/lines"] = "<br>".join(str(rng.randrange(50)) for _ in range(40000))
    library.call("webpage-monitor", input=site.url + "/lines", limit=0)
    site.pages["/lines"] = "<br>".join(str(rng.randrange(50)) for _ in range(40000))
    got = library.call("webpage-monitor", input=site.url + "/lines", limit=0, max_changes=1)
    tap.check("texts that are expensive to compare", got["change_count"] > 1000, got["change_count"])


def ask(library, url):
    return library.fails("webpage-monitor", input=url, ignore_robots=True)


with Tap() as tap, Site() as site, Site({"/secret": "<p>SECRET"}) as inner:
    places(tap, site, inner)
    with Library(sys.argv[1], grants(site)) as library:
        answers(tap, site, library)
        large(tap, site, library)
    attacks = Attacks(tap, sys.argv[1], sys.argv[2], ask)
    attacks.addresses()
    attacks.rebinding()
