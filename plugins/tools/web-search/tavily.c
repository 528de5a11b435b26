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

static const struct fields fields = {
    .title = "title", .url = "url", .snippet = "content", .date = "published_date"};

const struct provider provider_tavily = {
    .name = "tavily",
    .url = "https://api.tavily.com",
    .abilities = {[SEARCH_WEB] = {20, PAGING_NONE, "results", &fields},
                  [SEARCH_NEWS] = {20, PAGING_NONE, "results", &fields}},
    .needs_key = true,
    .ask = ask};
