/* Everything out, and in. A restore is a feed. */
#include <stdlib.h>

#include "adapters/driven/storage/feed.h"

struct dumping {
    struct dumping *next, **at;
    struct dump_sink sink;
    uint64_t id;        /* ours                                      */
    uint64_t operation; /* of the store; 0: begin() has not returned */
    bool stopped;
};

static struct feed *feed_of(struct store_restore *restore)
{
    return (struct feed *)(void *)restore;
}

static struct dumping *find(const struct storage *s, uint64_t id)
{
    struct dumping *d = s->dumpings;
    while (d && d->id != id)
        d = d->next;
    return d;
}

static void drop(struct dumping *d)
{
    *d->at = d->next;
    if (d->next)
        d->next->at = d->at;
    free(d);
}

static bool got_record(void *arg, struct str json, struct str bytes)
{
    const struct dumping *d = arg;
    return d->stopped || d->sink.record(d->sink.arg, json, bytes);
}

static int read_end(struct str json, uint64_t *position, uint64_t *records, struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, "dump", &doc, err);
    if (rc)
        return rc;
    bool good = answer_number(json_root(doc), STR("position"), position) &&
                answer_number(json_root(doc), STR("records"), records);
    json_free(doc);
    return good ? ST_OK : answer_broken(err, "dump");
}

static void dumped(void *arg, const struct error *failure, struct str json)
{
    struct dumping *d = arg;
    struct dump_sink sink = d->sink;
    uint64_t position = 0, records = 0;
    struct error err;
    if (d->stopped) {
        error_set(&err, ST_CANCELLED, "the dump was given up");
        failure = &err;
    } else if (!failure && read_end(json, &position, &records, &err)) {
        failure = &err;
    }
    drop(d);
    sink.done(sink.arg, failure, position, records);
}

static uint64_t dump_begin(void *ctx, struct str query, const struct dump_sink *sink)
{
    struct storage *s = ctx;
    struct dumping *d = calloc(1, sizeof(*d));
    struct error err;
    if (!d) {
        error_set(&err, ST_NOMEM, "out of memory");
        sink->done(sink->arg, &err, 0, 0);
        return 0;
    }
    uint64_t id = ++s->last_dump;
    d->sink = *sink;
    d->id = id;
    d->next = s->dumpings;
    d->at = &s->dumpings;
    if (d->next)
        d->next->at = &d->next;
    s->dumpings = d;
    const struct store_request request = {.op = STORE_DUMP, .json = query.len ? query : STR("{}")};
    uint64_t operation =
        s->store->begin(s->store->ctx, &request, &(struct store_sink){d, got_record, dumped});
    d = find(s, id);
    if (d)
        d->operation = operation;
    return id;
}

static void dump_resume(void *ctx, uint64_t id)
{
    struct storage *s = ctx;
    const struct dumping *d = find(s, id);
    if (d)
        s->store->resume(s->store->ctx, d->operation);
}

/* From inside of the first record() the store does not have the operation's id yet: it ends by itself,
 * and nothing of it is told. */
static void dump_stop(void *ctx, uint64_t id)
{
    struct storage *s = ctx;
    struct dumping *d = find(s, id);
    if (!d)
        return;
    d->stopped = true;
    if (!d->operation)
        return;
    s->store->cancel(s->store->ctx, d->operation);
    dumped(d, NULL, STR(""));
}

static int dump_restore(void *ctx, struct store_restore **out, struct error *err)
{
    struct storage *s = ctx;
    struct feed *feed = NULL;
    const struct store_request request = {.op = STORE_RESTORE};
    int rc = feed_begin(s, &request, &feed, err);
    if (!rc && !feed)
        rc = answer_broken(err, "restore");
    if (!rc)
        *out = (struct store_restore *)(void *)feed;
    return rc;
}

static void dump_load(void *ctx, struct store_restore *restore, struct str json, struct str bytes,
                      bool last, void (*done)(void *arg, const struct error *err), void *arg)
{
    (void)ctx;
    feed_write(feed_of(restore), json, bytes, last, done, arg);
}

static void dump_drop(void *ctx, struct store_restore *restore)
{
    (void)ctx;
    feed_drop(feed_of(restore));
}

void dump_init(struct storage *s)
{
    s->dump = (struct store_dump){.ctx = s,
                                  .dump = dump_begin,
                                  .resume = dump_resume,
                                  .stop = dump_stop,
                                  .restore = dump_restore,
                                  .load = dump_load,
                                  .drop = dump_drop};
}
