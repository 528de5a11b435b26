/*
 * Inside of session: one command on a session that is there. Commands of this process on one session
 * run one after the other, so that they meet conflicts with other processes alone.
 */
#pragma once

#include "core/session/ask.h"
#include "core/session/work.h"

struct command_run {
    struct sessions *sessions;
    const struct caller *caller;
    struct str stream;
    struct json arguments; /* as those of the operation; valid until done() */
    session_command *command;
    struct session_world world;
    struct session_emit emit; /* of the last decision */
    struct session_ask ask;   /* of hooks, whether it may be saved */
    const struct call_context *context; /* borrowed until done() */
    struct str command_id;
    struct command_run *next;    /* of those that run */
    struct command_run *waiting; /* the first that waits for this one; they are linked by `behind` */
    struct command_run *behind;
    /* Once. The session is NULL with an error. command_run_clear is the caller's. */
    void (*done)(struct command_run *run, const struct error *err, const struct session *session,
                 bool repeated);
};

/* What the command makes bears `id`. */
struct session_world session_world_now(const struct sessions *sessions, struct str id);

/* `command_id` is the journal's; empty: a new one. Both are borrowed until done(). */
void command_run_begin(struct command_run *run, const struct call_context *context,
                       struct str command_id);

void command_run_clear(struct command_run *run);
