/*
 * SPDX-License-Identifier: MIT
 */
#include "store.h"

#include <string.h>

#include "hexmcp/host/kv.h"
#include "kit/wait.h"

struct asking {
    struct wait wait;
    int32_t status;
    struct bytes json, value;
    bool short_of_memory;
};

static void on_reply(void *arg, int32_t status, hexmcp_str json, hexmcp_str value)
{
    struct asking *a = arg;
    a->status = status;
    a->short_of_memory = !bytes_add(&a->json, json.ptr, json.len) ||
                         !bytes_add(&a->value, value.ptr, value.len);
    wait_over(&a->wait);
}

static const hexmcp_kv_1 *service(const hexmcp_round *r)
{
    const hexmcp_kv_1 *kv = hexmcp_round_service(r, HEXMCP_KV_1);
    if (!kv)
        hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE,
                    "this server keeps nothing between calls; give previous_content");
    return kv;
}

/* `asked` is what the service returned. */
static int32_t finish(const hexmcp_round *r, struct asking *a, int32_t asked)
{
    char text[300] = "try again";
    hexmcp_str message;
    if (asked == HEXMCP_OK)
        wait_for(&a->wait);
    wait_end(&a->wait);
    int32_t status = asked == HEXMCP_OK ? a->status : asked;
    if (a->short_of_memory)
        status = HEXMCP_E_NOMEM;
    if (status == HEXMCP_OK)
        return status;
    if (a->json.len && hexmcp_json_get(bytes_str(&a->json), "message", &message) == HEXMCP_OK)
        hexmcp_json_string(message, text, sizeof(text), NULL);
    return hexmcp_fail(r->err, status, "the store of kept pages: %s", text);
}

static void drop(struct asking *a)
{
    bytes_free(&a->json);
    bytes_free(&a->value);
}

static char *member(hexmcp_str json, const char *key)
{
    hexmcp_str value;
    char *text;
    size_t len;
    if (hexmcp_json_get(json, key, &value) != HEXMCP_OK ||
        hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK)
        return strdup("");
    return text;
}

static int32_t parse(const hexmcp_round *r, hexmcp_str json, struct kept *kept)
{
    hexmcp_str value;
    kept->there = true;
    kept->url = member(json, "url");
    kept->etag = member(json, "etag");
    kept->modified = member(json, "modified");
    kept->rules = member(json, "rules");
    kept->content = member(json, "content");
    if (hexmcp_json_get(json, "checked", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &kept->checked);
    if (kept->url && kept->etag && kept->modified && kept->rules && kept->content)
        return HEXMCP_OK;
    store_free(kept);
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for what is kept; try again");
}

int32_t store_get(const hexmcp_round *r, const char *name, struct kept *kept)
{
    const hexmcp_kv_1 *kv = service(r);
    struct asking a = {0};
    *kept = (struct kept){0};
    if (!kv)
        return r->err->code;
    wait_begin(&a.wait);
    int32_t status =
        finish(r, &a, kv->get(kv->ctx, hexmcp_str_from(name), on_reply, &a));
    if (status == HEXMCP_OK)
        status = parse(r, bytes_str(&a.value), kept);
    else if (status == HEXMCP_E_NOT_FOUND)
        status = HEXMCP_OK;
    drop(&a);
    return status;
}

static void write(hexmcp_json_writer *w, const struct kept *kept)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "url", kept->url);
    hexmcp_json_put_text(w, "etag", kept->etag);
    hexmcp_json_put_text(w, "modified", kept->modified);
    hexmcp_json_put_text(w, "rules", kept->rules);
    hexmcp_json_put_int64(w, "checked", kept->checked);
    hexmcp_json_put_text(w, "content", kept->content);
    hexmcp_json_end_object(w);
}

int32_t store_put(const hexmcp_round *r, const char *name, const struct kept *kept)
{
    const hexmcp_kv_1 *kv = service(r);
    struct asking a = {0};
    hexmcp_json_writer w;
    if (!kv)
        return r->err->code;
    hexmcp_json_writer_init(&w);
    write(&w, kept);
    hexmcp_str json = hexmcp_json_writer_text(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK && json.len > HEXMCP_KV_VALUE_MAX) {
        status = hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                             "the text of the page is too long to be kept (1 MiB); give selector for a "
                             "part of it");
    } else if (status == HEXMCP_OK) {
        wait_begin(&a.wait);
        status = finish(r, &a, kv->set(kv->ctx, hexmcp_str_from(name), json, 0, 0, 0, on_reply, &a));
        drop(&a);
    } else {
        hexmcp_fail(r->err, status, "out of memory for what is kept; try again");
    }
    hexmcp_json_writer_free(&w);
    return status;
}

int32_t store_remove(const hexmcp_round *r, const char *name, bool *was_there)
{
    const hexmcp_kv_1 *kv = service(r);
    struct asking a = {0};
    hexmcp_str value;
    int done = 0;
    if (!kv)
        return r->err->code;
    wait_begin(&a.wait);
    int32_t status =
        finish(r, &a, kv->remove(kv->ctx, hexmcp_str_from(name), 0, 0, on_reply, &a));
    if (status == HEXMCP_OK && hexmcp_json_get(bytes_str(&a.json), "done", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &done);
    *was_there = done;
    drop(&a);
    return status;
}

int32_t store_list(const hexmcp_round *r, const char *after, uint32_t limit, struct bytes *json)
{
    const hexmcp_kv_1 *kv = service(r);
    struct asking a = {0};
    if (!kv)
        return r->err->code;
    wait_begin(&a.wait);
    int32_t status = finish(r, &a, kv->list(kv->ctx, hexmcp_str_from(""), hexmcp_str_from(after), limit,
                                            on_reply, &a));
    if (status == HEXMCP_OK) {
        *json = a.json;
        a.json = (struct bytes){0};
    }
    drop(&a);
    return status;
}

void store_free(struct kept *kept)
{
    free(kept->url);
    free(kept->etag);
    free(kept->modified);
    free(kept->rules);
    free(kept->content);
    *kept = (struct kept){0};
}
