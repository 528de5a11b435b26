/*
 * google.c - Google's Custom Search JSON API: GET /customsearch/v1, key and engine (cx) in the query.
 *
 * SPDX-License-Identifier: MIT
 *
 * Closed to new customers; those who have it lose the search of the whole web in 2027.
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    wire_begin(w, base, "/customsearch/v1");
    wire_query_key(w, "key", s->key);
    wire_query(w, "cx", s->engine);
    wire_query(w, "q", q->text);
    wire_query_int(w, "num", q->count);
    wire_query(w, "hl", q->language);
    wire_query(w, "safe", q->safe ? "active" : "off");
    if (q->type == SEARCH_IMAGES)
        wire_query(w, "searchType", "image");
}

static void read(const struct query *q, hexmcp_str json, struct results *results)
{
    static const struct fields pages = {.title = "title", .url = "link", .snippet = "snippet"};
    static const struct fields images = {
        .title = "title", .url = "image.contextLink", .snippet = "snippet", .image = "link"};
    read_items(results, json, "items", q->type == SEARCH_IMAGES ? &images : &pages);
}

const struct provider provider_google = {.name = "google",
                                         .url = "https://www.googleapis.com",
                                         .cap = 10,
                                         .types = TYPE(SEARCH_WEB) | TYPE(SEARCH_IMAGES),
                                         .needs_key = true,
                                         .needs_engine = true,
                                         .safe = true,
                                         .ask = ask,
                                         .read = read};
