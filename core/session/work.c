#include "core/session/work.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/time_text.h"

int no_memory(struct error *err)
{
    return error_set(err, ST_NOMEM, "out of memory");
}

void *work_new(struct sessions *sessions, struct operation_call *call, size_t size)
{
    struct session_work *work = calloc(1, size);
    struct error err;
    if (!work) {
        no_memory(&err);
        if (call)
            operation_fail(call, &err);
        return NULL;
    }
    work->sessions = sessions;
    work->call = call;
    work->next = sessions->works;
    work->at = &sessions->works;
    if (work->next)
        work->next->at = &work->next;
    sessions->works = work;
    return work;
}

void work_free(struct session_work *work)
{
    *work->at = work->next;
    if (work->next)
        work->next->at = work->at;
    if (work->clear)
        work->clear(work);
    arena_clear(&work->arena);
    free(work);
}

void work_fail(struct session_work *work, const struct error *err)
{
    const struct error copy = *err;
    struct operation_call *call = work->call;
    work_free(work);
    if (call)
        operation_fail(call, &copy);
}

void work_answer(struct session_work *work, struct buffer *json)
{
    struct operation_call *call = work->call;
    struct error err;
    if (buffer_failed(json)) {
        buffer_clear(json);
        no_memory(&err);
        work_fail(work, &err);
        return;
    }
    work_free(work);
    if (call)
        operation_answer(call, buffer_str(json));
    buffer_clear(json);
}

struct str work_text(struct session_work *work, const char *name)
{
    struct json member = json_get(operation_arguments(work->call), str_from(name));
    struct buffer scratch = BUFFER_INIT;
    struct str text = {NULL, 0};
    if (json_string(member, &scratch, &text))
        text = arena_copy(&work->arena, text);
    buffer_clear(&scratch);
    return text;
}

uint64_t work_count(const struct session_work *work, const char *name)
{
    int64_t value = 0;
    json_int64(json_get(operation_arguments(work->call), str_from(name)), &value);
    return value > 0 ? (uint64_t)value : 0;
}

const struct caller *work_caller(const struct session_work *work)
{
    return operation_context(work->call)->caller;
}

int no_session(struct str id, struct error *err)
{
    return error_set(err, ST_NOT_FOUND,
                     "there is no session %.*s; session.list names those that there are",
                     (int)(id.len > UUID_LENGTH ? UUID_LENGTH : id.len), id.len ? id.ptr : "");
}

int work_stream(struct session_work *work, const char *name, struct str *out, struct error *err)
{
    struct str id = work_text(work, name);
    char *stream = arena_alloc(&work->arena, STREAM_SIZE);
    if (!stream)
        return no_memory(err);
    if (!uuid_valid(id))
        return no_session(id, err);
    memcpy(stream, "session/", sizeof("session/") - 1);
    memcpy(stream + sizeof("session/") - 1, id.ptr, id.len);
    *out = (struct str){stream, sizeof("session/") - 1 + id.len};
    return ST_OK;
}

/* ---- loading ---- */

struct load {
    struct session_work *work;
    struct str stream;
    work_loaded *then;
    bool check;
};

static void loaded(void *arg, const struct error *err, const struct journal_loaded *loaded)
{
    struct load *load = arg;
    struct session_work *work = load->work;
    struct error missing;
    if (err) {
        work_fail(work, err);
        return;
    }
    const struct session *session = loaded->state;
    const struct caller *caller = work->call ? work_caller(work) : NULL;
    if (load->check && !session_is_of(session, caller->id, caller->tenant)) {
        no_session(session_of_stream(load->stream), &missing);
        work_fail(work, &missing);
        return;
    }
    load->then(work, session, loaded->position);
}

