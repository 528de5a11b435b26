/*
 * brave.c - Brave Search: GET /res/v1/{web,news,images}/search, X-Subscription-Token.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    static const char *const paths[] = {"/res/v1/web/search", "/res/v1/news/search",
                                        "/res/v1/images/search"};
    wire_begin(w, base, paths[q->type]);
    wire_header(w, "X-Subscription-Token", s->key);
    wire_query(w, "q", q->text);
    wire_query_int(w, "count", q->count);
    wire_query(w, "search_lang", q->language);
    wire_query(w, "safesearch", q->safe ? "strict" : "off");
}

static void read(const struct query *q, hexmcp_str json, struct results *results)
{
    static const struct fields pages = {
        .title = "title", .url = "url", .snippet = "description", .date = "age"};
    static const struct fields images = {.title = "title", .url = "url", .image = "properties.url"};
    if (q->type == SEARCH_WEB)
        read_items(results, json, "web.results", &pages);
    else
        read_items(results, json, "results", q->type == SEARCH_NEWS ? &pages : &images);
}

const struct provider provider_brave = {
    .name = "brave",
    .url = "https://api.search.brave.com",
    .cap = 20,
    .types = TYPE(SEARCH_WEB) | TYPE(SEARCH_NEWS) | TYPE(SEARCH_IMAGES),
    .needs_key = true,
    .safe = true,
    .ask = ask,
    .read = read};
