/*
 * plugin.c - the tool "webpage-monitor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include <git2.h>

#include "check.h"
#include "kit/answer.h"
#include "kit/pace.h"
#include "store.h"

static int32_t put_page(const hexmcp_round *r, hexmcp_json_writer *w, const char *name)
{
    struct kept kept;
    int32_t status = store_get(r, name, &kept);
    if (status != HEXMCP_OK || !kept.there)
        return status;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "name", name);
    hexmcp_json_put_text(w, "url", kept.url);
    check_put_time(w, "checked", kept.checked);
    hexmcp_json_put_int64(w, "bytes", (int64_t)strlen(kept.content));
    hexmcp_json_end_object(w);
    store_free(&kept);
    return HEXMCP_OK;
}

struct listing {
    const hexmcp_round *r;
    const struct request *request;
    hexmcp_json_writer *json;
    struct pace pace;
    char after[NAME_LONGEST + 1]; /* the name that was seen last */
    size_t seen, put;
    bool more;
};

/* Passes over those before offset; those after offset + limit only say that they are there. */
static int32_t take_name(struct listing *l)
{
    const struct request *q = l->request;
    if (l->seen++ < q->offset)
        return HEXMCP_OK;
    if (l->put == q->limit) {
        l->more = true;
        return HEXMCP_OK;
    }
    l->put++;
    int32_t status = pace_step(&l->pace, (double)l->put, (double)q->limit, "reading what is kept");
    return status == HEXMCP_OK ? put_page(l->r, l->json, l->after) : status;
}

static int32_t take_names(struct listing *l, hexmcp_str json, bool *end)
{
    hexmcp_str keys, each, key, more;
    int has_more = 0;
    int32_t status = HEXMCP_OK;
    if (hexmcp_json_get(json, "keys", &keys) == HEXMCP_OK) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(keys);
        while (status == HEXMCP_OK && !l->more && hexmcp_json_next(&it, NULL, &each))
            if (hexmcp_json_get(each, "key", &key) == HEXMCP_OK &&
                hexmcp_json_string(key, l->after, sizeof(l->after), NULL) == HEXMCP_OK)
                status = take_name(l);
    }
    if (hexmcp_json_get(json, "more", &more) == HEXMCP_OK)
        hexmcp_json_bool(more, &has_more);
    *end = !has_more || l->more;
    return status;
}

static int32_t put_pages(struct listing *l)
{
    bool end = false;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && !end) {
        struct bytes json = {0};
        status = store_list(l->r, l->after, LIST_MOST, &json);
        if (status == HEXMCP_OK)
            status = take_names(l, bytes_str(&json), &end);
        bytes_free(&json);
        if (status == HEXMCP_OK)
            status = pace_step(&l->pace, (double)l->seen, 0, "reading what is kept");
    }
    return status;
}

static int32_t list(const hexmcp_round *r, const struct request *q)
{
    struct answer a;
    struct listing l = {.r = r, .request = q, .json = answer_begin(&a, r), .pace = pace_begin(r)};
    hexmcp_json_put_text(l.json, "operation", "list");
    hexmcp_json_key(l.json, "pages");
    hexmcp_json_begin_array(l.json);
    int32_t status = put_pages(&l);
    hexmcp_json_end_array(l.json);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    hexmcp_json_put_bool(l.json, "truncated", l.more);
    if (l.more)
        hexmcp_json_put_int64(l.json, "next_offset", (int64_t)(q->offset + l.put));
    answer_text(&a, "%zu page%s kept%s.", l.put, l.put == 1 ? " is" : "s are",
                l.more ? ", and more" : l.seen > l.put ? ", after those that were passed over" : "");
    return answer_end(&a);
}

static int32_t is_kept(const hexmcp_round *r, const char *name, bool *there)
{
    struct kept kept;
    int32_t status = store_get(r, name, &kept);
    if (status != HEXMCP_OK)
        return status;
    *there = kept.there;
    store_free(&kept);
    return HEXMCP_OK;
}

static int32_t forget(const hexmcp_round *r, const struct request *q)
{
    struct answer a;
    bool was_there = false;
    int32_t status =
        q->dry_run ? is_kept(r, q->name, &was_there) : store_remove(r, q->name, &was_there);
    if (status != HEXMCP_OK)
        return status;
    if (!was_there)
        return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND,
                           "nothing is kept under \"%.300s\"; list says what is kept", q->name);
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "forget");
    hexmcp_json_put_text(w, "name", q->name);
    if (q->dry_run)
        hexmcp_json_put_bool(w, "dry_run", true);
    answer_text(&a, q->dry_run ? "\"%.300s\" would be forgotten." : "Forgot \"%.300s\".", q->name);
    return answer_end(&a);
}

static int32_t run(const hexmcp_round *r)
{
    static int32_t (*const operations[])(const hexmcp_round *, const struct request *) = {check, list,
                                                                                         forget};
    struct args args = args_begin(r->args, r->err);
    struct request request;
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = operations[request.operation](r, &request);
    args_end(&args);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config;
    if (git_libgit2_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "libgit2 cannot start; check its installation");
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("webpage-monitor", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.webpage-monitor", "0.1.0", plugin);
