#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/session/parts.h"

static const char *const status_names[] = {"none",      "active", "suspended", "completed",
                                           "failed",    "archived", "erased"};

const char *session_status_name(enum session_status status)
{
    return status_names[status];
}

enum session_status session_status_of(struct str name)
{
    for (int i = SESSION_ACTIVE; i <= SESSION_ERASED; i++)
        if (str_eq(str_from(status_names[i]), name))
            return (enum session_status)i;
    return SESSION_NONE;
}

char *session_text(struct str text)
{
    char *copy = malloc(text.len + 1);
    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

char *session_decoded(struct json text)
{
    struct buffer scratch = BUFFER_INIT;
    struct str decoded = {NULL, 0};
    json_string(text, &scratch, &decoded);
    char *copy = session_text(decoded);
    buffer_clear(&scratch);
    return copy;
}

struct str session_of_stream(struct str stream)
{
    struct str domain = STR("session/");
    if (!str_starts(stream, domain))
        return (struct str){NULL, 0};
    return (struct str){stream.ptr + domain.len, stream.len - domain.len};
}

void session_state_clear(struct session *s)
{
    struct buffer *texts[] = {&s->id,    &s->tenant,      &s->caller, &s->agent,
                              &s->title, &s->description, &s->parent};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        buffer_clear(texts[i]);
    for (size_t i = 0; i < s->tag_count; i++)
        free(s->tags[i]);
    free(s->tags);
    for (size_t i = 0; i < s->open_count; i++) {
        free(s->open_calls[i].id);
        free(s->open_calls[i].target);
        free(s->open_calls[i].action);
    }
    free(s->open_calls);
    memset(s, 0, sizeof(*s));
}

bool session_is_of(const struct session *s, struct str caller, struct str tenant)
{
    return s->status != SESSION_NONE && s->status != SESSION_ERASED && s->copies_left == 0 &&
           str_eq(buffer_str(&s->caller), caller) && str_eq(buffer_str(&s->tenant), tenant);
}

/* ---- events ---- */

int session_event_view(const struct stored_event *event, struct json data,
                       struct session_event *out, struct error *err)
{
    int64_t schema = 0, at = 0;
    *out = (struct session_event){.type = event->type,
                                  .schema = event->schema,
                                  .at_ms = event->at_ms,
                                  .version = event->version,
                                  .data = data};
    if (!str_eq(event->type, SESSION_COPY_TYPE))
        return ST_OK;
    if (!json_plain(json_get(data, STR("type")), &out->type) ||
        !json_int64(json_get(data, STR("schema")), &schema) || schema < 1 || schema > UINT32_MAX ||
        !json_int64(json_get(data, STR("atMs")), &at) ||
        json_type(json_get(data, STR("data"))) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "event %llu of stream %.*s is no copy of an event",
                         (unsigned long long)event->version, STR_ARG(event->stream));
    out->schema = (uint32_t)schema;
    out->at_ms = at;
    out->data = json_get(data, STR("data"));
    out->copied = true;
    return ST_OK;
}

/* ---- money ---- */

void session_put_usd(struct buffer *out, int64_t nano_usd)
{
    char text[40];
    uint64_t nano = nano_usd < 0 ? 0 - (uint64_t)nano_usd : (uint64_t)nano_usd;
    int len = snprintf(text, sizeof(text), "%s%llu.%09llu", nano_usd < 0 ? "-" : "",
                       (unsigned long long)(nano / 1000000000u),
                       (unsigned long long)(nano % 1000000000u));
    while (text[len - 1] == '0')
        len--;
    if (text[len - 1] == '.')
        len--;
    buffer_add(out, text, (size_t)len);
}

int64_t session_nano_usd(struct json number)
{
    double usd;
    if (!json_double(number, &usd) || !(usd > -9e9 && usd < 9e9))
        return 0;
    return (int64_t)(usd * 1e9 + (usd < 0 ? -0.5 : 0.5));
}
