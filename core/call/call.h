/* Inside of core/call: one call, the items' run-time state, and the dispatcher that holds both. */
#pragma once

#include "core/base/buffer.h"
#include "core/call/dispatcher.h"
#include "core/hook/hooks.h"
#include "core/json/json.h"
#include "core/policy/path_grants.h"
#include "core/schema/schema.h"

enum call_state {
    CALL_CHECKING,        /* a worker checks the arguments                                  */
    CALL_WAITING,         /* for a slot                                                     */
    CALL_RUNNING,         /* the runtime has it                                             */
    CALL_CHECKING_RESULT, /* a worker checks the result                                     */
    CALL_HOOKED,          /* hooks are asked                                                */
    CALL_RESTING,         /* a hook wants it to be tried again, later                       */
    CALL_GIVEN_UP,        /* ended for the client; the plugin's function still runs         */
};

/* How far the call has come on its way into the plugin. */
enum call_phase { PHASE_NEW, PHASE_VALIDATED, PHASE_AGREED };

/* What hooks have to do with a call; hooked.c, hooked_result.c. */
struct call_hooks {
    uint64_t run;          /* hooks_stop; 0: none is waited for                               */
    enum call_phase phase;
    uint32_t redirects;
    uint32_t attempt;      /* how often it was tried before                                   */
    uint64_t again_ns;     /* CALL_RESTING: when it is tried again                            */
    struct json_doc *arguments; /* what a hook made of them                                   */
    struct json_doc *held; /* the result while hooks look at it                               */
    struct buffer key;     /* under which its result may be kept                              */
    uint64_t ttl_ms;       /* 0: it may not                                                   */
    struct buffer by;      /* the hook that gave the result; empty: the plugin did            */
    bool forked;           /* another call's hook asked for it                                */
    bool told;             /* ToolError has been told of                                      */
    const struct error *failure; /* while hooks are told of it                                */
};

