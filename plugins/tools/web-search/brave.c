/*
 * brave.c - Brave Search: GET /res/v1/{web,news,images}/search, X-Subscription-Token.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

#include <stdio.h>
#include <strings.h>

/* It knows languages by names of its own, and refuses a request with any other one. */
static const char *language_of(const char *language, char *first, size_t room)
{
    static const char *const own[][2] = {
        {"pt-br", "pt-br"},   {"pt", "pt-pt"},      {"en-gb", "en-gb"},   {"zh", "zh-hans"},
        {"zh-cn", "zh-hans"}, {"zh-sg", "zh-hans"}, {"zh-tw", "zh-hant"}, {"zh-hk", "zh-hant"},
        {"zh-hans", "zh-hans"}, {"zh-hant", "zh-hant"}, {"ja", "jp"},     {"no", "nb"}};
    size_t len = strcspn(language, "-");
    snprintf(first, room, "%.*s", (int)len, language);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (strcasecmp(language, own[i][0]) == 0)
            return own[i][1];
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (strcasecmp(first, own[i][0]) == 0)
            return own[i][1];
    return first;
}

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    static const char *const paths[] = {"/res/v1/web/search", "/res/v1/news/search",
                                        "/res/v1/images/search"};
    char first[16];
    wire_begin(w, base, paths[q->type]);
    wire_header(w, "X-Subscription-Token", s->key);
    wire_query(w, "q", q->text);
    wire_query_int(w, "count", q->count);
    wire_query(w, "search_lang", language_of(q->language, first, sizeof(first)));
    wire_query(w, "safesearch", q->safe ? "strict" : "off");
    if (q->page > 0)
        wire_query_int(w, "offset", q->page);
}

static const struct fields pages = {
    .title = "title", .url = "url", .snippet = "description", .date = "age"};
static const struct fields images = {.title = "title", .url = "url", .image = "properties.url"};

const struct provider provider_brave = {
    .name = "brave",
    .url = "https://api.search.brave.com",
    .abilities = {[SEARCH_WEB] = {20, PAGING_NUMBER, "web.results", &pages},
                  [SEARCH_NEWS] = {50, PAGING_NUMBER, "results", &pages},
                  [SEARCH_IMAGES] = {100, PAGING_NONE, "results", &images}},
    .most_pages = 10,
    .needs_key = true,
    .safe = true,
    .refused = "SUBSCRIPTION_TOKEN",
    .ask = ask};
