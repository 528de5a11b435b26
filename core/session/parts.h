/* Inside of session. */
#pragma once

#include "core/session/session.h"

struct json_writer;

/* The member "config" of what begins a session. */
void session_put_config(struct json_writer *w, const struct session_limits *limits);

/* The type of events that stand for those of another session. */
#define SESSION_COPY_TYPE STR("SessionEventCopied")

/* A copy with a NUL behind it; NULL without memory. */
char *session_text(struct str text);

/* The same of a JSON string; "" for other values. */
char *session_decoded(struct json text);

/* ST_BUSY: the session is not at the arguments' "expectedVersion", if they have one. */
int session_check_version(const struct session *session, struct json arguments, struct error *err);

/* All types of events of sessions. */
#define SESSION_EVENT_TYPES 17u
extern const char *const session_event_types[SESSION_EVENT_TYPES];
