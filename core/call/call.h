/* Inside of core/call: one call, the tools' run-time state, and the dispatcher that holds both. */
#pragma once

#include "core/base/buffer.h"
#include "core/call/dispatcher.h"
#include "core/json/json.h"
#include "core/schema/schema.h"

enum call_state {
    CALL_CHECKING,        /* a worker checks the arguments                                  */
    CALL_WAITING,         /* for a slot                                                     */
    CALL_RUNNING,         /* the runtime has it                                             */
    CALL_CHECKING_RESULT, /* a worker checks the result                                     */
    CALL_GIVEN_UP,        /* ended for the client; the plugin's function still runs         */
};

struct call {
    uint64_t id;
    enum call_state state;
    bool ended;      /* done() has been called */
    bool holds_slot; /* counted in tool_state.active and plugin_state.active */
    struct dispatcher *dispatcher;
    struct tool_state *tool;
    struct tool_call request;
    uint64_t deadline_ns;
    double progress; /* the highest value reported */
    struct call *next_waiting;
    /* while a worker checks arguments or result */
    char *result_text;
    size_t result_len;
    enum run_outcome result_outcome;
    struct json_doc *result;
    struct error check;
};

/* Calls of one plugin, over all its tools. */
struct plugin_state {
    uint32_t plugin;
    uint32_t active;
    uint32_t slots;
    bool starting; /* waiting calls are being started just now */
};

struct tool_state {
    const struct tool_definition *definition;
    struct plugin_state *plugin;
    struct schema *input;
    struct schema *output; /* NULL if the tool has none */
    bool compiled;
    uint32_t active;
    uint32_t waiting;
    struct call *first_waiting;
    struct call *last_waiting;
};

/* Calls by id: the low half of an id is the index + 1, the high half tells users of one index
 * apart, so that an id is never valid again. */
struct call_table {
    struct call **calls;
    uint32_t *generations;
    uint32_t *free;
    uint32_t free_count;
    uint32_t cap;
    size_t live;
};

struct dispatcher {
    struct dispatcher_parts parts;
    struct tool_service service;
    struct run_events events;
    struct call_table table;
    struct tool_state *tools; /* by registry index */
    struct plugin_state *plugins;
    size_t tool_count;
    size_t plugin_count;
    const struct tool_definition **visible; /* what the policy lets callers see, in order */
    size_t visible_count;
    size_t waiting;
    struct timer *timer;
    uint64_t timer_ns; /* when the timer runs out, 0 if it is not set */
    struct json_doc *no_arguments;
};

/* call_table.c */
struct call *call_table_add(struct call_table *table);
struct call *call_table_find(const struct call_table *table, uint64_t id);
void call_table_remove(struct call_table *table, struct call *call);
void call_table_free(struct call_table *table);

/* tools.c */
int tools_load(struct dispatcher *d, struct error *err);
void tools_free(struct dispatcher *d);
/* Compiles the schemas of the tool when it is first called. */
int tool_compile(struct dispatcher *d, struct tool_state *tool, struct error *err);

/* admission.c */
/* Runs the call if its tool and plugin have slots, else lets it wait, else ends it with BUSY. */
void call_admit(struct call *call);
/* Gives one slot of the tool and its plugin back and starts calls that waited for it. */
void call_release_slot(struct dispatcher *d, struct tool_state *tool);
void call_stop_waiting(struct call *call);

/* run.c */
void call_run(struct call *call);
void call_check_arguments(struct call *call);
void run_attach(struct dispatcher *d);

/* result.c */
/* Checks what the plugin gave and ends the call with it. */
void call_take_result(struct call *call, enum run_outcome outcome, struct str json);

/* end.c */
void call_end_with(struct call *call, enum call_end end, struct json result);
/* Ends the call with the error, as what its code says: an answer to the model, or a failure. */
void call_end_error(struct call *call, const struct error *err);
/* Ends the call with the error although the plugin may still run. */
void call_give_up(struct call *call, const struct error *err);
void call_cancel(struct call *call);
/* Frees the call, gives the borrowed text back and the slot on. */
void call_forget(struct call *call);

/* deadline.c */
int deadline_init(struct dispatcher *d, struct error *err);
/* Makes the timer run out no later than the call's deadline. */
void deadline_watch(struct call *call);
