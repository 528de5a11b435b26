/*
 * The write thread: all that waits becomes one transaction, and is told when that has been committed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"
#include "reap.h"
#include "store.h"

/* A checkpoint copies the log into the file. From IDLE_PAGES on it is made when nobody waits, from
 * BUSY_PAGES on in any case; both after those of the last transaction were told. A log that grows much
 * longer costs more than it saves: its blocks are new each time instead of written over. */
#define IDLE_PAGES 1000
#define BUSY_PAGES 2000

struct writer {
    struct store *store;
    struct db *db;
    int log_pages;
    struct reaper reaper;
};

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct writer *)arg)->log_pages = pages;
    return SQLITE_OK;
}

static void roll_back(struct db *db)
{
    hexmcp_error err = {.size = sizeof(err)};
    if (!sqlite3_get_autocommit(db->handle))
        db_run(db, SQL_ROLLBACK, &err);
    db->failed = false;
}

/* Of a put only one request ends the call. */
static void finish(struct request *r)
{
    if (r->put && r->status < 0)
        put_lost(r->put);
    if (r->behind && r->status == HEXMCP_OK) {
        store_deliver(r->store, r);
        return;
    }
    if (r->status != SILENT && (!r->put || put_end(r->put)))
        request_complete(r, r->status, &r->err);
    request_free(r);
}

static void finish_all(struct queue *group)
{
    struct request *r;
    while ((r = queue_pop(group)))
        finish(r);
}

static void fail_all(struct queue *group, const hexmcp_error *err)
{
    for (struct request *r = group->first; r; r = r->next) {
        r->status = err->code;
        r->err = *err;
    }
    finish_all(group);
}

static void run_one(struct db *db, struct request *r)
{
    r->answer.len = r->held.len = 0;
    r->status = r->operation->run(db, r, &r->err);
}

/* Runs the group within a transaction that has begun. False: it has to be rolled back. */
static bool run_all(struct db *db, struct queue *group)
{
    for (struct request *r = group->first; r; r = r->next) {
        run_one(db, r);
        if (db->failed)
            return false;
    }
    return true;
}

/* True if all is on the disk; else nothing of it is, and *err says why unless a request failed by
 * itself. */
static bool try_group(struct db *db, struct queue *group, bool *ret_common, hexmcp_error *err)
{
    *ret_common = true;
    if (db_run(db, SQL_BEGIN_WRITE, err) != HEXMCP_OK) {
        roll_back(db);
        return false;
    }
    if (!run_all(db, group)) {
        *ret_common = false;
        roll_back(db);
        return false;
    }
    if (db_run(db, SQL_COMMIT, err) == HEXMCP_OK)
        return true;
    roll_back(db);
    return false;
}

/* One of the group has failed in the middle: each alone, so that it does not spoil the others. */
static void write_singly(struct db *db, struct queue *group)
{
    struct request *r;
    while ((r = queue_pop(group))) {
        struct queue one;
        bool common;
        hexmcp_error err = {.size = sizeof(err)};
        queue_init(&one);
        queue_push(&one, r);
        if (!try_group(db, &one, &common, &err) && common)
            fail_all(&one, &err);
        else
            finish_all(&one);
    }
}

static void write_group(struct db *db, struct queue *group)
{
    bool common;
    hexmcp_error err = {.size = sizeof(err)};
    if (!group->first)
        return;
    if (try_group(db, group, &common, &err))
        finish_all(group);
    else if (common)
        fail_all(group, &err);
    else if (group->first->next)
        write_singly(db, group);
    else
        finish_all(group);
}

/* Takes out of the group what cannot be read at all. */
static void parse_all(struct queue *taken, struct queue *ret_group)
{
    struct request *r;
    queue_init(ret_group);
    while ((r = queue_pop(taken))) {
        if (atomic_load(&r->cancelled)) {
            request_cancelled(r);
            request_free(r);
            continue;
        }
        r->status = r->operation->parse ? r->operation->parse(r, &r->err) : HEXMCP_OK;
        if (r->status == HEXMCP_OK)
            queue_push(ret_group, r);
        else
            finish(r);
    }
}

static void checkpoint(struct writer *w, int pages)
{
    int left = 0, done = 0;
    if (w->log_pages < pages)
        return;
    sqlite3_wal_checkpoint_v2(w->db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &left, &done);
    /* What readers still need stays in the log; the next commit counts again. */
    w->log_pages = 0;
}

/* With the mutex held. */
static bool can_begin(const struct store *store)
{
    return store->writes.first && store->writes.first->after <= store->looked_up;
}

/* With the mutex held. Returns the number of the last. */
static uint64_t take(struct store *store, struct queue *taken)
{
    int left = store->config.max_batch;
    uint64_t number = 0;
    queue_init(taken);
    while (can_begin(store) && left-- > 0 && taken->bytes < GROUP_BYTES_MAX) {
        struct request *r = queue_pop(&store->writes);
        number = r->number;
        queue_push(taken, r);
    }
    return number;
}

/* With the mutex held; false if there is nothing left to do. */
static bool wait_for_work(struct writer *w)
{
    struct store *store = w->store;
    while (!can_begin(store) && !(store->stopping && !store->writes.first)) {
        pthread_mutex_unlock(&store->mutex);
        checkpoint(w, IDLE_PAGES);
        bool more = reap_step(&w->reaper, w->db);
        pthread_mutex_lock(&store->mutex);
        if (more || can_begin(store) || (store->stopping && !store->writes.first))
            continue;
        store->writer_waits = true;
        pthread_cond_wait(&store->to_write, &store->mutex);
        store->writer_waits = false;
    }
    return store->writes.first != NULL;
}

void *writer_main(void *arg)
{
    struct store *store = arg;
    struct writer w = {.store = store, .db = &store->writer};
    sqlite3_wal_hook(w.db->handle, on_commit, &w);
    pthread_mutex_lock(&store->mutex);
    while (wait_for_work(&w)) {
        struct queue taken, group;
        uint64_t number = take(store, &taken);
        pthread_mutex_unlock(&store->mutex);
        parse_all(&taken, &group);
        write_group(w.db, &group);
        pthread_mutex_lock(&store->mutex);
        store->written = number;
        pthread_mutex_unlock(&store->mutex);
        checkpoint(&w, BUSY_PAGES);
        if (reap_due(&w.reaper))
            reap_step(&w.reaper, w.db);
        pthread_mutex_lock(&store->mutex);
    }
    pthread_mutex_unlock(&store->mutex);
    sqlite3_wal_hook(w.db->handle, NULL, NULL);
    return NULL;
}
