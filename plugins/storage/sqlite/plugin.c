/*
 * plugin.c - the store in one file of SQLite, behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"
#include "documents.h"
#include "events.h"
#include "job.h"
#include "projections.h"
#include "schema.h"
#include "values.h"

#include "hexmcp/ext/draft/blob.h"
#include "hexmcp/ext/draft/dump.h"
#include "hexmcp/ext/draft/eventstore.h"
#include "hexmcp/ext/draft/kv.h"
#include "hexmcp/ext/draft/search.h"
#include "hexmcp/plugin.h"

#define NONE STR("")

struct instance {
    hexmcp_plugin plugin;
    hexmcp_eventstore_1 events;
    hexmcp_kv_store_1 values;
    hexmcp_blob_1 blobs;
    hexmcp_search_1 search;
    hexmcp_dump_1 dump;
    struct store store;
};

#define TEXTS(...) ((const hexmcp_str[4]){__VA_ARGS__})

static int32_t append(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str batch,
                      hexmcp_error *err)
{
    return store_write(self, &events_append, call, TEXTS(space, NONE, batch, NONE), err);
}

static int32_t read_stream(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                           hexmcp_error *err)
{
    return store_read(self, &events_read, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t read_all(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                        hexmcp_error *err)
{
    return store_read(self, &events_read_all, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t project(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str batch,
                       hexmcp_error *err)
{
    return store_write(self, &projections_change, call, TEXTS(space, NONE, batch, NONE), err);
}

static int32_t rows(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                    hexmcp_error *err)
{
    return store_read(self, &projections_rows, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t get(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key, hexmcp_error *err)
{
    int32_t status = store_check_name(key, "the key", err);
    return status != HEXMCP_OK
               ? status
               : store_read_value(self, &values_get, call, TEXTS(space, key, NONE, NONE), err);
}

static int32_t set(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key, hexmcp_str value,
                   hexmcp_str options, hexmcp_error *err)
{
    int32_t status = store_check_name(key, "the key", err);
    if (status != HEXMCP_OK)
        return status;
    if (value.len > VALUE_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "a value of %zu bytes is too large; at most %zu are allowed, put larger "
                           "data into a blob",
                           value.len, VALUE_BYTES_MAX);
    return store_write_value(self, &values_set, call, TEXTS(space, key, options, value), err);
}

static int32_t remove_key(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                          hexmcp_str options, hexmcp_error *err)
{
    int32_t status = store_check_name(key, "the key", err);
    return status != HEXMCP_OK ? status
                               : store_write_value(self, &values_remove, call,
                                                   TEXTS(space, key, options, NONE), err);
}

static int32_t list_keys(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                         hexmcp_error *err)
{
    return store_read_value(self, &values_list, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t apply(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str changes,
                     hexmcp_str values, hexmcp_error *err)
{
    if (values.len > VALUE_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "values of %zu bytes are too large; at most %zu are allowed at once",
                           values.len, VALUE_BYTES_MAX);
    return store_write_value(self, &values_apply, call, TEXTS(space, NONE, changes, values), err);
}

static int32_t put_blob(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str info, hexmcp_error *err)
{
    return put_begin(self, call, space, key, info, err);
}

static int32_t write_blob(void *self, hexmcp_call call, hexmcp_str bytes, uint32_t flags,
                          hexmcp_error *err)
{
    return put_write(self, call, bytes, flags & HEXMCP_BLOB_LAST, err);
}

static int32_t get_blob(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                        hexmcp_str range, hexmcp_error *err)
{
    return store_read(self, &blobs_get, call, TEXTS(space, key, range, NONE), err);
}

static int32_t stat_blob(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                         hexmcp_error *err)
{
    return store_read(self, &blobs_stat, call, TEXTS(space, key, NONE, NONE), err);
}

static int32_t list_blobs(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                          hexmcp_error *err)
{
    return store_read(self, &blobs_list, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t remove_blob(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str key,
                           hexmcp_error *err)
{
    return store_write(self, &blobs_remove, call, TEXTS(space, key, NONE, NONE), err);
}

static int32_t index_documents(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str documents,
                               hexmcp_error *err)
{
    return store_write(self, &documents_index, call, TEXTS(space, NONE, documents, NONE), err);
}

static int32_t remove_documents(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str ids,
                                hexmcp_error *err)
{
    return store_write(self, &documents_remove, call, TEXTS(space, NONE, ids, NONE), err);
}

static int32_t query_documents(void *self, hexmcp_call call, hexmcp_str space, hexmcp_str query,
                               hexmcp_error *err)
{
    return store_read(self, &documents_query, call, TEXTS(space, NONE, query, NONE), err);
}

static int32_t begin_dump(void *self, hexmcp_call call, hexmcp_str query, hexmcp_error *err)
{
    return job_start(self, call, false, query, dump_run, err);
}

static int32_t begin_restore(void *self, hexmcp_call call, hexmcp_error *err)
{
    return job_start(self, call, true, NONE, restore_run, err);
}

static int32_t load(void *self, hexmcp_call call, hexmcp_str record, hexmcp_str bytes, uint32_t flags,
                    hexmcp_error *err)
{
    return job_load(self, call, record, bytes, flags & HEXMCP_DUMP_LAST, err);
}

static void cancel(void *self, hexmcp_call call)
{
    store_cancel(self, call);
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct store *store = &((struct instance *)self)->store;
    store->stream = store->host->get_interface(store->host->ctx, HEXMCP_STREAM_1);
    if (!store->stream)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the host has no %s; use a newer one",
                           HEXMCP_STREAM_1);
    return config_read(config, &store->config, err);
}

static const void *get_interface(void *self, const char *id)
{
    const struct instance *instance = self;
    const struct {
        const char *id;
        const void *table;
    } tables[] = {
        {HEXMCP_EVENTSTORE_1, &instance->events}, {HEXMCP_KV_STORE_1, &instance->values},
        {HEXMCP_BLOB_1, &instance->blobs},        {HEXMCP_SEARCH_1, &instance->search},
        {HEXMCP_DUMP_1, &instance->dump},
    };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (strcmp(tables[i].id, id) == 0)
            return tables[i].table;
    }
    return NULL;
}

static int32_t start(void *self, hexmcp_error *err)
{
    struct store *store = &((struct instance *)self)->store;
    int32_t status = schema_open(&store->writer, &store->config, err);
    if (status == HEXMCP_OK)
        status = db_open(&store->reader, &store->config, DB_READER, err);
    if (status == HEXMCP_OK)
        status = filter_register(&store->reader, err);
    if (status == HEXMCP_OK)
        status = store_start(store, err);
    if (status != HEXMCP_OK) {
        db_close(&store->reader);
        db_close(&store->writer);
    }
    return status;
}

static void stop(void *self)
{
    store_stop(&((struct instance *)self)->store);
}

static void destroy(void *self)
{
    struct instance *instance = self;
    store_stop(&instance->store);
    db_close(&instance->store.reader);
    db_close(&instance->store.writer);
    config_clear(&instance->store.config);
    free(instance);
}

static void fill(struct instance *i, const hexmcp_host *host)
{
    struct store *store = &i->store;
    store->host = host;
    i->plugin = (hexmcp_plugin){sizeof(i->plugin), 0, i, init, get_interface, start, stop, destroy};
    i->events = (hexmcp_eventstore_1){sizeof(i->events), 0, store, append, read_stream, read_all,
                                      project, rows, cancel};
    i->values = (hexmcp_kv_store_1){sizeof(i->values), 0, store, get, set, remove_key, list_keys,
                                    apply, cancel};
    i->blobs = (hexmcp_blob_1){sizeof(i->blobs), 0, store, put_blob, write_blob, get_blob, stat_blob,
                               list_blobs, remove_blob, cancel};
    i->search = (hexmcp_search_1){sizeof(i->search), 0, store, index_documents, remove_documents,
                                  query_documents, cancel};
    i->dump = (hexmcp_dump_1){sizeof(i->dump), 0, store, begin_dump, begin_restore, load, cancel};
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct instance *instance = calloc(1, sizeof(*instance));
    if (!instance)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    fill(instance, host);
    *out = &instance->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.storage-sqlite", "0.1.0", create);
