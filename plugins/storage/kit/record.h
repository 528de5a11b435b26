/*
 * record.h - the records of a dump.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/request.h"
#include "kit/search.h"

enum record_kind {
    RECORD_NONE, /* of a kind that this store does not know */
    RECORD_EVENT,
    RECORD_PROJECTION,
    RECORD_VALUE,
    RECORD_BLOB,
    RECORD_DOCUMENT
};
#define RECORD_ALL 0x3Eu

/* The bits (1 << record_kind) of {"kinds"?: [...]}. */
int32_t request_kinds(hexmcp_str json, uint32_t *out, hexmcp_error *err);

struct record {
    enum record_kind kind;
    hexmcp_str space;
    hexmcp_str key;            /* RECORD_VALUE, RECORD_BLOB                                      */
    uint64_t version;          /* RECORD_VALUE; RECORD_EVENT: of the event in its stream          */
    uint64_t position;         /* RECORD_EVENT, RECORD_PROJECTION                                */
    uint64_t size;             /* of the whole value or blob                                     */
    uint64_t offset;           /* of this part of it                                             */
    int64_t expires_ms;        /* RECORD_VALUE; 0: never                                         */
    hexmcp_str stream;         /* RECORD_EVENT                                                   */
    struct append_event event; /* RECORD_EVENT                                                   */
    struct project project;    /* RECORD_PROJECTION: projection and rows                         */
    struct document document;  /* RECORD_DOCUMENT                                                */
};

int32_t record_read(struct arena *arena, hexmcp_str json, size_t bytes, struct record *out,
                    hexmcp_error *err);

/* Who takes records: an arg, and a function that returns HEXMCP_OK or an error with *err filled. */
struct record_sink {
    void *arg;
    int32_t (*take)(void *arg, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err);
    uint64_t count;
};

int32_t record_event(struct record_sink *sink, hexmcp_str space, hexmcp_str event,
                     hexmcp_error *err);
/* In as many records as it takes. */
int32_t record_value(struct record_sink *sink, hexmcp_str space, hexmcp_str key, uint64_t version,
                     int64_t expires_ms, hexmcp_str value, hexmcp_error *err);
int32_t record_blob(struct record_sink *sink, hexmcp_str space, hexmcp_str key, uint64_t size,
                    uint64_t offset, hexmcp_str bytes, hexmcp_error *err);
int32_t record_document(struct record_sink *sink, hexmcp_str space, hexmcp_str document,
                        hexmcp_error *err);

/* Rows of a projection, gathered into records of a good size. */
struct record_rows {
    struct record_sink *sink;
    hexmcp_str space;
    hexmcp_str projection;
    uint64_t position;
    struct bytes text;
    int any;
    int said; /* a record has been given */
};

int32_t record_rows_add(struct record_rows *rows, hexmcp_str key, hexmcp_str value,
                        hexmcp_error *err);
/* The last record; also of a projection without rows. Frees it. */
int32_t record_rows_end(struct record_rows *rows, hexmcp_error *err);

/* Milliseconds since 1970 as a time of RFC 3339, and back; -1 if it is none. */
#define TIME_SIZE 25
void time_write(int64_t ms, char out[TIME_SIZE]);
int64_t time_read(hexmcp_str text);
