#include "core/session/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "core/session/command_run.h"
#include "core/session/digest.h"
#include "core/session/keep_result.h"
#include "core/session/named.h"

/* Ids of recorded calls have it, those of the service behind have not. */
#define OURS ((uint64_t)1 << 63)

struct recorder {
    struct sessions *sessions;
    const struct call_service *calls;
    struct call_service service;
    struct recording *recordings;
    struct lane *lanes;
    uint64_t last_id;
};

/* Connections whose session is remembered; the first goes when there are more. */
#define LANES_MAX 1024u

/* The session of all calls of a connection. */
struct lane {
    struct lane *next;
    const struct caller *caller; /* compared, and its id with it */
    char *caller_id;
    struct str stream;
    char stream_text[STREAM_SIZE];
    bool ready;
    struct recording *waiting; /* for it to be made */
};

enum stage {
    STAGE_BEGIN, /* ToolCalled is on its way to the store */
    STAGE_RUN,
    STAGE_END,    /* ToolReturned is */
};

struct recording {
    struct recording *next, **at;
    struct recorder *recorder;
    struct recording *behind; /* in the lane */
    uint64_t id;
    enum stage stage;
    struct call_request request; /* its texts are in the arena */
    struct call_context context; /* of the call */
    struct caller caller;        /* a copy that outlives the connection */
    struct call_context record;  /* of what is written, with it */
    struct arena arena;
    uint64_t inner;       /* id of the running call; 0: none */
    bool cancelled;       /* the client was told so */
    bool told;
    bool written;         /* nothing more is to be recorded */
    bool called;          /* the service behind has it, and will call release */
    bool released;
    uint64_t began_ns;
    enum call_end end;
    char *result;
    size_t result_len;
    struct error error;
    bool has_error;
    struct json_doc *arguments; /* of the command */
    char call_id[UUID_TEXT_SIZE];
    struct command_run run;
    struct keep_result keep; /* of a long result */
};

static struct recording *of_run(struct command_run *run)
{
    return (struct recording *)((char *)run - offsetof(struct recording, run));
}

/* ---- life ---- */

static void recording_free(struct recording *r)
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

static void tell(struct recording *r, const struct call_outcome *outcome)
{
    if (r->told)
        return;
    r->told = true;
    r->request.observer->done(r->request.user, outcome);
}

static void tell_failed(struct recording *r, const struct error *err)
{
    const struct error copy = *err;
    tell(r, &(struct call_outcome){.end = CALL_FAILED, .error = &copy});
}

/* It was not made. */
static void give_up(struct recording *r, const struct error *err)
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
    tell(r, &(struct call_outcome){.end = r->end,
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

static const char *end_word(const struct recording *r)
{
    switch (r->end) {
    case CALL_RESULT:
        return "completed";
    case CALL_CANCELLED:
        return "cancelled";
    case CALL_INPUT_REQUIRED:
        return "inputRequired";
    default:
        return "failed";
    }
}

static void put_digest(struct recording *r, struct json_writer *w)
{
    char text[DIGEST_TEXT];
    if (digest_text(r->recorder->sessions->parts.crypto, (struct str){r->result, r->result_len},
                    text))
        json_put_string(w, STR("digest"), (struct str){text, sizeof(text)});
}

static void put_result(struct recording *r, struct json_writer *w)
{
    if (!r->result_len)
        return;
    if (r->keep.ref[0]) {
        json_put_string(w, STR("resultRef"), str_from(r->keep.ref));
        json_put_i64(w, STR("bytes"), (int64_t)r->result_len);
        if (r->keep.redacted)
            json_put_bool(w, STR("redacted"), true);
    } else if (r->result_len > RECORDER_RESULT_MAX) {
        json_put_i64(w, STR("omitted"), (int64_t)r->result_len);
    } else {
        json_put_raw(w, STR("result"), (struct str){r->result, r->result_len});
    }
    put_digest(r, w);
}

static void write_return(struct recording *r, struct buffer *out)
{
    const struct clock_port *clock = r->recorder->sessions->parts.clock;
    struct json_writer w = json_writer(out);
    uint64_t ns = r->began_ns ? clock->monotonic_ns(clock->ctx) - r->began_ns : 0;
    json_begin_object(&w);
    json_put_string(&w, STR("callId"), str_from(r->call_id));
    json_put_string(&w, STR("end"), str_from(end_word(r)));
    json_put_i64(&w, STR("ms"), (int64_t)(ns / 1000000u));
    if (r->has_error) {
        json_key(&w, STR("error"));
        json_begin_object(&w);
        json_put_string(&w, STR("code"), str_from(error_code_name(r->error.code)));
        json_put_string(&w, STR("message"), str_from(r->error.text));
        json_end_object(&w);
    }
    put_result(r, &w);
    json_end_object(&w);
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
    write_return(r, &out);
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
        give_up(r, err);
    } else if (r->cancelled) {
        r->end = CALL_CANCELLED;
        record_return(r);
    } else {
        make_call(r);
    }
}

static void write_call(const struct recording *r, struct buffer *out)
{
    static const char *const actions[] = {"call", "read", "render", "complete", "selfTest"};
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("target"), r->request.target);
    json_put_string(&w, STR("action"), str_from(actions[r->request.action]));
    if (json_exists(r->request.arguments))
        json_put_raw(&w, STR("arguments"), json_text(r->request.arguments));
    if (r->request.resume)
        json_put_bool(&w, STR("resumed"), true);
    json_end_object(&w);
}

