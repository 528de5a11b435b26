/*
 * duckduckgo.c - the Instant Answer API of DuckDuckGo: what is known of a thing, no results of a search.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    (void)s;
    wire_begin(w, base, "/");
    wire_query(w, "q", q->text);
    wire_query(w, "format", "json");
    wire_query(w, "no_html", "1");
    wire_query(w, "no_redirect", "1");
    wire_query(w, "kp", q->safe ? "1" : "-2");
}

static void read_topics(hexmcp_str topics, struct results *results)
{
    static const struct fields topic = {.title = "Text", .url = "FirstURL", .snippet = "Text"};
    hexmcp_json_iter it = hexmcp_json_iter_begin(topics);
    hexmcp_str item;
    while (hexmcp_json_next(&it, NULL, &item)) {
        read_item(results, item, &topic);
        /* A group of topics has them inside. */
        read_items(results, item, "Topics", &topic);
    }
}

static void read(hexmcp_str json, struct results *results)
{
    static const struct fields whole = {
        .title = "Heading", .url = "AbstractURL", .snippet = "AbstractText"};
    static const struct fields links = {.title = "Text", .url = "FirstURL", .snippet = "Text"};
    read_item(results, json, &whole);
    read_items(results, json, "Results", &links);
    read_topics(read_at(json, "RelatedTopics"), results);
}

const struct provider provider_duckduckgo = {.name = "duckduckgo",
                                             .url = "https://api.duckduckgo.com",
                                             .abilities = {[SEARCH_WEB] = {.cap = 50}},
                                             .safe = true,
                                             .ask = ask,
                                             .read = read};
