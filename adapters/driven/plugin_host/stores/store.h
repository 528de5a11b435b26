/*
 * Inside of stores: calls of the storage interfaces of the one plugin that keeps what hexmcp stores.
 *
 * They are apart from the runs of tools: all [loop], many and short, with pieces. A call lies in a slot
 * that is used again; its id holds the slot and how often that was used, so an id is never valid again.
 */
#pragma once

#include "adapters/driven/plugin_host/stores/stores.h"
#include "hexmcp/all.h"
#include "ports/driven/plugin_store.h"

#define STORE_CALLS_MAX 65536u

/* Bytes of pieces that may wait for their reader, and below which it has drained. */
#define STORE_WAITING_MAX ((size_t)4 << 20)
#define STORE_DRAINED ((size_t)1 << 20)

/* Tables of a storage plugin; NULL for what it does not provide. */
struct store_tables {
    const hexmcp_eventstore_1 *events;
    const hexmcp_kv_store_1 *values;
    const hexmcp_blob_1 *blobs;
    const hexmcp_search_1 *search;
    const hexmcp_dump_1 *dump;
};

struct store_piece {
    struct store_piece *next;
    size_t json_len, bytes_len;
    char data[]; /* json, bytes */
};

/* What `answer` is. */
enum store_answer {
    ANSWER_JSON,
    ANSWER_FAILURE, /* of the plugin, JSON           */
    ANSWER_ERROR,   /* ours: a text, with `status`   */
};

struct store_call {
    uint64_t id; /* 0: it has ended; guarded by host->lock                                       */
    uint32_t slot;
    uint64_t uses; /* of the slot */
    struct plugin *plugin;
    enum store_op op;
    struct store_sink sink;
    struct store_call *next_free;

    /* [loop] */
    struct store_piece *taken; /* that are being told                                             */
    bool paused, telling;
    bool cancelled; /* nobody is told of it; written with the lock held                          */

    /* Guarded by host->lock. A word lies between these flags and those of the loop: compilers read
     * flags beside each other at once. */
    struct store_call *next_ready;
    bool inside; /* the loop will look at it: it is in the plugin's function, or tells           */
    bool ready;  /* in the list of those that have something to tell                             */
    bool answered;
    enum store_answer kind;
    int status;
    char *answer; /* from malloc */
    size_t answer_len;
    struct store_piece *pieces, **pieces_end;
    size_t waiting; /* bytes of `pieces` and `taken` */
    hexmcp_reply_fn drained;
    void *drained_arg;
};

struct stores {
    struct plugin_host *host;
    struct plugin_store port;
    char *id;              /* of the plugin                                                       */
    struct plugin_store_choice choice; /* but for its id                                          */
    struct plugin *plugin; /* once it was found                                                   */
    bool stopped;
    struct store_call **calls;
    size_t count, cap;
    size_t open; /* calls that have not ended                                                     */
    struct store_call *free;
    struct store_call *ready, **ready_end; /* guarded by host->lock                               */
};

/* calls.c */
/* A call with a new id; NULL without memory, or above STORE_CALLS_MAX. */
struct store_call *store_call_take(struct stores *s, struct plugin *p, enum store_op op,
                                   const struct store_sink *sink);
/* The call, if it has not ended. With the lock held, or [loop]. */
struct store_call *store_call_find(const struct stores *s, uint64_t id);
/* Nobody finds it any more; its texts stay until store_call_free. */
void store_call_end(struct stores *s, struct store_call *call);
void store_call_free(struct stores *s, struct store_call *call);

/* enter.c: calls the plugin's function for the request, or for more of it. */
int32_t store_enter(const struct store_call *call, const struct store_request *request,
                    hexmcp_error *theirs);
int32_t store_enter_write(const struct store_call *call, struct str json, struct str bytes,
                          bool last, hexmcp_error *theirs);
void store_enter_cancel(const struct store_call *call);
/* "append": the name of the function */
const char *store_op_name(enum store_op op);

/* tell.c */
/* [loop] Tells what has come of the call, if nobody does already. The call may be free afterwards. */
void store_tell(struct stores *s, struct store_call *call);

/* answers.c */
/* With the lock held: ends an open call with our error. */
void store_fail(struct store_call *call, const struct error *err);
/* [loop] Asked for drained(), if somebody did: tells that. */
void store_tell_drained(struct stores *s, struct store_call *call, int32_t status);
