/*
 * request.h - the JSON of the storage interfaces, read into structs.
 *
 * SPDX-License-Identifier: MIT
 *
 * All texts are decoded, end with NUL and live in the arena, but for slices of JSON (`body`, `value` of
 * rows, `filter`...), which live as the text that was read. Functions return HEXMCP_OK, or
 * HEXMCP_E_INVALID or HEXMCP_E_NOMEM with *err filled.
 */
#pragma once

#include "kit/arena.h"

/* ---- members ---- */

/* Text of `key`; empty if it is not there. */
int32_t request_text(struct arena *arena, hexmcp_str json, const char *key, hexmcp_str *out,
                     hexmcp_error *err);
/* A whole number, not negative; *out stays if it is not there. */
int32_t request_number(hexmcp_str json, const char *key, uint64_t *out, hexmcp_error *err);
/* true, false; *out stays if it is not there. */
int32_t request_flag(hexmcp_str json, const char *key, int *out, hexmcp_error *err);

/* ---- events ---- */

enum expect { EXPECT_ANY, EXPECT_NONE, EXPECT_VERSION };

struct append_event {
    hexmcp_str type;
    hexmcp_str at;
    hexmcp_str body; /* members of the event, without stream, version and position, and its `}`  */
};

struct append_stream {
    hexmcp_str name;
    enum expect expect;
    uint64_t version; /* EXPECT_VERSION; after the append the version of the last event          */
    struct append_event *events;
    size_t count;
};

struct append {
    hexmcp_str key;
    struct append_stream *streams;
    size_t count;
    size_t events; /* of all streams */
};

int32_t request_append(struct arena *arena, hexmcp_str json, struct append *out, hexmcp_error *err);
/* The body of one event, as `append_event` has it. */
int32_t request_event(struct arena *arena, hexmcp_str json, struct append_event *out,
                      hexmcp_error *err);
/* Does the version that is there fit? */
int append_fits(const struct append_stream *stream, uint64_t actual);
/* {"position", "versions", without "repeated" and the brace: kept with the key of the batch. */
void append_answer(struct bytes *out, const struct append *append, uint64_t position);
/* The rest of it. */
void append_answer_end(struct bytes *out, int repeated);
void append_conflict(struct bytes *out, const struct append_stream *stream, uint64_t actual);

struct read_query {
    hexmcp_str stream;
    uint64_t from, to; /* at least 1; UINT64_MAX for no end                                      */
    hexmcp_str until;  /* empty: no bound                                                        */
    int backward;
    uint64_t limit;
};

int32_t request_read(struct arena *arena, hexmcp_str json, struct read_query *out,
                     hexmcp_error *err);

struct read_all_query {
    uint64_t after;
    hexmcp_str *types;
    size_t type_count; /* 0: all */
    uint64_t limit;
};

int32_t request_read_all(struct arena *arena, hexmcp_str json, struct read_all_query *out,
                         hexmcp_error *err);

/* ---- projections ---- */

struct row {
    hexmcp_str key;
    hexmcp_str value; /* JSON; empty to remove the row */
};

struct project {
    hexmcp_str projection;
    uint64_t expected;
    uint64_t position;
    int reset;
    hexmcp_str replaces; /* or empty */
    struct row *rows;
    size_t count;
};

int32_t request_project(struct arena *arena, hexmcp_str json, struct project *out,
                        hexmcp_error *err);

struct rows_query {
    hexmcp_str projection;
    int one;           /* `key` is given */
    hexmcp_str key;
    hexmcp_str prefix;
    int behind;        /* `after` is given */
    hexmcp_str after;
    int backward;
    uint64_t limit;
};

int32_t request_rows(struct arena *arena, hexmcp_str json, struct rows_query *out,
                     hexmcp_error *err);

/* ---- values ---- */

#define VALUE_MAX ((size_t)16 << 20)
#define VALUE_LISTED_MAX ((size_t)65536)

struct change {
    hexmcp_str key;
    hexmcp_str value;
    int remove;
    int if_version;
    uint64_t version; /* expected; after the change the one given, 0 if there was nothing to remove */
    uint64_t ttl_ms;  /* 0: for ever */
};

struct job;
/* The changes of a set, remove or apply. */
int32_t request_changes(struct job *job, struct change **out, size_t *count, hexmcp_error *err);
void changes_answer(struct job *job, const struct change *changes, size_t count);
void changes_conflict(struct job *job, const struct change *change, uint64_t actual);

/* Of kv and blobs. */
struct list_query {
    hexmcp_str prefix;
    hexmcp_str after; /* empty: from the first */
    uint64_t limit;
    int values;
};

int32_t request_list(struct arena *arena, hexmcp_str json, struct list_query *out,
                     hexmcp_error *err);

struct range {
    uint64_t offset;
    uint64_t length; /* UINT64_MAX: to the end */
};

int32_t request_range(hexmcp_str json, struct range *out, hexmcp_error *err);