static void begin_load(struct session_work *work, const struct load *what, uint64_t version,
                       int64_t until_ms)
{
    struct load *load = arena_alloc(&work->arena, sizeof(*load));
    struct error err;
    if (!load) {
        no_memory(&err);
        work_fail(work, &err);
        return;
    }
    *load = *what;
    const struct journal_load request = {.kind = &session_kind,
                                         .stream = what->stream,
                                         .fresh = JOURNAL_CURRENT,
                                         .version = version,
                                         .until_ms = until_ms};
    journal_load(work->sessions->parts.journal, &request, loaded, load);
}

void work_load(struct session_work *work, struct str stream, work_loaded *then)
{
    begin_load(work, &(struct load){work, stream, then, true}, 0, 0);
}

void work_load_at(struct session_work *work, struct str stream, uint64_t version, int64_t until_ms,
                  work_loaded *then)
{
    begin_load(work, &(struct load){work, stream, then, false}, version, until_ms);
}

/* ---- writing ---- */

void put_time(struct json_writer *w, struct str key, int64_t ms)
{
    char text[TIME_TEXT_SIZE];
    time_text(ms, text);
    json_put_string(w, key, str_from(text));
}

static void put_optional(struct json_writer *w, struct str key, const struct buffer *text)
{
    if (text->len)
        json_put_string(w, key, buffer_str(text));
}

static void put_usage(struct json_writer *w, const struct session_usage *usage)
{
    json_key(w, STR("usage"));
    json_begin_object(w);
    json_put_i64(w, STR("responses"), (int64_t)usage->responses);
    json_put_i64(w, STR("failures"), (int64_t)usage->failures);
    json_put_i64(w, STR("in"), (int64_t)usage->in);
    json_put_i64(w, STR("cachedIn"), (int64_t)usage->cached_in);
    json_put_i64(w, STR("out"), (int64_t)usage->out);
    json_put_i64(w, STR("reasoning"), (int64_t)usage->reasoning);
    json_key(w, STR("costUsd"));
    session_put_usd(w->out, usage->cost_nano_usd);
    w->comma = true;
    json_end_object(w);
}

static void put_tags(struct json_writer *w, const struct session *s)
{
    json_key(w, STR("tags"));
    json_begin_array(w);
    for (size_t i = 0; i < s->tag_count; i++)
        json_write_string(w, str_from(s->tags[i]));
    json_end_array(w);
}

void session_view(struct json_writer *w, const struct session *s)
{
    json_begin_object(w);
    json_put_string(w, STR("id"), buffer_str(&s->id));
    put_optional(w, STR("title"), &s->title);
    put_optional(w, STR("description"), &s->description);
    put_optional(w, STR("agent"), &s->agent);
    json_put_string(w, STR("status"), str_from(session_status_name(s->status)));
    put_tags(w, s);
    if (s->parent.len) {
        json_put_string(w, STR("parent"), buffer_str(&s->parent));
        json_put_i64(w, STR("parentVersion"), (int64_t)s->parent_version);
    }
    json_put_i64(w, STR("version"), (int64_t)s->version);
    put_time(w, STR("createdAt"), s->created_ms);
    put_time(w, STR("activeAt"), s->active_ms);
    json_put_i64(w, STR("messages"), (int64_t)s->messages);
    json_put_i64(w, STR("calls"), (int64_t)s->calls);
    json_put_i64(w, STR("callFailures"), (int64_t)s->call_failures);
    json_put_i64(w, STR("openCalls"), (int64_t)s->open_count);
    json_put_i64(w, STR("artifacts"), (int64_t)s->artifacts);
    json_put_i64(w, STR("bytes"), (int64_t)s->bytes);
    put_usage(w, &s->usage);
    json_end_object(w);
}

void session_write_copy(struct buffer *out, const struct session_event *event)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("type"), event->type);
    json_put_i64(&w, STR("schema"), event->schema);
    json_put_i64(&w, STR("atMs"), event->at_ms);
    json_put_raw(&w, STR("data"), json_text(event->data));
    json_end_object(&w);
}
