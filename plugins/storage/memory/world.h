/*
 * world.h - all that a memory store holds.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/front.h"
#include "kit/pieces.h"
#include "kit/record.h"
#include "kit/request.h"
#include "kit/search.h"

#include "tree.h"

/* An estimate of what a thing costs beside its own bytes. */
#define THING_BYTES 160

struct stream {
    hexmcp_str quoted; /* its name as JSON */
    struct event **events;
    size_t count; /* the version of the last */
    size_t room;
};

struct event {
    uint64_t position;
    uint64_t version;
    const struct stream *stream;
    hexmcp_str type;
    hexmcp_str at;
    hexmcp_str body;
    char memory[];
};

/* The answer to a batch that had a key. */
struct batch {
    struct batch *next; /* the next younger one of its space */
    int64_t at_ms;
    hexmcp_str key;
    struct bytes answer;
};

struct projection {
    uint64_t position;
    struct tree rows; /* of char *: JSON */
};

struct value {
    uint64_t version;
    int64_t expires_ms; /* since 1970; 0: never */
    size_t len;
    char bytes[];
};

/* A blob, in one block; shared with answers that are on their way. */
struct blob {
    size_t refs;
    size_t size;
    size_t len; /* that are there; size when it is whole */
    char bytes[];
};

struct indexed {
    struct document document; /* of `memory` */
    struct arena memory;
    double length;            /* words */
    struct posting_of *terms;
    size_t term_count;
};

struct space {
    struct tree streams;   /* of struct stream */
    struct event **events; /* by position */
    size_t event_count;
    size_t event_room;
    struct tree batches;   /* of struct batch */
    struct batch *oldest;
    struct batch **youngest;
    struct tree projections;
    struct tree values;
    struct tree expiries; /* keys: the time in 8 bytes, the highest first, and the key of the value */
    struct tree blobs;
    struct tree documents; /* of struct indexed */
    struct tree terms;     /* of struct postings */
    double words;          /* in all documents */
};

struct world {
    struct tree spaces;
    uint64_t position; /* of the last event      */
    uint64_t version;  /* of the last change     */
    uint64_t bytes;    /* used, about            */
    uint64_t max;
};

struct world *world_new(uint64_t max);
void world_free(struct world *world);

/* NULL if there is no such space; or, with `make`, no memory. */
struct space *world_space(struct world *world, hexmcp_str name, int make);

/* HEXMCP_E_TOO_LARGE if so many bytes more do not fit. */
int32_t world_room(const struct world *world, size_t more, hexmcp_error *err);

/* Milliseconds since 1970. */
int64_t world_now(void);

/* Makes room in an array of pointers for `more`; 0 if there is no memory. */
int array_room(void *array, size_t *room, size_t count, size_t more);

/* ---- what jobs do (each in a file of its name) ---- */

/* Gives pieces, now or when there is room: store.c. */
int32_t memory_emit(struct job *job, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err);
/* The same with the bytes of a blob, which are not copied. */
int32_t memory_emit_blob(struct job *job, hexmcp_str json, struct blob *blob, size_t offset,
                         size_t len, hexmcp_error *err);

int32_t events_append(struct world *world, struct job *job, hexmcp_error *err);
int32_t events_read(struct world *world, struct job *job, hexmcp_error *err);
int32_t events_read_all(struct world *world, struct job *job, hexmcp_error *err);
int32_t events_restore(struct world *world, const struct record *record, hexmcp_error *err);
void events_clear(struct space *space);

int32_t projections_write(struct world *world, struct job *job, hexmcp_error *err);
int32_t projections_read(struct world *world, struct job *job, hexmcp_error *err);
int32_t projections_restore(struct world *world, const struct record *record, hexmcp_error *err);
void projections_clear(struct space *space);

int32_t values_get(struct world *world, struct job *job, hexmcp_error *err);
int32_t values_change(struct world *world, struct job *job, hexmcp_error *err);
int32_t values_list(struct world *world, struct job *job, hexmcp_error *err);
/* `whole` has all parts of the value. */
int32_t values_restore(struct world *world, const struct record *record, hexmcp_str whole,
                       hexmcp_error *err);
void values_clear(struct space *space);

struct blob *blob_new(size_t size);
void blob_unref(struct blob *blob);
/* Takes `blob` over. */
int32_t blobs_keep(struct world *world, hexmcp_str space, hexmcp_str key, struct blob *blob,
                   hexmcp_error *err);
struct blob *blobs_find(struct world *world, hexmcp_str space, hexmcp_str key);
int32_t blobs_get(struct world *world, struct job *job, hexmcp_error *err);
int32_t blobs_stat(struct world *world, struct job *job, hexmcp_error *err);
int32_t blobs_list(struct world *world, struct job *job, hexmcp_error *err);
int32_t blobs_remove(struct world *world, struct job *job, hexmcp_error *err);
void blobs_clear(struct space *space);

int32_t documents_index(struct world *world, struct job *job, hexmcp_error *err);
int32_t documents_add(struct world *world, hexmcp_str space, const struct document *document,
                      hexmcp_error *err);
int32_t documents_remove(struct world *world, struct job *job, hexmcp_error *err);
int32_t documents_query(struct world *world, struct job *job, hexmcp_error *err);
void documents_clear(struct space *space);

int32_t world_dump(struct world *world, struct job *job, hexmcp_error *err);
