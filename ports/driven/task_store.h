/*
 * Where tasks are kept. All [loop].
 *
 * A record that the store gives out is the store's, and borrowed until the next call to the store.
 * Functions that can fail say why.
 */
#pragma once

#include "ports/task.h"

struct task_store {
    void *ctx;
    bool durable; /* what it holds survives the end of the process */

    /* Keeps a copy, in place of an earlier one with this id. The record may borrow from the one
     * that it replaces. On ST_OK it is as durable as the store can make it; else nothing has
     * changed. */
    int (*put)(void *ctx, const struct task_record *record, struct error *err);

    /* ST_NOT_FOUND. */
    int (*get)(void *ctx, struct str id, const struct task_record **out, struct error *err);

    /* An unknown id is no error. */
    int (*remove)(void *ctx, struct str id, struct error *err);

    /* The first record of the owner, or of everybody if `owner` is NULL, whose order is above
     * `after`. ST_NOT_FOUND if there is none. */
    int (*next)(void *ctx, const struct task_owner *owner, uint64_t after,
                const struct task_record **out, struct error *err);

    /* How many records the owner has. */
    int (*count)(void *ctx, const struct task_owner *owner, size_t *out, struct error *err);
};
