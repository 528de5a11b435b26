/*
 * SPDX-License-Identifier: MIT
 */
#include "job.h"

#include <signal.h>

#define RECORDS_BYTES_MAX ((size_t)8 << 20)

static void job_free(struct job *job)
{
    struct request *r;
    while ((r = queue_pop(&job->records)))
        request_free(r);
    pthread_cond_destroy(&job->changed);
    free((char *)(uintptr_t)job->query.ptr);
    free(job);
}

/* Those that have ended; with `all` also those that have not. */
static void join(struct store *store, bool all)
{
    struct job *ended = NULL;
    pthread_mutex_lock(&store->mutex);
    for (struct job **at = &store->jobs; *at;) {
        struct job *job = *at;
        if (!all && !job->finished) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        job->next = ended;
        ended = job;
    }
    pthread_mutex_unlock(&store->mutex);
    while (ended) {
        struct job *job = ended;
        ended = job->next;
        pthread_join(job->thread, NULL);
        job_free(job);
    }
}

static void *job_main(void *arg)
{
    struct job *job = arg;
    job->run(job);
    pthread_mutex_lock(&job->store->mutex);
    job->finished = true;
    pthread_mutex_unlock(&job->store->mutex);
    return NULL;
}

static int make_thread(struct job *job)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&job->thread, NULL, job_main, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static struct job *job_new(struct store *store, hexmcp_call call, hexmcp_str query)
{
    struct job *job = calloc(1, sizeof(*job));
    char *copy = malloc(query.len + 1);
    if (!job || !copy) {
        free(job);
        free(copy);
        return NULL;
    }
    if (query.len > 0)
        memcpy(copy, query.ptr, query.len);
    job->query = (hexmcp_str){copy, query.len};
    job->store = store;
    job->call = call;
    queue_init(&job->records);
    pthread_cond_init(&job->changed, NULL);
    return job;
}

int32_t job_start(struct store *store, hexmcp_call call, bool restores, hexmcp_str query,
                  void (*run)(struct job *job), hexmcp_error *err)
{
    if (!store->started)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the store has stopped");
    join(store, false);
    struct job *job = job_new(store, call, query);
    if (!job)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    job->restores = restores;
    job->run = run;
    pthread_mutex_lock(&store->mutex);
    int failed = make_thread(job);
    if (!failed) {
        job->next = store->jobs;
        store->jobs = job;
    }
    pthread_mutex_unlock(&store->mutex);
    if (!failed)
        return HEXMCP_PENDING;
    job_free(job);
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "cannot make a thread for the store: %s; check the limits of processes",
                       strerror(failed));
}

/* With the mutex held. */
static struct job *find(struct store *store, hexmcp_call call)
{
    struct job *job = store->jobs;
    while (job && job->call != call)
        job = job->next;
    return job;
}

static int32_t add_record(struct job *job, struct request *r, bool last, hexmcp_error *err)
{
    if (!job || job->finished || job->cancelled || !job->restores || job->last)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the restore has ended; begin another");
    if (r && job->records.bytes > RECORDS_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_BUSY, "too many records wait; try again a little later");
    if (r)
        queue_push(&job->records, r);
    job->last = last;
    pthread_cond_signal(&job->changed);
    return last ? HEXMCP_PENDING : HEXMCP_OK;
}

int32_t job_load(struct store *store, hexmcp_call call, hexmcp_str json, hexmcp_str bytes, bool last,
                 hexmcp_error *err)
{
    const hexmcp_str texts[4] = {STR(""), STR(""), json, bytes};
    struct request *r = json.len > 0 ? request_new(NULL, store, call, texts) : NULL;
    if (!r && json.len > 0)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    pthread_mutex_lock(&store->mutex);
    int32_t status = add_record(find(store, call), r, last, err);
    pthread_mutex_unlock(&store->mutex);
    if (status < 0)
        request_free(r);
    return status;
}

void job_cancel(struct store *store, hexmcp_call call)
{
    struct job *job = find(store, call);
    if (!job)
        return;
    job->cancelled = true;
    pthread_cond_signal(&job->changed);
}

void job_stop_all(struct store *store)
{
    for (struct job *job = store->jobs; job; job = job->next) {
        job->cancelled = true;
        pthread_cond_signal(&job->changed);
    }
}

void job_join_all(struct store *store)
{
    join(store, true);
}

bool job_cancelled(struct job *job)
{
    pthread_mutex_lock(&job->store->mutex);
    bool cancelled = job->cancelled;
    pthread_mutex_unlock(&job->store->mutex);
    return cancelled;
}

struct request *job_record(struct job *job)
{
    pthread_mutex_lock(&job->store->mutex);
    while (!job->records.first && !job->last && !job->cancelled)
        pthread_cond_wait(&job->changed, &job->store->mutex);
    struct request *r = job->cancelled ? NULL : queue_pop(&job->records);
    pthread_mutex_unlock(&job->store->mutex);
    return r;
}

void job_complete(struct job *job, bool made, int32_t status, const struct out *answer,
                  const hexmcp_error *err)
{
    const hexmcp_host *host = job->store->host;
    if (!made && job_cancelled(job))
        host->complete(host->ctx, job->call, HEXMCP_CANCELLED, STR("{}"));
    else if (status != HEXMCP_OK)
        hexmcp_complete_fail(host, job->call, status, err->text);
    else
        host->complete(host->ctx, job->call, HEXMCP_RESULT, out_text(answer));
}
