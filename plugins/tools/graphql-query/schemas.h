/*
 * schemas.h - the schemas of endpoints, kept for an hour.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "kit/bytes.h"

#define SCHEMAS_MOST 16
#define SCHEMA_BYTES_MOST ((size_t)4 * 1024 * 1024)
#define SCHEMA_SECONDS 3600

struct schemas {
    pthread_mutex_t mutex;
    struct schema_entry {
        struct bytes key, json;
        uint64_t since_s; /* of a clock that only rises */
    } entries[SCHEMAS_MOST];
};

/* [any] A copy of the one of this key, at most SCHEMA_SECONDS old; false if there is none, or no memory. */
bool schemas_get(struct schemas *schemas, hexmcp_str key, struct bytes *json, uint64_t *age_s);

/* [any] Keeps it, in the place of the oldest; one that is too large is not kept. */
void schemas_put(struct schemas *schemas, hexmcp_str key, hexmcp_str json);
void schemas_free(struct schemas *schemas);
