#include <string.h>

#include "core/session/artifact_call.h"
#include "core/json/pointer.h"
#include "core/session/command_run.h"

struct command_work {
    struct session_work work;
    struct command_run run;
    struct artifact_call artifact; /* what is asked of artifacts, before it or behind it */
    uint64_t version; /* of the session behind it */
    bool repeated;
    struct str command_id;
    struct json_doc *arguments; /* of a creation that hooks have changed */
    struct buffer changed;
    char id[UUID_TEXT_SIZE];
};

static void clear(struct session_work *work)
{
    struct command_work *x = (struct command_work *)work;
    command_run_clear(&x->run);
    artifact_call_drop(&x->artifact);
    json_free(x->arguments);
    buffer_clear(&x->changed);
}

/* What the command makes bears the id of the command, so that a repeated one names the same. */
static int prepare(struct command_work *x, struct error *err)
{
    struct sessions *sessions = x->work.sessions;
    const struct sessions_parts *parts = &sessions->parts;
    struct str given = work_text(&x->work, "commandId");
    int rc = given.len ? ST_OK
                       : uuid_next(&sessions->uuids, parts->clock, parts->random, x->id, err);
    if (rc)
        return rc;
    x->run.world = session_world_now(sessions, given.len ? given : str_from(x->id));
    if (given.len) {
        struct str id = session_of_stream(x->run.stream);
        char *text = arena_alloc(&x->work.arena, id.len + 1 + given.len);
        if (!text)
            return no_memory(err);
        memcpy(text, id.ptr, id.len);
        text[id.len] = ':';
        memcpy(text + id.len + 1, given.ptr, given.len);
        x->command_id = (struct str){text, id.len + 1 + given.len};
    }
    return ST_OK;
}

static struct command_work *begin(void *domain, struct operation_call *call,
                                  session_command *command)
{
    struct command_work *x = work_new(domain, call, sizeof(*x));
    if (x) {
        x->work.clear = clear;
        x->run.sessions = domain;
        x->run.caller = operation_context(call)->caller;
        x->run.arguments = operation_arguments(call);
        x->run.command = command;
    }
    return x;
}

static void answer(struct command_work *x, uint64_t version, bool repeated)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), session_of_stream(x->run.stream));
    json_put_i64(&w, STR("version"), (int64_t)version);
    if (x->run.emit.answer.len) {
        buffer_add_char(&out, ',');
        buffer_add_str(&out, buffer_str(&x->run.emit.answer));
    }
    if (repeated)
        json_put_bool(&w, STR("repeated"), true);
    json_end_object(&w);
    work_answer(&x->work, &out);
}

/* ---- all but create ---- */

static struct command_work *of_run(struct command_run *run)
{
    return (struct command_work *)((char *)run - offsetof(struct command_work, run));
}

static void done(struct command_run *run, const struct error *err, const struct session *session,
                 bool repeated)
{
    struct command_work *x = of_run(run);
    if (err)
        work_fail(&x->work, err);
    else
        answer(x, session->version, repeated);
}

static struct command_work *of_artifact(struct artifact_call *call)
{
    return (struct command_work *)((char *)call - offsetof(struct command_work, artifact));
}

static void released(struct artifact_call *call, const struct error *err, struct json count)
{
    struct command_work *x = of_artifact(call);
    struct error failed;
    (void)count;
    if (!err) {
        answer(x, x->version, false);
        return;
    }
    failed = *err;
    error_prefix(&failed,
                 "session %.*s is erased, and its artifacts are still held; artifact.release with the "
                 "owner \"%.*s\" lets go of them: ",
                 STR_ARG(session_of_stream(x->run.stream)), STR_ARG(x->run.stream));
    work_fail(&x->work, &failed);
}

static void erased(struct command_run *run, const struct error *err, const struct session *session,
                   bool repeated)
{
    struct command_work *x = of_run(run);
    if (err || !x->work.sessions->parts.artifacts) {
        done(run, err, session, repeated);
        return;
    }
    x->version = session->version;
    x->artifact.sessions = x->work.sessions;
    x->artifact.done = released;
    artifact_release_begin(&x->artifact, operation_context(x->work.call), x->run.stream);
}

static void run(void *domain, struct operation_call *call, session_command *command)
{
    struct command_work *x = begin(domain, call, command);
    struct error err;
    if (!x)
        return;
    int rc = work_stream(&x->work, "id", &x->run.stream, &err);
    if (!rc)
        rc = prepare(x, &err);
    if (rc) {
        work_fail(&x->work, &err);
        return;
    }
    x->run.done = command == session_erase ? erased : done;
    command_run_begin(&x->run, operation_context(call), x->command_id);
}

void session_op_send(void *domain, struct operation_call *call)
{
    run(domain, call, session_send);
}

void session_op_respond(void *domain, struct operation_call *call)
{
    run(domain, call, session_respond);
}

void session_op_call(void *domain, struct operation_call *call)
{
    run(domain, call, session_call_begin);
}

void session_op_return(void *domain, struct operation_call *call)
{
    run(domain, call, session_call_end);
}

void session_op_optimize(void *domain, struct operation_call *call)
{
    run(domain, call, session_optimize);
}

void session_op_tag(void *domain, struct operation_call *call)
{
    run(domain, call, session_tag);
}

void session_op_rename(void *domain, struct operation_call *call)
{
    run(domain, call, session_rename);
}

void session_op_suspend(void *domain, struct operation_call *call)
{
    run(domain, call, session_suspend);
}

void session_op_resume(void *domain, struct operation_call *call)
{
    run(domain, call, session_resume);
}

void session_op_close(void *domain, struct operation_call *call)
{
    run(domain, call, session_close);
}

