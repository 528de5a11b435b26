#include "core/base/str.h"
#include "core/base/time_text.h"
#include "core/json/writer.h"
#include "core/session/parts.h"
#include "core/session/projections.h"

#define DAY_BYTES 10u

static void put_decoded(struct buffer *key, struct json text)
{
    struct buffer scratch = BUFFER_INIT;
    struct str decoded = {NULL, 0};
    json_string(text, &scratch, &decoded);
    session_key_part(key, decoded);
    buffer_clear(&scratch);
}

static struct buffer key_of(const struct stored_event *event, struct json data)
{
    struct buffer key = BUFFER_INIT;
    char day[TIME_TEXT_SIZE];
    time_text(event->at_ms, day);
    session_key_owner(&key, event->tenant, event->caller);
    buffer_add(&key, day, DAY_BYTES);
    buffer_add_char(&key, '/');
    put_decoded(&key, json_get(data, STR("agent")));
    buffer_add_char(&key, '/');
    put_decoded(&key, json_get(data, STR("model")));
    return key;
}

static int keys(void *ctx, const struct stored_event *event, struct json data,
                struct projection_keys *wanted, struct error *err)
{
    struct buffer key = key_of(event, data);
    (void)ctx;
    (void)err;
    projection_want(wanted, buffer_str(&key));
    buffer_clear(&key);
    return ST_OK;
}

static void put_names(struct json_writer *w, const struct stored_event *event, struct json data)
{
    static const char *const names[] = {"agent", "model"};
    char day[TIME_TEXT_SIZE];
    time_text(event->at_ms, day);
    json_put_string(w, STR("tenant"), event->tenant);
    json_put_string(w, STR("caller"), event->caller);
    json_put_string(w, STR("day"), (struct str){day, DAY_BYTES});
    for (size_t i = 0; i < 2; i++) {
        struct json name = json_get(data, str_from(names[i]));
        json_put_raw(w, str_from(names[i]), json_exists(name) ? json_text(name) : STR("\"\""));
    }
}

static void add(struct json_writer *w, const char *name, struct json row, int64_t more)
{
    int64_t before = 0;
    json_int64(json_get(row, str_from(name)), &before);
    json_put_i64(w, str_from(name), before + more);
}

static int64_t integer(struct json number)
{
    int64_t value = 0;
    json_int64(number, &value);
    return value;
}

static int apply(void *ctx, const struct stored_event *event, struct json data,
                 struct projection_rows *rows, struct error *err)
{
    struct buffer key = key_of(event, data), text = BUFFER_INIT;
    struct json row = projection_get(rows, buffer_str(&key));
    struct json usage = json_get(data, STR("usage"));
    bool failed = str_eq(event->type, STR("ResponseFailed"));
    struct json_writer w = json_writer(&text);
    int rc = ST_OK;
    (void)ctx;
    json_begin_object(&w);
    put_names(&w, event, data);
    add(&w, "responses", row, failed ? 0 : 1);
    add(&w, "failures", row, failed ? 1 : 0);
    add(&w, "in", row, integer(json_get(usage, STR("in"))));
    add(&w, "cachedIn", row, integer(json_get(usage, STR("cachedIn"))));
    add(&w, "out", row, integer(json_get(usage, STR("out"))));
    add(&w, "reasoning", row, integer(json_get(usage, STR("reasoning"))));
    add(&w, "costNanoUsd", row, session_nano_usd(json_get(data, STR("costUsd"))));
    json_end_object(&w);
    if (buffer_failed(&text) || buffer_failed(&key))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else
        projection_put(rows, buffer_str(&key), buffer_str(&text));
    buffer_clear(&key);
    buffer_clear(&text);
    return rc;
}

static const char *const types[] = {"ResponseReceived", "ResponseFailed"};

const struct projection session_tokens_projection = {
    .name = "token-usage",
    .version = 1,
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .keys = keys,
    .apply = apply,
};
