#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/session/parts.h"

/* The members that are texts and those that are counts, once for writing and reading. */
#define TEXTS(s) \
    { \
        {STR("id"), &(s)->id}, {STR("tenant"), &(s)->tenant}, {STR("caller"), &(s)->caller}, \
            {STR("agent"), &(s)->agent}, {STR("title"), &(s)->title}, \
            {STR("description"), &(s)->description}, {STR("parent"), &(s)->parent}, \
    }
#define COUNTS(s) \
    { \
        {STR("parentVersion"), &(s)->parent_version}, {STR("version"), &(s)->version}, \
            {STR("messages"), &(s)->messages}, {STR("calls"), &(s)->calls}, \
            {STR("callFailures"), &(s)->call_failures}, {STR("artifacts"), &(s)->artifacts}, \
            {STR("bytes"), &(s)->bytes}, {STR("copiesLeft"), &(s)->copies_left}, \
            {STR("maxOperations"), &(s)->limits.max_operations}, \
            {STR("maxBytes"), &(s)->limits.max_bytes}, \
            {STR("maxArtifacts"), &(s)->limits.max_artifacts}, \
            {STR("maxDurationMs"), &(s)->limits.max_duration_ms}, \
            {STR("retentionMs"), &(s)->limits.retention_ms}, \
            {STR("responses"), &(s)->usage.responses}, {STR("failures"), &(s)->usage.failures}, \
            {STR("in"), &(s)->usage.in}, {STR("cachedIn"), &(s)->usage.cached_in}, \
            {STR("out"), &(s)->usage.out}, {STR("reasoning"), &(s)->usage.reasoning}, \
    }

struct named_text {
    struct str name;
    struct buffer *text;
};

struct named_count {
    struct str name;
    uint64_t *count;
};

static void write_lists(struct json_writer *w, const struct session *s)
{
    json_key(w, STR("tags"));
    json_begin_array(w);
    for (size_t i = 0; i < s->tag_count; i++)
        json_write_string(w, str_from(s->tags[i]));
    json_end_array(w);
    json_key(w, STR("openCalls"));
    json_begin_array(w);
    for (size_t i = 0; i < s->open_count; i++) {
        json_begin_array(w);
        json_write_string(w, str_from(s->open_calls[i].id));
        json_write_string(w, str_from(s->open_calls[i].target));
        json_write_string(w, str_from(s->open_calls[i].action));
        json_write_u64(w, s->open_calls[i].version);
        json_end_array(w);
    }
    json_end_array(w);
}

void session_write(const struct session *session, struct buffer *out)
{
    struct session *s = (struct session *)session; /* the tables serve reading, too */
    const struct named_text texts[] = TEXTS(s);
    const struct named_count counts[] = COUNTS(s);
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("status"), str_from(session_status_name(s->status)));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        json_put_string(&w, texts[i].name, buffer_str(texts[i].text));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        json_key(&w, counts[i].name);
        json_write_u64(&w, *counts[i].count);
    }
    json_put_i64(&w, STR("createdMs"), s->created_ms);
    json_put_i64(&w, STR("activeMs"), s->active_ms);
    json_put_i64(&w, STR("costNanoUsd"), s->usage.cost_nano_usd);
    write_lists(&w, s);
    json_end_object(&w);
}

static bool read_tags(struct session *s, struct json tags)
{
    struct json_iter it = json_iter(tags);
    s->tags = calloc(json_count(tags) + 1u, sizeof(*s->tags));
    while (s->tags && json_next(&it)) {
        char *tag = session_decoded(it.value);
        if (!tag)
            return false;
        s->tags[s->tag_count++] = tag;
    }
    return s->tags != NULL;
}

static bool read_calls(struct session *s, struct json calls)
{
    struct json_iter it = json_iter(calls);
    s->open_calls = calloc(json_count(calls) + 1u, sizeof(*s->open_calls));
    while (s->open_calls && json_next(&it)) {
        struct session_call *call = &s->open_calls[s->open_count++];
        call->id = session_decoded(json_at(it.value, 0));
        call->target = session_decoded(json_at(it.value, 1));
        call->action = session_decoded(json_at(it.value, 2));
        int64_t version = 0;
        if (!call->id || !call->target || !call->action ||
            !json_int64(json_at(it.value, 3), &version))
            return false;
        call->version = (uint64_t)version;
    }
    return s->open_calls != NULL;
}

static bool read_all(struct session *s, struct json state)
{
    const struct named_text texts[] = TEXTS(s);
    const struct named_count counts[] = COUNTS(s);
    struct buffer scratch = BUFFER_INIT;
    struct str word = {NULL, 0};
    bool ok = json_string(json_get(state, STR("status")), &scratch, &word);
    s->status = session_status_of(word);
    buffer_clear(&scratch);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_decode(json_get(state, texts[i].name), texts[i].text);
        ok = ok && !buffer_failed(texts[i].text);
    }
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        int64_t count;
        ok = ok && json_int64(json_get(state, counts[i].name), &count) && count >= 0;
        *counts[i].count = ok ? (uint64_t)count : 0;
    }
    return ok && s->status != SESSION_NONE &&
           json_int64(json_get(state, STR("createdMs")), &s->created_ms) &&
           json_int64(json_get(state, STR("activeMs")), &s->active_ms) &&
           json_int64(json_get(state, STR("costNanoUsd")), &s->usage.cost_nano_usd) &&
           read_tags(s, json_get(state, STR("tags"))) &&
           read_calls(s, json_get(state, STR("openCalls")));
}

int session_read(struct json state, struct session *out, struct error *err)
{
    struct session s = {0};
    if (!read_all(&s, state)) {
        session_state_clear(&s);
        return error_set(err, ST_INVALID, "the state of a session is not complete");
    }
    *out = s;
    return ST_OK;
}
