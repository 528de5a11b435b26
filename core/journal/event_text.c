#include "core/base/time_text.h"
#include "core/journal/inside.h"
#include "core/json/writer.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

static void add_part(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(out, is_word(text.ptr[i]) ? text.ptr[i] : '_');
}

bool event_topic(struct buffer *out, const struct stored_event *event)
{
    const char *slash = memchr(event->stream.ptr, '/', event->stream.len);
    size_t domain = slash ? (size_t)(slash - event->stream.ptr) : 0;
    if (!domain)
        return false;
    buffer_add_str(out, STR("store."));
    add_part(out, (struct str){event->stream.ptr, domain});
    buffer_add_char(out, '.');
    add_part(out, (struct str){slash + 1, event->stream.len - domain - 1});
    buffer_add_char(out, '.');
    add_part(out, event->type);
    return !buffer_failed(out) && out->len <= EVENT_TOPIC_MAX;
}

static void put_some(struct json_writer *w, struct str key, uint64_t number)
{
    if (!number)
        return;
    json_key(w, key);
    json_write_u64(w, number);
}

void journal_write_event(struct buffer *out, const struct stored_event *event)
{
    struct json_writer w = json_writer(out);
    char at[TIME_TEXT_SIZE];
    time_text(event->at_ms, at);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), event->id);
    json_put_string(&w, STR("stream"), event->stream);
    put_some(&w, STR("version"), event->version);
    put_some(&w, STR("position"), event->position);
    json_put_string(&w, STR("type"), event->type);
    put_some(&w, STR("schema"), event->schema);
    json_put_string(&w, STR("at"), str_from(at));
    json_put_string(&w, STR("correlation"), event->correlation);
    if (event->causation.len)
        json_put_string(&w, STR("causation"), event->causation);
    json_put_string(&w, STR("caller"), event->caller);
    json_put_string(&w, STR("tenant"), event->tenant);
    if (event->data.len)
        json_put_raw(&w, STR("data"), event->data);
    json_end_object(&w);
}
