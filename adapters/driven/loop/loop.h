/*
 * The loop thread on libuv, and the pool of workers beside it.
 *
 * The thread that calls loop_new is the loop thread. Workers are started when there is work for
 * them and no idle one, up to a limit; they stay. A worker whose job does not come back can be
 * declared lost: another takes its place, up to a cap, and nobody waits for it at the end.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/executor.h"
#include "ports/driven/lost_worker.h"
#include "ports/driven/timer.h"

struct loop;
struct uv_loop_s;

/* `workers_max` 0: two more than there are processors, at least 4, at most 64. */
int loop_new(unsigned workers_max, struct loop **out, struct error *err);

/* Ends the workers: drops jobs that have not started and waits for the others, at most 300 ms. No
 * job is taken any more. False if threads still run: then nothing that they use may be freed, and
 * only _exit is safe. NULL is allowed. */
bool loop_end_workers(struct loop *loop);

/* After loop_end_workers, and after everything that uses the loop. NULL is allowed. */
void loop_free(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Waits for something to happen and handles it. */
void loop_turn(struct loop *loop);

/* [any] Has fn(arg) called on the loop, in the order of the posts. ST_NOMEM. */
int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg, struct error *err);

/* For adapters that bring their own descriptors. */
struct uv_loop_s *loop_uv(struct loop *loop);

const struct timer_port *loop_timers(struct loop *loop);

/* Workers for plugins, which may hold a thread as long as they like ... */
const struct executor_port *loop_executor(struct loop *loop);

/* ... and two of their own for the server's parsing and checking, so that plugins that hang do not
 * hold up large messages. */
const struct executor_port *loop_own_executor(struct loop *loop);

const struct lost_worker_port *loop_lost_worker(struct loop *loop);

/* [any] */
bool loop_is_loop_thread(const struct loop *loop);
bool loop_is_worker_thread(void);
