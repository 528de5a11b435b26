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
    wire_query(w, "hl", q->language);
    wire_query(w, "safe", q->safe ? "active" : "off");
    wire_query_key(w, "api_key", s->key);
}

static void read(const struct query *q, hexmcp_str json, struct results *results)
{
    static const char *const paths[] = {"organic_results", "news_results", "images_results"};
    static const struct fields fields = {.title = "title",
                                         .url = "link",
                                         .snippet = "snippet",
                                         .date = "date",
                                         .image = "original"};
    read_items(results, json, paths[q->type], &fields);
}

const struct provider provider_serpapi = {
    .name = "serpapi",
    .url = "https://serpapi.com",
    .cap = 100,
    .types = TYPE(SEARCH_WEB) | TYPE(SEARCH_NEWS) | TYPE(SEARCH_IMAGES),
    .needs_key = true,
    .safe = true,
    .ask = ask,
    .read = read};
