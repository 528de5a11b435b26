#include "core/session/recording_events.h"

#include <stdlib.h>
#include <string.h>

static struct recording *of_run(struct command_run *run)
{
    return (struct recording *)((char *)run - offsetof(struct recording, run));
}

/* ---- life ---- */

void recording_free(struct recording *r)
{
    *r->at = r->next;
    if (r->next)
        r->next->at = r->at;
    command_run_clear(&r->run);
    keep_result_drop(&r->keep);
    json_free(r->arguments);
    free(r->result);
    arena_clear(&r->arena);
    free(r);
}

static void copy_request(struct recording *r, const struct call_request *request)
{
    struct arena *arena = &r->arena;
    r->request = *request;
    r->request.target = arena_copy(arena, request->target);
    r->request.argument = arena_copy(arena, request->argument);
    r->request.value = arena_copy(arena, request->value);
    r->request.state = arena_copy(arena, request->state);
    r->request.answers = arena_copy(arena, request->answers);
    r->context = request->context;
    r->context.traceparent = arena_copy(arena, request->context.traceparent);
    r->context.tracestate = arena_copy(arena, request->context.tracestate);
    r->context.meta = arena_copy(arena, request->context.meta);
    r->context.roots.list = arena_copy(arena, request->context.roots.list);
    r->caller.id = arena_copy(arena, request->context.caller->id);
    r->caller.tenant = arena_copy(arena, request->context.caller->tenant);
    r->caller.authenticated = request->context.caller->authenticated;
    r->record = r->context;
    r->record.caller = &r->caller;
}

struct recording *recording_new(struct recorder *recorder, const struct call_request *request,
                                struct error *err)
{
    struct sessions *sessions = recorder->sessions;
    struct recording *r = calloc(1, sizeof(*r));
    if (!r) {
        no_memory(err);
        return NULL;
    }
    r->recorder = recorder;
    r->id = RECORDING_ID | ++recorder->last_id;
    r->next = recorder->recordings;
    r->at = &recorder->recordings;
    if (r->next)
        r->next->at = &r->next;
    recorder->recordings = r;
    copy_request(r, request);
    if (r->arena.failed)
        no_memory(err);
    if (r->arena.failed || uuid_next(&sessions->uuids, sessions->parts.clock, sessions->parts.random,
                                     r->call_id, err)) {
        recording_free(r);
        return NULL;
    }
    r->run.sessions = sessions;
    r->run.caller = &r->caller;
    r->run.world = session_world_now(sessions, str_from(r->call_id));
    return r;
}

/* When the client has its answer, the record is written and nothing uses the arguments. */
static void release_if_over(struct recording *r)
{
    if (!r->told || !r->written || (r->called && !r->released))
        return;
    void (*release)(void *hold) = r->request.release;
    void *hold = r->request.hold;
    recording_free(r);
    if (release)
        release(hold);
}

void recording_tell(struct recording *r, const struct call_outcome *outcome)
{
    if (r->told)
        return;
    r->told = true;
    r->request.observer->done(r->request.user, outcome);
}

static void tell_failed(struct recording *r, const struct error *err)
{
    const struct error copy = *err;
    recording_tell(r, &(struct call_outcome){.end = CALL_FAILED, .error = &copy});
}

void recording_give_up(struct recording *r, const struct error *err)
{
    r->written = true;
    tell_failed(r, err);
    release_if_over(r);
}

static void tell_result(struct recording *r)
{
    struct json_doc *doc = NULL;
    struct error err;
    if (r->result_len && json_parse((struct str){r->result, r->result_len}, &doc, &err)) {
        tell_failed(r, &err);
        return;
    }
    recording_tell(r, &(struct call_outcome){.end = r->end,
                                             .result = doc ? json_root(doc) : json_none(),
                                             .error = r->has_error ? &r->error : NULL});
    json_free(doc);
}

/* ---- the end ---- */

static void record_return(struct recording *r);

/* The session refers to as many artifacts as it may: the result is recorded as if there were none. */
static bool refused_artifact(struct recording *r, const struct error *err)
{
    if (!err || err->code != ST_TOO_LARGE || !r->keep.ref[0])
        return false;
    r->keep.ref[0] = '\0';
    return true;
}

static void returned(struct command_run *run, const struct error *err,
                     const struct session *session, bool repeated)
{
    struct recording *r = of_run(run);
    struct error failed;
    (void)session;
    (void)repeated;
    if (refused_artifact(r, err)) {
        record_return(r);
        return;
    }
    if (err) {
        failed = *err;
        error_prefix(&failed, "the call was made, and its end could not be recorded: ");
        tell_failed(r, &failed);
    } else {
        tell_result(r);
    }
    r->written = true;
    release_if_over(r);
}

