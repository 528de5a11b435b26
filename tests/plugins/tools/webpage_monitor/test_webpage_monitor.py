"""webpage-monitor: what it sees of pages that change, what it keeps, what it says when it cannot."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
from website import Site, grants  # noqa: E402


def page(*lines, around=""):
    body = "".join(f"<p>{line}</p>\n" for line in lines)
    return f"<html><head><title>t</title></head><body><nav>{around}</nav><main>{body}</main></body></html>"


def comparing(tap, site, library):
    url = site.url + "/page"

    def check(**more):
        return library.call("webpage-monitor", input=url, **more)
    site.pages["/page"] = page("one", "two", "three", "four")
    got = check()
    tap.equal("the first check", {key: got[key] for key in (
        "operation", "url", "name", "first", "has_changes", "change_count", "changes", "changes_truncated",
        "not_modified", "kept", "current_content", "truncated")}, {
        "operation": "check", "url": url, "name": url, "first": True, "has_changes": False, "change_count": 0,
        "changes": [], "changes_truncated": False, "not_modified": False, "kept": True,
        "current_content": "one\ntwo\nthree\nfour\n", "truncated": False})
    tap.check("without a time before", "previous_checked" not in got)
    site.pages["/page"] = page("one", "two  ", "three", " four", around="other links").replace("\n", "\n\n  ")
    got = check()
    tap.equal("blanks, markup and navigation do not count", (got["first"], got["has_changes"]), (False, False))
    tap.check("when it was checked before", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                                                         got["previous_checked"]), got)
    site.pages["/page"] = page("one", "2", "zwei", "three", "five", "six")
    got = check(dry_run=True)
    tap.equal("changes that are not kept", (got["change_count"], got["dry_run"], got["kept"]), (2, True, False))
    got = check()
    tap.equal("changes", got["changes"], [
        {"type": "modified", "line": 2, "old_content": "two", "new_content": "2\nzwei"},
        {"type": "modified", "line": 5, "old_content": "four", "new_content": "five\nsix"}])
    tap.equal("how many", (got["has_changes"], got["change_count"]), (True, 2))
    site.pages["/page"] = page("zero", "one", "2", "three", "six")
    got = check()
    tap.equal("lines that came and went", got["changes"], [
        {"type": "added", "line": 1, "new_content": "zero"},
        {"type": "removed", "line": 3, "old_content": "zwei"},
        {"type": "removed", "line": 5, "old_content": "five"}])
    tap.equal("after that there are none", check()["has_changes"], False)
    site.pages["/page"] = page(*(str(i) for i in range(20)))
    check()
    site.pages["/page"] = page(*(str(i if i % 2 else -i - 1) for i in range(20)))
    got = check(max_changes=3)
    tap.equal("more changes than wanted", (len(got["changes"]), got["change_count"], got["changes_truncated"]),
              (3, 10, True))
    got = check(limit=4)
    tap.equal("less text than there is", (got["current_content"], got["truncated"], got["next_offset"]),
              ("-1\n1", True, 4))
    got = check(limit=4, offset=got["next_offset"])
    tap.equal("and the next part", (got["current_content"], got["next_offset"]), ("\n-3\n", 8))
    got = check(offset=100000)
    tap.equal("after its end", (got["current_content"], got["truncated"]), ("", False))


def given(tap, site, library):
    site.pages["/given"] = page("a", "b")
    url = site.url + "/given"
    got = library.call("webpage-monitor", input=url, previous_content="a\n\n  c  \n")
    tap.equal("a text that was given", got["changes"],
              [{"type": "modified", "line": 2, "old_content": "c", "new_content": "b"}])
    tap.equal("nothing is kept then", (got["kept"], "name" in got), (False, False))
    got = library.call("webpage-monitor", input=url, previous_content=got["current_content"])
    tap.equal("its result is the next one", got["has_changes"], False)
    got = library.call("webpage-monitor", input=url, previous_content="")
    tap.equal("an empty text is a text", (got["first"], got["changes"]),
              (False, [{"type": "added", "line": 1, "new_content": "a\nb"}]))
    got = library.call("webpage-monitor", input=url, previous_content="a\n\n  c  \n", ignore_whitespace=False)
    tap.equal("blanks that count", got["change_count"], 1)
    got = library.call("webpage-monitor", input=url, previous_content="a \n\nb\n", ignore_whitespace=False)
    tap.equal("they are changes", got["has_changes"], True)


def selecting(tap, site, library):
    site.pages["/select"] = '<p>clock 1</p><b id="price">10</b><i>x</i>'
    url = site.url + "/select"
    library.call("webpage-monitor", input=url, selector="#price, i")
    site.pages["/select"] = '<p>clock 2</p><b id="price">10</b><i>x</i>'
    got = library.call("webpage-monitor", input=url, selector="#price, i")
    tap.equal("what is not selected does not count", (got["has_changes"], got["name"]),
              (False, url + " #price, i"))
    site.pages["/select"] = '<p>clock 3</p><b id="price">11</b><i>x</i>'
    got = library.call("webpage-monitor", input=url, selector="#price, i")
    tap.equal("what is does", got["changes"],
              [{"type": "modified", "line": 1, "old_content": "10", "new_content": "11"}])
    tap.equal("nothing is selected", library.fails("webpage-monitor", input=url, selector=".none"),
              'selector: ".none" names nothing on this page; look at it by web-scraper')


def conditional(tap, site, library):
    """The server is asked whether the page changed."""
    def answer(request):
        if request.headers.get("If-None-Match") == '"v1"' and \
                request.headers.get("If-Modified-Since") == "Mon, 01 Jun 2026 00:00:00 GMT":
            return 304, {"ETag": '"v1"'}, ""
        return 200, {"Content-Type": "text/html", "ETag": '"v1"',
                     "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"}, "<p>text"
    site.pages["/etag"] = answer
    url = site.url + "/etag"
    first = library.call("webpage-monitor", input=url)
    second = library.call("webpage-monitor", input=url)
    third = library.call("webpage-monitor", input=url)
    tap.equal("only a page that changed is sent", [each["not_modified"] for each in (first, second, third)],
              [False, True, True])
    tap.equal("the text is known all the same", (third["current_content"], third["has_changes"]), ("text\n", False))
    site.pages["/etag"] = (304, {}, "")
    tap.equal("304 without a question", library.fails("webpage-monitor", input=url, name="new"),
              f"{url}: the server answered 304, which nobody asked for; try again later")


def keeping(tap, site, library):
    site.pages["/keep"] = page("x")
    url = site.url + "/keep"
    library.call("webpage-monitor", input=url, name="~mine")
    tap.equal("another page under the name", library.fails("webpage-monitor", input=site.url + "/given", name="~mine"),
              f'"~mine" keeps {url} with another address, selector or options; give them as they were, another '
              "name, or forget it")
    names = [each["name"] for each in library.call("webpage-monitor", operation="list")["pages"]]
    tap.equal("what is kept", names, sorted(names))
    mine = library.call("webpage-monitor", operation="list")["pages"][-1]
    tap.equal("one of them", (mine["name"], mine["url"], mine["bytes"]), ("~mine", url, 2))
    got = library.call("webpage-monitor", operation="list", limit=1)
    tap.equal("one page of the list", ([each["name"] for each in got["pages"]], got["truncated"], got["next_offset"]),
              (names[:1], True, 1))
    got = library.call("webpage-monitor", operation="list", limit=500, offset=1)
    tap.equal("and the rest", ([each["name"] for each in got["pages"]], got["truncated"], "next_offset" in got),
              (names[1:], False, False))
    tap.equal("too many at once", library.fails("webpage-monitor", operation="list", limit=501),
              "limit must be from 1 to 500 for list, and is 501")
    tap.equal("forgetting as a trial", library.call("webpage-monitor", operation="forget", name="~mine", dry_run=True),
              {"operation": "forget", "name": "~mine", "dry_run": True})
    tap.equal("of nothing", library.fails("webpage-monitor", operation="forget", name="~none", dry_run=True),
              'nothing is kept under "~none"; list says what is kept')
    tap.equal("forgetting", library.call("webpage-monitor", operation="forget", name="~mine"),
              {"operation": "forget", "name": "~mine"})
    tap.equal("forgetting it again", library.fails("webpage-monitor", operation="forget", name="~mine"),
              'nothing is kept under "~mine"; list says what is kept')
    tap.equal("by the address", library.call("webpage-monitor", operation="forget", input=site.url + "/page")["name"],
              site.url + "/page")
    site.pages["/huge"] = "<p>" + "\u00e9\x01" * 600000
    tap.equal("a text that is too long to be kept", library.fails("webpage-monitor", input=site.url + "/huge"),
              "the text of the page is too long to be kept (1 MiB); give selector for a part of it")


def refused(tap, site, library):
    site.pages.update({"/robots.txt": ("text/plain", "User-agent: *\nDisallow: /secret\n"), "/secret": "x"})
    tap.equal("check without an address", library.fails("webpage-monitor"),
              "input is missing: give the address of the page to check")
    tap.equal("forget without a name", library.fails("webpage-monitor", operation="forget"),
              "name is missing: give the name of what to forget; list says what is kept")
    tap.equal("a page that is not there", library.fails("webpage-monitor", input=site.url + "/none"),
              f"{site.url}/none: the server answered 404; check the address")
    with Library(sys.argv[1], grants(site)) as other:
        tap.equal("what robots.txt forbids", other.fails("webpage-monitor", input=site.url + "/secret"),
                  f"{site.url}/robots.txt does not let robots fetch /secret; give ignore_robots true only if "
                  "its owner allows you to")
        tap.equal("a long address", other.fails("webpage-monitor", input=site.url + "/" + "x" * 400),
                  "the address (with the selector) is too long to be a name of its own; give name, at most 400 bytes")
    with Library(sys.argv[1]) as other:
        tap.equal("no host is granted", other.fails("webpage-monitor", input=site.url + "/page"),
                  "no host was granted to this tool; the operator allows one with --allow-host NAME or "
                  '"grants.hosts" of the configuration')


with Tap() as tap, Site() as site, Library(sys.argv[1], grants(site)) as library:
    comparing(tap, site, library)
    given(tap, site, library)
    selecting(tap, site, library)
    conditional(tap, site, library)
    keeping(tap, site, library)
    refused(tap, site, library)
