/*
 * side.h - one thread of the store, with its connection, and what jobs do there.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "pg.h"

#include "kit/pieces.h"
#include "kit/record.h"
#include "kit/request.h"
#include "kit/search.h"

/* A blob whose bytes are on their way. */
struct upload {
    struct upload *next;
    hexmcp_call call;
    struct arena memory;
    hexmcp_str space;
    hexmcp_str key;
    uint64_t id;        /* in the table `uploads` */
    uint64_t size;
    uint64_t len;
    uint64_t committed; /* of len */
    int fresh;          /* not committed yet */
    int over;
};

/* A restore. */
struct restoring {
    hexmcp_call call;
    uint64_t records;
    uint64_t position; /* the highest of its events and projections */
    uint64_t version;  /* the highest of its values */
    struct bytes value;
    uint64_t upload;   /* of the blob whose parts are coming; 0: none */
    uint64_t len;
};

struct side {
    struct pg pg;
    int changes;       /* it is the thread that makes changes */
    uint64_t position; /* of the counter, while a change has it */
    uint64_t version;
    struct upload *uploads;
    struct restoring *restoring;
    int64_t tidied_ms;
};

/* Milliseconds since 1970, by the server's clock. */
#define NOW_MS "(extract(epoch from clock_timestamp()) * 1000)::bigint"
#define ALIVE "(expires IS NULL OR expires > " NOW_MS ")"

/* side.c: what the threads run, see kit/server.h. */
void side_run(void *side, struct job *jobs);
void side_end(void *side);

/* Of a transaction that holds the counter. */
int32_t events_append(struct side *side, struct job *job, hexmcp_error *err);
int32_t projections_write(struct side *side, struct job *job, hexmcp_error *err);
int32_t values_change(struct side *side, struct job *job, hexmcp_error *err);
int32_t documents_index(struct side *side, struct job *job, hexmcp_error *err);
int32_t documents_remove(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_put(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_write(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_remove(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_give_up(struct side *side, struct job *job, hexmcp_error *err);
/* The transaction was committed, or rolled back. */
void blobs_settle(struct side *side, int committed);
/* The call has ended with an error. */
void blobs_forget(struct side *side, hexmcp_call call);

/* Of no transaction. */
int32_t events_read(struct side *side, struct job *job, hexmcp_error *err);
int32_t events_read_all(struct side *side, struct job *job, hexmcp_error *err);
int32_t projections_read(struct side *side, struct job *job, hexmcp_error *err);
int32_t values_get(struct side *side, struct job *job, hexmcp_error *err);
int32_t values_list(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_get(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_stat(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_list(struct side *side, struct job *job, hexmcp_error *err);
int32_t documents_query(struct side *side, struct job *job, hexmcp_error *err);

int32_t dump_all(struct side *side, struct job *job, hexmcp_error *err);
int32_t restore_begin(struct side *side, struct job *job, hexmcp_error *err);
int32_t restore_load(struct side *side, struct job *job, hexmcp_error *err);
int32_t restore_give_up(struct side *side, struct job *job, hexmcp_error *err);

/* For restores: rows as they were, in the transaction. */
int32_t events_insert(struct side *side, hexmcp_str space, uint64_t position,
                      const struct append_stream *streams, size_t count, hexmcp_error *err);
int32_t rows_insert(struct side *side, uint64_t projection, const struct row *rows, size_t count,
                    hexmcp_error *err);
int32_t document_insert(struct side *side, hexmcp_str space, const struct document *document,
                        hexmcp_error *err);

/* The end of keys with a prefix: the first bytes behind all of them, in `out`; 0 if there is none. */
#define PREFIX_ROOM 520
size_t prefix_end(hexmcp_str prefix, char out[PREFIX_ROOM]);
