/*
 * table.h - a CSV source that is open, with what is known of its columns.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "reader.h"
#include "request.h"

struct table {
    struct reader reader;
    const char *encoding; /* for people */
    bool has_headers;
    hexmcp_str *names; /* of the columns: all different, none empty */
    enum value_type *types; /* by the first 1000 rows */
    size_t columns;
};

/* [worker] Opens the source and looks at its beginning. table_close() is due after HEXMCP_OK. */
int32_t table_open(const hexmcp_round *r, const struct request *request, struct pace *pace,
                   struct table *table);
void table_close(struct table *table);

/* [worker] The rows without the header. */
int32_t table_rows(struct table *table, reader_row_fn take, void *arg);

/* Puts encoding, delimiter and has_headers. */
void table_put(const struct table *table, hexmcp_json_writer *w);

/* The place of the column of this name, or SIZE_MAX. */
size_t table_column(const struct table *table, const char *name, size_t len);
