/*
 * serper.c - serper.dev, results of Google: POST /search, /news, /images, X-API-KEY.
 *
 * SPDX-License-Identifier: MIT
 */
#include "provider.h"

static void ask(const struct setup *s, const char *base, const struct query *q, struct wire *w)
{
    static const char *const paths[] = {"/search", "/news", "/images"};
    wire_begin(w, base, paths[q->type]);
    wire_header(w, "X-API-KEY", s->key);
    hexmcp_json_writer *body = wire_json(w);
    hexmcp_json_put_text(body, "q", q->text);
    hexmcp_json_put_int64(body, "num", (int64_t)q->count);
    hexmcp_json_put_text(body, "hl", q->language);
    hexmcp_json_put_text(body, "safe", q->safe ? "active" : "off");
    wire_json_end(w);
}

static void read(const struct query *q, hexmcp_str json, struct results *results)
{
    static const char *const paths[] = {"organic", "news", "images"};
    static const struct fields fields = {.title = "title",
                                         .url = "link",
                                         .snippet = "snippet",
                                         .date = "date",
                                         .image = "imageUrl"};
    read_items(results, json, paths[q->type], &fields);
}

const struct provider provider_serper = {
    .name = "serper",
    .url = "https://google.serper.dev",
    .cap = 100,
    .types = TYPE(SEARCH_WEB) | TYPE(SEARCH_NEWS) | TYPE(SEARCH_IMAGES),
    .needs_key = true,
    .safe = true,
    .ask = ask,
    .read = read};
