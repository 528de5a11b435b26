/*
 * All that the store holds, out and in, as records (include/hexmcp/ext/draft/dump.h has their shape).
 *
 * All [loop]. Each function tells done() exactly once, perhaps before it returns. What is given to
 * record() and done() is borrowed until it returns.
 */
#pragma once

#include "ports/types.h"

struct dump_sink {
    void *arg;
    /* False: it is full for now; the next record comes after resume(). */
    bool (*record)(void *arg, struct str json, struct str bytes);
    void (*done)(void *arg, const struct error *err, uint64_t position, uint64_t records);
};

struct store_restore;

struct store_dump {
    void *ctx;

    /* Everything as it is at one moment, while the store goes on to be used. ST_UNSUPPORTED. `id` is for
     * resume() and stop(). `query` is {"kinds"?: [...]} or empty. */
    uint64_t (*dump)(void *ctx, struct str query, const struct dump_sink *sink);
    void (*resume)(void *ctx, uint64_t id);
    void (*stop)(void *ctx, uint64_t id); /* done() comes with ST_CANCELLED                      */

    /* Puts records in the place of all that is there, at once after the last. */
    int (*restore)(void *ctx, struct store_restore **out, struct error *err);
    /* The next record, after done() of the one before; `last`: none, all are there. After the last or
     * an error the restore is gone, and after an error nothing has changed. */
    void (*load)(void *ctx, struct store_restore *restore, struct str json, struct str bytes, bool last,
                 void (*done)(void *arg, const struct error *err), void *arg);
    void (*drop)(void *ctx, struct store_restore *restore);
};
