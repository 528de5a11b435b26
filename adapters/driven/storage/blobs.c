/* Large bytes. A blob that is put is a feed. */
#include <stdlib.h>

#include "adapters/driven/storage/feed.h"

static struct feed *feed_of(struct blob_put *put)
{
    return (struct feed *)(void *)put;
}

/* ---- put -------------------------------------------------------------------------------------- */

static void blobs_put(void *ctx, struct str space, struct str key, uint64_t bytes,
                      void (*ready)(void *arg, const struct error *err, struct blob_put *put),
                      void *arg)
{
    struct storage *s = ctx;
    struct feed *feed = NULL;
    struct error err;
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    json_put_i64(&w, STR("bytes"), (int64_t)bytes);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_BLOBS_PUT, .space = space, .key = key, .json = buffer_str(&s->text)};
    int rc = buffer_failed(&s->text) ? error_set(&err, ST_NOMEM, "out of memory")
                                     : feed_begin(s, &request, &feed, &err);
    ready(arg, rc ? &err : NULL, (struct blob_put *)(void *)feed);
}

static void blobs_write(void *ctx, struct blob_put *put, struct str bytes, bool last,
                        void (*done)(void *arg, const struct error *err), void *arg)
{
    (void)ctx;
    feed_write(feed_of(put), STR(""), bytes, last, done, arg);
}

static void blobs_drop(void *ctx, struct blob_put *put)
{
    (void)ctx;
    feed_drop(feed_of(put));
}

/* ---- get -------------------------------------------------------------------------------------- */

static bool got_piece(void *arg, struct str json, struct str bytes)
{
    const struct blob_sink *sink = arg;
    (void)json;
    sink->piece(sink->arg, bytes);
    return true;
}

static int read_size(struct str json, uint64_t *bytes, struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, "get", &doc, err);
    if (rc)
        return rc;
    bool good = answer_number(json_root(doc), STR("bytes"), bytes);
    json_free(doc);
    return good ? ST_OK : answer_broken(err, "get");
}

static void got(void *arg, const struct error *failure, struct str json)
{
    struct blob_sink *sink = arg;
    struct error err;
    uint64_t bytes = 0;
    if (!failure && read_size(json, &bytes, &err))
        failure = &err;
    sink->done(sink->arg, failure, bytes);
    free(sink);
}

static void blobs_get(void *ctx, struct str space, struct str key, uint64_t offset, uint64_t length,
                      const struct blob_sink *sink)
{
    struct storage *s = ctx;
    struct blob_sink *kept = malloc(sizeof(*kept));
    struct error err;
    if (!kept) {
        error_set(&err, ST_NOMEM, "out of memory");
        sink->done(sink->arg, &err, 0);
        return;
    }
    *kept = *sink;
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    if (offset)
        json_put_i64(&w, STR("offset"), (int64_t)offset);
    if (length)
        json_put_i64(&w, STR("length"), (int64_t)length);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_BLOBS_GET, .space = space, .key = key, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){kept, got_piece, got});
}

/* ---- stat and list ----------------------------------------------------------------------------- */

static bool read_blob(struct json value, struct blob_entry *out)
{
    return answer_number(value, STR("bytes"), &out->bytes) &&
           answer_number(value, STR("storedBytes"), &out->stored_bytes);
}

struct looking {
    void (*done)(void *arg, const struct error *err, const struct blob_entry *entry);
    void *arg;
    struct buffer key;
};

static void looked(void *arg, const struct error *failure, struct str json)
{
    struct looking *l = arg;
    struct json_doc *doc = NULL;
    struct blob_entry entry = {.key = buffer_str(&l->key)};
    struct error err;
    if (!failure && (answer_parse(json, "stat", &doc, &err) ||
                     (!read_blob(json_root(doc), &entry) && answer_broken(&err, "stat"))))
        failure = &err;
    json_free(doc);
    l->done(l->arg, failure, failure ? NULL : &entry);
    buffer_clear(&l->key);
    free(l);
}

