/* Reading events and rows of projections. */
#include "adapters/driven/storage/events.h"

#include <stdlib.h>

#include "core/base/time_text.h"

#define ROWS "rows"

/* ---- events ----------------------------------------------------------------------------------- */

struct reading {
    struct events_sink sink;
    const char *what;
    bool failed; /* `err` says how: nothing more is told but that */
    struct error err;
};

#define TEXTS 7

static int read_event(struct json e, struct buffer scratch[TEXTS], struct stored_event *out)
{
    uint64_t schema = 1;
    struct str at;
    struct json causation = json_get(e, STR("causation"));
    *out = (struct stored_event){.data = json_text(json_get(e, STR("data")))};
    bool good = json_string(json_get(e, STR("id")), &scratch[0], &out->id) &&
                json_string(json_get(e, STR("stream")), &scratch[1], &out->stream) &&
                json_string(json_get(e, STR("type")), &scratch[2], &out->type) &&
                json_string(json_get(e, STR("correlation")), &scratch[3], &out->correlation) &&
                json_string(json_get(e, STR("caller")), &scratch[4], &out->caller) &&
                json_string(json_get(e, STR("tenant")), &scratch[5], &out->tenant) &&
                json_plain(json_get(e, STR("at")), &at) && time_parse(at, &out->at_ms) &&
                answer_number(e, STR("version"), &out->version) &&
                answer_number(e, STR("position"), &out->position) &&
                answer_number(e, STR("schema"), &schema) && out->data.len;
    if (good && json_exists(causation) && json_type(causation) != JSON_NULL)
        good = json_string(causation, &scratch[6], &out->causation);
    out->schema = (uint32_t)schema;
    return good ? ST_OK : ST_PROTOCOL;
}

static int tell_events(struct reading *r, struct json root, struct error *err)
{
    struct buffer scratch[TEXTS] = {BUFFER_INIT};
    struct json_iter it = json_iter(json_get(root, STR("events")));
    struct stored_event event;
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        rc = read_event(it.value, scratch, &event);
        if (rc)
            answer_broken(err, r->what);
        else
            r->sink.event(r->sink.arg, &event);
    }
    for (size_t i = 0; i < TEXTS; i++)
        buffer_clear(&scratch[i]);
    return rc;
}

static bool got_events(void *arg, struct str json, struct str bytes)
{
    struct reading *r = arg;
    struct json_doc *doc = NULL;
    (void)bytes;
    if (r->failed)
        return true;
    int rc = answer_parse(json, r->what, &doc, &r->err);
    if (!rc)
        rc = tell_events(r, json_root(doc), &r->err);
    r->failed = rc != ST_OK;
    json_free(doc);
    return true;
}

static int read_end(const struct reading *r, struct str json, struct events_end *end,
                    struct error *err)
{
    struct json_doc *doc;
    int rc = answer_parse(json, r->what, &doc, err);
    if (rc)
        return rc;
    struct json root = json_root(doc);
    *end = (struct events_end){.more = answer_bool(root, STR("more"))};
    bool version = answer_number(root, STR("version"), &end->version);
    bool position = answer_number(root, STR("position"), &end->position);
    json_free(doc);
    return version || position ? ST_OK : answer_broken(err, r->what);
}

static void read_done(void *arg, const struct error *failure, struct str json)
{
    struct reading *r = arg;
    struct events_end end;
    if (!failure && !r->failed)
        r->failed = read_end(r, json, &end, &r->err) != ST_OK;
    if (!failure && r->failed)
        failure = &r->err;
    r->sink.done(r->sink.arg, failure, failure ? NULL : &end);
    free(r);
}

static void begin_reading(struct storage *s, enum store_op op, const char *what,
                          const struct events_sink *sink)
{
    struct reading *r = malloc(sizeof(*r));
    struct error err;
    if (!r) {
        error_set(&err, ST_NOMEM, "out of memory");
        sink->done(sink->arg, &err, NULL);
        return;
    }
    r->sink = *sink;
    r->what = what;
    r->failed = false;
    const struct store_request request = {
        .op = op, .space = EVENTS_SPACE, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){r, got_events, read_done});
}

static void events_read(void *ctx, const struct stream_query *query, const struct events_sink *sink)
{
    struct storage *s = ctx;
    struct json_writer w = ask_writer(s);
    char until[TIME_TEXT_SIZE];
    json_begin_object(&w);
    json_put_string(&w, STR("stream"), query->stream);
    if (query->from)
        json_put_i64(&w, STR("from"), (int64_t)query->from);
    if (query->to)
        json_put_i64(&w, STR("to"), (int64_t)query->to);
    if (query->until_ms) {
        time_text(query->until_ms, until);
        json_put_string(&w, STR("until"), str_from(until));
    }
    if (query->backward)
        json_put_bool(&w, STR("backward"), true);
    json_put_i64(&w, STR("limit"), query->limit);
    json_end_object(&w);
    begin_reading(s, STORE_EVENTS_READ, "read", sink);
}

