#include "core/session/recording.h"

#include <stdlib.h>
#include <string.h>

#include "core/session/named.h"

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
            recording_give_up(r, err);
        } else {
            recording_begin(r);
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
        recording_give_up(r, &err);
        return;
    }
    r->run.stream = lane->stream;
    if (lane->ready) {
        recording_begin(r);
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
        recording_begin(r);
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
    if (!(id & RECORDING_ID)) {
        recorder->calls->cancel(recorder->calls->ctx, id);
        return;
    }
    while (r && r->id != id)
        r = r->next;
    if (!r || r->told)
        return;
    r->cancelled = true;
    recording_tell(r, &(struct call_outcome){.end = CALL_CANCELLED});
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
