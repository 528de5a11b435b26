"""web-search: each provider, in order, and what it says when there is none."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), HERE]
import mock  # noqa: E402
from library import Library, Tap  # noqa: E402
from website import Site  # noqa: E402

PROGRAM = sys.argv[1]


def result(provider, rank, title, url, snippet, **more):
    return {"title": title, "url": url, "snippet": snippet, "rank": rank, "provider": provider, **more}


TEA = ("Tea", "https://tea.example/", "All about tea")
NEWS = ("Tea is new", "https://news.example/", "Yes")
CUP = ("A cup", "https://cup.example/", "")
IMAGE = {"image": "https://img.example/cup.jpg"}

FOUND = {
    ("tavily", "web"): [result("tavily", 1, *TEA), result("tavily", 2, "More", "https://more.example/", "More",
                                                          date="Mon, 01 Jun 2026 00:00:00 GMT")],
    ("tavily", "news"): [result("tavily", 1, *TEA), result("tavily", 2, "More", "https://more.example/", "More",
                                                           date="Mon, 01 Jun 2026 00:00:00 GMT")],
    ("serper", "web"): [result("serper", 1, *TEA)],
    ("serper", "news"): [result("serper", 1, *NEWS, date="2 hours ago")],
    ("serper", "images"): [result("serper", 1, *CUP, **IMAGE)],
    ("brave", "web"): [result("brave", 1, "Tea & more", "https://tea.example/", "All about tea 'here'",
                              date="June 1, 2026"),
                       result("brave", 2, "Other", "https://other.example/", "x")],
    ("brave", "news"): [result("brave", 1, *NEWS, date="2 hours ago")],
    ("brave", "images"): [result("brave", 1, *CUP, **IMAGE)],
    ("exa", "web"): [result("exa", 1, *TEA, date="2026-06-01T00:00:00.000Z")],
    ("exa", "news"): [result("exa", 1, *TEA, date="2026-06-01T00:00:00.000Z")],
    ("google", "web"): [result("google", 1, *TEA)],
    ("google", "images"): [result("google", 1, "A cup", "https://cup.example/", "cup", **IMAGE)],
    ("serpapi", "web"): [result("serpapi", 1, *TEA)],
    ("serpapi", "news"): [result("serpapi", 1, *NEWS, date="2 hours ago")],
    ("serpapi", "images"): [result("serpapi", 1, *CUP, **IMAGE)],
    ("searxng", "web"): [result("searxng", 1, *TEA)],
    ("duckduckgo", "web"): [
        result("duckduckgo", 1, "Tea", "https://pedia.example/Tea", "Tea is a drink."),
        result("duckduckgo", 2, "Official", "https://tea.example/", "Official"),
        result("duckduckgo", 3, "Green tea", "https://duckduckgo.com/Green_tea", "Green tea"),
        result("duckduckgo", 4, "Tee", "https://duckduckgo.com/Tee", "Tee")],
}

ALL = ("tavily", "serper", "brave", "exa", "google", "serpapi", "searxng", "duckduckgo")


def each_one(tap, site):
    with mock.library(Library, PROGRAM, site, *ALL) as library:
        for (provider, kind), found in FOUND.items():
            got = library.call("web-search", input="tea", provider=provider, search_type=kind)
            tap.equal(f"{provider} for {kind}", got["results"], found)
            tap.equal(f"{provider} for {kind} says so", (got["operation"], got["query"], got["provider"], got["count"],
                      got["failures"], got["safe_search"]),
                      ("search", "tea", provider, len(found), [], provider != "tavily"))
        for provider, kind in (("tavily", "images"), ("google", "news"), ("duckduckgo", "news")):
            names = {"news": "news", "images": "images"}
            tap.equal(f"{provider} has no {kind}",
                      library.fails("web-search", input="tea", provider=provider, search_type=kind),
                      f"none of the providers that the operator has set can search for {names[kind]}; search the "
                      "web instead")


def asked(tap, site):
    """What is sent to them."""
    with mock.library(Library, PROGRAM, site, *ALL, perMinute=100) as library:
        def query(provider, **more):
            library.call("web-search", input="caf\u00e9 & {{secret:search}}", provider=provider, **more)
            return site.requests[-1]
        tap.equal("brave", query("brave", max_results=50, language="pt-BR"),
                  "/brave/res/v1/web/search?q=caf%C3%A9%20%26%20%7B%7Bsecret%3Asearch%7D%7D&count=20&"
                  "search_lang=pt-br&safesearch=strict")
        for given, sent in (("pt", "pt-pt"), ("zh", "zh-hans"), ("zh-TW", "zh-hant"), ("ja", "jp"), ("de-AT", "de"),
                            ("en-GB", "en-gb"), ("no", "nb")):
            tap.check(f"brave's name of {given}", f"&search_lang={sent}&" in query("brave", language=given))
        tap.equal("google", query("google", max_results=50, safe_search=False),
                  f"/google/customsearch/v1?key={mock.KEY}&cx=cx1&q=caf%C3%A9%20%26%20%7B%7Bsecret%3Asearch%7D%7D"
                  "&num=10&hl=en&safe=off")
        tap.equal("searxng", query("searxng", search_type="news", max_results=1),
                  "/searxng/search?q=caf%C3%A9%20%26%20%7B%7Bsecret%3Asearch%7D%7D&format=json&categories=news&"
                  "language=en&safesearch=2")
        tap.equal("serpapi", query("serpapi", max_results=7),
                  "/serpapi/search.json?engine=google&q=caf%C3%A9%20%26%20%7B%7Bsecret%3Asearch%7D%7D&num=7&hl=en&"
                  f"safe=active&api_key={mock.KEY}")
        tap.equal("duckduckgo", query("duckduckgo", safe_search=False),
                  "/duckduckgo/?q=caf%C3%A9%20%26%20%7B%7Bsecret%3Asearch%7D%7D&format=json&no_html=1&no_redirect=1&"
                  "kp=-2")
        bodies = {}
        for provider, path in (("tavily", "/tavily/search"), ("serper", "/serper/news"), ("exa", "/exa/search")):
            before = site.pages[path]

            def look(request, before=before, provider=provider):
                bodies[provider] = json.loads(request.body)
                return before(request)
            site.pages[path] = look
            query(provider, search_type="news", max_results=3)
            site.pages[path] = before
        text = "caf\u00e9 & {{secret:search}}"
        tap.equal("what is posted", bodies, {
            "tavily": {"query": text, "topic": "news", "search_depth": "basic", "max_results": 3},
            "serper": {"q": text, "num": 3, "hl": "en", "safe": "active"},
            "exa": {"query": text, "numResults": 3, "category": "news", "moderation": True,
                    "contents": {"text": {"maxCharacters": 500}}}})
        tap.equal("its other name, and that of the argument",
                  library.call("web-searcher", query="tea", provider="searxng")["query"], "tea")
        got = library.call("web-search", input="tea", provider="brave", max_results=1)
        tap.equal("no more than wanted", (got["count"], got["capped"]), (1, False))
        got = library.call("web-search", input="tea", provider="google", max_results=11)
        tap.equal("more than it gives", got["capped"], True)


def many(path, kind="web"):
    """An answer with numbered results from where it was asked to begin."""
    def numbered(first, count, url="url"):
        return [{"title": f"t{i}", url: f"https://x.example/{i}"} for i in range(first, first + count)]

    def answer(request):
        query = {**request.query, **(json.loads(request.body) if request.body else {})}
        if path == "brave":
            return {kind: {"results": numbered(int(query.get("offset", 0)) * int(query["count"]), int(query["count"]))}}
        if path == "serper":
            return {"organic": numbered((int(query.get("page", 1)) - 1) * query["num"], query["num"], "link")}
        if path == "google":
            return {"items": numbered(int(query.get("start", 1)) - 1, int(query["num"]), "link")}
        if path == "serpapi" and "ijn" in query:
            return {"images_results": numbered(int(query["ijn"]) * 100, 100, "link")}
        if path == "serpapi":
            return {"organic_results": numbered(int(query.get("start", 0)), 10, "link")}
        number = int(query.get("pageno", 1))
        return {"results": numbered((number - 1) * 7, 8 if number < 4 else 0)}  # one is on two pages
    return lambda request: mock.answer_json(answer(request))


def paging(tap, site):
    pages = dict(site.pages)
    for name, path in (("brave", "/brave/res/v1/web/search"), ("serper", "/serper/search"), ("searxng", "/searxng/search"),
                       ("google", "/google/customsearch/v1"), ("serpapi", "/serpapi/search.json")):
        site.pages[path] = many(name)
    with mock.library(Library, PROGRAM, site, *ALL, perMinute=600) as library:
        def ask(provider, **more):
            return library.call("web-search", input="tea", provider=provider, **more)

        def numbers(got):
            return [int(each["url"].rsplit("/", 1)[1]) for each in got["results"]]
        for provider in ("brave", "serper", "google", "serpapi", "searxng"):
            first = ask(provider, max_results=5)
            second = ask(provider, max_results=5, offset=first["next_offset"])
            tap.equal(f"{provider} goes on", (numbers(first), numbers(second), second["next_offset"]),
                      ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9], 10))
            tap.equal(f"{provider} counts on", [each["rank"] for each in second["results"]], [6, 7, 8, 9, 10])
        got = ask("serpapi", max_results=50)
        tap.equal("fewer than are wanted: the next ones begin where they end", (got["count"], got["next_offset"]), (10, 10))
        got = ask("serpapi", search_type="images", max_results=5, offset=120)
        tap.equal("pages of a hundred", (numbers(got), got["next_offset"]), ([120, 121, 122, 123, 124], 125))
        got = ask("searxng", max_results=50)
        tap.equal("pages of any length, without what comes again", (numbers(got), "next_offset" in got),
                  (list(range(22)), False))
        got = ask("searxng", max_results=5, offset=40)
        tap.equal("after the end", (got["results"], "next_offset" in got), ([], False))
        got = ask("google", max_results=10, offset=95)
        tap.equal("google ends at a hundred", (len(got["results"]), "next_offset" in got), (5, False))
        tap.equal("and says so", library.fails("web-search", input="tea", provider="google", offset=100),
                  "google gives no results at offset 100; ask for something narrower in place of going on")
        tap.equal("brave has ten pages", library.fails("web-search", input="tea", provider="brave", offset=100),
                  "brave gives no results at offset 100; ask for something narrower in place of going on")
        tap.equal("pages begin where they begin",
                  library.fails("web-search", input="tea", provider="brave", offset=7, max_results=5),
                  "brave has pages: give an offset that is a multiple of 5, such as next_offset of the call before, "
                  "and the same max_results")
        tap.equal("one that has no pages", library.fails("web-search", input="tea", provider="tavily", offset=10),
                  "tavily cannot go on at an offset; leave offset out, and give a larger max_results")
        got = library.call("web-search", input="tea", offset=10)
        tap.equal("is passed over", (got["provider"], got["failures"]), ("serper", []))
    with mock.library(Library, PROGRAM, site, "tavily", "exa") as library:
        tap.equal("none has pages", library.fails("web-search", input="tea", offset=10),
                  "none of the providers that the operator has set can search for the web at an offset; leave offset "
                  "out, and give a larger max_results")
    site.pages.clear()
    site.pages.update(pages)


def quota(tap, site):
    """How providers say that a key is wrong, or that nothing is left on it."""
    spent = "answers no more searches for now"
    refusals = (
        ("tavily", "/tavily/search", 432, {}, "{}", f"tavily {spent} (432); wait, or take another provider"),
        ("tavily", "/tavily/search", 433, {}, "{}", f"tavily {spent} (433); wait, or take another provider"),
        ("serper", "/serper/search", 400, {}, '{"message": "Not enough credits", "statusCode": 400}',
         f"serper {spent} (400); wait, or take another provider"),
        ("serper", "/serper/search", 400, {}, '{"message": "Missing query"}',
         "serper answered 400; ask in other words, or take another provider"),
        ("brave", "/brave/res/v1/web/search", 429, {"Retry-After": "17"}, "{}",
         f"brave {spent} (429); wait 17 s, or take another provider"),
        ("brave", "/brave/res/v1/web/search", 422, {}, '{"error": {"code": "SUBSCRIPTION_TOKEN_INVALID"}}',
         "brave refused the key (422); the operator has to look at its secret"),
        ("exa", "/exa/search", 402, {}, "{}", f"exa {spent} (402); wait, or take another provider"),
        ("google", "/google/customsearch/v1", 403, {}, '{"error": {"errors": [{"reason": "dailyLimitExceeded"}]}}',
         f"google {spent} (403); wait, or take another provider"),
        ("google", "/google/customsearch/v1", 400, {}, '{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}',
         "google refused the key (400); the operator has to look at its secret"),
        ("serpapi", "/serpapi/search.json", 429, {}, '{"error": "Your account has run out of searches."}',
         f"serpapi {spent} (429); wait, or take another provider"),
    )
    pages = dict(site.pages)
    with mock.library(Library, PROGRAM, site, *ALL, perMinute=600) as library:
        for provider, path, status, headers, body, text in refusals:
            site.pages[path] = (status, headers, body)
            tap.equal(f"{provider} with {status} {body}", library.fails("web-search", input="tea", provider=provider), text)
    site.pages.clear()
    site.pages.update(pages)


def falling_back(tap, site):
    pages = dict(site.pages)
    with mock.library(Library, PROGRAM, site, "brave", "searxng", "google", order=["google", "brave"],
                      perMinute=100) as library:
        got = library.call("web-search", input="tea")
        tap.equal("the first one of the order", got["provider"], "google")
        site.pages["/google/customsearch/v1"] = (429, {}, "{}")
        got = library.call("web-search", input="tea")
        tap.equal("the next one", (got["provider"], got["failures"]), ("brave", [
            {"provider": "google", "message": "google answers no more searches for now (429); wait, or take another "
                                              "provider"}]))
        site.pages["/brave/res/v1/web/search"] = (401, {}, "{}")
        got = library.call("web-search", input="tea")
        tap.equal("those that are in no order come last", (got["provider"], got["failures"][1]), ("searxng", {
            "provider": "brave", "message": "brave refused the key (401); the operator has to look at its secret"}))
        site.pages["/searxng/search"] = (403, {}, "no")
        tap.equal("all of them fail", library.fails("web-search", input="tea"),
                  "all 3 providers failed; the last one: searxng answered 403; the instance has to allow the format "
                  "json (search.formats of its settings)")
        tap.equal("one that was named does not fall back",
                  library.fails("web-search", input="tea", provider="google"),
                  "google answers no more searches for now (429); wait, or take another provider")
        site.pages["/searxng/search"] = ("text/html", "<html>")
        tap.equal("what is no JSON", library.fails("web-search", input="tea", provider="searxng"),
                  "searxng answered something that is no JSON; try again later")
        site.pages["/searxng/search"] = (500, {}, "")
        tap.equal("a server in trouble", library.fails("web-search", input="tea", provider="searxng"),
                  "searxng answered 500; try again later")
        site.pages["/searxng/search"] = mock.answer_json({"results": []})
        got = library.call("web-search", input="tea", provider="searxng")
        tap.equal("nothing is found", (got["count"], got["results"]), (0, []))
    site.pages.clear()
    site.pages.update(pages)


NONE = ('no search provider is set; the operator sets one with "plugins.settings": {"hexmcp.web-search": '
        '{"providers": {"brave": {"key": {"secret": "NAME"}}}}} and grants its host (also tavily, serper, exa, '
        "google, serpapi, searxng, duckduckgo)")


def refused(tap, site):
    with Library(PROGRAM) as library:
        tap.equal("no provider is set", library.fails("web-search", input="tea"), NONE)
    with mock.library(Library, PROGRAM, site, "searxng", perMinute=3) as library:
        tap.equal("another one is wanted", library.fails("web-search", input="tea", provider="brave"),
                  "the provider brave is not set here; leave provider out, and one that is set answers")
        tap.equal("bing is wanted", library.fails("web-search", input="tea", provider="bing"),
                  "bing was retired by its owner in August 2025; leave provider out")
        text = library.fails("web-search", input="tea", language="English")
        tap.check("no language", "language" in text and not text.startswith("{"), text)
        for _ in range(3):
            library.call("web-search", input="tea")
        text = library.fails("web-search", input="tea")
        tap.check("too many searches", text.startswith("there were 3 searches within a minute, which is the most; "
                                                       "try again in "), text)
    config = mock.config(site, "brave")
    config["grants"]["hosts"] = []
    with Library(PROGRAM, config, environment={"SEARCH_KEY": mock.KEY}) as library:
        tap.equal("its host is not granted", library.fails("web-search", input="tea"),
                  "no host was granted to this tool; the operator allows one with --allow-host NAME or "
                  '"grants.hosts" of the configuration')
    config = mock.config(site, "brave")
    config["grants"]["secrets"] = []
    with Library(PROGRAM, config, environment={"SEARCH_KEY": mock.KEY}) as library:
        text = library.fails("web-search", input="tea")
        tap.check("its secret is not granted", "search" in text and not text.startswith("{"), text)
    with mock.library(Library, PROGRAM, site, "brave", key="literal") as library:
        text = library.fails("web-search", input="tea")
        tap.check("a key that is no secret", 'providers.brave.key must be {"secret": "NAME"}' in text, text)


with Tap() as tap, Site(dict(mock.PAGES)) as site:
    each_one(tap, site)
    asked(tap, site)
    paging(tap, site)
    quota(tap, site)
    falling_back(tap, site)
    refused(tap, site)
