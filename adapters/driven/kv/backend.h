/* Between the service and the module that has the database. All [worker], one at a time. */
#pragma once

#include "ports/types.h"

/* What a key holds. `value` is borrowed until the next function of the backend. */
struct kv_entry {
    struct str key;
    struct str value; /* of get() alone */
    uint64_t bytes;   /* of the value */
    uint64_t version;
    int64_t expires_ms; /* wall clock; 0: never */
};

/* A change. */
struct kv_change {
    struct str plugin, key, value;
    int64_t expires_ms;
    bool conditional;
    uint64_t version;    /* that it must have */
    int64_t now_ms;
    uint64_t max_bytes, max_keys;
};

struct kv_done {
    bool done;
    uint64_t version;
};

struct kv_listing {
    struct str plugin, prefix, after;
    uint32_t limit;
    int64_t now_ms;
};

/* Functions fail with what the header of the public interface says. */
struct kv_backend {
    void *ctx;
    int (*begin)(void *ctx, bool writes, struct error *err);
    int (*commit)(void *ctx, struct error *err);
    void (*rollback)(void *ctx);
    int (*get)(void *ctx, struct str plugin, struct str key, int64_t now_ms, struct kv_entry *out,
               struct error *err);
    int (*set)(void *ctx, const struct kv_change *change, struct kv_done *out, struct error *err);
    int (*remove)(void *ctx, const struct kv_change *change, struct kv_done *out,
                  struct error *err);
    int (*list)(void *ctx, const struct kv_listing *what,
                void (*each)(void *arg, const struct kv_entry *entry), void *arg,
                struct error *err);
    /* Removes a few of what has expired. */
    int (*sweep)(void *ctx, int64_t now_ms, struct error *err);
    void (*close)(void *ctx);
};

/* The module's entry. `path` is that of the file. */
typedef int kv_backend_open(const char *path, struct kv_backend *out, struct error *err);
