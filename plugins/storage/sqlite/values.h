/*
 * Keys and values.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

extern const struct operation values_set;
extern const struct operation values_remove;
extern const struct operation values_apply;
extern const struct operation values_get;
extern const struct operation values_list;

#define VALUE_BYTES_MAX ((size_t)16 << 20)

struct value {
    int64_t number; /* of its row; 0: there is none */
    int64_t version;
    int64_t expires; /* milliseconds since 1970; 0: never */
};

/* HEXMCP_OK also when there is none. */
int32_t value_find(struct db *db, hexmcp_str space, hexmcp_str key, struct value *ret,
                   hexmcp_error *err);
int32_t value_add(struct db *db, hexmcp_str space, hexmcp_str key, const struct value *value,
                  hexmcp_str bytes, hexmcp_error *err);

/* Removes the row; a key of the space that is new later begins above `version`. */
int32_t value_drop(struct db *db, hexmcp_str space, int64_t number, int64_t version,
                   hexmcp_error *err);
