/*
 * plugin.c - the tool "webpage-monitor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include <git2.h>
#include <stdio.h>

#include "check.h"
#include "kit/answer.h"
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

/* *next is the last name if there are more. */
static int32_t put_pages(const hexmcp_round *r, const struct request *q, hexmcp_json_writer *w,
                         char next[NAME_LONGEST + 1])
{
    struct bytes json = {0};
    hexmcp_str keys, each, key, more;
    char name[NAME_LONGEST + 1] = "";
    int has_more = 0;
    int32_t status = store_list(r, q->name, (uint32_t)q->max_changes, &json);
    if (status == HEXMCP_OK && hexmcp_json_get(bytes_str(&json), "keys", &keys) == HEXMCP_OK) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(keys);
        while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &each))
            if (hexmcp_json_get(each, "key", &key) == HEXMCP_OK &&
                hexmcp_json_string(key, name, sizeof(name), NULL) == HEXMCP_OK)
                status = put_page(r, w, name);
        if (hexmcp_json_get(bytes_str(&json), "more", &more) == HEXMCP_OK)
            hexmcp_json_bool(more, &has_more);
    }
    snprintf(next, NAME_LONGEST + 1, "%s", has_more ? name : "");
    bytes_free(&json);
    return status;
}

static int32_t list(const hexmcp_round *r, const struct request *q)
{
    char next[NAME_LONGEST + 1];
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "list");
    hexmcp_json_key(w, "pages");
    hexmcp_json_begin_array(w);
    int32_t status = put_pages(r, q, w, next);
    hexmcp_json_end_array(w);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    hexmcp_json_put_bool(w, "truncated", *next != '\0');
    if (*next)
        hexmcp_json_put_text(w, "next_name", next);
    return answer_end(&a);
}

static int32_t forget(const hexmcp_round *r, const struct request *q)
{
    struct answer a;
    bool was_there = false;
    int32_t status = store_remove(r, q->name, &was_there);
    if (status != HEXMCP_OK)
        return status;
    if (!was_there)
        return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND,
                           "nothing is kept under \"%.300s\"; list says what is kept", q->name);
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "forget");
    hexmcp_json_put_text(w, "name", q->name);
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
