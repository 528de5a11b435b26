/*
 * lane.c - see lane.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/lane.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define WAITING_MAX ((size_t)4 << 20)
#define AT_ONCE 200

struct lane {
    struct lane_work work;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
    int started;
    int stopping;
    struct job *first;
    struct job **last;
    struct job *running; /* a list; only looked at for cancellation */
    size_t bytes;
};

struct lane *lane_new(struct lane_work work)
{
    struct lane *lane = calloc(1, sizeof(*lane));
    if (!lane)
        return NULL;
    lane->work = work;
    lane->last = &lane->first;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->changed, NULL);
    return lane;
}

static size_t size_of(const struct job *job)
{
    return sizeof(*job) + job->text.len + job->bytes.len;
}

void jobs_complete(struct job *jobs)
{
    while (jobs) {
        struct job *job = jobs;
        jobs = job->next;
        job_complete(job);
        job_free(job);
    }
}

/* With the mutex held: takes what waits, not too many at once. */
static void take(struct lane *lane)
{
    struct job **end = &lane->first;
    for (int n = 0; *end && n < AT_ONCE; n++) {
        lane->bytes -= size_of(*end);
        end = &(*end)->next;
    }
    lane->running = lane->first;
    lane->first = *end;
    *end = NULL;
    if (!lane->first)
        lane->last = &lane->first;
}

static void *run(void *arg)
{
    struct lane *lane = arg;
    sigset_t all;
    /* A library that writes to a socket whose other end has gone gets an error, no signal. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_mutex_lock(&lane->mutex);
    for (;;) {
        struct job *jobs;
        while (!lane->first && !lane->stopping)
            pthread_cond_wait(&lane->changed, &lane->mutex);
        if (!lane->first)
            break;
        take(lane);
        jobs = lane->running;
        pthread_mutex_unlock(&lane->mutex);
        lane->work.run(lane->work.arg, jobs);
        pthread_mutex_lock(&lane->mutex);
        lane->running = NULL;
        pthread_mutex_unlock(&lane->mutex);
        jobs_complete(jobs);
        pthread_mutex_lock(&lane->mutex);
    }
    pthread_mutex_unlock(&lane->mutex);
    if (lane->work.end)
        lane->work.end(lane->work.arg);
    return NULL;
}

/* With the mutex held. */
static int32_t add(struct lane *lane, struct job *copy, hexmcp_error *err)
{
    if (lane->stopping)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the store has been stopped");
    if (!lane->started && pthread_create(&lane->thread, NULL, run, lane) != 0)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "the store cannot start a thread; try again");
    lane->started = 1;
    lane->bytes += size_of(copy);
    *lane->last = copy;
    lane->last = &copy->next;
    pthread_cond_signal(&lane->changed);
    return HEXMCP_PENDING;
}

int32_t lane_put(struct lane *lane, const struct job *job, int bounded, hexmcp_error *err)
{
    struct job *copy;
    int32_t status;
    if (bounded) {
        int full;
        pthread_mutex_lock(&lane->mutex);
        full = lane->bytes > WAITING_MAX;
        pthread_mutex_unlock(&lane->mutex);
        if (full)
            return hexmcp_fail(err, HEXMCP_E_BUSY, "too much waits for the store; try again");
    }
    copy = job_dup(job);
    if (!copy)
        return job_no_memory(err);
    pthread_mutex_lock(&lane->mutex);
    status = add(lane, copy, err);
    pthread_mutex_unlock(&lane->mutex);
    if (status != HEXMCP_PENDING)
        job_free(copy);
    return status;
}

/* With the mutex held: takes a waiting job of the call out. */
static struct job *take_out(struct lane *lane, hexmcp_call call)
{
    struct job **at = &lane->first, *job;
    while (*at && (*at)->call != call)
        at = &(*at)->next;
    job = *at;
    if (!job)
        return NULL;
    *at = job->next;
    if (lane->last == &job->next)
        lane->last = at;
    lane->bytes -= size_of(job);
    job->next = NULL;
    return job;
}

int lane_cancel(struct lane *lane, hexmcp_call call)
{
    struct job *job, *running;
    pthread_mutex_lock(&lane->mutex);
    job = take_out(lane, call);
    for (running = lane->running; running && running->call != call;)
        running = running->next;
    if (running)
        atomic_store(&running->cancelled, 1);
    pthread_mutex_unlock(&lane->mutex);
    if (job) {
        job->status = HEXMCP_E_CANCELLED;
        jobs_complete(job);
    }
    return job || running;
}

void lane_stop(struct lane *lane)
{
    int started;
    pthread_mutex_lock(&lane->mutex);
    started = lane->started;
    lane->started = 0;
    lane->stopping = 1;
    pthread_cond_signal(&lane->changed);
    pthread_mutex_unlock(&lane->mutex);
    if (started)
        pthread_join(lane->thread, NULL);
}

void lane_free(struct lane *lane)
{
    if (!lane)
        return;
    lane_stop(lane);
    pthread_cond_destroy(&lane->changed);
    pthread_mutex_destroy(&lane->mutex);
    free(lane);
}
