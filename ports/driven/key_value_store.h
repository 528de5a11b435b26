/*
 * Where keys and values are kept (include/hexmcp/ext/draft/kv.h is the same, as plugins have it). A
 * space is a name of 1 to 512 bytes: "state/global", "plugin/org.example.mail"; what is in one never
 * shows in another. A version is a number of the key's that rises with each change, also over a
 * removal; 0 stands for "there is none". Other processes may use the same store.
 *
 * All [loop]. Functions copy what they are given before they return. Each tells done() exactly once,
 * perhaps before it returns. What done() is given is borrowed until it returns. Changes are durable
 * then.
 */
#pragma once

#include "ports/types.h"

#define VALUE_MAX ((size_t)16 << 20)

/* Values longer than this are not given in lists. */
#define VALUE_LISTED_MAX ((size_t)65536)

struct kv_value {
    struct str value;
    uint64_t version;
    uint64_t ttl_ms; /* left; 0: for ever */
};

struct kv_change {
    struct str key;
    bool remove;
    struct str value;
    uint64_t ttl_ms;     /* 0: for ever                                                          */
    bool if_version;     /* only if the key is at `version`                                      */
    uint64_t version;
};

struct kv_entry {
    struct str key;
    uint64_t version;
    uint64_t bytes;
    uint64_t ttl_ms;
    struct str value; /* with `values`, and not longer than VALUE_LISTED_MAX                     */
};

struct kv_query {
    struct str prefix;
    struct str after; /* key                                                                     */
    uint32_t limit;   /* 1 to 1,000                                                              */
    bool values;
};

struct kv_applied {
    const uint64_t *versions; /* in the order of the changes; 0: there was nothing to remove      */
    size_t count;
    bool conflict;            /* a key is at another version: nothing was changed                */
    struct str key;           /* which, and at which version it is                               */
    uint64_t actual;
};

struct key_value_store {
    void *ctx;

    /* ST_NOT_FOUND. */
    void (*get)(void *ctx, struct str space, struct str key,
                void (*done)(void *arg, const struct error *err, const struct kv_value *value),
                void *arg);

    /* Changes 1 to 1,000 different keys, all or none. `err` is NULL also for a conflict. */
    void (*apply)(void *ctx, struct str space, const struct kv_change *changes, size_t count,
                  void (*done)(void *arg, const struct error *err, const struct kv_applied *r),
                  void *arg);

    /* By the bytes of the keys. */
    void (*list)(void *ctx, struct str space, const struct kv_query *query,
                 void (*done)(void *arg, const struct error *err, const struct kv_entry *entries,
                              size_t count, bool more),
                 void *arg);
};
