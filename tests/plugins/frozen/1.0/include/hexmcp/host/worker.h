/*
 * hexmcp/host/worker.h - "hexmcp.worker/1": running code of the plugin on a pool thread.
 *
 * SPDX-License-Identifier: MIT
 *
 * For work that blocks or computes beyond a call's own thread: behind an event, a timer, a reply, or in
 * parts beside each other. No grant is needed. The threads are those that also run the calls of tools,
 * so work should end within seconds; nobody interrupts it.
 */
#ifndef HEXMCP_HOST_WORKER_H
#define HEXMCP_HOST_WORKER_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_WORKER_1 "hexmcp.worker/1"

/* Work of one plugin that has not ended. */
#define HEXMCP_WORKER_MAX 64

/* Since: 1.0. */
typedef struct hexmcp_worker_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Runs work(arg) once on a [worker], then done(arg, HEXMCP_OK) on the loop. Pieces of work
     * run beside each other and in any order. When the plugin stops, work that has not begun is not
     * run: done(arg, HEXMCP_E_CANCELLED); work that runs is waited for, and done() comes before
     * stop(). done(arg, HEXMCP_E_BUSY): the pool takes no more now, and it was not run.
     * Returns HEXMCP_OK; HEXMCP_E_INVALID without both functions; HEXMCP_E_BUSY above
     * HEXMCP_WORKER_MAX; HEXMCP_E_UNAVAILABLE from when the plugin stops; HEXMCP_E_NOMEM. On an error
     * neither is called. */
    int32_t (*submit)(void *ctx, void (*work)(void *arg), void (*done)(void *arg, int32_t status),
                      void *arg);
} hexmcp_worker_1;

#ifdef __cplusplus
}
#endif

#endif
