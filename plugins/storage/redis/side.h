/*
 * side.h - one thread of the store, with its connection, and what jobs do there.
 *
 * SPDX-License-Identifier: MIT
 *
 * A change is one command. Those of a group are sent one behind the other before the first reply is
 * awaited: the server makes each whole, in their order.
 */
#pragma once

#include "redis.h"

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
    hexmcp_str id;
    uint64_t size;
    uint64_t len; /* that has been sent */
};

/* A restore. */
struct restoring {
    hexmcp_call call;
    uint64_t records;
    char generation[24];
    struct bytes value;
    struct upload blob; /* its parts are coming: id is not empty */
};

struct side {
    struct redis redis;
    int changes; /* it is the thread that makes changes */
    struct upload *uploads;
    struct restoring *restoring;
};

/* side.c: what the threads run, see kit/server.h. */
void side_run(void *side, struct job *jobs);
void side_end(void *side);

/* A change in two halves: `encode` makes the command, or answers without one (*sent 0); `decode` makes the
 * answer of the reply. */
typedef int32_t encode_fn(struct side *side, struct job *job, struct command *c, int *needed,
                          hexmcp_error *err);
typedef int32_t decode_fn(struct side *side, struct job *job, const redisReply *reply,
                          hexmcp_error *err);
encode_fn events_append_encode, projections_write_encode, values_change_encode, values_get_encode,
    blobs_put_encode, blobs_write_encode, blobs_remove_encode, blobs_give_up_encode,
    documents_index_encode, documents_remove_encode;
decode_fn events_append_decode, projections_write_decode, values_change_decode, values_get_decode,
    blobs_write_decode, blobs_remove_decode, blobs_give_up_decode, documents_index_decode,
    documents_remove_decode;

/* The call has ended with an error. */
void blobs_forget(struct side *side, hexmcp_call call);
/* A name for an upload that nobody else has; 0 if there is none. */
int upload_name(char out[33]);

int32_t values_list(struct side *side, struct job *job, hexmcp_error *err);
int32_t events_read(struct side *side, struct job *job, hexmcp_error *err);
int32_t events_read_all(struct side *side, struct job *job, hexmcp_error *err);
int32_t projections_read(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_get(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_stat(struct side *side, struct job *job, hexmcp_error *err);
int32_t blobs_list(struct side *side, struct job *job, hexmcp_error *err);
int32_t documents_query(struct side *side, struct job *job, hexmcp_error *err);

int32_t restore_begin(struct side *side, struct job *job, hexmcp_error *err);
int32_t restore_load(struct side *side, struct job *job, hexmcp_error *err);
int32_t restore_give_up(struct side *side, struct job *job, hexmcp_error *err);

/* Adds a document to a command of SCRIPT_INDEX. */
int32_t document_add(struct command *c, struct arena *arena, const struct document *document,
                     hexmcp_error *err);

/* Bounds of ZRANGEBYLEX: from `[key` or `(key` or `-`, to `(key` or `+`. Empty without memory. */
hexmcp_str bound(struct arena *arena, const char *sign, hexmcp_str key);
/* Those of the keys with a prefix, behind `after` (if `behind`). */
int32_t bounds(struct arena *arena, hexmcp_str prefix, int behind, hexmcp_str after, int backward,
               hexmcp_str *min, hexmcp_str *max, hexmcp_error *err);
