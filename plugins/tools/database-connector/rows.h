/*
 * rows.h - the rows of a result: a page of them, with exact values.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"

/* So many bytes has a page; a value may have this many at most. */
#define ROWS_BYTES ((size_t)256 * 1024)
#define CELL_BYTES ((size_t)256 * 1024)

struct rows {
    hexmcp_json_writer columns;
    hexmcp_json_writer list;
    int64_t offset;
    int64_t limit;
    int64_t seen;
    int64_t kept;
    size_t most_bytes; /* a page ends when it has so many */
    const hexmcp_round *r; /* NULL: JSON of a database is not looked at */
    size_t too_large; /* bytes of the first value that is too large; 0: none */
    size_t bytes;     /* of the values that were put */
    bool out_of_memory;
    bool more;        /* there are rows behind the page */
};

/* rows_free() is due. */
void rows_begin(struct rows *rows, int64_t offset, int64_t limit);
void rows_free(struct rows *rows);

void rows_column(struct rows *rows, const char *name, const char *type);

/* A row has come. True: it belongs to the page; put its cells and call rows_end_row(). */
bool rows_row(struct rows *rows);
void rows_end_row(struct rows *rows);

void rows_null(struct rows *rows);
void rows_bool(struct rows *rows, bool value);
/* Beyond 2^53, where JSON readers lose digits, it is a text. */
void rows_int64(struct rows *rows, int64_t value);
/* What is no number is the text "NaN", "Infinity" or "-Infinity". */
void rows_double(struct rows *rows, double value);
/* Text that is not UTF-8 is written as bytes. */
void rows_text(struct rows *rows, const char *text, size_t len);
/* A number as the database wrote it. */
void rows_number(struct rows *rows, const char *text, size_t len);
/* JSON of a database as it stands; as text if it is none for us: too deep, or half a character. */
void rows_json(struct rows *rows, const char *json, size_t len);
/* As {"base64": text}. */
void rows_bytes(struct rows *rows, const void *bytes, size_t len);

/* Ends both arrays: an error if a value was too large or memory short. */
int32_t rows_end(struct rows *rows, hexmcp_error *err);
