/* Inside of the operations of state. */
#pragma once

#include "core/json/writer.h"
#include "core/state/operations.h"

struct access;
struct watching;
struct running;

struct state_operations {
    struct state_operations_parts parts;
    struct access *accesses;
    struct watching *watching;
    struct running *running; /* migrations */
};

/* What most calls name: parts of a schema. */
#define PLACE_SCHEMA                                                                               \
    "\"scope\":{\"enum\":[\"global\",\"user\",\"session\",\"workflow\",\"component\"],"            \
    "\"default\":\"global\",\"description\":\"Whose state: all of the tenant, the caller's, or one "  \
    "session's, workflow's or component's of the caller.\"},"                                      \
    "\"kind\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64,\"description\":\"Of a "          \
    "component: agent, tool, hook.\"},"                                                            \
    "\"id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128,\"description\":\"Of the "         \
    "session, workflow or component.\"}"
#define KEY_SCHEMA "\"key\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":400}"
#define VERSION_SCHEMA                                                                             \
    "\"ifVersion\":{\"type\":\"integer\",\"minimum\":0,\"description\":\"Only if the key is at this " \
    "version; 0: only if it is not there.\"}"

/* The place that the call names. Texts with escapes are put into `scratch`. ST_INVALID. */
struct place_text {
    struct buffer kind, id;
};
int call_place(struct operation_call *call, struct place_text *scratch, struct state_place *out,
               struct error *err);
void place_text_clear(struct place_text *scratch);

/* The text of an argument; empty if it is not there. In `scratch` if it has escapes. */
struct str call_text(struct json arguments, struct str name, struct buffer *scratch);

/* The number of an argument from 0; `other` if it is not there. */
uint64_t call_number(struct json arguments, struct str name, uint64_t other);

/* Answers with what was written, or with an error where memory was short. */
void call_answer(struct operation_call *call, struct buffer *text);

/* Adds a point in time as ISO 8601. */
void state_put_time(struct json_writer *w, struct str name, int64_t ms);

/* The operations of the other files. */
void run_migrate(void *domain, struct operation_call *call);
void run_rollback(void *domain, struct operation_call *call);
void run_commit(void *domain, struct operation_call *call);
void run_watch(void *domain, struct operation_call *call);
void running_free_all(struct state_operations *s);
void watching_free_all(struct state_operations *s);

extern const char state_migrate_schema[], state_run_schema[], state_watch_schema[];