struct call {
    uint64_t id;
    uint64_t run_id; /* what the runtime knows it by: another one each time it is tried */
    enum call_state state;
    bool ended;      /* done() has been called */
    bool holds_slot; /* counted in item_state.active and plugin_state.active */
    struct dispatcher *dispatcher;
    struct item_state *item; /* its item is held */
    struct call_request request;
    struct buffer text; /* what the call keeps of its own: variables of a URI, copies */
    /* paths.c */
    bool opens_files;                /* one of its arguments is a path                      */
    const struct path_grants *paths; /* NULL if it opens none                               */
    struct narrowed_grants narrowed;
    struct buffer roots;             /* of the client, JSON array                           */
    struct json_doc *state_doc;      /* what the client gave back; request.state is in it   */
    struct json_doc *variables; /* ACTION_READ of a template: the arguments */
    struct call_hooks hooks;
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

/* Calls of one plugin, over all its items. */
struct plugin_state {
    uint32_t plugin;
    uint32_t active;
    uint32_t slots;
    bool starting; /* waiting calls are being started just now */
    struct item_state *items;
    struct plugin_state *next;
};

/* Kept beside the item in the registry, from its first call on. */
struct item_state {
    struct dispatcher *dispatcher;
    const struct item *definition;
    struct plugin_state *plugin;
    struct item_state *next, *before; /* of the same plugin */
    struct schema *input;  /* tools */
    struct schema *output; /* NULL if the tool has none */
    struct json_doc *path_arguments; /* array of names; NULL: no argument is a path */
    struct json_doc *argument_aliases; /* {"other name":"name" or {"name", "times"}}; NULL: none */
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
    struct call_service service;
    struct run_events events;
    struct call_table table;
    struct plugin_state *plugins;
    size_t waiting;
    struct timer *timer;
    uint64_t timer_ns; /* when the timer runs out, 0 if it is not set */
    struct json_doc *no_arguments;
    bool forking; /* calls that begin now are asked for by a hook */
};

/* call_table.c */
struct call *call_table_add(struct call_table *table);
struct call *call_table_find(const struct call_table *table, uint64_t id);
/* Gives it another run_id. */
void call_table_renew(struct call_table *table, struct call *call);
void call_table_remove(struct call_table *table, struct call *call);
void call_table_free(struct call_table *table);

/* items.c */
/* The state of the item; NULL without memory. */
struct item_state *item_state_of(struct dispatcher *d, const struct item *item);
/* For the registry: frees the state of an item that goes. */
void item_state_free(void *state);
void plugin_states_free(struct dispatcher *d);
/* Compiles the schemas of a tool when it is first called. */
int item_compile(struct dispatcher *d, struct item_state *item, struct error *err);

/* forward.c: the request, or *forwarded if it means another tool. */
const struct call_request *call_forward(const struct dispatcher *d,
                                        const struct call_request *request,
                                        struct call_request *forwarded, struct buffer *scratch);

/* target.c */
/* What the request is for: the item that the caller may see, with what has to be found out about
 * the request put into `call`. ST_NOT_FOUND; ST_UNAVAILABLE. */
int call_find_target(struct dispatcher *d, const struct call_request *request,
                     const struct item **out, struct buffer *variables, struct error *err);
/* ST_INVALID if the item has no such argument or variable to complete. */
int call_check_argument_name(const struct item *item, struct str argument, struct error *err);

/* paths.c */
/* Copies what the request says of the client's roots, if the call opens files. */
int call_keep_roots(struct call *call, struct error *err);
/* Its tool or its arguments are others now. */
void call_look_at_paths(struct call *call);
/* Decides what the call may open. With *ask the call ends: the client must tell its roots first. */
int call_grant_paths(struct call *call, struct json_doc **ask, struct error *err);
/* Puts the roots into the state of a call that asks for input; *doc is replaced. */
int call_wrap_state(const struct call *call, struct json_doc **doc, struct error *err);

/* subject.c */
#define CALL_SUBJECT_SIZE 256
/* What the call is of, for a person: tool "x", resource "uri", prompt "x". */
const char *call_subject(const struct call *call, char text[CALL_SUBJECT_SIZE]);

/* admission.c */
/* Runs the call if its tool and plugin have slots, else lets it wait, else ends it with BUSY. */
void call_admit(struct call *call);
/* Gives one slot of the item and its plugin back and starts calls that waited for it. */
void call_release_slot(struct dispatcher *d, struct item_state *item);
void call_stop_waiting(struct call *call);

/* run.c */
void call_run(struct call *call);
/* The arguments fit: what comes next. */
void call_proceed(struct call *call);
void call_check_arguments(struct call *call);
/* Ends the call: its arguments do not fit. */
void call_refuse_arguments(struct call *call, const struct error *err);
/* argument_aliases.c: gives arguments that came under other names their own. ST_INVALID: one came
 * under two names. */
int call_rename_arguments(struct call *call, struct error *err);
/* prompt_arguments.c: strings all, the required ones there, none that the prompt does not know. */
int call_check_prompt_arguments(const struct call *call, struct error *err);
void run_attach(struct dispatcher *d);

/* result.c */
/* Checks what the plugin gave and ends the call with it. */
void call_take_result(struct call *call, enum run_outcome outcome, struct str json);
/* Goes on with a result that has been checked; takes the document. */
void call_finish(struct call *call, struct json_doc *doc);
/* Ends the call with a checked result, as its outcome says; takes the document. */
void call_deliver(struct call *call, struct json_doc *doc);
/* Parses and checks what a hook gave instead. */
int call_read_result(struct call *call, struct str json, struct json_doc **doc, struct error *err);
/* ST_PROTOCOL: the result of the call `what`. */
int result_broken(const struct call *call, struct error *err, const char *what);

/* result_tool.c, result_resource.c, result_prompt.c, result_completion.c: what the plugin may give */
int result_check_tool(const struct call *call, struct json result, bool success, struct error *err);
int result_check_contents(const struct call *call, struct json result, struct error *err);
int result_check_messages(const struct call *call, struct json result, struct error *err);
int result_check_values(const struct call *call, struct json result, struct error *err);
/* result_block.c: one content block; the resource that a block or a read holds */
int result_check_block(const struct call *call, struct json block, struct error *err);
int result_check_embedded(const struct call *call, struct json resource, struct error *err);

/* hook_data.c: what hooks are told of calls */
enum call_stage { STAGE_BEFORE, STAGE_AFTER, STAGE_FAILED };
enum { CALL_ARGUMENTS = 7, CALL_THE_RESULT = 8 }; /* numbers of members that hooks may change */
struct hook_event call_hook_event(struct call *call, enum hook_point point, enum call_stage stage);
/* Tells hooks of an error that they can do nothing about. */
void call_tell(struct call *call, enum hook_point point, const struct error *err);

/* hooked.c: on the way in */
/* True if hooks are asked, or were and have ended the call: then call_proceed comes again, or not. */
bool call_ask_before(struct call *call);
/* hooked_result.c: on the way out. True if hooks look at it; then *doc is theirs. */
bool call_ask_after(struct call *call, struct json_doc *doc);
/* The plugin has failed: hooks may have it tried again. */
void call_fail(struct call *call, const struct error *err);
/* Its rest is over. */
void call_again(struct call *call);
/* Uses `json` as the result that the hook `by` gave. */
void call_replace(struct call *call, struct str by, struct str json);
/* fork.c: begins the calls that hooks asked for. */
void call_fork(struct call *call, struct str operations);

/* end.c */
void call_end_with(struct call *call, enum call_end end, struct json result);
/* Ends the call with the error, as what its code says: an answer to the model, or a failure. */
void call_end_error(struct call *call, const struct error *err);
/* Ends the call with the error although the plugin may still run. */
void call_give_up(struct call *call, const struct error *err);
void call_cancel(struct call *call);
/* Frees the call and nothing else. */
void call_drop(struct call *call);
/* Frees the call, gives the borrowed text back and the slot on. */
void call_forget(struct call *call);

/* deadline.c */
int deadline_init(struct dispatcher *d, struct error *err);
/* Makes the timer run out no later than the call's deadline. */
void deadline_watch(struct call *call);
