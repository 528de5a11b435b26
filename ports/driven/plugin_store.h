/*
 * The plugin that keeps what hexmcp stores, as the plugin host calls it: operations of the draft
 * interfaces eventstore.h, kv.h, blob.h, search.h and dump.h (include/hexmcp/ext/draft), texts in and
 * out. adapters/driven/storage makes typed ports of it.
 *
 * All [loop].
 */
#pragma once

#include "ports/types.h"

enum store_op {
    STORE_EVENTS_APPEND, /* json: batch                                                          */
    STORE_EVENTS_READ,   /* json: query; so the others without a word                            */
    STORE_EVENTS_READ_ALL,
    STORE_EVENTS_PROJECT,
    STORE_EVENTS_ROWS,
    STORE_VALUES_GET,   /* key                                                                   */
    STORE_VALUES_APPLY, /* json: changes; bytes: values                                          */
    STORE_VALUES_LIST,
    STORE_BLOBS_PUT,    /* key, json: info; then write()                                         */
    STORE_BLOBS_GET,    /* key, json: range                                                      */
    STORE_BLOBS_STAT,   /* key                                                                   */
    STORE_BLOBS_LIST,
    STORE_BLOBS_REMOVE, /* key                                                                   */
    STORE_SEARCH_INDEX,
    STORE_SEARCH_REMOVE,
    STORE_SEARCH_QUERY,
    STORE_DUMP,         /* no space; json: query                                                 */
    STORE_RESTORE,      /* no space; then write()                                                */
    STORE_OPS,
};

/* All text is borrowed until begin() returns. */
struct store_request {
    enum store_op op;
    struct str space;
    struct str key;
    struct str json;
    struct str bytes;
};

/* What is given is borrowed until return. Every function of the port may be called from inside. */
struct store_sink {
    void *arg;
    /* A piece of the answer. False: no more of them, and no done(), until resume(). */
    bool (*piece)(void *arg, struct str json, struct str bytes);
    /* Exactly once, the last, unless it was cancelled. `json` is what the plugin gave, an object if all
     * is well with it. */
    void (*done)(void *arg, const struct error *err, struct str json);
};

struct plugin_store {
    void *ctx;

    /* Begins; the plugin is loaded if this is its first time. Everything may be told before return.
     * Returns the id for the functions below, 0 if it has ended. It fails, by done(), with ST_CONFIG if
     * there is no such plugin or it may not run here, ST_UNAVAILABLE if it cannot be used, ST_BUSY
     * above 65,536 operations, ST_CANCELLED when hexmcp stops. */
    uint64_t (*begin)(void *ctx, const struct store_request *request,
                      const struct store_sink *sink);

    /* More for STORE_BLOBS_PUT (bytes) and STORE_RESTORE (a record). ST_OK; ST_BUSY: the same again a
     * little later; ST_NOT_FOUND: it has ended, as done() said; else it has ended with this error,
     * and done() is not told. */
    int (*write)(void *ctx, uint64_t id, struct str json, struct str bytes, bool last,
                 struct error *err);

    /* After piece() said false. */
    void (*resume)(void *ctx, uint64_t id);

    /* Gives it up: nothing is told any more. Unknown ids are ignored. */
    void (*cancel)(void *ctx, uint64_t id);
};
