/*
 * Restoring: check, save what is there, load. Records come from a worker in batches and go to the store
 * one after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/backup/inside.h"
#include "core/base/str.h"

struct restore {
    struct backups *b;
    struct restore_options options;
    char id[BACKUP_ID_SIZE];
    char *kinds;
    void (*done)(void *arg, const struct error *err, const struct restore_result *result);
    void *arg;
    struct chain chain, saved;   /* `saved` if kinds are chosen: what else there was */
    struct source *source, *other;
    struct store_restore *store;
    struct buffer batch;
    struct str rest;
    struct restore_result result;
    struct restore_progress progress;
    bool loading, told, again, failed, last;
    struct error err;
};

static void restore_free(struct restore *r)
{
    struct backups *b = r->b;
    const struct store_dump *dump = b->ports.dump;
    if (r->store)
        dump->drop(dump->ctx, r->store);
    source_free(r->source);
    source_free(r->other);
    chain_clear(&r->chain);
    chain_clear(&r->saved);
    buffer_clear(&r->batch);
    free(r->kinds);
    free(r);
    backups_release(b);
}

static void end(struct restore *r)
{
    r->b->busy = false;
    if (!r->b->closed)
        r->done(r->arg, r->failed ? &r->err : NULL, r->failed ? NULL : &r->result);
    restore_free(r);
}

static void fail(struct restore *r, const struct error *err)
{
    r->err = *err;
    r->failed = true;
}

static void submit(struct restore *r, void (*work)(void *arg), void (*done)(void *arg))
{
    const struct executor_port *executor = r->b->ports.executor;
    struct error err;
    if (executor->submit(executor->ctx, work, done, r, &err)) {
        fail(r, &err);
        end(r);
    }
}

static void enter(struct restore *r, enum restore_phase phase)
{
    r->progress.phase = phase;
    if (r->options.progress && !r->b->closed)
        r->options.progress(r->arg, &r->progress);
}

/* ---- loading ---- */

static void read_batch(struct restore *r);

static void loaded(void *arg, const struct error *err)
{
    struct restore *r = arg;
    r->loading = false;
    if (err) {
        r->store = NULL; /* gone with the error */
        fail(r, err);
    }
    r->told = true;
    if (!r->again)
        return; /* load_batch() is below on the stack and goes on */
    r->again = false;
    read_batch(r);
}

/* Loads records until the store makes it wait, or all are loaded. */
static void load_batch(struct restore *r)
{
    const struct store_dump *dump = r->b->ports.dump;
    while (!r->failed && (r->rest.len || r->last)) {
        struct str json = {NULL, 0}, bytes = {NULL, 0};
        bool last = !r->rest.len;
        if (!last && !record_next(&r->rest, &json, &bytes)) {
            error_set(&r->err, ST_GENERIC, "a record of the backup is not whole");
            r->failed = true;
            break;
        }
        r->told = false;
        r->loading = true;
        r->result.records += !last;
        struct store_restore *store = r->store;
        if (last) {
            r->store = NULL; /* gone with the last one, however it ends */
            r->last = false;
        }
        dump->load(dump->ctx, store, json, bytes, last, loaded, r);
        if (!r->told) {
            r->again = true;
            return;
        }
        if (last)
            break;
    }
    if (r->failed || !r->store) {
        r->progress.records = r->result.records;
        if (!r->failed)
            enter(r, RESTORE_DONE);
        end(r);
        return;
    }
    read_batch(r);
}

static void work_batch(void *arg)
{
    struct restore *r = arg;
    struct error err;
    buffer_reset(&r->batch, 2 * BATCH_BYTES);
    int rc = source_next(r->source, &r->batch, &err);
    if (!rc && !r->batch.len && r->other)
        rc = source_next(r->other, &r->batch, &err);
    if (rc)
        fail(r, &err);
    r->rest = buffer_str(&r->batch);
    r->last = !r->rest.len;
}

static void batch_read(void *arg)
{
    struct restore *r = arg;
    if (r->b->closed && !r->failed) {
        error_set(&r->err, ST_CANCELLED, "hexmcp ends");
        r->failed = true;
    }
    r->progress.records = r->result.records;
    enter(r, RESTORE_LOADING);
    load_batch(r);
}

/* The rest of the batch, or the next one. */
static void read_batch(struct restore *r)
{
    if (r->failed || !r->store || r->rest.len)
        load_batch(r);
    else
        submit(r, work_batch, batch_read);
}

/* ---- before ---- */

static void begin_load(void *arg)
{
    struct restore *r = arg;
    const struct store_dump *dump = r->b->ports.dump;
    struct error err;
    if (!r->failed && dump->restore(dump->ctx, &r->store, &err))
        fail(r, &err);
    if (r->failed)
        end(r);
    else
        read_batch(r);
}

static void work_sources(void *arg)
{
    struct restore *r = arg;
    struct backup_list list = {NULL, 0};
    struct error err;
    int rc = source_new(r->b, &r->chain, r->kinds, false, &r->source, &err);
    if (!rc && r->kinds)
        rc = folder_list(r->b->folder, &list, &err);
    if (!rc && r->kinds)
        rc = chain_load(r->b, &list, r->result.before.id, &r->saved, &err);
    if (!rc && r->kinds)
        rc = source_new(r->b, &r->saved, r->kinds, true, &r->other, &err);
    free(list.all);
    if (rc)
        fail(r, &err);
}

static void saved(void *arg, const struct error *err, const struct backup_facts *facts)
{
    struct restore *r = arg;
    r->b->busy = true;
    if (err) {
        fail(r, err);
        error_prefix(&r->err, "what is there cannot be saved, so nothing is restored: ");
        end(r);
        return;
    }
    r->result.before = *facts;
    submit(r, work_sources, begin_load);
}

static void checked(void *arg)
{
    struct restore *r = arg;
    if (!r->failed) {
        r->result.facts = r->chain.facts[r->chain.count - 1];
        r->progress.of = r->result.facts.records;
    }
    if (r->failed || r->b->closed) {
        end(r);
        return;
    }
    if (r->options.dry_run) {
        r->result.records = r->result.facts.records;
        enter(r, RESTORE_DONE);
        end(r);
        return;
    }
    enter(r, RESTORE_SAVING);
    r->b->busy = false; /* for the backup, which begins at once */
    backups_create(r->b, BACKUP_FULL, BACKUP_IMPORTANT, saved, r);
}

static void work_check(void *arg)
{
    struct restore *r = arg;
    struct backup_list list;
    struct error err;
    int rc = folder_list(r->b->folder, &list, &err);
    if (!rc) {
        rc = chain_load(r->b, &list, r->id, &r->chain, &err);
        free(list.all);
    }
    if (rc)
        fail(r, &err);
}

void backups_restore(struct backups *b, const struct restore_options *options,
                     void (*done)(void *arg, const struct error *err,
                                  const struct restore_result *result),
                     void *arg)
{
    struct error err;
    struct restore *r = b->busy ? NULL : calloc(1, sizeof(*r));
    if (r && options->kinds)
        r->kinds = strdup(options->kinds);
    if (!r || (options->kinds && !r->kinds)) {
        free(r);
        if (b->busy)
            error_set(&err, ST_BUSY, "a backup or a restore is under way; wait for its end");
        else
            error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL);
        return;
    }
    backups_hold(b);
    b->busy = true;
    r->b = b;
    r->options = *options;
    strncat(r->id, options->id, sizeof(r->id) - 1);
    r->done = done;
    r->arg = arg;
    enter(r, RESTORE_CHECKING);
    submit(r, work_check, checked);
}
