#include "core/session/compare.h"
#include "core/session/work.h"

/* get, state_at, diff and event: what the events of one session tell. */
struct query_work {
    struct session_work work;
    struct str stream;
    uint64_t current;                 /* version */
    struct buffer first, out;
    struct json_writer list;          /* of differences, into `out` */
    uint64_t differences;
    bool found;
};

static void clear(struct session_work *work)
{
    struct query_work *x = (struct query_work *)work;
    buffer_clear(&x->first);
    buffer_clear(&x->out);
}

static void begin(void *domain, struct operation_call *call, work_loaded *then)
{
    struct query_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, then);
}

static void answer_view(struct session_work *work, const struct session *session, uint64_t position)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    (void)position;
    session_view(&w, session);
    work_answer(work, &out);
}

void session_op_get(void *domain, struct operation_call *call)
{
    begin(domain, call, answer_view);
}

/* ---- as of then ---- */

static void loaded_then(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    struct error err;
    if (session->status != SESSION_NONE) {
        answer_view(work, session, position);
        return;
    }
    error_set(&err, ST_NOT_FOUND, "session %.*s had not begun then",
              STR_ARG(session_of_stream(x->stream)));
    work_fail(work, &err);
}

static void load_then(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    (void)session;
    (void)position;
    work_load_at(work, x->stream, work_count(work, "version"),
                 (int64_t)work_count(work, "atMs"), loaded_then);
}

void session_op_state_at(void *domain, struct operation_call *call)
{
    begin(domain, call, load_then);
}

/* ---- diff ---- */

static void differs(void *arg, const struct difference *difference)
{
    struct query_work *x = arg;
    if (x->differences++)
        buffer_add_char(&x->out, ',');
    difference_write(&x->out, difference);
}

static int compare_views(struct query_work *x, struct buffer *second, struct error *err)
{
    const struct comparison how = {.differs = differs, .arg = x};
    struct json_doc *a, *b;
    int rc = json_parse(buffer_str(&x->first), &a, err);
    if (rc)
        return rc;
    rc = json_parse(buffer_str(second), &b, err);
    if (!rc) {
        json_compare(json_root(a), json_root(b), &how);
        json_free(b);
    }
    json_free(a);
    return rc;
}

static void diff_second(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    struct buffer second = BUFFER_INIT, out = BUFFER_INIT;
    struct json_writer view = json_writer(&second), w = json_writer(&out);
    struct error err;
    (void)position;
    session_view(&view, session);
    int rc = compare_views(x, &second, &err);
    buffer_clear(&second);
    if (rc) {
        work_fail(work, &err);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("id"), session_of_stream(x->stream));
    json_put_i64(&w, STR("from"), (int64_t)work_count(work, "from"));
    json_put_i64(&w, STR("to"), (int64_t)session->version);
    json_key(&w, STR("differences"));
    buffer_add_char(&out, '[');
    buffer_add_str(&out, buffer_str(&x->out));
    buffer_add_char(&out, ']');
    json_end_object(&w);
    work_answer(work, &out);
}

static void diff_first(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    struct json_writer view = json_writer(&x->first);
    (void)position;
    session_view(&view, session);
    work_load_at(work, x->stream, work_count(work, "to"), 0, diff_second);
}

static void diff_begin(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    struct error err;
    (void)position;
    if (work_count(work, "from") <= session->version && work_count(work, "to") <= session->version) {
        work_load_at(work, x->stream, work_count(work, "from"), 0, diff_first);
        return;
    }
    error_set(&err, ST_NOT_FOUND, "session %.*s is at version %llu; there is no later one",
              STR_ARG(session_of_stream(x->stream)), (unsigned long long)session->version);
    work_fail(work, &err);
}

void session_op_diff(void *domain, struct operation_call *call)
{
    begin(domain, call, diff_begin);
}

/* ---- one event ---- */

static int write_event(struct query_work *x, const struct stored_event *stored, struct error *err)
{
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    int rc = journal_upcast(x->work.sessions->parts.journal, stored, &event, &doc, err);
    if (!rc)
        rc = session_event_view(&event, json_root(doc), &view, err);
    if (!rc) {
        struct json_writer w = json_writer(&x->out);
        json_begin_object(&w);
        json_put_string(&w, STR("session"), session_of_stream(x->stream));
        json_put_i64(&w, STR("version"), (int64_t)view.version);
        json_put_string(&w, STR("type"), view.type);
        put_time(&w, STR("at"), view.at_ms);
        if (view.copied)
            json_put_bool(&w, STR("copied"), true);
        json_put_raw(&w, STR("data"), json_text(view.data));
        json_end_object(&w);
    }
    json_free(doc);
    return rc;
}

static void take_event(void *arg, const struct stored_event *event)
{
    struct query_work *x = arg;
    x->found = write_event(x, event, NULL) == ST_OK;
}

static void event_read(void *arg, const struct error *err, const struct events_end *end)
{
    struct query_work *x = arg;
    struct error missing;
    (void)end;
    if (!err && !x->found) {
        error_set(&missing, ST_NOT_FOUND, "session %.*s has no event %llu that can be read",
                  STR_ARG(session_of_stream(x->stream)),
                  (unsigned long long)work_count(&x->work, "version"));
        err = &missing;
    }
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    struct buffer out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

static void read_event(struct session_work *work, const struct session *session, uint64_t position)
{
    struct query_work *x = (struct query_work *)work;
    const struct event_store *events = work->sessions->parts.events;
    const struct events_sink sink = {x, take_event, event_read};
    const struct stream_query query = {.stream = x->stream,
                                       .from = work_count(work, "version"),
                                       .to = work_count(work, "version"),
                                       .limit = 1};
    (void)session;
    (void)position;
    events->read(events->ctx, &query, &sink);
}

void session_op_event(void *domain, struct operation_call *call)
{
    begin(domain, call, read_event);
}
