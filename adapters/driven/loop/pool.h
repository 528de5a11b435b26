/* Inside of loop: the workers. */
#pragma once

#include <pthread.h>

#include "core/base/error.h"

/* Jobs that wait for a worker. More is ST_BUSY. */
#define POOL_QUEUE_MAX 4096u

/* Beyond the pool's size, so many threads may take the place of lost ones. */
#define POOL_LOST_MAX 64u

struct job {
    void (*work)(void *arg); /* NULL: a post, only `done` */
    void (*done)(void *arg);
    void *arg;
    bool lost; /* its thread was written off */
    struct job *next;
};

struct job_list {
    struct job *first;
    struct job *last;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;  /* there is work, or the end has come */
    pthread_cond_t ended; /* a thread has ended */
    struct job_list waiting;
    struct job_list done;
    struct job *running[64 + POOL_LOST_MAX]; /* by thread, NULL if idle */
    unsigned queued;
    unsigned threads; /* that live, lost ones not counted */
    unsigned idle;
    unsigned max;
    unsigned lost;
    bool stopping;
    bool notified; /* `notify` was called and pool_take has not been since */
    void (*notify)(void *arg); /* [any] there are done jobs */
    void *notify_arg;
};

int pool_init(struct pool *pool, unsigned max, void (*notify)(void *arg), void *arg,
              struct error *err);

/* Tells the workers to end and waits for them for 300 ms; from the second time on does not wait.
 * True if all have ended, lost ones too. Nothing can be submitted any more. */
bool pool_stop(struct pool *pool);

/* After pool_stop returned true; else the pool must stay where it is, as threads may come back to
 * it. */
void pool_clear(struct pool *pool);

int pool_submit(struct pool *pool, void (*work)(void *), void (*done)(void *), void *arg,
                struct error *err);

/* Adds a done job without work. */
int pool_post(struct pool *pool, void (*fn)(void *), void *arg, struct error *err);

/* Takes the list of done jobs, in order. */
struct job *pool_take(struct pool *pool);

void pool_mark_lost(struct pool *pool, const void *arg);

bool pool_is_worker(void);
