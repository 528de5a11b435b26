#include "core/session/transfer.h"

#define PAGE 100u

struct export_work {
    struct session_work work;
    struct str stream;
    uint64_t to, next;
    struct chain chain;
    struct buffer lines;
    struct error failed;
};

static void clear(struct session_work *work)
{
    buffer_clear(&((struct export_work *)work)->lines);
}

/* The line that was appended behind `from`. */
static void end_line(struct export_work *x, size_t from)
{
    struct str line = {x->lines.data + from, x->lines.len - from};
    if (buffer_failed(&x->lines))
        no_memory(&x->failed);
    else if (!chain_add(&x->chain, x->work.sessions->parts.crypto, line))
        error_set(&x->failed, ST_UNAVAILABLE, "session.export: there are no digests");
    buffer_add_char(&x->lines, '\n');
}

static void put_header(struct export_work *x, const struct session *s)
{
    struct json_writer w = json_writer(&x->lines);
    json_begin_object(&w);
    json_put_string(&w, STR("format"), STR(TRANSFER_FORMAT));
    json_put_i64(&w, STR("formatVersion"), TRANSFER_VERSION);
    json_put_string(&w, STR("id"), buffer_str(&s->id));
    json_put_string(&w, STR("title"), buffer_str(&s->title));
    json_put_i64(&w, STR("events"), (int64_t)s->version);
    json_end_object(&w);
    end_line(x, 0);
}

static void take(void *arg, const struct stored_event *stored)
{
    struct export_work *x = arg;
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    size_t from = x->lines.len;
    if (x->failed.code)
        return;
    int rc = journal_upcast(x->work.sessions->parts.journal, stored, &event, &doc, &x->failed);
    if (!rc)
        rc = session_event_view(&event, json_root(doc), &view, &x->failed);
    if (!rc) {
        session_write_copy(&x->lines, &view);
        end_line(x, from);
        x->next = stored->version + 1;
    }
    json_free(doc);
}

static void read_page(struct export_work *x);

static void finish(struct export_work *x)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct error err;
    transfer_write_end(&x->lines, x->to, &x->chain);
    buffer_add_char(&x->lines, '\n');
    if (!operation_piece(x->work.call, STR("{}"), buffer_str(&x->lines))) {
        error_set(&err, ST_UNSUPPORTED, "session.export answers in pieces, and nobody takes them");
        work_fail(&x->work, &err);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("id"), session_of_stream(x->stream));
    json_put_i64(&w, STR("events"), (int64_t)x->to);
    json_put_string(&w, STR("digest"), (struct str){x->chain.digest, DIGEST_TEXT});
    json_end_object(&w);
    work_answer(&x->work, &out);
}

static void page_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct export_work *x = arg;
    (void)end;
    if (!err && x->failed.code)
        err = &x->failed;
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    if (x->next > x->to) {
        finish(x);
        return;
    }
    if (!operation_piece(x->work.call, STR("{}"), buffer_str(&x->lines))) {
        error_set(&x->failed, ST_UNSUPPORTED,
                  "session.export answers in pieces, and nobody takes them");
        work_fail(&x->work, &x->failed);
        return;
    }
    x->lines.len = 0;
    read_page(x);
}

static void read_page(struct export_work *x)
{
    const struct event_store *events = x->work.sessions->parts.events;
    const struct events_sink sink = {x, take, page_done};
    const struct stream_query query = {
        .stream = x->stream, .from = x->next, .to = x->to, .limit = PAGE};
    events->read(events->ctx, &query, &sink);
}

static void loaded(struct session_work *work, const struct session *session, uint64_t position)
{
    struct export_work *x = (struct export_work *)work;
    (void)position;
    x->to = session->version;
    x->next = 1;
    put_header(x, session);
    read_page(x);
}

void session_op_export(void *domain, struct operation_call *call)
{
    struct export_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, loaded);
}