static void record_call(struct recording *r)
{
    struct buffer out = BUFFER_INIT;
    write_call(r, &out);
    run_command(r, session_call_begin, &out, called);
}

/* ---- a session for all calls of a connection ---- */

static void lane_made(void *arg, const struct error *err, const struct journal_result *result)
{
    struct lane *lane = arg;
    struct error failed;
    struct recording *r = lane->waiting;
    lane->waiting = NULL;
    if (!err && result->conflict) {
        journal_conflict(result, &failed);
        err = &failed;
    }
    lane->ready = !err;
    if (!err && r && result->position > r->recorder->sessions->seen)
        r->recorder->sessions->seen = result->position;
    while (r) {
        struct recording *behind = r->behind;
        r->behind = NULL;
        if (err) {
            give_up(r, err);
        } else {
            record_call(r);
        }
        r = behind;
    }
}

static void make_lane(struct lane *lane, struct recording *r)
{
    static const struct session none;
    struct sessions *sessions = r->recorder->sessions;
    const struct session_world world = session_world_now(sessions, str_from(r->call_id));
    struct session_emit emit = {0};
    struct json_doc *doc = NULL;
    struct error err;
    int rc = json_parse(STR("{\"title\":\"Recorded calls\",\"tags\":[\"recorded\"]}"), &doc, &err);
    if (!rc)
        rc = session_create(&none, json_root(doc), &world, &emit, &err);
    json_free(doc);
    if (rc) {
        lane_made(lane, &err, NULL);
    } else {
        const struct journal_event event = {.type = str_from(emit.type),
                                            .data = buffer_str(&emit.data)};
        const struct journal_append append = {
            .stream = lane->stream, .expect = EXPECT_NONE, .events = &event, .count = 1};
        const struct journal_batch batch = {.streams = &append, .count = 1};
        journal_commit(sessions->parts.journal, &r->record, &batch, lane_made, lane);
    }
    session_emit_clear(&emit);
}

static struct lane *find_lane(const struct recorder *recorder, const struct caller *caller)
{
    struct lane *lane = recorder->lanes;
    while (lane &&
           (lane->caller != caller || !str_eq(str_from(lane->caller_id), caller->id)))
        lane = lane->next;
    return lane;
}

static void lane_free(struct lane *lane)
{
    free(lane->caller_id);
    free(lane);
}

static void make_room(struct recorder *recorder)
{
    struct lane **oldest = NULL;
    size_t count = 0;
    for (struct lane **at = &recorder->lanes; *at; at = &(*at)->next) {
        count++;
        if ((*at)->ready)
            oldest = at;
    }
    if (count < LANES_MAX || !oldest)
        return;
    struct lane *lane = *oldest;
    *oldest = lane->next;
    lane_free(lane);
}

static struct lane *add_lane(struct recorder *recorder, const struct caller *caller)
{
    struct sessions *sessions = recorder->sessions;
    struct lane *lane = calloc(1, sizeof(*lane));
    if (!lane)
        return NULL;
    make_room(recorder);
    memcpy(lane->stream_text, "session/", sizeof("session/"));
    lane->stream = (struct str){lane->stream_text, STREAM_SIZE - 1};
    lane->caller = caller;
    lane->caller_id = session_text(caller->id);
    if (!lane->caller_id ||
        uuid_next(&sessions->uuids, sessions->parts.clock, sessions->parts.random,
                  lane->stream_text + sizeof("session/") - 1, NULL)) {
        lane_free(lane);
        return NULL;
    }
    lane->next = recorder->lanes;
    recorder->lanes = lane;
    return lane;
}

static void record_in_lane(struct recording *r)
{
    struct recorder *recorder = r->recorder;
    struct lane *lane = find_lane(recorder, r->context.caller);
    struct recording **end;
    struct error err;
    if (!lane && !(lane = add_lane(recorder, r->context.caller))) {
        no_memory(&err);
        give_up(r, &err);
        return;
    }
    r->run.stream = lane->stream;
    if (lane->ready) {
        record_call(r);
        return;
    }
    bool first = lane->waiting == NULL;
    for (end = &lane->waiting; *end; end = &(*end)->behind)
        ;
    *end = r;
    if (first)
        make_lane(lane, r);
}

/* ---- the service ---- */

