/*
 * Where events are kept: append-only streams (include/hexmcp/ext/draft/eventstore.h is the same, as
 * plugins have it). A stream is named DOMAIN/ID. Versions count the events of a stream from 1 without
 * a gap; positions rise over all streams, and who has seen a position has seen all before it. Other
 * processes may use the same store.
 *
 * All [loop]. Functions copy what they are given before they return. Each tells done() exactly once,
 * perhaps before it returns, and nothing after it. What done() is given is borrowed until it returns.
 */
#pragma once

#include "ports/types.h"

/* Longest `data` of one event, and of all events of one batch, in bytes: an event and all that is known
 * of it fit into a piece of 1 MiB. */
#define EVENT_DATA_MAX (((size_t)1 << 20) - 8192)
#define EVENT_BATCH_MAX ((size_t)8 << 20)

struct stored_event {
    struct str id;     /* UUID, given by who appends                                            */
    struct str stream;
    uint64_t version;  /* both given by the store                                               */
    uint64_t position;
    struct str type;   /* "MessageSent"                                                         */
    uint32_t schema;   /* version of the shape of `data`, from 1                                */
    int64_t at_ms;     /* UTC, milliseconds since 1970                                          */
    struct str correlation;
    struct str causation; /* empty if there is none                                              */
    struct str caller;
    struct str tenant;
    struct str data;   /* JSON                                                                  */
};

enum expected_version { EXPECT_ANY, EXPECT_NONE, EXPECT_VERSION };

struct stream_append {
    struct str stream;
    enum expected_version expect;
    uint64_t version;                  /* EXPECT_VERSION                                        */
    const struct stored_event *events; /* stream, version and position are not looked at        */
    size_t count;
};

struct event_batch {
    /* Not empty: a batch with the key of one that was appended within the last day is not appended
     * again, and its first answer is given. */
    struct str key;
    const struct stream_append *streams;
    size_t count;
};

struct append_result {
    uint64_t position;        /* of the last event                                               */
    const uint64_t *versions; /* of the last event of each stream of the batch                   */
    size_t count;
    bool repeated;
    bool conflict;            /* a stream is at another version: nothing was appended            */
    struct str stream;        /* which, and at which version it is                               */
    uint64_t actual;
};

struct stream_query {
    struct str stream;
    uint64_t from, to;  /* versions, both included; 0: no bound                                  */
    int64_t until_ms;   /* events not later than this; 0: no bound                               */
    bool backward;
    uint32_t limit;     /* 1 to 10,000                                                           */
};

struct events_query {
    uint64_t after;          /* position                                                         */
    const struct str *types; /* none: all                                                        */
    size_t type_count;
    uint32_t limit;          /* 1 to 10,000                                                      */
};

struct events_end {
    uint64_t version;  /* read: of the stream's last event, 0 if it has none                     */
    uint64_t position; /* read_all: up to which all has been looked at                           */
    bool more;
};

struct events_sink {
    void *arg;
    void (*event)(void *arg, const struct stored_event *event);
    void (*done)(void *arg, const struct error *err, const struct events_end *end);
};

/* A row of a projection. */
struct projection_row {
    struct str key;   /* 1 to 512 bytes of UTF-8 */
    struct str value; /* JSON; empty: the row is removed */
};

struct projection_write {
    struct str projection;
    uint64_t expected;    /* its position before; 0 if it was never written                      */
    uint64_t position;    /* and after                                                           */
    bool reset;           /* drop all its rows first                                             */
    struct str replaces;  /* another projection whose place it takes in the same step; or empty  */
    const struct projection_row *rows;
    size_t count;
};

struct rows_query {
    struct str projection;
    struct str key;    /* this row alone; or empty                                               */
    struct str prefix;
    struct str after;  /* key; in the direction of reading                                       */
    bool backward;
    uint32_t limit;    /* 1 to 1,000                                                             */
};

struct rows_result {
    uint64_t position; /* of the projection's checkpoint                                         */
    const struct projection_row *rows;
    size_t count;
    bool more;
};

struct event_store {
    void *ctx;

    /* Tells when the events are durable. `err` is NULL also for a conflict. */
    void (*append)(void *ctx, const struct event_batch *batch,
                   void (*done)(void *arg, const struct error *err, const struct append_result *r),
                   void *arg);
    void (*read)(void *ctx, const struct stream_query *query, const struct events_sink *sink);
    void (*read_all)(void *ctx, const struct events_query *query, const struct events_sink *sink);

    /* Changes rows and moves the checkpoint, together or not at all. *conflict: another has moved it,
     * to `position`. */
    void (*project)(void *ctx, const struct projection_write *write,
                    void (*done)(void *arg, const struct error *err, bool conflict,
                                 uint64_t position),
                    void *arg);
    void (*rows)(void *ctx, const struct rows_query *query,
                 void (*done)(void *arg, const struct error *err, const struct rows_result *r),
                 void *arg);
};
