/*
 * searxng.c - an instance of SearXNG: GET /search?format=json, no key.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    static const char *const categories[] = {"general", "news", "images"};
    (void)s;
    wire_begin(w, base, "/search");
    wire_query(w, "q", q->text);
    wire_query(w, "format", "json");
    wire_query(w, "categories", categories[q->type]);
    wire_query(w, "language", q->language);
    wire_query(w, "safesearch", q->safe ? "2" : "0");
    if (q->page > 0)
        wire_query_int(w, "pageno", q->page + 1);
}

static const struct fields fields = {.title = "title",
                                     .url = "url",
                                     .snippet = "content",
                                     .date = "publishedDate",
                                     .image = "img_src"};

const struct provider provider_searxng = {
    .name = "searxng",
    .abilities = {[SEARCH_WEB] = {100, PAGING_WALK, "results", &fields},
                  [SEARCH_NEWS] = {100, PAGING_WALK, "results", &fields},
                  [SEARCH_IMAGES] = {100, PAGING_WALK, "results", &fields}},
    .most_pages = 10,
    .safe = true,
    .help = "the instance has to allow the format json (search.formats of its settings)",
    .ask = ask};
