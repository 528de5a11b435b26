/*
 * The read thread: all that waits is read in one transaction. What its caller takes slowly does not keep
 * the others waiting: it is parked until there is room for its pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "store.h"

#define TAKEN_MAX 64

/* Stands for a parked read until the host says that there is room. Ends with that reply. */
struct ticket {
    struct ticket *next;
    struct store *store; /* NULL: nobody waits any more */
    struct request *request;
};

/* With the mutex held. */
static void unlink_ticket(struct ticket *t)
{
    struct ticket **at = &t->store->parked;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->store = NULL;
}

/* [loop] Whatever the status: the next piece tells whether the call is still there. */
static void on_room(void *arg, int32_t status, hexmcp_str json)
{
    struct ticket *t = arg;
    struct store *store = t->store;
    (void)status;
    (void)json;
    if (store) {
        pthread_mutex_lock(&store->mutex);
        if (t->store) {
            struct request *r = t->request;
            unlink_ticket(t);
            queue_push(&store->reads, r);
            store_wake_reader(store);
        }
        pthread_mutex_unlock(&store->mutex);
    }
    free(t);
}

struct request *reader_take_parked(struct store *store, hexmcp_call call)
{
    for (struct ticket *t = store->parked; t; t = t->next) {
        if (t->request->call == call) {
            struct request *r = t->request;
            unlink_ticket(t);
            return r;
        }
    }
    return NULL;
}

void reader_end_parked(struct store *store)
{
    while (store->parked) {
        struct request *r = store->parked->request;
        unlink_ticket(store->parked);
        request_cancelled(r);
        request_free(r);
    }
}

/* Has the request come again: now, or when there is room for the piece that it holds. */
static void again(struct store *store, struct request *r)
{
    const hexmcp_stream_1 *stream = store->stream;
    struct ticket *t = r->held.len > 0 ? malloc(sizeof(*t)) : NULL;
    pthread_mutex_lock(&store->mutex);
    if (!t) {
        queue_push(&store->reads, r);
        pthread_mutex_unlock(&store->mutex);
        return;
    }
    *t = (struct ticket){store->parked, store, r};
    store->parked = t;
    pthread_mutex_unlock(&store->mutex);
    int32_t status = stream->drained(stream->ctx, r->call, on_room, t);
    if (status == HEXMCP_OK)
        return;
    pthread_mutex_lock(&store->mutex);
    bool mine = t->store != NULL;
    if (mine) {
        unlink_ticket(t);
        queue_push(&store->reads, r);
    }
    pthread_mutex_unlock(&store->mutex);
    free(t);
}

static int32_t step(struct db *db, struct request *r, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (!request_resend(r))
        return AGAIN;
    if (!r->parsed)
        status = r->operation->parse(r, err);
    if (status == HEXMCP_OK && !r->gone && !r->answered)
        status = r->operation->run(db, r, err);
    r->answered = r->answered || status == HEXMCP_OK;
    return r->answered && r->held.len > 0 ? AGAIN : status;
}

static void read_one(struct store *store, struct request *r)
{
    hexmcp_error err = {.size = sizeof(err)};
    int32_t status = atomic_load(&r->cancelled) ? HEXMCP_E_CANCELLED : step(&store->reader, r, &err);
    store->reader.failed = false;
    pthread_mutex_lock(&store->mutex);
    store->reading = NULL;
    if (r->number > 0) {
        store->looked_up = r->number;
        r->number = 0;
        store_wake_writer(store);
    }
    pthread_mutex_unlock(&store->mutex);
    if (atomic_load(&r->cancelled)) {
        request_cancelled(r);
        request_free(r);
    } else if (status == AGAIN) {
        again(store, r);
    } else {
        request_complete(r, status, &err);
        request_free(r);
    }
}

/* With the mutex held, which is free while a request is served. What comes meanwhile must see what was
 * written before it came: it is for the next transaction. */
static void read_waiting(struct store *store)
{
    hexmcp_error err = {.size = sizeof(err)};
    for (int left = TAKEN_MAX; left > 0 && store->reads.first; left--)
        queue_push(&store->taken, queue_pop(&store->reads));
    db_run(&store->reader, SQL_BEGIN_READ, &err);
    while ((store->reading = queue_pop(&store->taken))) {
        pthread_mutex_unlock(&store->mutex);
        read_one(store, store->reading);
        pthread_mutex_lock(&store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
    if (!sqlite3_get_autocommit(store->reader.handle))
        db_run(&store->reader, SQL_COMMIT, &err);
    pthread_mutex_lock(&store->mutex);
}

void *reader_main(void *arg)
{
    struct store *store = arg;
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        while (!store->reads.first && !store->reader_stops) {
            store->reader_waits = true;
            pthread_cond_wait(&store->to_read, &store->mutex);
            store->reader_waits = false;
        }
        if (!store->reads.first)
            break;
        read_waiting(store);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}
