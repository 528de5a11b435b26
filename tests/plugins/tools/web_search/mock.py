"""Search providers as their documentation says that they answer, on loopback."""

import json
import os

KEY = "sk-test-0123456789abcdef"

TAVILY = {"query": "tea", "answer": None, "images": [], "response_time": 0.5, "results": [
    {"title": "Tea", "url": "https://tea.example/", "content": "All about tea", "score": 0.9, "raw_content": None},
    {"title": "More", "url": "https://more.example/", "content": "More", "score": 0.5,
     "published_date": "Mon, 01 Jun 2026 00:00:00 GMT"}]}
SERPER = {
    "/search": {"searchParameters": {"q": "tea"}, "organic": [
        {"title": "Tea", "link": "https://tea.example/", "snippet": "All about tea", "position": 1}]},
    "/news": {"news": [{"title": "Tea is new", "link": "https://news.example/", "snippet": "Yes",
                        "date": "2 hours ago", "source": "News"}]},
    "/images": {"images": [{"title": "A cup", "imageUrl": "https://img.example/cup.jpg", "imageWidth": 10,
                            "link": "https://cup.example/", "source": "Cup"}]}}
BRAVE = {
    "web": {"type": "search", "query": {"original": "tea"}, "web": {"type": "search", "results": [
        {"title": "<strong>Tea</strong> &amp; more", "url": "https://tea.example/",
         "description": "All   about <strong>tea</strong> &#x27;here&#39;", "age": "June 1, 2026"},
        {"title": "Other", "url": "https://other.example/", "description": "x"}]}},
    "news": {"type": "news", "results": [{"title": "Tea is new", "url": "https://news.example/",
                                          "description": "Yes", "age": "2 hours ago"}]},
    "images": {"type": "images", "results": [{"title": "A cup", "url": "https://cup.example/", "source": "Cup",
                                              "properties": {"url": "https://img.example/cup.jpg"}}]}}
EXA = {"requestId": "1", "results": [{"id": "1", "title": "Tea", "url": "https://tea.example/",
                                      "publishedDate": "2026-06-01T00:00:00.000Z", "author": None,
                                      "text": "All about tea"}]}
GOOGLE = {"kind": "customsearch#search", "items": [
    {"title": "Tea", "link": "https://tea.example/", "snippet": "All about tea"}]}
GOOGLE_IMAGES = {"kind": "customsearch#search", "items": [
    {"title": "A cup", "link": "https://img.example/cup.jpg", "snippet": "cup",
     "image": {"contextLink": "https://cup.example/"}}]}
SERPAPI = {"google": {"organic_results": [{"position": 1, "title": "Tea", "link": "https://tea.example/",
                                           "snippet": "All about tea"}]},
           "nws": {"news_results": [{"position": 1, "title": "Tea is new", "link": "https://news.example/",
                                     "snippet": "Yes", "date": "2 hours ago"}]},
           "google_images": {"images_results": [{"position": 1, "title": "A cup", "link": "https://cup.example/",
                                                 "original": "https://img.example/cup.jpg"}]}}
SEARXNG = {"query": "tea", "number_of_results": 1, "results": [
    {"title": "Tea", "url": "https://tea.example/", "content": "All about tea", "engine": "x", "score": 1.0,
     "publishedDate": None}]}
DUCKDUCKGO = {"Heading": "Tea", "AbstractText": "Tea is a drink.", "AbstractURL": "https://pedia.example/Tea",
              "Results": [{"Text": "Official", "FirstURL": "https://tea.example/"}],
              "RelatedTopics": [{"Text": "Green tea", "FirstURL": "https://duckduckgo.com/Green_tea"},
                                {"Name": "Other", "Topics": [{"Text": "Tee", "FirstURL": "https://duckduckgo.com/Tee"}]}]}


def answer_json(value):
    return ("application/json", json.dumps(value))


def keyed(header, prefix=""):
    """Whether the request has the key in this header."""
    return lambda request: request.headers.get(header) == prefix + KEY


def guarded(right, answer):
    return lambda request: answer_json(answer(request)) if right(request) else (401, {}, "{}")


def in_query(name):
    return lambda request: request.query.get(name) == KEY


PAGES = {
    "/tavily/search": guarded(keyed("Authorization", "Bearer "), lambda _: TAVILY),
    **{"/serper" + path: guarded(keyed("X-API-KEY"), lambda _, value=value: value) for path, value in SERPER.items()},
    **{f"/brave/res/v1/{kind}/search": guarded(keyed("X-Subscription-Token"), lambda _, value=value: value)
       for kind, value in BRAVE.items()},
    "/exa/search": guarded(keyed("x-api-key"), lambda _: EXA),
    "/google/customsearch/v1": guarded(in_query("key"), lambda request:
                                       GOOGLE_IMAGES if "searchType" in request.query else GOOGLE),
    "/serpapi/search.json": guarded(in_query("api_key"), lambda request:
                                    SERPAPI[request.query.get("tbm", request.query["engine"])]),
    "/searxng/search": lambda request: answer_json(SEARXNG),
    "/duckduckgo/": lambda request: answer_json(DUCKDUCKGO),
}

KEYED = ("tavily", "serper", "brave", "exa", "google", "serpapi")


def config(site, *names, key=None, **settings):
    """A configuration with these providers at this site, and their key as a secret."""
    os.environ["SEARCH_KEY"] = KEY
    providers = {}
    for name in names:
        providers[name] = {"url": f"{site.url}/{name}/"}
        if name in KEYED:
            providers[name]["key"] = key or {"secret": "search"}
        if name == "google":
            providers[name]["engine"] = "cx1"
    return {"grants": {"hosts": [site.host], "secrets": ["search"]},
            "secrets": {"sources": {"search": {"env": "SEARCH_KEY", "hosts": [site.host]}}},
            "plugins": {"settings": {"hexmcp.web-search": {"providers": providers, **settings}}}}


def library(Library, program, site, *names, **more):
    return Library(program, config(site, *names, **more), environment={"SEARCH_KEY": KEY})
