/* Inside of session: operations that run. */
#pragma once

#include "core/base/arena.h"
#include "core/base/uuid.h"
#include "core/json/writer.h"
#include "core/session/commands.h"
#include "core/session/parts.h"
#include "core/session/projections.h"
#include "core/session/sessions.h"

#define STREAM_SIZE (sizeof("session/") + UUID_LENGTH)

struct session_work;
struct open_import;
struct command_run;

struct sessions {
    struct sessions_parts parts;
    struct uuid_source uuids;
    struct session_work *works;
    struct open_import *imports;
    struct command_run *runs;
    bool closed; /* nothing may be begun any more */
    uint64_t seen; /* position of what this process has committed: queries wait for it */
};

extern const struct aggregate_kind session_kind;

/* An operation on its way, at the front of what it needs. */
struct session_work {
    struct session_work *next, **at;
    struct sessions *sessions;
    struct operation_call *call; /* NULL: nobody asked */
    struct arena arena;
    void (*clear)(struct session_work *work); /* what the arena does not hold; or NULL */
};

/* `size` bytes, zeroed, which begin with a session_work. NULL without memory: then the call has
 * failed. */
void *work_new(struct sessions *sessions, struct operation_call *call, size_t size);
void work_free(struct session_work *work);

/* End the call and free the work. */
void work_answer(struct session_work *work, struct buffer *json);
void work_fail(struct session_work *work, const struct error *err);
int no_memory(struct error *err);

/* Member `name` of the arguments, decoded; empty if it is not there. Lives as long as the work. */
struct str work_text(struct session_work *work, const char *name);

/* 0 if it is not there or negative. */
uint64_t work_count(const struct session_work *work, const char *name);

const struct caller *work_caller(const struct session_work *work);

/* The stream of the session of argument `name`. ST_NOT_FOUND: it cannot be one's id. */
int work_stream(struct session_work *work, const char *name, struct str *out, struct error *err);

int no_session(struct str id, struct error *err);

/* Loads the session of `stream` as it is now, and fails the work if it is not the caller's. */
typedef void work_loaded(struct session_work *work, const struct session *session,
                         uint64_t position);
void work_load(struct session_work *work, struct str stream, work_loaded *then);

/* As of a version or a time, without a look at whose it is. */
void work_load_at(struct session_work *work, struct str stream, uint64_t version, int64_t until_ms,
                  work_loaded *then);

/* For people and programs: what clients are told of a session. */
void session_view(struct json_writer *w, const struct session *session);

/* A time as text. */
void put_time(struct json_writer *w, struct str key, int64_t ms);

/* The data of a SessionEventCopied for an event; a copy of a copy is the first one's. */
void session_write_copy(struct buffer *out, const struct session_event *event);

/* The operations, each in the file of its name. */
typedef void session_operation(void *domain, struct operation_call *call);
session_operation session_op_create, session_op_send, session_op_respond, session_op_call,
    session_op_return, session_op_optimize, session_op_tag, session_op_rename, session_op_suspend,
    session_op_resume, session_op_close, session_op_erase, session_op_get, session_op_state_at,
    session_op_diff, session_op_event, session_op_list, session_op_history, session_op_fork,
    session_op_search, session_op_usage, session_op_tools, session_op_export,
    session_op_import_begin, session_op_import_write, session_op_import_finish,
    session_op_import_drop, session_op_replay, session_op_attach, session_op_artifacts;
