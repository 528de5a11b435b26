/*
 * exa.c - Exa: POST /search, x-api-key; results[].
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    wire_begin(w, base, "/search");
    wire_header(w, "x-api-key", s->key);
    hexmcp_json_writer *body = wire_json(w);
    hexmcp_json_put_text(body, "query", q->text);
    hexmcp_json_put_int64(body, "numResults", (int64_t)q->count);
    if (q->type == SEARCH_NEWS)
        hexmcp_json_put_text(body, "category", "news");
    hexmcp_json_put_bool(body, "moderation", q->safe);
    hexmcp_json_put_raw(body, "contents", hexmcp_str_from("{\"text\":{\"maxCharacters\":500}}"));
    wire_json_end(w);
}

static const struct fields fields = {
    .title = "title", .url = "url", .snippet = "text", .date = "publishedDate"};

const struct provider provider_exa = {.name = "exa",
                                      .url = "https://api.exa.ai",
                                      .abilities = {[SEARCH_WEB] = {100, PAGING_NONE, "results", &fields},
                                                    [SEARCH_NEWS] = {100, PAGING_NONE, "results", &fields}},
                                      .needs_key = true,
                                      .safe = true,
                                      .ask = ask};
