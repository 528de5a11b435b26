/*
 * SPDX-License-Identifier: MIT
 */
#include "table.h"

#include "hexmcp/host/kv.h"
#include "kit/wait.h"

#define KEY "table"
#define TRIES 8

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
    a->short_of_memory =
        !bytes_add(&a->json, json.ptr, json.len) || !bytes_add(&a->value, value.ptr, value.len);
    wait_over(&a->wait);
}

static void asking_end(struct asking *a)
{
    wait_end(&a->wait);
    bytes_free(&a->json);
    bytes_free(&a->value);
}

static int32_t fail(const hexmcp_round *r, int32_t status, const struct asking *a)
{
    char text[HEXMCP_ERROR_TEXT] = "try again";
    hexmcp_str message;
    if (hexmcp_json_get(bytes_str(&a->json), "message", &message) == HEXMCP_OK)
        hexmcp_json_string(message, text, sizeof(text), NULL);
    return hexmcp_fail(r->err, status, "the variables that were set cannot be kept or read: %s", text);
}

static uint64_t version_of(const struct asking *a)
{
    hexmcp_str value;
    int64_t number = 0;
    if (hexmcp_json_get(bytes_str(&a->json), "version", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &number);
    return (uint64_t)number;
}

int32_t table_load(const hexmcp_round *r, struct table *table)
{
    const hexmcp_kv_1 *kv = hexmcp_round_service(r, HEXMCP_KV_1);
    struct asking a = {0};
    *table = (struct table){0};
    if (!kv)
        return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE, "this server has no store for variables");
    wait_begin(&a.wait);
    int32_t status = kv->get(kv->ctx, hexmcp_str_from(KEY), on_reply, &a);
    if (status == HEXMCP_OK) {
        wait_for(&a.wait);
        status = a.short_of_memory ? HEXMCP_E_NOMEM : a.status;
    }
    if (status == HEXMCP_OK) {
        table->version = version_of(&a);
        table->json = a.value;
        a.value = (struct bytes){0};
    } else if (status == HEXMCP_E_NOT_FOUND) {
        status = bytes_add(&table->json, "{}", 2) ? HEXMCP_OK : HEXMCP_E_NOMEM;
    }
    if (status != HEXMCP_OK)
        fail(r, status, &a);
    asking_end(&a);
    return status;
}

void table_free(struct table *table)
{
    bytes_free(&table->json);
}

/* HEXMCP_E_BUSY if another call was faster. */
static int32_t store(const hexmcp_round *r, hexmcp_str json, uint64_t version)
{
    const hexmcp_kv_1 *kv = hexmcp_round_service(r, HEXMCP_KV_1);
    struct asking a = {0};
    hexmcp_str done;
    int yes = 0;
    wait_begin(&a.wait);
    int32_t status = kv->set(kv->ctx, hexmcp_str_from(KEY), json, 0, HEXMCP_KV_IF_VERSION, version,
                             on_reply, &a);
    if (status == HEXMCP_OK) {
        wait_for(&a.wait);
        status = a.short_of_memory ? HEXMCP_E_NOMEM : a.status;
    }
    if (status != HEXMCP_OK)
        fail(r, status, &a);
    else if (hexmcp_json_get(bytes_str(&a.json), "done", &done) != HEXMCP_OK ||
             hexmcp_json_bool(done, &yes) != HEXMCP_OK || !yes)
        status = HEXMCP_E_BUSY;
    asking_end(&a);
    return status;
}

/* The table with the change, into `w`; the number of variables. */
static size_t change(hexmcp_str from, const char *name, hexmcp_str value, hexmcp_json_writer *w,
                     bool *changed)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(from);
    hexmcp_str key, old;
    size_t count = 0;
    char text[200];
    *changed = value.len > 0;
    hexmcp_json_begin_object(w);
    while (hexmcp_json_next(&it, &key, &old)) {
        if (hexmcp_json_equals(key, name)) {
            *changed = value.len != old.len || memcmp(value.ptr, old.ptr, old.len) != 0;
            continue;
        }
        if (hexmcp_json_string(key, text, sizeof(text), NULL) == HEXMCP_OK) {
            hexmcp_json_put_raw(w, text, old);
            count++;
        }
    }
    if (value.len)
        hexmcp_json_put_raw(w, name, value);
    hexmcp_json_end_object(w);
    return count + (value.len > 0);
}

static int32_t set_once(const hexmcp_round *r, const char *name, hexmcp_str value, bool dry_run,
                        bool *changed)
{
    struct table table;
    hexmcp_json_writer w;
    int32_t status = table_load(r, &table);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer_init(&w);
    size_t count = change(bytes_str(&table.json), name, value, &w, changed);
    if (count > TABLE_MAX)
        status = hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                             "%d variables are set already; remove one first: set it without value",
                             TABLE_MAX);
    else if (*changed && !dry_run)
        status = store(r, hexmcp_json_writer_text(&w), table.version);
    hexmcp_json_writer_free(&w);
    table_free(&table);
    return status;
}

int32_t table_set(const hexmcp_round *r, const char *name, hexmcp_str value, bool dry_run,
                  bool *changed)
{
    for (int i = 0; i < TRIES; i++) {
        int32_t status = set_once(r, name, value, dry_run, changed);
        if (status != HEXMCP_E_BUSY)
            return status;
    }
    return hexmcp_fail(r->err, HEXMCP_E_BUSY, "others change the variables all the time; try again");
}
