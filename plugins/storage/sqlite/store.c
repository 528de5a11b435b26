/*
 * SPDX-License-Identifier: MIT
 */
#include "store.h"

#include "blobs.h"
#include "job.h"

#include <signal.h>

int32_t store_check_name(hexmcp_str name, const char *what, hexmcp_error *err)
{
    if (name.len < 1 || name.len > NAME_BYTES_MAX || memchr(name.ptr, '\0', name.len))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s must be 1 to %d bytes of text without NUL", what,
                           NAME_BYTES_MAX);
    return HEXMCP_OK;
}

/* FNV-1a. */
static size_t hash(uint64_t h, hexmcp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

static size_t space_mark(const struct request *r)
{
    return hash(14695981039346656037u, r->space) % MARKS;
}

static size_t key_mark(const struct request *r)
{
    return hash(hash(14695981039346656037u, r->space), r->key) % MARKS;
}

static void mark(struct marks *marks, const struct request *r)
{
    marks->spaces[space_mark(r)] = r->number;
    if (r->key.len > 0)
        marks->keys[key_mark(r)] = r->number;
    else
        marks->many[space_mark(r)] = r->number;
}

/* The last that may have to do with the key of `r`, or with one of its several. */
static uint64_t last_before(const struct marks *marks, const struct request *r)
{
    uint64_t many = marks->many[space_mark(r)];
    uint64_t one = marks->keys[key_mark(r)];
    if (r->key.len == 0)
        return marks->spaces[space_mark(r)];
    return one > many ? one : many;
}

void store_wake_writer(struct store *store)
{
    if (store->writer_waits) {
        store->writer_waits = false;
        pthread_cond_signal(&store->to_write);
    }
}

void store_wake_reader(struct store *store)
{
    if (store->reader_waits) {
        store->reader_waits = false;
        pthread_cond_signal(&store->to_read);
    }
}

/* With the mutex held. */
static int32_t check_room(const struct store *store, const struct queue *queue, bool force,
                          hexmcp_error *err)
{
    if (store->stopping || !store->started)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the store has stopped");
    if (!force && queue->bytes > WAITING_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_BUSY,
                           "too much waits for the store %.300s; try again a little later",
                           store->config.path);
    return HEXMCP_OK;
}

/* With the mutex held. */
static void push_write(struct store *store, struct request *r)
{
    r->number = ++store->asked;
    queue_push(&store->writes, r);
    store_wake_writer(store);
}

/* With the mutex held. */
static void push_read(struct store *store, struct request *r)
{
    queue_push(&store->reads, r);
    store_wake_reader(store);
}

/* With the mutex held. */
static void push_value_write(struct store *store, struct request *r)
{
    r->after = last_before(&store->reads_of, r);
    push_write(store, r);
    mark(&store->writes_of, r);
}

/* With the mutex held. */
static void push_value_read(struct store *store, struct request *r)
{
    r->behind = last_before(&store->writes_of, r) > store->written;
    if (r->behind) {
        push_write(store, r);
        return;
    }
    r->number = ++store->asked_for;
    mark(&store->reads_of, r);
    push_read(store, r);
}

void store_deliver(struct store *store, struct request *r)
{
    r->behind = false;
    r->answered = true;
    r->number = 0;
    pthread_mutex_lock(&store->mutex);
    push_read(store, r);
    pthread_mutex_unlock(&store->mutex);
}

static int32_t push(struct store *store, void (*to)(struct store *store, struct request *r), bool force,
                    struct request *r, hexmcp_error *err)
{
    bool write = to == push_write || to == push_value_write;
    pthread_mutex_lock(&store->mutex);
    int32_t status = check_room(store, write ? &store->writes : &store->reads, force, err);
    if (status == HEXMCP_OK) {
        to(store, r);
        status = HEXMCP_PENDING;
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}

static int32_t submit(struct store *store, void (*to)(struct store *store, struct request *r),
                      const struct operation *operation, hexmcp_call call, const hexmcp_str texts[4],
                      hexmcp_error *err)
{
    struct request *r;
    int32_t status = store_check_name(texts[0], "the space", err);
    if (status != HEXMCP_OK)
        return status;
    r = request_new(operation, store, call, texts);
    if (!r)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    status = push(store, to, false, r, err);
    if (status < 0)
        request_free(r);
    return status;
}

int32_t store_write(struct store *store, const struct operation *operation, hexmcp_call call,
                    const hexmcp_str texts[4], hexmcp_error *err)
{
    return submit(store, push_write, operation, call, texts, err);
}

int32_t store_read(struct store *store, const struct operation *operation, hexmcp_call call,
                   const hexmcp_str texts[4], hexmcp_error *err)
{
    return submit(store, push_read, operation, call, texts, err);
}

int32_t store_write_value(struct store *store, const struct operation *operation, hexmcp_call call,
                          const hexmcp_str texts[4], hexmcp_error *err)
{
    return submit(store, push_value_write, operation, call, texts, err);
}

int32_t store_read_value(struct store *store, const struct operation *operation, hexmcp_call call,
                         const hexmcp_str texts[4], hexmcp_error *err)
{
    return submit(store, push_value_read, operation, call, texts, err);
}

int32_t store_push_write(struct store *store, struct request *r, bool force, hexmcp_error *err)
{
    return push(store, push_write, force, r, err);
}

/* With the mutex held: marks what waits or runs, so that its thread ends it; takes out what is parked. */
static struct request *find_cancelled(struct store *store, hexmcp_call call)
{
    const struct queue *const queues[] = {&store->writes, &store->reads, &store->taken};
    struct request *r = store->reading && store->reading->call == call ? store->reading : NULL;
    for (int i = 0; i < 3 && !r; i++)
        r = queue_find(queues[i], call);
    if (!r)
        return reader_take_parked(store, call);
    atomic_store(&r->cancelled, true);
    return NULL;
}

void store_cancel(struct store *store, hexmcp_call call)
{
    if (put_cancel(store, call))
        return;
    pthread_mutex_lock(&store->mutex);
    struct request *r = find_cancelled(store, call);
    job_cancel(store, call);
    pthread_mutex_unlock(&store->mutex);
    if (r) {
        request_cancelled(r);
        request_free(r);
    }
}

/* Signals are the host's: the threads of a plugin take none. */
static int32_t make_threads(struct store *store, hexmcp_error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&store->write_thread, NULL, writer_main, store);
    if (!failed) {
        failed = pthread_create(&store->read_thread, NULL, reader_main, store);
        if (failed) {
            pthread_mutex_lock(&store->mutex);
            store->stopping = true;
            pthread_cond_signal(&store->to_write);
            pthread_mutex_unlock(&store->mutex);
            pthread_join(store->write_thread, NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "cannot make a thread for the store: %s; check the limits of processes",
                           strerror(failed));
    return HEXMCP_OK;
}

int32_t store_start(struct store *store, hexmcp_error *err)
{
    queue_init(&store->writes);
    queue_init(&store->reads);
    queue_init(&store->taken);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->to_write, NULL);
    pthread_cond_init(&store->to_read, NULL);
    int32_t status = make_threads(store, err);
    store->started = status == HEXMCP_OK;
    return status;
}

void store_stop(struct store *store)
{
    if (!store->started)
        return;
    put_end_all(store);
    pthread_mutex_lock(&store->mutex);
    store->stopping = true;
    pthread_cond_signal(&store->to_write);
    job_stop_all(store);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->write_thread, NULL);
    /* Only now: what was read among the writes is for the reader to send. */
    pthread_mutex_lock(&store->mutex);
    store->reader_stops = true;
    pthread_cond_signal(&store->to_read);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->read_thread, NULL);
    job_join_all(store);
    pthread_mutex_lock(&store->mutex);
    reader_end_parked(store);
    pthread_mutex_unlock(&store->mutex);
    store->started = false;
}
