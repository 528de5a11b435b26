/*
 * Rows of projections, and how far each has come.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

extern const struct operation projections_change;
extern const struct operation projections_rows;

/* The number of a projection and its position; 0 and 0 if it was never written. */
int32_t projection_find(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *ret_number,
                        int64_t *ret_position, hexmcp_error *err);
int32_t projection_add(struct db *db, hexmcp_str space, hexmcp_str name, int64_t position,
                       int64_t *ret_number, hexmcp_error *err);
int32_t projection_set(struct db *db, int64_t projection, hexmcp_str key, hexmcp_str value,
                       hexmcp_error *err);
