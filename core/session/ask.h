/* Inside of session: asking the hooks of the points of sessions. */
#pragma once

#include "core/session/work.h"

/* One question; lives in what waits for the answer, and is filled before session_ask. */
struct session_ask {
    enum hook_point point;
    const struct call_context *context; /* borrowed until then()                                   */
    struct str id;                      /* of the session                                          */
    const char *action;                 /* what comes behind "session."                            */
    struct json arguments;
    uint64_t version;                   /* 0: it has none yet                                      */
    const char *status;                 /* NULL: as above                                          */
    /* Once. With an error a hook has cancelled it. `changed`: the new title and description, JSON,
     * empty where they are as they were; borrowed. */
    void (*then)(void *arg, const struct error *err, const struct str changed[2]);
    void *arg;

    struct hooks *hooks;
    uint64_t run;
};

/* Perhaps calls then() before it returns; the question may be gone then. */
void session_ask(struct sessions *sessions, struct session_ask *ask);

/* then() will not come. */
void session_ask_stop(struct session_ask *ask);

/* Tells of what has happened; only the facts of the question count. */
void session_tell(struct sessions *sessions, struct session_ask *ask);
