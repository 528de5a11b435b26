/*
 * A session: a conversation and what was done in it, as the events of its stream "session/ID" tell.
 * Here is what commands need to know of it, its state; messages and results stay in the events.
 *
 * A session belongs to the caller and tenant of its first event. A fork or an import begins with
 * SessionForked or SessionImported, which says how many events of the other session follow as
 * SessionEventCopied; until the last of them is there, the session is not there for anybody.
 */
#pragma once

#include "core/json/json.h"
#include "ports/driven/event_store.h"

/* Version of what session_write writes. */
#define SESSION_STATE_VERSION 1u

#define SESSION_TITLE_MAX 255u
#define SESSION_DESCRIPTION_MAX 4096u
#define SESSION_TAG_MAX 64u
#define SESSION_TAGS_MAX 64u

/* Calls that have begun and not ended. */
#define SESSION_OPEN_CALLS_MAX 1000u

enum session_status {
    SESSION_NONE, /* there is none */
    SESSION_ACTIVE,
    SESSION_SUSPENDED,
    SESSION_COMPLETED,
    SESSION_FAILED,
    SESSION_ARCHIVED,
    SESSION_ERASED,
};

/* Written into SessionCreated, so that a session keeps the limits that it began with. 0: no limit. */
struct session_limits {
    uint64_t max_operations; /* events                                  */
    uint64_t max_bytes;      /* of the data of its events               */
    uint64_t max_artifacts;
    uint64_t max_duration_ms; /* from its creation                      */
    uint64_t retention_ms;    /* after its last activity                */
};

/* What models were asked and what it cost. */
struct session_usage {
    uint64_t responses, failures;
    uint64_t in, cached_in, out, reasoning; /* tokens */
    int64_t cost_nano_usd;
};

struct session_call {
    char *id;
    char *target;     /* tool, URI or prompt            */
    char *action;     /* "call", "read" or "render"     */
    uint64_t version; /* of its ToolCalled              */
};

struct session {
    enum session_status status;
    struct buffer id, tenant, caller, agent, title, description;
    struct buffer parent; /* id of the session that it was forked from; or empty          */
    uint64_t parent_version;
    char **tags; /* sorted */
    size_t tag_count;
    struct session_call *open_calls;
    size_t open_count;
    uint64_t version; /* of the last event that was applied */
    int64_t created_ms, active_ms;
    uint64_t messages, calls, call_failures, artifacts, bytes;
    uint64_t copies_left; /* SessionEventCopied that must come before it is there */
    struct session_limits limits;
    struct session_usage usage;
};

/* An event as the session means it: copied ones are what they were. Borrowed from the event. */
struct session_event {
    struct str type;
    uint32_t schema;
    int64_t at_ms;
    uint64_t version; /* in its own stream */
    bool copied;
    struct json data;
};

/* All zero is a session without events. */
void session_state_clear(struct session *session);

/* `data` is the event's. *type may lie in it. ST_INVALID names the event: it is no copy of one. */
int session_event_view(const struct stored_event *event, struct json data,
                       struct session_event *out, struct error *err);

/* Takes one event in. ST_INVALID: it cannot follow what was before; ST_UNSUPPORTED: a type that this
 * hexmcp does not know. After an error the session must be cleared. */
int session_apply(struct session *session, const struct stored_event *event, struct json data,
                  struct error *err);

/* True if the caller may know of the session. */
bool session_is_of(const struct session *session, struct str caller, struct str tenant);

const char *session_status_name(enum session_status status);

/* SESSION_NONE for an unknown word. */
enum session_status session_status_of(struct str name);

bool session_has_tag(const struct session *session, struct str tag);

/* The open call of this id; NULL if there is none. */
const struct session_call *session_open_call(const struct session *session, struct str id);

/* The state as JSON, and back: for snapshots. ST_INVALID. */
void session_write(const struct session *session, struct buffer *out);
int session_read(struct json state, struct session *out, struct error *err);

/* The ID of the stream "session/ID"; empty if it is another stream. */
struct str session_of_stream(struct str stream);

/* Dollars with nine places at most, exactly: 1500000 is 0.0015. */
void session_put_usd(struct buffer *out, int64_t nano_usd);

/* Nothing, or no number: 0. */
int64_t session_nano_usd(struct json number);
