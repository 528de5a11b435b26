/*
 * front.c - see front.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/front.h"

#include "hexmcp/ids.h"

#include <string.h>

#define NAME_BYTES 512

static int32_t submit(struct front *f, struct job *job, hexmcp_error *err)
{
    int32_t status;
    job->host = &f->host;
    job->err.size = (uint32_t)sizeof(job->err);
    status = f->submit(f->store, job, err);
    job_clear(job);
    return status;
}

/* A request with a space and JSON. */
static int32_t ask(struct front *f, enum job_kind kind, hexmcp_call call, hexmcp_str space,
                   hexmcp_str json, hexmcp_error *err)
{
    struct job job = {.kind = kind, .call = call, .space = space, .text = json};
    if (space.len == 0 || space.len > NAME_BYTES)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the name of a space has 1 to %d bytes",
                           NAME_BYTES);
    return submit(f, &job, err);
}

/* One with a key. */
static int32_t ask_key(struct front *f, enum job_kind kind, hexmcp_call call, hexmcp_str space,
                       hexmcp_str key, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    struct job job = {
        .kind = kind, .call = call, .space = space, .key = key, .text = json, .bytes = bytes};
    if (space.len == 0 || space.len > NAME_BYTES)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the name of a space has 1 to %d bytes",
                           NAME_BYTES);
    if (key.len == 0 || key.len > NAME_BYTES || memchr(key.ptr, '\0', key.len))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a key has 1 to %d bytes, none of them NUL",
                           NAME_BYTES);
    return submit(f, &job, err);
}

static const hexmcp_str nothing = {"", 0};

/* ---- hexmcp.eventstore/1 ---- */

static int32_t append(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                      hexmcp_error *err)
{
    return ask(self, JOB_APPEND, call, space, json, err);
}

static int32_t read_stream(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                           hexmcp_error *err)
{
    return ask(self, JOB_READ, call, space, json, err);
}

static int32_t read_all(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                        hexmcp_error *err)
{
    return ask(self, JOB_READ_ALL, call, space, json, err);
}

static int32_t project(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                       hexmcp_error *err)
{
    return ask(self, JOB_PROJECT, call, space, json, err);
}

static int32_t rows(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                    hexmcp_error *err)
{
    return ask(self, JOB_ROWS, call, space, json, err);
}

/* ---- hexmcp.kv-store/1 ---- */

static int32_t kv_get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_error *err)
{
    return ask_key(self, JOB_KV_GET, call, space, key, nothing, nothing, err);
}

static int32_t kv_set(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                      hexmcp_str value, hexmcp_str options, hexmcp_error *err)
{
    return ask_key(self, JOB_KV_SET, call, space, key, options, value, err);
}

static int32_t kv_remove(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                         hexmcp_str options, hexmcp_error *err)
{
    return ask_key(self, JOB_KV_REMOVE, call, space, key, options, nothing, err);
}

static int32_t kv_list(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                       hexmcp_error *err)
{
    return ask(self, JOB_KV_LIST, call, space, json, err);
}

static int32_t kv_apply(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str changes,
                        hexmcp_str values, hexmcp_error *err)
{
    struct front *f = self;
    struct job job = {
        .kind = JOB_KV_APPLY, .call = call, .space = space, .text = changes, .bytes = values};
    if (space.len == 0 || space.len > NAME_BYTES)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the name of a space has 1 to %d bytes",
                           NAME_BYTES);
    return submit(f, &job, err);
}

/* ---- hexmcp.blob/1 ---- */

static int32_t blob_put(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str info, hexmcp_error *err)
{
    return ask_key(self, JOB_BLOB_PUT, call, space, key, info, nothing, err);
}

static int32_t blob_write(void *self, hexmcp_call call, hexmcp_str bytes, uint32_t flags,
                          hexmcp_error *err)
{
    struct job job = {.kind = JOB_BLOB_WRITE, .call = call, .bytes = bytes, .flags = flags};
    return submit(self, &job, err);
}

static int32_t blob_get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str range, hexmcp_error *err)
{
    return ask_key(self, JOB_BLOB_GET, call, space, key, range, nothing, err);
}

static int32_t blob_stat(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                         hexmcp_error *err)
{
    return ask_key(self, JOB_BLOB_STAT, call, space, key, nothing, nothing, err);
}

static int32_t blob_list(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                         hexmcp_error *err)
{
    return ask(self, JOB_BLOB_LIST, call, space, json, err);
}

static int32_t blob_remove(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                           hexmcp_error *err)
{
    return ask_key(self, JOB_BLOB_REMOVE, call, space, key, nothing, nothing, err);
}

/* ---- hexmcp.search/1 ---- */

static int32_t search_index(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                            hexmcp_error *err)
{
    return ask(self, JOB_INDEX, call, space, json, err);
}

static int32_t search_remove(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                             hexmcp_error *err)
{
    return ask(self, JOB_UNINDEX, call, space, json, err);
}

static int32_t search_query(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str json,
                            hexmcp_error *err)
{
    return ask(self, JOB_QUERY, call, space, json, err);
}

/* ---- hexmcp.dump/1 ---- */

static int32_t dump(void *self, hexmcp_call call, hexmcp_str query, hexmcp_error *err)
{
    struct job job = {.kind = JOB_DUMP, .call = call, .text = query};
    return submit(self, &job, err);
}

static int32_t restore(void *self, hexmcp_call call, hexmcp_error *err)
{
    struct job job = {.kind = JOB_RESTORE, .call = call};
    return submit(self, &job, err);
}

static int32_t load(void *self, hexmcp_call call, hexmcp_str record, hexmcp_str bytes,
                    uint32_t flags, hexmcp_error *err)
{
    struct job job = {
        .kind = JOB_LOAD, .call = call, .text = record, .bytes = bytes, .flags = flags};
    return submit(self, &job, err);
}

static void cancel(void *self, hexmcp_call call)
{
    struct front *f = self;
    f->cancel(f->store, call);
}

void front_init(struct front *f)
{
    f->events = (hexmcp_eventstore_1){sizeof(f->events), 0,       f,    append, read_stream,
                                      read_all,          project, rows, cancel};
    f->kv = (hexmcp_kv_store_1){sizeof(f->kv), 0,       f,        kv_get, kv_set,
                                kv_remove,     kv_list, kv_apply, cancel};
    f->blob = (hexmcp_blob_1){sizeof(f->blob), 0,         f,           blob_put, blob_write,
                              blob_get,        blob_stat, blob_list,   blob_remove, cancel};
    f->search = (hexmcp_search_1){sizeof(f->search), 0,      f, search_index, search_remove,
                                  search_query,      cancel};
    f->dump = (hexmcp_dump_1){sizeof(f->dump), 0, f, dump, restore, load, cancel};
}

const void *front_interface(const struct front *f, const char *id)
{
    const struct {
        const char *id;
        const void *table;
    } all[] = {{HEXMCP_EVENTSTORE_1, &f->events},
               {HEXMCP_KV_STORE_1, &f->kv},
               {HEXMCP_BLOB_1, &f->blob},
               {HEXMCP_SEARCH_1, &f->search},
               {HEXMCP_DUMP_1, &f->dump}};
    size_t i;
    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(id, all[i].id) == 0)
            return all[i].table;
    return NULL;
}
