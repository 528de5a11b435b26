/*
 * The service hexmcp.kv/1: a key-value store per plugin, in one SQLite file of the user. Work is done
 * on the executor in batches, one transaction each, in the order of the requests.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/executor.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

/* Operations. `text` is {"key": text, and what is named below}; the answer's `text` is the JSON that
 * include/hexmcp/host/kv.h says, its `bytes` the value. */
enum kv_op {
    KV_GET = 1,
    KV_SET,    /* "ttlMs", "ifVersion"?; the value is in `bytes` */
    KV_REMOVE, /* "ifVersion"?                                   */
    KV_LIST,   /* no key: "prefix", "after", "limit"             */
};

#define KV_KEY_MAX 512
#define KV_VALUE_MAX 1048576
#define KV_LIST_MAX 1000
#define KV_TTL_MAX_MS INT64_C(315360000000) /* ten years */

struct kv;

/* All is borrowed. `executor` must not be one that plugins can fill with calls that wait for it. */
struct kv_config {
    const char *modules; /* folder of the program's modules                     */
    const char *folder;  /* where kv.sqlite stands; made with its parents       */
    uint64_t max_bytes;  /* of one plugin, keys and values                      */
    uint64_t max_keys;
    const struct executor_port *executor;
    const struct timer_port *timers;
    const struct clock_port *clock;
};

/* Opens nothing before the first request. */
int kv_new(const struct kv_config *config, struct kv **out, struct error *err);

/* After the workers have ended. NULL is allowed. */
void kv_free(struct kv *kv);

const struct service_port *kv_port(struct kv *kv);
