/*
 * Documents, found by their words (FTS5) and fields.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

extern const struct operation documents_index;
extern const struct operation documents_remove;
extern const struct operation documents_query;

struct document {
    hexmcp_str id;
    hexmcp_str text;
    hexmcp_str fields; /* JSON, or empty */
};

int32_t document_parse(hexmcp_str json, struct document *ret, hexmcp_error *err);

/* Puts it in the place of one with the same id. */
int32_t document_set(struct db *db, hexmcp_str space, const struct document *document,
                     hexmcp_error *err);

/* Makes the function fits(fields, filter) known to SQLite. */
int32_t filter_register(struct db *db, hexmcp_error *err);

/* Do the fields (JSON) of a document pass the filter (JSON)? Each may be empty. */
bool filter_fits(hexmcp_str fields, hexmcp_str filter);
