/*
 * SPDX-License-Identifier: MIT
 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "changes.h"
#include "content.h"
#include "kit/answer.h"
#include "store.h"
#include "web-kit/visit.h"

/* Longest ETag and date that are sent back. */
#define MARK_MOST 200

struct checking {
    const hexmcp_round *r;
    const struct request *request;
    struct pace pace;
    struct kept kept;      /* what was there */
    struct bytes previous; /* what is compared with; ptr NULL: nothing */
    struct fetch_answer page;
    struct bytes current;
    char rules[600];
};

void check_put_time(hexmcp_json_writer *json, const char *key, int64_t seconds)
{
    char text[32];
    struct tm parts;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &parts) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts))
        hexmcp_json_put_text(json, key, text);
}

static int32_t no_memory(const struct checking *c)
{
    return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory for the text; try again");
}

/* What was kept by other rules cannot be compared. */
static void make_rules(struct checking *c)
{
    const struct request *q = c->request;
    snprintf(c->rules, sizeof(c->rules), "1 %d %d %s", q->ignore_whitespace, q->main_only,
             q->selector ? q->selector : "");
}

static int32_t find_previous(struct checking *c)
{
    const struct request *q = c->request;
    if (q->previous)
        return content_normal(q->previous, q->ignore_whitespace, &c->previous) ? HEXMCP_OK : no_memory(c);
    int32_t status = store_get(c->r, q->name, &c->kept);
    if (status != HEXMCP_OK || !c->kept.there)
        return status;
    if (strcmp(c->kept.url, q->url) != 0 || strcmp(c->kept.rules, c->rules) != 0)
        return hexmcp_fail(c->r->err, HEXMCP_E_INVALID,
                           "\"%.150s\" keeps %.150s with another address, selector or options; give them "
                           "as they were, another name, or forget it",
                           q->name, c->kept.url);
    return bytes_add(&c->previous, c->kept.content, strlen(c->kept.content)) ? HEXMCP_OK : no_memory(c);
}

/* Asks the server for the page only if it changed, if that is known. */
static int32_t fetch_page(struct checking *c)
{
    const struct request *q = c->request;
    struct visitor visitor = {.r = c->r,
                              .pace = &c->pace,
                              .ignore_robots = q->ignore_robots,
                              .timeout_ms = q->timeout_ms};
    const char *headers[2][2];
    size_t count = 0;
    if (c->kept.there && *c->kept.etag) {
        headers[count][0] = "If-None-Match";
        headers[count++][1] = c->kept.etag;
    }
    if (c->kept.there && *c->kept.modified) {
        headers[count][0] = "If-Modified-Since";
        headers[count++][1] = c->kept.modified;
    }
    int32_t status =
        page_get(&visitor, q->url, (const char *const(*)[2])headers, count, &c->page);
    visitor_end(&visitor);
    return status;
}

static int32_t read_page(struct checking *c)
{
    if (c->page.status == 304 && !c->kept.there)
        return hexmcp_fail(c->r->err, HEXMCP_E_UNAVAILABLE,
                           "%.300s: the server answered 304, which nobody asked for; try again later",
                           c->request->url);
    if (c->page.status == 304)
        return bytes_add(&c->current, c->kept.content, strlen(c->kept.content)) ? HEXMCP_OK : no_memory(c);
    return content_make(&c->pace, c->request, &c->page, &c->current);
}

/* What a server says goes back to it in a header, where handles of secrets would be filled in. */
static char *mark(const struct checking *c, const char *name)
{
    char *text = visit_header(&c->page, name);
    if (text && !strstr(text, "{{") && strlen(text) <= MARK_MOST)
        return text;
    free(text);
    return NULL;
}

static int32_t keep_page(struct checking *c)
{
    char *etag = mark(c, "etag"), *modified = mark(c, "last-modified");
    bool old = c->page.status == 304;
    const char *empty = "";
    struct kept now = {.url = (char *)c->request->url,
                       .etag = etag ? etag : old ? c->kept.etag : (char *)empty,
                       .modified = modified ? modified : old ? c->kept.modified : (char *)empty,
                       .rules = c->rules,
                       .content = c->current.ptr,
                       .checked = time(NULL)};
    int32_t status = store_put(c->r, c->request->name, &now);
    free(etag);
    free(modified);
    return status;
}

/* The place `characters` after `at`. */
static size_t pass(const struct bytes *text, size_t at, size_t characters)
{
    for (size_t i = 0; i < characters && at < text->len; i++)
        do
            at++;
        while (at < text->len && ((unsigned char)text->ptr[at] & 0xC0) == 0x80);
    return at;
}

static int32_t put_changes(struct checking *c, hexmcp_json_writer *w, size_t *count)
{
    *count = 0;
    hexmcp_json_put_bool(w, "first", c->previous.ptr == NULL);
    bool same = !c->previous.ptr || strcmp(c->previous.ptr, c->current.ptr) == 0;
    hexmcp_json_put_bool(w, "has_changes", !same);
    return changes_put(c->r, same ? "" : c->previous.ptr, same ? "" : c->current.ptr,
                       c->request->max_changes, w, count);
}

static int32_t report(struct checking *c, bool kept)
{
    const struct request *q = c->request;
    struct answer a;
    size_t count, begin = pass(&c->current, 0, q->offset), end = pass(&c->current, begin, q->limit);
    hexmcp_json_writer *w = answer_begin(&a, c->r);
    hexmcp_json_put_text(w, "operation", "check");
    hexmcp_json_put_text(w, "url", c->page.url);
    if (!q->previous)
        hexmcp_json_put_text(w, "name", q->name);
    int32_t status = put_changes(c, w, &count);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    if (c->kept.there)
        check_put_time(w, "previous_checked", c->kept.checked);
    hexmcp_json_put_bool(w, "not_modified", c->page.status == 304);
    hexmcp_json_put_bool(w, "kept", kept);
    hexmcp_json_put_string(w, "current_content", (hexmcp_str){c->current.ptr + begin, end - begin});
    hexmcp_json_put_bool(w, "truncated", end < c->current.len);
    if (end < c->current.len)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)(q->offset + q->limit));
    if (q->dry_run)
        hexmcp_json_put_bool(w, "dry_run", true);
    if (!c->previous.ptr)
        answer_text(&a, "Read %.300s for the first time.", c->page.url);
    else
        answer_text(&a, "%.300s has %zu change%s.", c->page.url, count, count == 1 ? "" : "s");
    return answer_end(&a);
}

int32_t check(const hexmcp_round *r, const struct request *q)
{
    struct checking c = {.r = r, .request = q, .pace = pace_begin(r)};
    bool keeps = !q->previous && !q->dry_run;
    make_rules(&c);
    int32_t status = find_previous(&c);
    if (status == HEXMCP_OK)
        status = fetch_page(&c);
    if (status == HEXMCP_OK) {
        status = read_page(&c);
        if (status == HEXMCP_OK && keeps)
            status = keep_page(&c);
        if (status == HEXMCP_OK)
            status = report(&c, keeps);
        fetch_free(&c.page);
    }
    store_free(&c.kept);
    bytes_free(&c.previous);
    bytes_free(&c.current);
    return status;
}