/* The session that the request names; ST_OK with an empty one if it names none. */
static int named_session(const struct call_request *request, struct buffer *id, struct error *err)
{
    if (session_named(request->context.meta, STR(RECORDER_META), id) != NAMES_WRONG)
        return ST_OK;
    return error_set(err, ST_INVALID, "_meta: %s must be the id of a session", RECORDER_META);
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

static struct recording *recording_new(struct recorder *recorder, const struct call_request *request,
                                       struct error *err)
{
    struct sessions *sessions = recorder->sessions;
    struct recording *r = calloc(1, sizeof(*r));
    if (!r) {
        no_memory(err);
        return NULL;
    }
    r->recorder = recorder;
    r->id = OURS | ++recorder->last_id;
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

/* ST_OK: it was told. */
static int fail(const struct call_request *request, const struct error *err)
{
    request->observer->done(request->user,
                            &(struct call_outcome){.end = CALL_FAILED, .error = err});
    if (request->release)
        request->release(request->hold);
    return ST_OK;
}

/* Nothing is recorded of what does not exist. */
static bool exists(const struct recorder *recorder, const struct call_request *request)
{
    const struct catalog_service *catalog = recorder->sessions->parts.catalog;
    if (request->action != ACTION_CALL && request->action != ACTION_RENDER)
        return true;
    return !catalog || catalog->find(catalog->ctx, &request->context,
                                     request->action == ACTION_CALL ? ITEM_TOOL : ITEM_PROMPT,
                                     request->target) != NULL;
}

/* Into which stream a call goes that names its session. */
static int name_stream(struct recording *r, struct str session, struct error *err)
{
    char *stream = arena_alloc(&r->arena, STREAM_SIZE);
    if (!stream)
        return no_memory(err);
    memcpy(stream, "session/", sizeof("session/") - 1);
    memcpy(stream + sizeof("session/") - 1, session.ptr, session.len);
    r->run.stream = (struct str){stream, STREAM_SIZE - 1};
    return ST_OK;
}

/* Returns the id of the call if it still runs, else 0. `session` empty: that of the connection. */
static uint64_t record(struct recorder *recorder, const struct call_request *request,
                       struct str session)
{
    struct error err;
    struct recording *r = NULL;
    int rc = session.len && !uuid_valid(session) ? no_session(session, &err) : ST_OK;
    if (!rc && !(r = recording_new(recorder, request, &err)))
        rc = err.code;
    if (!rc && session.len)
        rc = name_stream(r, session, &err);
    if (rc) {
        if (r)
            recording_free(r);
        fail(request, &err);
        return 0;
    }
    uint64_t mine = r->id;
    if (session.len)
        record_call(r);
    else
        record_in_lane(r);
    for (r = recorder->recordings; r; r = r->next)
        if (r->id == mine && !r->told)
            return mine;
    return 0;
}

static int look(struct recorder *recorder, const struct call_request *request, uint64_t *id,
                struct error *failed)
{
    struct buffer session = BUFFER_INIT;
    struct error err;
    int rc = named_session(request, &session, &err);
    bool wanted = rc || session.len || recorder->sessions->parts.record_all;
    *id = 0;
    if (!wanted || !exists(recorder, request))
        rc = recorder->calls->call(recorder->calls->ctx, request, id, failed);
    else if (rc)
        rc = fail(request, &err);
    else
        *id = record(recorder, request, buffer_str(&session));
    buffer_clear(&session);
    return rc;
}

static int call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    struct recorder *recorder = ctx;
    bool none = request->context.meta.len == 0 && !recorder->sessions->parts.record_all;
    if (none || request->action == ACTION_COMPLETE || request->action == ACTION_SELF_TEST)
        return recorder->calls->call(recorder->calls->ctx, request, id, err);
    return look(recorder, request, id, err);
}

static void cancel(void *ctx, uint64_t id)
{
    struct recorder *recorder = ctx;
    struct recording *r = recorder->recordings;
    if (!(id & OURS)) {
        recorder->calls->cancel(recorder->calls->ctx, id);
        return;
    }
    while (r && r->id != id)
        r = r->next;
    if (!r || r->told)
        return;
    r->cancelled = true;
    tell(r, &(struct call_outcome){.end = CALL_CANCELLED});
    if (r->inner)
        recorder->calls->cancel(recorder->calls->ctx, r->inner);
}

int recorder_new(struct sessions *sessions, const struct call_service *calls, struct recorder **out,
                 struct error *err)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return no_memory(err);
    recorder->sessions = sessions;
    recorder->calls = calls;
    recorder->service = (struct call_service){.ctx = recorder, .call = call, .cancel = cancel};
    *out = recorder;
    return ST_OK;
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    while (recorder->recordings)
        recording_free(recorder->recordings);
    while (recorder->lanes) {
        struct lane *lane = recorder->lanes;
        recorder->lanes = lane->next;
        lane_free(lane);
    }
    free(recorder);
}

const struct call_service *recorder_service(struct recorder *recorder)
{
    return &recorder->service;
}
