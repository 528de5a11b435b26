/* Giving up on a worker whose job does not come back. */
#pragma once

#include "ports/types.h"

struct lost_worker_port {
    void *ctx;

    /* The job that was submitted to the executor with `arg` holds its thread longer than it may:
     * the pool should start another one in its place, as far as its cap allows. When the job does
     * return, its `done` is called as ever. Ignored if the job is not running. */
    void (*mark_lost)(void *ctx, void *arg);
};
