/* Inside of kv: what was asked, and the batches in which it is done. */
#pragma once

#include "adapters/driven/kv/backend.h"
#include "adapters/driven/kv/kv.h"
#include "core/base/buffer.h"
#include "core/base/str.h"

#define KV_BATCH_MAX 256u

struct kv_ask {
    struct kv_ask *next;
    uint64_t id;
    enum kv_op op;
    struct service_sink sink;
    bool closed; /* nobody waits for the answer */
    bool conditional;
    uint64_t version;
    uint64_t ttl_ms;
    uint32_t limit;
    struct str plugin, key, value, prefix, after; /* in `memory`; value is copied behind it */
    struct buffer memory;

    /* The answer. */
    struct error failure; /* code ST_OK: none */
    struct buffer text, bytes;
};

struct kv {
    struct service_port port;
    struct kv_config config;
    char *path;
    struct timer *retry;
    struct kv_ask *first, **end; /* wait */
    struct kv_ask *batch;        /* with the executor */
    uint64_t last_id;
    bool running;

    /* Of the worker, and of the loop while none runs. */
    struct kv_backend backend;
    bool open;
};

/* Makes the ask of a request. ST_INVALID, ST_TOO_LARGE, ST_NOMEM. */
int kv_ask_new(const struct service_request *q, struct kv_ask **out, struct error *err);
void kv_ask_free(struct kv_ask *ask);

/* [worker] Does all of the batch and fills the answers. */
void kv_work(struct kv *kv);
