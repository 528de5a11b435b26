/*
 * What runs the code of plugins. The core decides which call runs when; the runtime loads the
 * plugin, calls it on the right thread, and reports back on the loop.
 */
#pragma once

#include "ports/context.h"
#include "ports/item.h"
#include "ports/path_grants.h"

/* How a plugin ended a call; the numbers equal the public HEXMCP_RESULT and friends. */
enum run_outcome {
    RUN_RESULT,
    RUN_TOOL_ERROR,
    RUN_FAIL,
    RUN_CANCELLED,
    RUN_INPUT_REQUIRED,
};

/* One call to run. All text is borrowed until the call has been released, see run_events. */
struct run_request {
    uint64_t call;         /* the core's id, never 0, never reused                               */
    uint32_t plugin;       /* the number under which the runtime registered the plugin           */
    enum action action;
    enum item_kind kind;   /* of what                                                            */
    struct str name;       /* of the tool or prompt in its manifest; the URI that is read; for
                              ACTION_COMPLETE of a template the template                         */
    struct str arguments;  /* JSON object: arguments of the tool or prompt, variables of the
                              template; for ACTION_COMPLETE what is known already                */
    struct str argument;   /* ACTION_COMPLETE: which argument, and how it begins                 */
    struct str value;
    bool resume;           /* go on after INPUT_REQUIRED with the two texts below                */
    struct str state;      /* JSON, "null" if the plugin gave none                               */
    struct str answers;    /* JSON object                                                        */
    struct str traceparent; /* W3C trace context; empty if there is none                         */
    struct str tracestate;
    struct str meta;       /* JSON object of the client's request; empty if there is none       */
    const struct caller *caller; /* who asked; NULL: the host itself                             */
    /* What the call may open; NULL if none of its arguments is a path. */
    const struct path_grants *paths;
    bool on_loop;          /* run on the loop thread, else on a worker                           */
    uint64_t deadline_ns;  /* monotonic; the core gives the call up then                         */
};

/*
 * Reports, all [loop]. For each run() that returned ST_OK: first any number of progress and log,
 * then exactly one completed or failed - which also releases the call: the plugin's function has
 * returned and its arguments are not used any more. After abandon() neither comes, but exactly one
 * released, as soon as the plugin's function has returned (at once if it already has).
 * With `on_loop`, reports may come before run() returns.
 */
struct run_events {
    void *ctx;
    /* `json` is what the plugin gave, unchecked, borrowed until return. */
    void (*completed)(void *ctx, uint64_t call, enum run_outcome outcome, struct str json);
    /* The plugin returned an error, could not be loaded, or broke the contract (ST_PROTOCOL). */
    void (*failed)(void *ctx, uint64_t call, const struct error *err);
    void (*progress)(void *ctx, uint64_t call, double progress, double total, struct str message);
    void (*log)(void *ctx, uint64_t call, enum log_level level, struct str plugin, struct str text);
    void (*released)(void *ctx, uint64_t call);
};

struct plugin_runtime {
    void *ctx;

    /* Once, before the first run(). `events` lives as long as the runtime. */
    void (*attach)(void *ctx, const struct run_events *events);

    /* Starts a call. Fails without any report: ST_UNAVAILABLE if the plugin is quarantined or
     * cannot be loaded (the reason in the text), ST_BUSY if no worker can take it. */
    int (*run)(void *ctx, const struct run_request *request, struct error *err);

    /* Asks the plugin to stop the call. Idempotent, unknown ids are ignored. */
    void (*cancel)(void *ctx, uint64_t call);

    /* The core has given the call up (deadline): cancel it, drop its result. */
    void (*abandon)(void *ctx, uint64_t call);
};
