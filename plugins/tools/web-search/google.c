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
    if (q->start > 0)
        wire_query_int(w, "start", q->start + 1);
    if (q->type == SEARCH_IMAGES)
        wire_query(w, "searchType", "image");
}

static const struct fields images = {
    .title = "title", .url = "image.contextLink", .snippet = "snippet", .image = "link"};

const struct provider provider_google = {
    .name = "google",
    .url = "https://www.googleapis.com",
    .abilities = {[SEARCH_WEB] = {10, PAGING_START, "items", &fields_of_google},
                  [SEARCH_IMAGES] = {10, PAGING_START, "items", &images}},
    .most_results = 100,
    .needs_key = true,
    .needs_engine = true,
    .safe = true,
    .spent = "Exceeded",
    .refused = "API_KEY_INVALID",
    .ask = ask};
