#include "core/session/sessions.h"

#include <stdlib.h>

#include "core/session/imports.h"

/* ---- the aggregate ---- */

static void *create(void *ctx, struct str stream)
{
    (void)ctx;
    (void)stream;
    return calloc(1, sizeof(struct session));
}

static void destroy(void *ctx, void *state)
{
    (void)ctx;
    if (state)
        session_state_clear(state);
    free(state);
}

static int apply(void *ctx, void *state, const struct stored_event *event, struct json data,
                 struct error *err)
{
    (void)ctx;
    return session_apply(state, event, data, err);
}

static int save(void *ctx, const void *state, struct buffer *out, struct error *err)
{
    (void)ctx;
    session_write(state, out);
    return buffer_failed(out) ? no_memory(err) : ST_OK;
}

static int restore(void *ctx, void *state, struct json saved, struct error *err)
{
    (void)ctx;
    return session_read(saved, state, err);
}

const struct aggregate_kind session_kind = {.domain = "session",
                                            .state_version = SESSION_STATE_VERSION,
                                            .create = create,
                                            .free = destroy,
                                            .apply = apply,
                                            .save = save,
                                            .restore = restore};

/* ---- the parts ---- */

#define TYPE(name) {name, 1, NULL, NULL}

static const struct event_type types[SESSION_EVENT_TYPES] = {
    TYPE("SessionCreated"),   TYPE("SessionForked"),      TYPE("SessionImported"),
    TYPE("MessageSent"),      TYPE("ResponseReceived"),   TYPE("ResponseFailed"),
    TYPE("ToolCalled"),       TYPE("ToolReturned"),       TYPE("ContextOptimized"),
    TYPE("SessionTagged"),    TYPE("SessionRenamed"),     TYPE("SessionSuspended"),
    TYPE("SessionResumed"),   TYPE("SessionClosed"),      TYPE("SessionErased"),
    TYPE("SessionEventCopied"), TYPE("ArtifactAttached"),
};

static int add_projections(struct projections *engine, struct error *err)
{
    static const struct projection *const all[] = {
        &session_active_projection, &session_history_projection, &session_tokens_projection,
        &session_tools_projection};
    int rc = ST_OK;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && !rc; i++)
        rc = projections_add(engine, all[i], err);
    return rc;
}

int sessions_new(const struct sessions_parts *parts, struct sessions **out, struct error *err)
{
    int rc = journal_add_types(parts->journal, types, SESSION_EVENT_TYPES, err);
    if (!rc)
        rc = add_projections(parts->projections, err);
    if (rc)
        return rc;
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    if (!sessions)
        return no_memory(err);
    sessions->parts = *parts;
    *out = sessions;
    return ST_OK;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    sessions->closed = true;
    while (sessions->works)
        work_free(sessions->works);
    imports_free(sessions);
    free(sessions);
}
