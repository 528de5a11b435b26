"""web-search against providers that mean harm."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), HERE]
import mock  # noqa: E402
from library import Library, Tap  # noqa: E402
from website import Site  # noqa: E402

PROGRAM = sys.argv[1]


def keys_stay(tap, site, inner):
    """The key goes to the provider alone, and not back to the model."""
    with mock.library(Library, PROGRAM, site, "brave", "google", perMinute=100) as library:
        site.pages["/brave/res/v1/web/search"] = lambda request: mock.answer_json({"web": {"results": [
            {"title": "your key is " + request.headers["X-Subscription-Token"], "url": "https://x.example/"}]}})
        text = library.fails("web-search", input="tea", provider="brave")
        tap.check("a provider that repeats the key", text.startswith("{") and mock.KEY not in text, text)
        tap.check("shows the handle", "{{secret:search}}" in text, text)
        for path, provider in (("/brave/res/v1/web/search", "brave"), ("/google/customsearch/v1", "google")):
            site.pages[path] = (302, {"Location": inner.url + "/steal"}, "")
            text = library.fails("web-search", input="tea", provider=provider)
            tap.equal(f"{provider} that redirects", text, f"{provider} answered 302; try again later")
        tap.equal("nothing has arrived elsewhere", inner.requests, [])
    config = mock.config(site, "brave")
    config["grants"]["hosts"] = [site.host, inner.host]
    config["plugins"]["settings"]["hexmcp.web-search"]["providers"]["brave"]["url"] = inner.url
    with Library(PROGRAM, config, environment={"SEARCH_KEY": mock.KEY}) as library:
        text = library.fails("web-search", input="tea")
        tap.check("the key does not go to a host that it is not for", not text.startswith("{"), text)
        tap.equal("and nothing has arrived there", inner.requests, [])


def private_places(tap, inner):
    config = mock.config(inner, "searxng")
    config["grants"]["hosts"] = ["*"]
    with Library(PROGRAM, config) as library:
        text = library.fails("web-search", input="tea")
        tap.check("an instance on this machine that is not granted by name", not text.startswith("{"), text)
        tap.equal("nothing has arrived there either", inner.requests, [])


def broken(tap, site):
    answers = {
        "addresses of other kinds": {"results": [{"title": "x", "url": "javascript:alert(1)"},
                                                 {"title": "y", "url": "file:///etc/passwd"}, {"url": 5}, 7, None]},
        "results that are none": {"results": {"a": 1}},
        "an array": [1],
        "deep": json.loads('{"results":' + "[" * 500 + "]" * 500 + "}"),
        "long": {"results": [{"title": "<b" * 500000, "url": "https://x.example/", "content": "&" * 500000}]},
        "control characters": {"results": [{"title": "a\u0000\u0007\u202eb", "url": "https://x.example/\n",
                                            "content": "<script>alert(1)</script>text"}]},
    }
    with mock.library(Library, PROGRAM, site, "searxng", perMinute=100) as library:
        for name, answer in answers.items():
            site.pages["/searxng/search"] = mock.answer_json(answer)
            text = library.fails("web-search", input="tea")
            tap.check(f"{name} are an answer or an error", text.startswith("{") or "no JSON" in text, text[:300])
        site.pages["/searxng/search"] = mock.answer_json(answers["addresses of other kinds"])
        tap.equal("addresses that are none of the web are left out", library.call("web-search", input="tea")["results"], [])
        site.pages["/searxng/search"] = mock.answer_json(answers["control characters"])
        tap.equal("no markup", library.call("web-search", input="tea")["results"][0]["snippet"], "alert(1)text")
        for body in ('{"results": [', "{", "nul", '{"results": [{"url": "https://x', "\x00", '{"results": [}]}'):
            site.pages["/searxng/search"] = ("application/json", body)
            text = library.fails("web-search", input="tea")
            tap.check(f"{body!r}", text.startswith("{") or "no JSON" in text, text)
        site.pages["/searxng/search"] = ("application/json", b'{"results": []' + b" " * (5 << 20) + b"}")
        text = library.fails("web-search", input="tea")
        tap.check("more than 4 MiB", "its answer is longer than 4194304 bytes" in text, text[:300])


with Tap() as tap, Site(dict(mock.PAGES)) as site, Site({"/steal": "x"}) as inner:
    keys_stay(tap, site, inner)
    private_places(tap, inner)
    broken(tap, site)
