/*
 * What was asked of the store, from the loop to the thread that does it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "db.h"

#include <pthread.h>
#include <stdatomic.h>

struct store;
struct request;
struct put;

/* What the functions of an operation return besides HEXMCP_OK and errors. */
#define AGAIN 2  /* read: not at its end; once more, after others or when there is room for pieces */
#define SILENT 3 /* write: nothing to complete                                                     */

struct operation {
    /* Reads the request into `parsed`; may change its texts. Called once, outside of transactions. */
    int32_t (*parse)(struct request *r, hexmcp_error *err);

    /* Does it and writes `answer`. A writer must not have changed anything when it fails, unless
     * db->failed is set; it can be called again after a rollback. A reader sends pieces with
     * request_send(); when request_is_full() it should keep in `parsed` where it stands and return
     * AGAIN. */
    int32_t (*run)(struct db *db, struct request *r, hexmcp_error *err);
};

struct request {
    struct request *next;
    const struct operation *operation;
    struct store *store;
    hexmcp_call call;
    hexmcp_str space;
    hexmcp_str key;
    hexmcp_str json;
    hexmcp_str bytes;
    size_t size;       /* of its memory                                                          */
    uint64_t number;   /* in the order of the writes, or of the reads of values                  */
    uint64_t after;    /* of a write: the read that must have been done before                   */
    bool behind;       /* a read that stands among the writes: its pieces are held until the end */
    void *parsed;      /* malloc                                                                 */
    struct out answer; /* the JSON of the result                                                 */
    struct out held;   /* pieces that found no room: two lengths, JSON and bytes of each         */
    bool answered;     /* only what is held is left to be sent                                   */
    bool gone;         /* nobody waits for it any more                                           */
    atomic_bool cancelled;
    int32_t status;    /* of a write, until the transaction has ended                            */
    hexmcp_error err;
    struct put *put;   /* of a part of a blob; owns one reference                                */
    uint32_t part;
    bool last;
};

/* A request with copies of the texts (a length without a text is room to be filled), or NULL. */
struct request *request_new(const struct operation *operation, struct store *store, hexmcp_call call,
                            const hexmcp_str texts[4]);
void request_free(struct request *r);

/* Memory for `parsed`, zeroed. NULL with *err filled. */
void *request_parsed(struct request *r, size_t bytes, hexmcp_error *err);

/* Emits a piece of the answer, or holds it until there is room. */
void request_send(struct request *r, hexmcp_str json, hexmcp_str bytes);

/* Sends what is held. True if all is sent. */
bool request_resend(struct request *r);

/* True if pieces are held because there is no room, or if nobody waits for them any more. */
static inline bool request_is_full(const struct request *r)
{
    return (r->held.len > 0 && !r->behind) || r->gone;
}

/* Ends the call with the answer, or with the error. */
void request_complete(struct request *r, int32_t status, const hexmcp_error *err);
void request_cancelled(struct request *r);

/* First in, first out. Not locked. */
struct queue {
    struct request *first;
    struct request **last;
    size_t bytes;
};

void queue_init(struct queue *q);
void queue_push(struct queue *q, struct request *r);
struct request *queue_pop(struct queue *q);
struct request *queue_find(const struct queue *q, hexmcp_call call); /* NULL if it is not there */
