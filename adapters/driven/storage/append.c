/* Appending events, and changing rows of projections. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/storage/events.h"
#include "core/base/time_text.h"

#define APPEND "append"
#define PROJECT "project"

/* ---- append ----------------------------------------------------------------------------------- */

struct appending {
    void (*done)(void *arg, const struct error *err, const struct append_result *r);
    void *arg;
    size_t count;
    uint64_t *versions;
    struct str streams[]; /* their names, the versions and the text of the names behind them */
};

static struct appending *appending_new(const struct event_batch *batch)
{
    size_t text = 0;
    for (size_t i = 0; i < batch->count; i++)
        text += batch->streams[i].stream.len;
    struct appending *a = malloc(sizeof(*a) + batch->count * (sizeof(struct str) + 8) + text + 1);
    if (!a)
        return NULL;
    a->count = batch->count;
    a->versions = (uint64_t *)(void *)&a->streams[batch->count];
    char *at = (char *)(a->versions + batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        struct str name = batch->streams[i].stream;
        a->streams[i] = (struct str){at, name.len};
        memcpy(at, name.ptr, name.len);
        at += name.len;
    }
    return a;
}

static int read_conflict(struct json conflict, struct buffer *scratch, struct append_result *out,
                         struct error *err)
{
    out->conflict = true;
    if (!json_string(json_get(conflict, STR("stream")), scratch, &out->stream) ||
        !answer_number(conflict, STR("actual"), &out->actual))
        return answer_broken(err, APPEND);
    return ST_OK;
}

static int read_appended(const struct appending *a, struct json root, struct buffer *scratch,
                         struct append_result *out, struct error *err)
{
    struct json versions = json_get(root, STR("versions"));
    *out = (struct append_result){.repeated = answer_bool(root, STR("repeated"))};
    if (json_exists(json_get(root, STR("conflict"))))
        return read_conflict(json_get(root, STR("conflict")), scratch, out, err);
    for (size_t i = 0; i < a->count; i++)
        if (!answer_number(versions, a->streams[i], &a->versions[i]))
            return answer_broken(err, APPEND);
    out->versions = a->versions;
    out->count = a->count;
    return answer_number(root, STR("position"), &out->position) ? ST_OK
                                                                : answer_broken(err, APPEND);
}

static void appended(void *arg, const struct error *failure, struct str json)
{
    struct appending *a = arg;
    struct json_doc *doc = NULL;
    struct buffer scratch = BUFFER_INIT;
    struct append_result result;
    struct error err;
    if (!failure) {
        int rc = answer_parse(json, APPEND, &doc, &err);
        if (!rc)
            rc = read_appended(a, json_root(doc), &scratch, &result, &err);
        failure = rc ? &err : NULL;
    }
    a->done(a->arg, failure, failure ? NULL : &result);
    buffer_clear(&scratch);
    json_free(doc);
    free(a);
}

static void write_event(struct json_writer *w, const struct stored_event *e)
{
    char at[TIME_TEXT_SIZE];
    time_text(e->at_ms, at);
    json_begin_object(w);
    json_put_string(w, STR("id"), e->id);
    json_put_string(w, STR("type"), e->type);
    json_put_i64(w, STR("schema"), e->schema);
    json_put_string(w, STR("at"), str_from(at));
    json_put_string(w, STR("correlation"), e->correlation);
    if (e->causation.len)
        json_put_string(w, STR("causation"), e->causation);
    json_put_string(w, STR("caller"), e->caller);
    json_put_string(w, STR("tenant"), e->tenant);
    json_put_raw(w, STR("data"), e->data.len ? e->data : STR("null"));
    json_end_object(w);
}

static void write_stream(struct json_writer *w, const struct stream_append *stream)
{
    json_begin_object(w);
    json_put_string(w, STR("stream"), stream->stream);
    if (stream->expect == EXPECT_VERSION)
        json_put_i64(w, STR("expected"), (int64_t)stream->version);
    else
        json_put_string(w, STR("expected"),
                        stream->expect == EXPECT_NONE ? STR("none") : STR("any"));
    json_key(w, STR("events"));
    json_begin_array(w);
    for (size_t i = 0; i < stream->count; i++)
        write_event(w, &stream->events[i]);
    json_end_array(w);
    json_end_object(w);
}

