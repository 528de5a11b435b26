#include "core/session/recorder_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "core/session/named.h"

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
        lanes_record(r);
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
    lanes_free(recorder);
    free(recorder);
}

const struct call_service *recorder_service(struct recorder *recorder)
{
    return &recorder->service;
}
