#include "adapters/driven/storage/feed.h"

#include <stdlib.h>

struct feed {
    struct storage *s;
    uint64_t id;
    bool ended; /* the store has said how: `failed` */
    bool failed;
    struct error err;
    bool writing; /* the store has the piece just now, and the end is looked at afterwards */
    void (*done)(void *arg, const struct error *err); /* of the write that waits, or NULL */
    void *arg;
    struct timer *retry;
    struct buffer json, bytes; /* of the piece that is tried again */
    bool last;
};

static void feed_free(struct feed *f)
{
    if (f->retry)
        f->s->timers->free(f->s->timers->ctx, f->retry);
    buffer_clear(&f->json);
    buffer_clear(&f->bytes);
    free(f);
}

/* Ends the write that waits, and the feed if it is over. */
static void tell(struct feed *f, bool over, const struct error *err)
{
    void (*done)(void *, const struct error *) = f->done;
    void *arg = f->arg;
    f->done = NULL;
    if (!over) {
        done(arg, err);
        return;
    }
    struct error copy = err ? *err : (struct error){0};
    feed_free(f);
    done(arg, err ? &copy : NULL);
}

/* A store that has the blob may say so early: what still comes is not needed. */
static void tell_end(struct feed *f)
{
    tell(f, f->failed || f->last, f->failed ? &f->err : NULL);
}

static void ended(void *arg, const struct error *err, struct str json)
{
    struct feed *f = arg;
    (void)json;
    f->ended = true;
    f->failed = err != NULL;
    if (err)
        f->err = *err;
    if (f->done && !f->writing)
        tell_end(f);
}

int feed_begin(struct storage *s, const struct store_request *request, struct feed **out,
               struct error *err)
{
    struct feed *f = calloc(1, sizeof(*f));
    if (!f)
        return error_set(err, ST_NOMEM, "out of memory");
    f->s = s;
    f->id = s->store->begin(s->store->ctx, request, &(struct store_sink){f, NULL, ended});
    if (!f->ended) {
        *out = f;
        return ST_OK;
    }
    int rc = f->failed ? f->err.code : ST_OK;
    if (f->failed)
        *err = f->err;
    else
        *out = NULL;
    feed_free(f);
    return rc;
}

static void try_again(void *arg);

/* Keeps the piece until the store is not busy any more. */
static int hold(struct feed *f, struct str json, struct str bytes)
{
    const struct timer_port *timers = f->s->timers;
    if (!f->retry)
        f->retry = timers->create(timers->ctx, try_again, f);
    if (f->bytes.data != bytes.ptr || f->json.data != json.ptr) {
        buffer_reset(&f->json, BLOB_PIECE_MAX);
        buffer_reset(&f->bytes, BLOB_PIECE_MAX);
        buffer_add_str(&f->json, json);
        buffer_add_str(&f->bytes, bytes);
    }
    if (!f->retry || buffer_failed(&f->json) || buffer_failed(&f->bytes))
        return error_set(&f->err, ST_NOMEM, "out of memory");
    timers->set(timers->ctx, f->retry, FEED_RETRY_MS);
    return ST_OK;
}

static void give(struct feed *f, struct str json, struct str bytes)
{
    const struct plugin_store *store = f->s->store;
    struct error err;
    f->writing = true;
    int rc = store->write(store->ctx, f->id, json, bytes, f->last, &err);
    f->writing = false;
    if (f->ended) {
        tell_end(f);
    } else if (rc == ST_BUSY && hold(f, json, bytes) == ST_OK) {
        return;
    } else if (rc) {
        if (rc == ST_BUSY)
            store->cancel(store->ctx, f->id);
        tell(f, true, rc == ST_BUSY ? &f->err : &err);
    } else if (!f->last) {
        tell(f, false, NULL);
    }
}

static void try_again(void *arg)
{
    struct feed *f = arg;
    if (f->done)
        give(f, buffer_str(&f->json), buffer_str(&f->bytes));
}

void feed_write(struct feed *f, struct str json, struct str bytes, bool last,
                void (*done)(void *arg, const struct error *err), void *arg)
{
    f->done = done;
    f->arg = arg;
    f->last = last;
    if (f->ended)
        tell_end(f);
    else
        give(f, json, bytes);
}

void feed_drop(struct feed *f)
{
    if (!f->ended)
        f->s->store->cancel(f->s->store->ctx, f->id);
    feed_free(f);
}