static void blobs_stat(void *ctx, struct str space, struct str key,
                       void (*done)(void *arg, const struct error *err,
                                    const struct blob_entry *entry),
                       void *arg)
{
    struct storage *s = ctx;
    struct looking *l = calloc(1, sizeof(*l));
    struct error err;
    if (l)
        buffer_add_str(&l->key, key);
    if (!l || buffer_failed(&l->key)) {
        free(l);
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL);
        return;
    }
    l->done = done;
    l->arg = arg;
    const struct store_request request = {.op = STORE_BLOBS_STAT, .space = space, .key = key};
    s->store->begin(s->store->ctx, &request, &(struct store_sink){l, NULL, looked});
}

struct listing {
    void (*done)(void *arg, const struct error *err, const struct blob_entry *entries, size_t count,
                 bool more);
    void *arg;
};

/* Keys are digests and need no decoding. */
static int read_blobs(struct json list, struct blob_entry **out, size_t *count, struct error *err)
{
    struct json_iter it = json_iter(list);
    struct blob_entry *entries = calloc(json_count(list) + 1, sizeof(*entries));
    if (!entries)
        return error_set(err, ST_NOMEM, "out of memory");
    *out = entries;
    for (; json_next(&it); ++*count)
        if (!json_plain(json_get(it.value, STR("key")), &entries[*count].key) ||
            !read_blob(it.value, &entries[*count]))
            return answer_broken(err, "list");
    return json_type(list) == JSON_ARRAY ? ST_OK : answer_broken(err, "list");
}

static void listed(void *arg, const struct error *failure, struct str json)
{
    struct listing *l = arg;
    struct json_doc *doc = NULL;
    struct blob_entry *entries = NULL;
    size_t count = 0;
    bool more = false;
    struct error err;
    if (!failure) {
        int rc = answer_parse(json, "list", &doc, &err);
        if (!rc)
            rc = read_blobs(json_get(json_root(doc), STR("blobs")), &entries, &count, &err);
        more = !rc && answer_bool(json_root(doc), STR("more"));
        failure = rc ? &err : NULL;
    }
    l->done(l->arg, failure, entries, failure ? 0 : count, more);
    free(entries);
    json_free(doc);
    free(l);
}

static void blobs_list(void *ctx, struct str space, struct str after, uint32_t limit,
                       void (*done)(void *arg, const struct error *err,
                                    const struct blob_entry *entries, size_t count, bool more),
                       void *arg)
{
    struct storage *s = ctx;
    struct listing *l = malloc(sizeof(*l));
    struct error err;
    if (!l) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL, 0, false);
        return;
    }
    *l = (struct listing){done, arg};
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    if (after.len)
        json_put_string(&w, STR("after"), after);
    json_put_i64(&w, STR("limit"), limit);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_BLOBS_LIST, .space = space, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){l, NULL, listed});
}

/* ---- remove ------------------------------------------------------------------------------------ */

struct removing {
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

static int read_removed(struct str json, struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, "remove", &doc, err);
    if (rc)
        return rc;
    bool removed = answer_bool(json_root(doc), STR("removed"));
    json_free(doc);
    return removed ? ST_OK : error_set(err, ST_NOT_FOUND, "there is no such blob");
}

static void removed(void *arg, const struct error *failure, struct str json)
{
    struct removing *r = arg;
    struct error err;
    if (!failure && read_removed(json, &err))
        failure = &err;
    r->done(r->arg, failure);
    free(r);
}

static void blobs_remove(void *ctx, struct str space, struct str key,
                         void (*done)(void *arg, const struct error *err), void *arg)
{
    struct storage *s = ctx;
    struct removing *r = malloc(sizeof(*r));
    struct error err;
    if (!r) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err);
        return;
    }
    *r = (struct removing){done, arg};
    const struct store_request request = {.op = STORE_BLOBS_REMOVE, .space = space, .key = key};
    s->store->begin(s->store->ctx, &request, &(struct store_sink){r, NULL, removed});
}

void blobs_init(struct storage *s)
{
    s->blobs = (struct blob_store){.ctx = s,
                                   .put = blobs_put,
                                   .write = blobs_write,
                                   .drop = blobs_drop,
                                   .get = blobs_get,
                                   .stat = blobs_stat,
                                   .list = blobs_list,
                                   .remove = blobs_remove};
}
