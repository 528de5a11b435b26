#include "core/session/copies.h"

#include <stdlib.h>
#include <string.h>

/* Well below EVENT_BATCH_MAX. */
#define COMMIT_BYTES ((size_t)4 << 20)
#define COMMIT_EVENTS 500u

int copies_push(struct copies *copies, struct str type, struct str data, struct error *err)
{
    if (copies->count == copies->cap) {
        size_t cap = copies->cap ? copies->cap * 2 : 64;
        struct journal_event *events = realloc(copies->events, cap * sizeof(*events));
        if (!events)
            return no_memory(err);
        copies->events = events;
        copies->cap = cap;
    }
    copies->events[copies->count] = (struct journal_event){
        .type = arena_copy(&copies->arena, type), .data = arena_copy(&copies->arena, data)};
    if (copies->arena.failed)
        return no_memory(err);
    copies->count++;
    copies->bytes += data.len;
    return ST_OK;
}

int copies_push_event(struct copies *copies, const struct stored_event *stored,
                      struct hold_all *artifacts, struct error *err)
{
    struct str artifact;
    struct buffer data = BUFFER_INIT;
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    int rc = journal_upcast(copies->sessions->parts.journal, stored, &event, &doc, err);
    if (!rc)
        rc = session_event_view(&event, json_root(doc), &view, err);
    if (!rc) {
        session_write_copy(&data, &view);
        if (session_artifact_of(&view, &artifact))
            hold_all_add(artifacts, artifact);
        rc = buffer_failed(&data) ? no_memory(err)
                                  : copies_push(copies, SESSION_COPY_TYPE, buffer_str(&data), err);
    }
    json_free(doc);
    buffer_clear(&data);
    return rc;
}

static void empty(struct copies *copies)
{
    arena_clear(&copies->arena);
    copies->arena = (struct arena)ARENA_INIT;
    copies->count = copies->at = copies->bytes = 0;
}

static void next(struct copies *copies);

static void committed(void *arg, const struct error *err, const struct journal_result *result)
{
    struct copies *copies = arg;
    struct error conflict;
    if (!err && result->conflict) {
        journal_conflict(result, &conflict);
        err = &conflict;
    }
    if (err) {
        copies->done(copies->arg, err);
        return;
    }
    if (result->position > copies->sessions->seen)
        copies->sessions->seen = result->position;
    copies->version = result->versions[0];
    copies->at += copies->sent;
    next(copies);
}

static void next(struct copies *copies)
{
    size_t count = 0, bytes = 0;
    while (copies->at + count < copies->count && count < COMMIT_EVENTS && bytes < COMMIT_BYTES)
        bytes += copies->events[copies->at + count++].data.len;
    if (count == 0) {
        empty(copies);
        copies->done(copies->arg, NULL);
        return;
    }
    const struct journal_append append = {
        .stream = copies->stream,
        .expect = copies->version ? EXPECT_VERSION : EXPECT_NONE,
        .version = copies->version,
        .events = copies->events + copies->at,
        .count = count,
    };
    const struct journal_batch batch = {.streams = &append, .count = 1};
    copies->sent = count;
    journal_commit(copies->sessions->parts.journal, copies->context, &batch, committed, copies);
}

void copies_flush(struct copies *copies, const struct call_context *context,
                  void (*done)(void *arg, const struct error *err), void *arg)
{
    copies->context = context;
    copies->done = done;
    copies->arg = arg;
    next(copies);
}

void copies_clear(struct copies *copies)
{
    arena_clear(&copies->arena);
    free(copies->events);
    *copies = (struct copies){0};
}

int copies_name(struct copies *copies, struct sessions *sessions, struct arena *arena,
                struct error *err)
{
    char *stream = arena_alloc(arena, STREAM_SIZE);
    if (!stream)
        return no_memory(err);
    memcpy(stream, "session/", sizeof("session/"));
    copies->sessions = sessions;
    copies->stream = (struct str){stream, STREAM_SIZE - 1};
    return uuid_next(&sessions->uuids, sessions->parts.clock, sessions->parts.random,
                     stream + sizeof("session/") - 1, err);
}
