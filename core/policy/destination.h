/*
 * Where the requests of one plugin may go: its host rules (core/policy/host_rule.h), kept, and what a
 * person is told who went elsewhere.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

struct destinations {
    struct str *rules;
    size_t count;
    char *text;
};

/* A copy of the rules, which destinations_clear() frees. ST_NOMEM. */
int destinations_copy(const struct str *rules, size_t count, struct destinations *out,
                      struct error *err);
void destinations_clear(struct destinations *d);

/* Whether a connection to `host` may be begun: ST_OK, or ST_DENIED with what to write into the
 * manifest. Never changes anything, so [any]. */
int destinations_allow(const struct destinations *d, struct str host, uint16_t port,
                       struct error *err);

/* Whether it may be made to the address that the host has: `len` is 4 or 16. ST_OK, or ST_DENIED.
 * [any] */
int destinations_reach(const struct destinations *d, struct str host, uint16_t port,
                       const unsigned char *bytes, size_t len, struct error *err);
