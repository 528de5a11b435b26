#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/session/parts.h"
#include "core/session/projections.h"

static struct buffer key_of(const struct stored_event *event, uint64_t back)
{
    struct buffer key = BUFFER_INIT;
    session_key_version(&key, session_of_stream(event->stream), event->version - back);
    return key;
}

/* How far before a ToolReturned its ToolCalled stands; 0 for everything else. */
static uint64_t back_of(const struct session_event *event)
{
    int64_t after;
    if (!str_eq(event->type, STR("ToolReturned")) ||
        !json_int64(json_get(event->data, STR("after")), &after) || after < 1 ||
        (uint64_t)after >= event->version)
        return 0;
    return (uint64_t)after;
}

static int keys(void *ctx, const struct stored_event *event, struct json data,
                struct projection_keys *wanted, struct error *err)
{
    struct session_event view;
    int rc = session_event_view(event, data, &view, err);
    (void)ctx;
    if (rc || !back_of(&view))
        return rc;
    struct buffer key = key_of(event, back_of(&view));
    projection_want(wanted, buffer_str(&key));
    buffer_clear(&key);
    return ST_OK;
}

static void put_event(struct json_writer *w, const struct session_event *event)
{
    struct str data = json_text(event->data);
    json_put_i64(w, STR("version"), (int64_t)event->version);
    json_put_string(w, STR("type"), event->type);
    json_put_i64(w, STR("atMs"), event->at_ms);
    if (data.len > SESSION_ROW_DATA_MAX)
        json_put_i64(w, STR("omitted"), (int64_t)data.len);
    else
        json_put_raw(w, STR("data"), data);
}

static void write_row(struct buffer *row, struct json call, const struct session_event *event)
{
    struct json_writer w = json_writer(row);
    struct json_iter it = json_iter(call);
    json_begin_object(&w);
    if (json_exists(call)) {
        while (json_next(&it))
            json_put_member(&w, it.key, it.value);
        json_key(&w, STR("returned"));
        json_begin_object(&w);
    }
    put_event(&w, event);
    if (json_exists(call))
        json_end_object(&w);
    json_end_object(&w);
}

static int apply(void *ctx, const struct stored_event *event, struct json data,
                 struct projection_rows *rows, struct error *err)
{
    struct session_event view;
    struct buffer row = BUFFER_INIT;
    int rc = session_event_view(event, data, &view, err);
    (void)ctx;
    if (rc)
        return rc;
    uint64_t back = back_of(&view);
    struct buffer key = key_of(event, back);
    struct json call = back ? projection_get(rows, buffer_str(&key)) : json_none();
    write_row(&row, call, &view);
    if (buffer_failed(&row) || buffer_failed(&key))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else
        projection_put(rows, buffer_str(&key), buffer_str(&row));
    buffer_clear(&key);
    buffer_clear(&row);
    return rc;
}

const struct projection session_history_projection = {
    .name = "session-history",
    .version = 1,
    .types = session_event_types,
    .type_count = SESSION_EVENT_TYPES,
    .keys = keys,
    .apply = apply,
};
