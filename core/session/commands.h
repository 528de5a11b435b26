/*
 * The commands of a session: each checks what is asked against the state of the session and writes
 * the event that then happens. Arguments are those of the operation of the same name, checked against
 * its schema.
 */
#pragma once

#include "core/session/session.h"

/* Longest text of one message, call or result in an event, in bytes; leaves room for a copy. */
#define SESSION_DATA_MAX (EVENT_DATA_MAX - 4096u)

/* What a command may know of the world. */
struct session_world {
    int64_t wall_ms;
    struct str id; /* a new UUID, for what the command makes */
    struct session_limits defaults; /* of new sessions */
    /* Appends `value` with its secrets blotted out; *found: there were some. NULL: it is taken as it
     * is. */
    int (*redact)(void *ctx, struct json value, struct buffer *out, bool *found, struct error *err);
    void *redact_ctx;
};

struct session_emit {
    const char *type; /* NULL: nothing is to be changed                                         */
    struct buffer data;
    struct buffer answer; /* further members of the answer: "messageId":"...", or empty         */
};

/* ST_INVALID: the session's status does not allow it; ST_BUSY: it is not at `expectedVersion`;
 * ST_TOO_LARGE: a limit of the session; ST_NOT_FOUND: no such call. `out` is cleared by the caller
 * in any case. */
typedef int session_command(const struct session *session, struct json arguments,
                            const struct session_world *world, struct session_emit *out,
                            struct error *err);

session_command session_create, session_send, session_respond, session_call_begin,
    session_call_end, session_optimize, session_tag, session_rename, session_suspend,
    session_resume, session_close, session_erase, session_attach;

void session_emit_clear(struct session_emit *emit);
