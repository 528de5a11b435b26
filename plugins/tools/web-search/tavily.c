/*
 * tavily.c - Tavily: POST /search, a bearer token; results[].
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    wire_begin(w, base, "/search");
    wire_bearer(w, s->key);
    hexmcp_json_writer *body = wire_json(w);
    hexmcp_json_put_text(body, "query", q->text);
    hexmcp_json_put_text(body, "topic", q->type == SEARCH_NEWS ? "news" : "general");
    hexmcp_json_put_text(body, "search_depth", "basic");
    hexmcp_json_put_int64(body, "max_results", (int64_t)q->count);
    wire_json_end(w);
}

static void read(const struct query *q, hexmcp_str json, struct results *results)
{
    static const struct fields fields = {
        .title = "title", .url = "url", .snippet = "content", .date = "published_date"};
    (void)q;
    read_items(results, json, "results", &fields);
}

const struct provider provider_tavily = {.name = "tavily",
                                         .url = "https://api.tavily.com",
                                         .cap = 20,
                                         .types = TYPE(SEARCH_WEB) | TYPE(SEARCH_NEWS),
                                         .needs_key = true,
                                         .ask = ask,
                                         .read = read};
