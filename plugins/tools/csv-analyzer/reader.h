/*
 * reader.h - the rows of a CSV source, one after the other, however large it is.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"
#include "kit/pace.h"

#define READER_FIELDS_MOST 10000
#define READER_ROW_MOST ((size_t)16 << 20)

struct row {
    const hexmcp_str *fields;
    size_t count;
    uint64_t line; /* that it begins on, from 1 */
};

struct reader {
    const hexmcp_round *r;
    struct pace *pace;
    int fd;          /* -1: the text */
    hexmcp_str text; /* UTF-8 without a byte order mark */
    uint64_t size;   /* of either, in bytes */
    const char *encoding; /* of the file, for iconv; NULL: UTF-8 */
    size_t skip;     /* bytes of the byte order mark */
    char delimiter;
    char quote;
    uint64_t broken; /* bytes that are not of the encoding; they become U+FFFD */
    uint64_t broken_line;
    bool open_quote; /* the last row has a quote that does not end */
};

/* Takes a row, which lives until it returns; *more = false to get no more. */
typedef int32_t (*reader_row_fn)(void *arg, const struct row *row, bool *more, hexmcp_error *err);

/* [worker] All rows from the beginning; lines without anything are no rows. Can be run again. */
int32_t reader_run(struct reader *reader, reader_row_fn take, void *arg);

/* [worker] The first bytes of the source as they are, at most `room`. */
int32_t reader_begin(struct reader *reader, char *out, size_t room, size_t *len);
