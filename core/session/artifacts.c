/* Which artifacts a session refers to. */
#include "core/session/artifact_call.h"

#define PAGE 200u

struct artifacts_work {
    struct session_work work;
    struct str stream;
    uint64_t next, to;
    struct buffer out;
    struct json_writer w;
    struct error failed;
};

static void clear(struct session_work *work)
{
    buffer_clear(&((struct artifacts_work *)work)->out);
}

static void put(struct artifacts_work *x, const struct session_event *event)
{
    struct json call = json_get(event->data, STR("callId"));
    struct json bytes = json_get(event->data, STR("bytes"));
    struct str id;
    if (!session_artifact_of(event, &id))
        return;
    json_begin_object(&x->w);
    json_put_string(&x->w, STR("artifact"), id);
    json_put_i64(&x->w, STR("version"), (int64_t)event->version);
    json_put_string(&x->w, STR("type"), event->type);
    if (json_exists(call))
        json_put_raw(&x->w, STR("callId"), json_text(call));
    if (json_exists(bytes))
        json_put_raw(&x->w, STR("bytes"), json_text(bytes));
    json_end_object(&x->w);
}

static void take(void *arg, const struct stored_event *stored)
{
    struct artifacts_work *x = arg;
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    if (x->failed.code)
        return;
    int rc = journal_upcast(x->work.sessions->parts.journal, stored, &event, &doc, &x->failed);
    if (!rc)
        rc = session_event_view(&event, json_root(doc), &view, &x->failed);
    if (!rc) {
        put(x, &view);
        x->next = stored->version + 1;
    }
    json_free(doc);
}

static void read_page(struct artifacts_work *x);

static void page_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct artifacts_work *x = arg;
    struct buffer out;
    if (!err && x->failed.code)
        err = &x->failed;
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    if (end->more && x->next <= x->to) {
        read_page(x);
        return;
    }
    json_end_array(&x->w);
    json_end_object(&x->w);
    out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

static void read_page(struct artifacts_work *x)
{
    const struct event_store *events = x->work.sessions->parts.events;
    const struct events_sink sink = {x, take, page_done};
    const struct stream_query query = {
        .stream = x->stream, .from = x->next, .to = x->to, .limit = PAGE};
    events->read(events->ctx, &query, &sink);
}

static void loaded(struct session_work *work, const struct session *session, uint64_t position)
{
    struct artifacts_work *x = (struct artifacts_work *)work;
    (void)position;
    x->next = 1;
    x->to = session->version;
    x->w = json_writer(&x->out);
    json_begin_object(&x->w);
    json_put_string(&x->w, STR("id"), buffer_str(&session->id));
    json_key(&x->w, STR("artifacts"));
    json_begin_array(&x->w);
    read_page(x);
}

void session_op_artifacts(void *domain, struct operation_call *call)
{
    struct artifacts_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, loaded);
}