void session_op_erase(void *domain, struct operation_call *call)
{
    run(domain, call, session_erase);
}

/* ---- attach: an artifact that the caller can see ---- */

static void held(struct artifact_call *call, const struct error *err, struct json answered)
{
    struct command_work *x = of_artifact(call);
    struct error failed;
    (void)answered;
    if (!err) {
        answer(x, x->version, x->repeated);
        return;
    }
    failed = *err;
    error_prefix(&failed, "the artifact is attached to session %.*s, which does not hold it: ",
                 STR_ARG(session_of_stream(x->run.stream)));
    work_fail(&x->work, &failed);
}

static void attached(struct command_run *run, const struct error *err, const struct session *session,
                     bool repeated)
{
    struct command_work *x = of_run(run);
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    x->version = session->version;
    x->repeated = repeated;
    x->artifact.done = held;
    artifact_hold_begin(&x->artifact, operation_context(x->work.call), x->run.stream,
                        work_text(&x->work, "artifact"));
}

static void described(struct artifact_call *call, const struct error *err, struct json answered)
{
    struct command_work *x = of_artifact(call);
    (void)answered;
    if (err)
        work_fail(&x->work, err);
    else
        command_run_begin(&x->run, operation_context(x->work.call), x->command_id);
}

static void describe(struct command_work *x)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), work_text(&x->work, "artifact"));
    json_end_object(&w);
    x->artifact.sessions = x->work.sessions;
    x->artifact.done = described;
    artifact_call_begin(&x->artifact, operation_context(x->work.call), "artifact.stat",
                        buffer_str(&arguments), (struct str){NULL, 0});
    buffer_clear(&arguments);
}

void session_op_attach(void *domain, struct operation_call *call)
{
    struct command_work *x = begin(domain, call, session_attach);
    struct error err;
    if (!x)
        return;
    int rc = work_stream(&x->work, "id", &x->run.stream, &err);
    if (!rc && !x->work.sessions->parts.artifacts)
        rc = error_set(&err, ST_UNAVAILABLE, "session.attach: there are no artifacts");
    if (!rc)
        rc = prepare(x, &err);
    if (rc) {
        work_fail(&x->work, &err);
        return;
    }
    x->run.done = attached;
    describe(x);
}

/* ---- create: there is nothing to load ---- */

static void created(void *arg, const struct error *err, const struct journal_result *result)
{
    struct command_work *x = arg;
    struct error conflict;
    if (!err && result->conflict) {
        journal_conflict(result, &conflict);
        err = &conflict;
    }
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    if (result->position > x->work.sessions->seen)
        x->work.sessions->seen = result->position;
    answer(x, result->versions[0], result->repeated);
}

static int name_session(struct command_work *x, struct error *err)
{
    const struct sessions_parts *parts = &x->work.sessions->parts;
    char *stream = arena_alloc(&x->work.arena, STREAM_SIZE);
    if (!stream)
        return no_memory(err);
    memcpy(stream, "session/", sizeof("session/"));
    x->run.stream = (struct str){stream, STREAM_SIZE - 1};
    return uuid_next(&x->work.sessions->uuids, parts->clock, parts->random,
                     stream + sizeof("session/") - 1, err);
}

/* The arguments with what hooks made of title and description. */
static int change(struct command_work *x, const struct str changed[2], struct error *err)
{
    static const struct str places[2] = {STR_INIT("/title"), STR_INIT("/description")};
    for (size_t i = 0; i < 2; i++) {
        struct buffer out = BUFFER_INIT;
        struct json_doc *doc = NULL;
        if (!changed[i].len)
            continue;
        int rc = json_pointer_set(x->run.arguments, places[i], changed[i], &out)
                     ? json_parse(buffer_str(&out), &doc, err)
                     : no_memory(err);
        if (rc) {
            buffer_clear(&out);
            return rc;
        }
        json_free(x->arguments);
        buffer_clear(&x->changed);
        x->changed = out;
        x->arguments = doc;
        x->run.arguments = json_root(doc);
    }
    return ST_OK;
}

static void create(void *arg, const struct error *refused, const struct str changed[2])
{
    static const struct session none;
    struct command_work *x = arg;
    struct error err;
    int rc = ST_OK;
    if (refused) {
        work_fail(&x->work, refused);
        return;
    }
    rc = change(x, changed, &err);
    if (!rc)
        rc = session_create(&none, x->run.arguments, &x->run.world, &x->run.emit, &err);
    if (rc) {
        work_fail(&x->work, &err);
        return;
    }
    const struct journal_event event = {.type = str_from(x->run.emit.type),
                                        .data = buffer_str(&x->run.emit.data)};
    const struct journal_append append = {
        .stream = x->run.stream, .expect = EXPECT_NONE, .events = &event, .count = 1};
    const struct journal_batch batch = {.streams = &append, .count = 1};
    journal_commit(x->work.sessions->parts.journal, operation_context(x->work.call), &batch, created,
                   x);
}

void session_op_create(void *domain, struct operation_call *call)
{
    struct command_work *x = begin(domain, call, session_create);
    struct error err;
    if (!x)
        return;
    int rc = name_session(x, &err);
    if (!rc)
        rc = prepare(x, &err);
    if (rc) {
        work_fail(&x->work, &err);
        return;
    }
    x->run.ask = (struct session_ask){.point = HOOK_SESSION_START,
                                      .context = operation_context(call),
                                      .id = session_of_stream(x->run.stream),
                                      .action = "create",
                                      .arguments = x->run.arguments,
                                      .then = create,
                                      .arg = x};
    session_ask(domain, &x->run.ask);
}
