/* Inside of session: the calls of a session with their ends, in the order in which they began. */
#pragma once

#include "core/session/artifact_call.h"

/* Texts of all calls together. */
#define STEPS_BYTES_MAX ((size_t)64 << 20)

struct step {
    uint64_t version; /* of its ToolCalled */
    bool returned;
    bool redacted;    /* secrets of arguments or result are not in the record */
    struct str call_id, action, target, end; /* in the arena */
    struct str arguments; /* JSON */
    struct str result;    /* JSON; empty if there is none in the record */
    struct str ref;       /* id of the artifact that has the result; empty: none              */
    struct str digest;    /* of the result as it was; empty: not known */
};

struct steps {
    struct sessions *sessions;
    const struct caller *caller; /* whose artifacts hold long results; borrowed until done() */
    struct str stream;
    struct arena arena;
    struct step *list;
    size_t count, cap, bytes;
    uint64_t next, to; /* versions */
    struct error failed;
    struct artifact_call artifact; /* that is read */
    size_t reads;                  /* the step that it is for */
    bool again, running;           /* read_results is on the stack */
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

/* Reads the events of the stream up to version `to`, which somebody has checked to be the caller's. */
void steps_read(struct steps *steps, void (*done)(void *arg, const struct error *err), void *arg);

void steps_clear(struct steps *steps);
