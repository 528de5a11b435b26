#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/session/parts.h"
#include "core/session/projections.h"

static bool counts(struct json data)
{
    return json_is(json_get(data, STR("action")), STR("call"));
}

static struct buffer key_of(const struct stored_event *event, struct json data)
{
    struct buffer key = BUFFER_INIT, scratch = BUFFER_INIT;
    struct str tool = {NULL, 0};
    json_string(json_get(data, STR("target")), &scratch, &tool);
    session_key_owner(&key, event->tenant, event->caller);
    session_key_part(&key, tool);
    buffer_clear(&scratch);
    return key;
}

static int keys(void *ctx, const struct stored_event *event, struct json data,
                struct projection_keys *wanted, struct error *err)
{
    (void)ctx;
    (void)err;
    if (!counts(data))
        return ST_OK;
    struct buffer key = key_of(event, data);
    projection_want(wanted, buffer_str(&key));
    buffer_clear(&key);
    return ST_OK;
}

static int64_t member(struct json object, const char *name)
{
    int64_t value = 0;
    json_int64(json_get(object, str_from(name)), &value);
    return value < 0 ? 0 : value;
}

static uint32_t slot_of(uint64_t ms)
{
    uint32_t slot = 0;
    while (slot + 1 < SESSION_HISTOGRAM && ms > (uint64_t)1 << slot)
        slot++;
    return slot;
}

static void put_histogram(struct json_writer *w, struct json before, uint64_t ms)
{
    struct json_iter it = json_iter(before);
    uint32_t slot = slot_of(ms);
    json_key(w, STR("histogram"));
    json_begin_array(w);
    for (uint32_t i = 0; i < SESSION_HISTOGRAM; i++) {
        int64_t count = 0;
        if (json_next(&it))
            json_int64(it.value, &count);
        json_write_i64(w, count + (i == slot));
    }
    json_end_array(w);
}

static void write_row(struct buffer *out, struct json row, const struct stored_event *event,
                      struct json data)
{
    int64_t ms = member(data, "ms"), most = member(row, "maxMs");
    struct json end = json_get(data, STR("end"));
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("tenant"), event->tenant);
    json_put_string(&w, STR("caller"), event->caller);
    json_put_raw(&w, STR("tool"), json_text(json_get(data, STR("target"))));
    json_put_i64(&w, STR("calls"), member(row, "calls") + 1);
    json_put_i64(&w, STR("failed"), member(row, "failed") + json_is(end, STR("failed")));
    json_put_i64(&w, STR("cancelled"), member(row, "cancelled") + json_is(end, STR("cancelled")));
    json_put_i64(&w, STR("totalMs"), member(row, "totalMs") + ms);
    json_put_i64(&w, STR("maxMs"), ms > most ? ms : most);
    put_histogram(&w, json_get(row, STR("histogram")), (uint64_t)ms);
    json_end_object(&w);
}

static int apply(void *ctx, const struct stored_event *event, struct json data,
                 struct projection_rows *rows, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    int rc = ST_OK;
    (void)ctx;
    if (!counts(data))
        return ST_OK;
    struct buffer key = key_of(event, data);
    write_row(&text, projection_get(rows, buffer_str(&key)), event, data);
    if (buffer_failed(&text) || buffer_failed(&key))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else
        projection_put(rows, buffer_str(&key), buffer_str(&text));
    buffer_clear(&key);
    buffer_clear(&text);
    return rc;
}

uint64_t session_histogram_p95(struct json histogram)
{
    uint64_t all = 0, seen = 0;
    struct json_iter it = json_iter(histogram);
    int64_t count;
    while (json_next(&it))
        all += json_int64(it.value, &count) && count > 0 ? (uint64_t)count : 0;
    if (all == 0)
        return 0;
    it = json_iter(histogram);
    for (uint32_t slot = 0; json_next(&it); slot++) {
        seen += json_int64(it.value, &count) && count > 0 ? (uint64_t)count : 0;
        if (seen * 100 >= all * 95)
            return (uint64_t)1 << slot;
    }
    return 0;
}

static const char *const types[] = {"ToolReturned"};

const struct projection session_tools_projection = {
    .name = "tool-usage",
    .version = 1,
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .keys = keys,
    .apply = apply,
};
