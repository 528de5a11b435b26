/*
 * Where tasks are kept. All [loop].
 *
 * What put() and remove() are given counts at once in this process. A store that other processes share,
 * or that survives them, writes it down behind that: who tells others of a task waits for ready().
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
     * that it replaces. On an error nothing has changed. */
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

    /* Tells done() once, perhaps before return, when what this process holds of the task `id` is what
     * is stored: it has been written down, or read if this process does not run it; or why that cannot
     * be. An id that nobody stored is no error. An empty id stands for all tasks of `owner`, which is
     * borrowed until done() or forget(). *ticket is for forget(), 0 if done() was told already.
     * NULL: it is always so. */
    void (*ready)(void *ctx, struct str id, const struct task_owner *owner,
                  void (*done)(void *arg, const struct error *err), void *arg, uint64_t *ticket);

    /* done() is not told any more. */
    void (*forget)(void *ctx, uint64_t ticket);
};
