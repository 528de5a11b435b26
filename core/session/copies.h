/* Inside of session: fills the stream of a new session with the events of another, batch by batch. */
#pragma once

#include "core/session/hold_all.h"

struct copies {
    struct sessions *sessions;
    struct str stream;   /* of the new session */
    uint64_t version;    /* so many events are in it */
    struct arena arena;  /* of the events that wait */
    struct journal_event *events;
    size_t count, cap, at; /* at: how many of them are in the store */
    size_t bytes;          /* that wait */
    size_t sent;           /* of the commit that is on its way */
    const struct call_context *context;
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

/* ST_NOMEM. */
int copies_push(struct copies *copies, struct str type, struct str data, struct error *err);

/* Appends the event as a copy, and the artifact that it refers to; ST_UNSUPPORTED and others name the event. */
int copies_push_event(struct copies *copies, const struct stored_event *event,
                      struct hold_all *artifacts, struct error *err);

/* Commits all that waits, then done(). The context is borrowed until then. ST_BUSY: the stream is
 * there already. */
void copies_flush(struct copies *copies, const struct call_context *context,
                  void (*done)(void *arg, const struct error *err), void *arg);

void copies_clear(struct copies *copies);

/* A new stream "session/ID" in the arena of the work. */
int copies_name(struct copies *copies, struct sessions *sessions, struct arena *arena,
                struct error *err);
