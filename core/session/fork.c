#include "core/session/ask.h"
#include "core/session/copies.h"

#define PAGE_BYTES ((uint64_t)2 << 20)
#define PAGE_MAX 500u

struct fork_work {
    struct session_work work;
    struct str stream;  /* that is forked                                        */
    uint64_t cut;       /* its events up to that one are copied                  */
    uint64_t next;      /* the next one to read                                  */
    uint32_t page;      /* events a read                                         */
    struct copies copies;
    struct session_ask ask;
    struct hold_all artifacts; /* which the fork holds too */
    struct error failed; /* of an event that could not be copied; code 0: none   */
};

static void clear(struct session_work *work)
{
    struct fork_work *x = (struct fork_work *)work;
    session_ask_stop(&x->ask);
    copies_clear(&x->copies);
    hold_all_clear(&x->artifacts);
}

static void read_page(struct fork_work *x);

static int push_first(struct fork_work *x, struct error *err)
{
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    json_begin_object(&w);
    json_put_string(&w, STR("parent"), session_of_stream(x->stream));
    json_put_i64(&w, STR("version"), (int64_t)x->cut);
    json_put_i64(&w, STR("events"), (int64_t)x->cut);
    session_put_config(&w, &x->work.sessions->parts.limits);
    json_end_object(&w);
    int rc = buffer_failed(&data)
                 ? no_memory(err)
                 : copies_push(&x->copies, STR("SessionForked"), buffer_str(&data), err);
    buffer_clear(&data);
    return rc;
}

/* The fork's own name, in one step with the event that makes it whole. */
static int push_title(struct fork_work *x, struct error *err)
{
    struct json title = json_get(operation_arguments(x->work.call), STR("title"));
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    if (!json_exists(title))
        return ST_OK;
    json_begin_object(&w);
    json_put_raw(&w, STR("title"), json_text(title));
    json_end_object(&w);
    int rc = buffer_failed(&data)
                 ? no_memory(err)
                 : copies_push(&x->copies, STR("SessionRenamed"), buffer_str(&data), err);
    buffer_clear(&data);
    return rc;
}

static void answer(struct fork_work *x)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), session_of_stream(x->copies.stream));
    json_put_i64(&w, STR("version"), (int64_t)x->copies.version);
    json_put_string(&w, STR("parent"), session_of_stream(x->stream));
    json_put_i64(&w, STR("parentVersion"), (int64_t)x->cut);
    json_end_object(&w);
    work_answer(&x->work, &out);
}

static void held(struct hold_all *all, const struct error *err)
{
    struct fork_work *x = (struct fork_work *)((char *)all - offsetof(struct fork_work, artifacts));
    struct error failed;
    if (!err) {
        answer(x);
        return;
    }
    failed = *err;
    error_prefix(&failed, "session %.*s is the fork, and not all its artifacts are held: ",
                 STR_ARG(session_of_stream(x->copies.stream)));
    work_fail(&x->work, &failed);
}

static void hold(struct fork_work *x)
{
    x->artifacts.call.sessions = x->work.sessions;
    x->artifacts.stream = x->copies.stream;
    x->artifacts.forgiving = true;
    hold_all_begin(&x->artifacts, operation_context(x->work.call), held);
}

static void flushed(void *arg, const struct error *err)
{
    struct fork_work *x = arg;
    if (err)
        work_fail(&x->work, err);
    else if (x->next <= x->cut)
        read_page(x);
    else if (x->work.sessions->parts.artifacts)
        hold(x);
    else
        answer(x);
}

static void take(void *arg, const struct stored_event *event)
{
    struct fork_work *x = arg;
    if (x->failed.code || event->version != x->next)
        return;
    if (copies_push_event(&x->copies, event, &x->artifacts, &x->failed) == ST_OK)
        x->next++;
}

static void page_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct fork_work *x = arg;
    uint64_t before = x->copies.version + x->copies.count;
    (void)end;
    if (!err && x->failed.code)
        err = &x->failed;
    if (!err && before < x->next) { /* the first event of ours is one more */
        error_set(&x->failed, ST_GENERIC, "session %.*s: event %llu cannot be read",
                  STR_ARG(session_of_stream(x->stream)), (unsigned long long)x->next);
        err = &x->failed;
    }
    if (!err && x->next > x->cut && push_title(x, &x->failed))
        err = &x->failed;
    if (err)
        work_fail(&x->work, err);
    else
        copies_flush(&x->copies, operation_context(x->work.call), flushed, x);
}

static void read_page(struct fork_work *x)
{
    const struct event_store *events = x->work.sessions->parts.events;
    const struct events_sink sink = {x, take, page_done};
    const struct stream_query query = {
        .stream = x->stream, .from = x->next, .to = x->cut, .limit = x->page};
    events->read(events->ctx, &query, &sink);
}

static void asked(void *arg, const struct error *refused, const struct str changed[2])
{
    struct fork_work *x = arg;
    struct error err;
    (void)changed;
    if (refused) {
        work_fail(&x->work, refused);
        return;
    }
    int rc = copies_name(&x->copies, x->work.sessions, &x->work.arena, &err);
    x->next = 1;
    if (!rc)
        rc = push_first(x, &err);
    if (rc)
        work_fail(&x->work, &err);
    else
        read_page(x);
}

static void begin(struct fork_work *x)
{
    x->ask = (struct session_ask){.point = HOOK_SESSION_RESTORE,
                                  .context = operation_context(x->work.call),
                                  .id = session_of_stream(x->stream),
                                  .action = "fork",
                                  .arguments = operation_arguments(x->work.call),
                                  .version = x->cut,
                                  .then = asked,
                                  .arg = x};
    session_ask(x->work.sessions, &x->ask);
}

static void loaded_then(struct session_work *work, const struct session *session, uint64_t position)
{
    struct fork_work *x = (struct fork_work *)work;
    struct error err;
    (void)position;
    if (session->status == SESSION_NONE || session->copies_left) {
        error_set(&err, ST_NOT_FOUND, "session %.*s had not begun then",
                  STR_ARG(session_of_stream(x->stream)));
        work_fail(work, &err);
        return;
    }
    x->cut = session->version;
    begin(x);
}

static void loaded(struct session_work *work, const struct session *session, uint64_t position)
{
    struct fork_work *x = (struct fork_work *)work;
    uint64_t version = work_count(work, "version"), at = work_count(work, "atMs");
    uint64_t each = session->bytes / session->version + 1;
    struct error err;
    (void)position;
    x->page = each * PAGE_MAX <= PAGE_BYTES ? PAGE_MAX : (uint32_t)(PAGE_BYTES / each + 1);
    x->cut = session->version;
    if (version > session->version) {
        error_set(&err, ST_NOT_FOUND, "session %.*s is at version %llu; there is no later one",
                  STR_ARG(session_of_stream(x->stream)), (unsigned long long)session->version);
        work_fail(work, &err);
    } else if (version || at) {
        work_load_at(work, x->stream, version, (int64_t)at, loaded_then);
    } else {
        begin(x);
    }
}

void session_op_fork(void *domain, struct operation_call *call)
{
    struct fork_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, loaded);
}
