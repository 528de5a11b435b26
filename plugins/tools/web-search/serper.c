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
    if (q->page > 0)
        hexmcp_json_put_int64(body, "page", (int64_t)q->page + 1);
    wire_json_end(w);
}

static const struct fields images = {.title = "title", .url = "link", .image = "imageUrl"};

const struct provider provider_serper = {
    .name = "serper",
    .url = "https://google.serper.dev",
    .abilities = {[SEARCH_WEB] = {100, PAGING_NUMBER, "organic", &fields_of_google},
                  [SEARCH_NEWS] = {100, PAGING_NUMBER, "news", &fields_of_google},
                  [SEARCH_IMAGES] = {100, PAGING_NUMBER, "images", &images}},
    .needs_key = true,
    .safe = true,
    .spent = "Not enough credits",
    .ask = ask};
