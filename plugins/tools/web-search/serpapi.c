/*
 * serpapi.c - SerpApi, results of Google: GET /search.json, api_key in the query.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    wire_begin(w, base, "/search.json");
    wire_query(w, "engine", q->type == SEARCH_IMAGES ? "google_images" : "google");
    if (q->type == SEARCH_NEWS)
        wire_query(w, "tbm", "nws");
    wire_query(w, "q", q->text);
    if (q->type != SEARCH_IMAGES)
        wire_query_int(w, "num", q->count);
    if (q->start > 0)
        wire_query_int(w, "start", q->start);
    if (q->page > 0)
        wire_query_int(w, "ijn", q->page);
    wire_query(w, "hl", q->language);
    wire_query(w, "safe", q->safe ? "active" : "off");
    wire_query_key(w, "api_key", s->key);
}

static const struct fields images = {.title = "title", .url = "link", .image = "original"};

const struct provider provider_serpapi = {
    .name = "serpapi",
    .url = "https://serpapi.com",
    .abilities = {[SEARCH_WEB] = {100, PAGING_START, "organic_results", &fields_of_google},
                  [SEARCH_NEWS] = {100, PAGING_START, "news_results", &fields_of_google},
                  [SEARCH_IMAGES] = {100, PAGING_FIXED, "images_results", &images}},
    .needs_key = true,
    .safe = true,
    .ask = ask};
