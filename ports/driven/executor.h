/* Work that would hold up the loop. */
#pragma once

#include "ports/types.h"

struct executor_port {
    void *ctx;

    /* Runs work(arg) on a [worker], then done(arg) on the [loop], each exactly once. If it fails
     * (ST_BUSY: the queue is full) neither is called. */
    int (*submit)(void *ctx, void (*work)(void *arg), void (*done)(void *arg), void *arg,
                  struct error *err);
};
