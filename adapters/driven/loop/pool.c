#include "adapters/driven/loop/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What plugins expect of a thread; memory is only used as far as the stack is touched. */
#define STACK_BYTES ((size_t)8 * 1024 * 1024)

/* A client that closed the connection expects the process to be gone within a second. */
#define STOP_WAIT_MS 300L

static _Thread_local bool is_worker;

bool pool_is_worker(void)
{
    return is_worker;
}

static void append(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static struct job *take_first(struct job_list *list)
{
    struct job *job = list->first;
    list->first = job->next;
    if (!list->first)
        list->last = NULL;
    return job;
}

int pool_init(struct pool *pool, unsigned max, void (*notify)(void *arg), void *arg,
              struct error *err)
{
    *pool = (struct pool){.max = max, .notify = notify, .notify_arg = arg};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    int rc = pthread_mutex_init(&pool->lock, NULL) || pthread_cond_init(&pool->wake, NULL) ||
             pthread_cond_init(&pool->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return rc ? error_set(err, ST_NOMEM, "cannot make the worker pool") : ST_OK;
}

/* Adds a done job and wakes the loop once for all that it has not taken yet. Locked. */
static void deliver(struct pool *pool, struct job *job)
{
    append(&pool->done, job);
    if (!pool->notified && !pool->stopping) {
        pool->notified = true;
        pool->notify(pool->notify_arg);
    }
}

static struct job **running_slot(struct pool *pool, const struct job *job)
{
    size_t count = sizeof(pool->running) / sizeof(pool->running[0]);
    for (size_t i = 0; i < count; i++)
        if (pool->running[i] == job)
            return &pool->running[i];
    return NULL;
}

/* Runs one job; the lock is held before and after. False if the thread was written off meanwhile
 * and must end. */
static bool run_job(struct pool *pool, struct job *job)
{
    struct job **slot = running_slot(pool, NULL);
    if (slot)
        *slot = job;
    pthread_mutex_unlock(&pool->lock);
    job->work(job->arg);
    pthread_mutex_lock(&pool->lock);
    slot = running_slot(pool, job);
    if (slot)
        *slot = NULL;
    bool lost = job->lost;
    if (lost)
        pool->lost--;
    deliver(pool, job);
    return !lost;
}

static void *worker_main(void *arg)
{
    struct pool *pool = arg;
    bool mine = true;
    is_worker = true;
    pthread_mutex_lock(&pool->lock);
    while (mine && !pool->stopping) {
        if (!pool->waiting.first) {
            pool->idle++;
            pthread_cond_wait(&pool->wake, &pool->lock);
            pool->idle--;
            continue;
        }
        pool->queued--;
        mine = run_job(pool, take_first(&pool->waiting));
    }
    if (mine)
        pool->threads--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Locked. Signals are for the loop thread alone. */
static int start_thread(struct pool *pool)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&thread, &attributes, worker_main, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (rc == 0)
        pool->threads++;
    return rc;
}

/* Locked. Makes sure that somebody will take the job that was just queued. */
static int provide_worker(struct pool *pool)
{
    if (pool->idle >= pool->queued) {
        pthread_cond_signal(&pool->wake);
        return 0;
    }
    if (pool->threads >= pool->max)
        return pool->threads ? 0 : EAGAIN;
    int rc = start_thread(pool);
    return rc && pool->threads == 0 ? rc : 0;
}

static struct job *job_new(void (*work)(void *), void (*done)(void *), void *arg)
{
    struct job *job = malloc(sizeof(*job));
    if (job)
        *job = (struct job){.work = work, .done = done, .arg = arg};
    return job;
}

static void remove_last(struct pool *pool, struct job *job)
{
    struct job **at = &pool->waiting.first, *before = NULL;
    while (*at != job) {
        before = *at;
        at = &(*at)->next;
    }
    *at = NULL;
    pool->waiting.last = before;
    pool->queued--;
}

/* Locked. Queues the job and sees to it that somebody takes it. */
static int enqueue(struct pool *pool, struct job *job, struct error *err)
{
    if (pool->stopping)
        return error_set(err, ST_UNAVAILABLE, "the workers have ended");
    if (pool->queued >= POOL_QUEUE_MAX)
        return error_set(err, ST_BUSY, "all workers are busy and %u jobs wait; try again later",
                         POOL_QUEUE_MAX);
    append(&pool->waiting, job);
    pool->queued++;
    int failed = provide_worker(pool);
    if (!failed)
        return ST_OK;
    remove_last(pool, job);
    return error_set(err, ST_UNAVAILABLE, "cannot start a worker thread: %s", strerror(failed));
}

int pool_submit(struct pool *pool, void (*work)(void *), void (*done)(void *), void *arg,
                struct error *err)
{
    struct job *job = job_new(work, done, arg);
    if (!job)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_lock(&pool->lock);
    int rc = enqueue(pool, job, err);
    pthread_mutex_unlock(&pool->lock);
    if (rc)
        free(job);
    return rc;
}

int pool_post(struct pool *pool, void (*fn)(void *), void *arg, struct error *err)
{
    struct job *job = job_new(NULL, fn, arg);
    if (!job)
        return error_set(err, ST_NOMEM, "out of memory");
    pthread_mutex_lock(&pool->lock);
    deliver(pool, job);
    pthread_mutex_unlock(&pool->lock);
    return ST_OK;
}

struct job *pool_take(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct job *first = pool->done.first;
    pool->done = (struct job_list){NULL, NULL};
    pool->notified = false;
    pthread_mutex_unlock(&pool->lock);
    return first;
}

void pool_mark_lost(struct pool *pool, const void *arg)
{
    pthread_mutex_lock(&pool->lock);
    size_t count = sizeof(pool->running) / sizeof(pool->running[0]);
    for (size_t i = 0; i < count; i++) {
        struct job *job = pool->running[i];
        if (!job || job->arg != arg || job->lost || pool->lost >= POOL_LOST_MAX)
            continue;
        job->lost = true;
        pool->lost++;
        pool->threads--;
        if (pool->queued)
            provide_worker(pool);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void free_jobs(struct job *job)
{
    while (job) {
        struct job *next = job->next;
        free(job);
        job = next;
    }
}

static struct timespec stop_deadline(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += STOP_WAIT_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

bool pool_stop(struct pool *pool)
{
    struct timespec until = stop_deadline();
    pthread_mutex_lock(&pool->lock);
    bool waited = pool->stopping;
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    while (!waited && pool->threads)
        waited = pthread_cond_timedwait(&pool->ended, &pool->lock, &until) != 0;
    bool all = pool->threads == 0 && pool->lost == 0;
    pthread_mutex_unlock(&pool->lock);
    return all;
}

void pool_clear(struct pool *pool)
{
    free_jobs(pool->waiting.first);
    free_jobs(pool->done.first);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->lock);
}
