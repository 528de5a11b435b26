/* Figures of what was answered, for /metrics. */
#pragma once

#include "core/base/buffer.h"

#define DURATION_BUCKETS 12

struct counter {
    struct str route; /* its path in the table, or "none" */
    const char *method;
    int status;
    uint64_t count;
};

struct counters {
    struct counter *items;
    size_t count, cap;
    uint64_t requests;
    uint64_t durations[DURATION_BUCKETS + 1];
    uint64_t duration_ns;
    uint64_t body_bytes, answer_bytes;
    uint64_t connections, refused_connections, timeouts;
};

/* `route` and `method` live as long as the counters. */
void counters_add(struct counters *c, struct str route, const char *method, int status,
                  uint64_t duration_ns);
void counters_clear(struct counters *c);
void counters_write(const struct counters *c, struct buffer *out);

/* One family with one sample. */
void counters_write_one(struct buffer *out, const char *name, const char *type, const char *help,
                        uint64_t value);