static void run_command(struct recording *r, session_command *command, struct buffer *arguments,
                        void (*done)(struct command_run *run, const struct error *err,
                                     const struct session *session, bool repeated))
{
    struct error err;
    size_t len = 0;
    char *text = buffer_take(arguments, &len);
    json_free(r->arguments);
    r->arguments = NULL;
    if (!text || json_parse_take(text, len, &r->arguments, &err)) {
        if (!text)
            no_memory(&err);
        done(&r->run, &err, NULL, false);
        return;
    }
    command_run_clear(&r->run);
    r->run.command = command;
    r->run.arguments = json_root(r->arguments);
    r->run.done = done;
    command_run_begin(&r->run, &r->record, (struct str){NULL, 0});
}

static void record_return(struct recording *r)
{
    struct buffer out = BUFFER_INIT;
    r->stage = STAGE_END;
    recording_write_return(r, &out);
    run_command(r, session_call_end, &out, returned);
}

static void kept(struct keep_result *keep)
{
    record_return((struct recording *)((char *)keep - offsetof(struct recording, keep)));
}

static void keep_result(struct recording *r)
{
    char name[UUID_TEXT_SIZE + sizeof(".json")];
    struct str id = str_from(r->call_id);
    memcpy(name, id.ptr, id.len);
    memcpy(name + id.len, ".json", sizeof(".json"));
    r->stage = STAGE_END;
    r->keep = (struct keep_result){.call.sessions = r->recorder->sessions,
                                   .context = &r->record,
                                   .stream = r->run.stream,
                                   .done = kept};
    keep_result_begin(&r->keep, str_from(name), (struct str){r->result, r->result_len});
}

/* ---- the call ---- */

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct recording *r = user;
    const struct call_observer *observer = r->request.observer;
    if (!r->told && observer->progress)
        observer->progress(r->request.user, progress, total, message);
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    struct recording *r = user;
    const struct call_observer *observer = r->request.observer;
    if (!r->told && observer->log)
        observer->log(r->request.user, level, logger, text);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct recording *r = user;
    struct str text = json_text(outcome->result);
    r->inner = 0;
    r->end = outcome->end;
    r->result = session_text(text);
    r->result_len = r->result ? text.len : 0;
    r->has_error = outcome->error != NULL;
    if (outcome->error)
        r->error = *outcome->error;
    if (text.len && !r->result) {
        r->end = CALL_FAILED;
        r->has_error = true;
        no_memory(&r->error);
    }
    if (keep_result_wants(r->recorder->sessions, r->result_len))
        keep_result(r);
    else
        record_return(r);
}

static void on_release(void *hold)
{
    struct recording *r = hold;
    r->released = true;
    release_if_over(r);
}

static const struct call_observer observer = {on_progress, on_log, on_done};

static void make_call(struct recording *r)
{
    const struct recorder *recorder = r->recorder;
    const struct clock_port *clock = recorder->sessions->parts.clock;
    struct call_request inner = r->request;
    struct error err;
    uint64_t id = 0;
    r->stage = STAGE_RUN;
    r->called = true;
    r->began_ns = clock->monotonic_ns(clock->ctx);
    inner.context = r->context;
    inner.observer = &observer;
    inner.user = r;
    inner.release = on_release;
    inner.hold = r;
    /* Without this one done() and release() could free it while call() is on the stack. */
    uint64_t mine = r->id;
    struct recorder *owner = r->recorder;
    int rc = recorder->calls->call(recorder->calls->ctx, &inner, &id, &err);
    if (rc == ST_OK) {
        struct recording *still = owner->recordings;
        while (still && still->id != mine)
            still = still->next;
        if (still && still->stage == STAGE_RUN)
            still->inner = id;
        if (still && still->inner && still->cancelled) /* meanwhile, when there was no id yet */
            owner->calls->cancel(owner->calls->ctx, id);
        return;
    }
    r->called = false;
    r->end = CALL_FAILED;
    r->has_error = true;
    r->error = err;
    record_return(r);
}

static void called(struct command_run *run, const struct error *err, const struct session *session,
                   bool repeated)
{
    struct recording *r = of_run(run);
    (void)session;
    (void)repeated;
    if (err) {
        recording_give_up(r, err);
    } else if (r->cancelled) {
        r->end = CALL_CANCELLED;
        record_return(r);
    } else {
        make_call(r);
    }
}

void recording_begin(struct recording *r)
{
    struct buffer out = BUFFER_INIT;
    recording_write_call(r, &out);
    run_command(r, session_call_begin, &out, called);
}