static void write_batch(struct json_writer *w, const struct event_batch *batch)
{
    json_begin_object(w);
    if (batch->key.len)
        json_put_string(w, STR("key"), batch->key);
    json_key(w, STR("streams"));
    json_begin_array(w);
    for (size_t i = 0; i < batch->count; i++)
        write_stream(w, &batch->streams[i]);
    json_end_array(w);
    json_end_object(w);
}

static int check_size(const struct event_batch *batch, struct error *err)
{
    size_t all = 0;
    for (size_t i = 0; i < batch->count; i++)
        for (size_t k = 0; k < batch->streams[i].count; k++) {
            size_t len = batch->streams[i].events[k].data.len;
            all += len;
            if (len > EVENT_DATA_MAX || all > EVENT_BATCH_MAX)
                return error_set(err, ST_TOO_LARGE,
                                 "the event %zu of %.*s is too large for the store: 1 MiB of data "
                                 "an event, and 8 MiB together, are allowed",
                                 k + 1, STR_ARG(batch->streams[i].stream));
        }
    return ST_OK;
}

void events_append(void *ctx, const struct event_batch *batch,
                   void (*done)(void *arg, const struct error *err, const struct append_result *r),
                   void *arg)
{
    struct storage *s = ctx;
    struct error err;
    int rc = check_size(batch, &err);
    struct appending *a = rc ? NULL : appending_new(batch);
    if (!a) {
        if (!rc)
            error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL);
        return;
    }
    a->done = done;
    a->arg = arg;
    struct json_writer w = ask_writer(s);
    write_batch(&w, batch);
    const struct store_request request = {
        .op = STORE_EVENTS_APPEND, .space = EVENTS_SPACE, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){a, NULL, appended});
}

/* ---- project ---------------------------------------------------------------------------------- */

struct projecting {
    void (*done)(void *arg, const struct error *err, bool conflict, uint64_t position);
    void *arg;
};

static int read_projected(struct json root, bool *conflict, uint64_t *position, struct error *err)
{
    struct json there = json_get(root, STR("conflict"));
    *conflict = json_exists(there);
    bool good = *conflict ? answer_number(there, STR("actual"), position)
                          : answer_number(root, STR("position"), position);
    return good ? ST_OK : answer_broken(err, PROJECT);
}

static void projected(void *arg, const struct error *failure, struct str json)
{
    struct projecting *p = arg;
    struct json_doc *doc = NULL;
    struct error err;
    bool conflict = false;
    uint64_t position = 0;
    if (!failure) {
        int rc = answer_parse(json, PROJECT, &doc, &err);
        if (!rc)
            rc = read_projected(json_root(doc), &conflict, &position, &err);
        failure = rc ? &err : NULL;
    }
    json_free(doc);
    p->done(p->arg, failure, conflict, position);
    free(p);
}

static void write_rows(struct json_writer *w, const struct projection_write *write)
{
    json_key(w, STR("rows"));
    json_begin_array(w);
    for (size_t i = 0; i < write->count; i++) {
        const struct projection_row *row = &write->rows[i];
        json_begin_object(w);
        json_put_string(w, STR("key"), row->key);
        json_put_raw(w, STR("value"), row->value.len ? row->value : STR("null"));
        json_end_object(w);
    }
    json_end_array(w);
}

void events_project(void *ctx, const struct projection_write *write,
                    void (*done)(void *arg, const struct error *err, bool conflict,
                                 uint64_t position),
                    void *arg)
{
    struct storage *s = ctx;
    struct projecting *p = malloc(sizeof(*p));
    struct error err;
    if (!p) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, false, 0);
        return;
    }
    *p = (struct projecting){done, arg};
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    json_put_string(&w, STR("projection"), write->projection);
    json_put_i64(&w, STR("expected"), (int64_t)write->expected);
    json_put_i64(&w, STR("position"), (int64_t)write->position);
    write_rows(&w, write);
    if (write->reset)
        json_put_bool(&w, STR("reset"), true);
    if (write->replaces.len)
        json_put_string(&w, STR("replaces"), write->replaces);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_EVENTS_PROJECT, .space = EVENTS_SPACE, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){p, NULL, projected});
}
