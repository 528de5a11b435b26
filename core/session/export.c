#include "core/base/base64url.h"
#include "core/session/artifact_call.h"
#include "core/session/transfer.h"

#define PAGE 100u

/* A line of so many bytes of an artifact is shorter than TRANSFER_LINE_MAX. */
#define DATA_MAX ((size_t)512 << 10)

struct export_work {
    struct session_work work;
    struct str stream;
    uint64_t to, next;
    struct chain chain;
    struct buffer lines;
    bool with_artifacts;
    struct buffer ids; /* of the artifacts, one behind the other */
    size_t at, artifacts, missing;
    struct artifact_call artifact;
    struct error failed;
};

static void clear(struct session_work *work)
{
    struct export_work *x = (struct export_work *)work;
    artifact_call_drop(&x->artifact);
    buffer_clear(&x->ids);
    buffer_clear(&x->lines);
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
    json_put_i64(&w, STR("formatVersion"),
                 x->with_artifacts && s->artifacts ? TRANSFER_VERSION_ARTIFACTS : TRANSFER_VERSION);
    json_put_string(&w, STR("id"), buffer_str(&s->id));
    json_put_string(&w, STR("title"), buffer_str(&s->title));
    json_put_i64(&w, STR("events"), (int64_t)s->version);
    json_end_object(&w);
    end_line(x, 0);
}

static void note_artifact(struct export_work *x, const struct session_event *event)
{
    struct str id;
    if (!x->with_artifacts || !session_artifact_of(event, &id))
        return;
    for (size_t i = 0; i < x->ids.len; i += ARTIFACT_ID_LENGTH)
        if (str_eq(buffer_part(&x->ids, i, ARTIFACT_ID_LENGTH), id))
            return;
    buffer_add_str(&x->ids, id);
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
        note_artifact(x, &view);
        x->next = stored->version + 1;
    }
    json_free(doc);
}

static void read_page(struct export_work *x);

/* False: the work has failed. */
static bool send_lines(struct export_work *x)
{
    bool taken = operation_piece(x->work.call, STR("{}"), buffer_str(&x->lines));
    x->lines.len = 0;
    if (!taken && !x->failed.code)
        error_set(&x->failed, ST_UNSUPPORTED,
                  "session.export answers in pieces, and nobody takes them");
    if (x->failed.code)
        work_fail(&x->work, &x->failed);
    return !x->failed.code;
}

static void finish(struct export_work *x)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    transfer_write_end(&x->lines, x->to, &x->chain);
    buffer_add_char(&x->lines, '\n');
    if (!send_lines(x))
        return;
    json_begin_object(&w);
    json_put_string(&w, STR("id"), session_of_stream(x->stream));
    json_put_i64(&w, STR("events"), (int64_t)x->to);
    json_put_string(&w, STR("digest"), (struct str){x->chain.digest, DIGEST_TEXT});
    if (x->artifacts)
        json_put_i64(&w, STR("artifacts"), (int64_t)x->artifacts);
    if (x->missing)
        json_put_i64(&w, STR("missingArtifacts"), (int64_t)x->missing);
    json_end_object(&w);
    work_answer(&x->work, &out);
}

/* ---- artifacts ---- */

static struct export_work *of_call(struct artifact_call *call)
{
    return (struct export_work *)((char *)call - offsetof(struct export_work, artifact));
}

static void next_artifact(struct export_work *x);

static void put_data(struct export_work *x, struct str bytes)
{
    size_t from = x->lines.len;
    buffer_add_str(&x->lines, STR("{\"data\":\""));
    base64url_encode(bytes, &x->lines);
    buffer_add_str(&x->lines, STR("\"}"));
    end_line(x, from);
}

static void piece(struct artifact_call *call, struct str bytes)
{
    struct export_work *x = of_call(call);
    while (bytes.len && !x->failed.code) {
        size_t len = bytes.len < DATA_MAX ? bytes.len : DATA_MAX;
        put_data(x, (struct str){bytes.ptr, len});
        if (!operation_piece(x->work.call, STR("{}"), buffer_str(&x->lines)))
            error_set(&x->failed, ST_CANCELLED, "nobody reads any more");
        x->lines.len = 0;
        bytes.ptr += len;
        bytes.len -= len;
    }
}

static void got(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct export_work *x = of_call(call);
    (void)answer;
    call->piece = NULL;
    if (!x->failed.code && err)
        x->failed = *err;
    if (x->failed.code) {
        work_fail(&x->work, &x->failed);
        return;
    }
    x->artifacts++;
    x->at += ARTIFACT_ID_LENGTH;
    next_artifact(x);
}

static void ask(struct export_work *x, const char *operation,
                void (*done)(struct artifact_call *call, const struct error *err,
                             struct json answer))
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), buffer_part(&x->ids, x->at, ARTIFACT_ID_LENGTH));
    json_end_object(&w);
    x->artifact.sessions = x->work.sessions;
    x->artifact.done = done;
    artifact_call_begin(&x->artifact, operation_context(x->work.call), operation,
                        buffer_str(&arguments), (struct str){NULL, 0});
    buffer_clear(&arguments);
}

static void put_artifact(struct export_work *x, struct json record)
{
    static const char *const members[] = {"name", "mimeType", "kind", "tags", "custom"};
    size_t from = x->lines.len;
    struct json_writer w = json_writer(&x->lines);
    json_begin_object(&w);
    json_put_raw(&w, STR("artifact"), json_text(json_get(record, STR("id"))));
    json_put_raw(&w, STR("bytes"), json_text(json_get(record, STR("size"))));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct json value = json_get(record, str_from(members[i]));
        if (json_exists(value))
            json_put_raw(&w, str_from(members[i]), json_text(value));
    }
    json_end_object(&w);
    end_line(x, from);
}

/* What is gone, or another's, is not in the file. */
static void described(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct export_work *x = of_call(call);
    if (err && err->code == ST_NOT_FOUND) {
        x->missing++;
        x->at += ARTIFACT_ID_LENGTH;
        next_artifact(x);
        return;
    }
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    put_artifact(x, json_get(answer, STR("artifact")));
    call->piece = piece;
    ask(x, "artifact.get", got);
}

static void next_artifact(struct export_work *x)
{
    if (x->at < x->ids.len)
        ask(x, "artifact.stat", described);
    else
        finish(x);
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
        next_artifact(x);
        return;
    }
    if (send_lines(x))
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
    x->with_artifacts = true;
    json_bool(json_get(operation_arguments(call), STR("artifacts")), &x->with_artifacts);
    x->with_artifacts = x->with_artifacts && x->work.sessions->parts.artifacts;
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, loaded);
}