static void events_read_all(void *ctx, const struct events_query *query,
                            const struct events_sink *sink)
{
    struct storage *s = ctx;
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    json_put_i64(&w, STR("after"), (int64_t)query->after);
    if (query->type_count) {
        json_key(&w, STR("types"));
        json_begin_array(&w);
        for (size_t i = 0; i < query->type_count; i++)
            json_write_string(&w, query->types[i]);
        json_end_array(&w);
    }
    json_put_i64(&w, STR("limit"), query->limit);
    json_end_object(&w);
    begin_reading(s, STORE_EVENTS_READ_ALL, "read_all", sink);
}

/* ---- rows ------------------------------------------------------------------------------------- */

struct listing {
    void (*done)(void *arg, const struct error *err, const struct rows_result *r);
    void *arg;
};

/* Keys with escapes are decoded into `keys`, which has room for them. */
static bool read_row(struct json value, struct buffer *keys, struct projection_row *out)
{
    struct json key = json_get(value, STR("key"));
    out->value = json_text(json_get(value, STR("value")));
    if (!json_plain(key, &out->key)) {
        size_t at = keys->len;
        json_decode(key, keys);
        out->key = buffer_part(keys, at, keys->len - at);
    }
    return json_type(key) == JSON_STRING && out->value.len;
}

static int read_rows(struct json root, size_t text, struct buffer *keys,
                     struct projection_row **rows, struct rows_result *out, struct error *err)
{
    struct json list = json_get(root, STR("rows"));
    struct json_iter it = json_iter(list);
    *out = (struct rows_result){.more = answer_bool(root, STR("more"))};
    *rows = malloc((json_count(list) + 1) * sizeof(**rows));
    if (!*rows || !buffer_reserve(keys, text + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    while (json_next(&it))
        if (!read_row(it.value, keys, &(*rows)[out->count++]))
            return answer_broken(err, ROWS);
    out->rows = *rows;
    return answer_number(root, STR("position"), &out->position) && json_type(list) == JSON_ARRAY
               ? ST_OK
               : answer_broken(err, ROWS);
}

static void listed(void *arg, const struct error *failure, struct str json)
{
    struct listing *l = arg;
    struct json_doc *doc = NULL;
    struct buffer keys = BUFFER_INIT;
    struct projection_row *rows = NULL;
    struct rows_result result;
    struct error err;
    if (!failure) {
        int rc = answer_parse(json, ROWS, &doc, &err);
        if (!rc)
            rc = read_rows(json_root(doc), json.len, &keys, &rows, &result, &err);
        failure = rc ? &err : NULL;
    }
    l->done(l->arg, failure, failure ? NULL : &result);
    free(rows);
    buffer_clear(&keys);
    json_free(doc);
    free(l);
}

static void events_rows(void *ctx, const struct rows_query *query,
                        void (*done)(void *arg, const struct error *err,
                                     const struct rows_result *r),
                        void *arg)
{
    struct storage *s = ctx;
    struct listing *l = malloc(sizeof(*l));
    struct error err;
    if (!l) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, NULL);
        return;
    }
    *l = (struct listing){done, arg};
    struct json_writer w = ask_writer(s);
    json_begin_object(&w);
    json_put_string(&w, STR("projection"), query->projection);
    if (query->key.len)
        json_put_string(&w, STR("key"), query->key);
    if (query->prefix.len)
        json_put_string(&w, STR("prefix"), query->prefix);
    if (query->after.len)
        json_put_string(&w, STR("after"), query->after);
    if (query->backward)
        json_put_bool(&w, STR("backward"), true);
    json_put_i64(&w, STR("limit"), query->limit);
    json_end_object(&w);
    const struct store_request request = {
        .op = STORE_EVENTS_ROWS, .space = EVENTS_SPACE, .json = buffer_str(&s->text)};
    ask_begin(s, &request, &(struct store_sink){l, NULL, listed});
}

void events_init(struct storage *s)
{
    s->events = (struct event_store){.ctx = s,
                                     .append = events_append,
                                     .read = events_read,
                                     .read_all = events_read_all,
                                     .project = events_project,
                                     .rows = events_rows};
}
