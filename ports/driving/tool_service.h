/*
 * What the core offers around tools: list them, call one, cancel the call.
 */
#pragma once

#include "ports/context.h"
#include "ports/types.h"

enum tool_level { TOOL_SAFE, TOOL_RESTRICTED, TOOL_PRIVILEGED };
enum task_support { TASK_FORBIDDEN, TASK_OPTIONAL, TASK_REQUIRED };

/* A tool as it is registered. All text lives as long as the registry's generation. */
struct tool_definition {
    struct str name;       /* as clients see it, unique                                          */
    struct str local_name; /* as its plugin knows it                                             */
    struct str plugin_id;
    struct str json;       /* the tool's object in the manifest, with `run`, untouched           */
    uint32_t plugin;       /* the runtime's number of the plugin                                 */
    bool run_inline;       /* may run on the loop thread ...                                     */
    uint32_t inline_bytes; /* ... if its arguments are not longer than this                      */
    uint32_t timeout_ms;   /* time limit of one call                                             */
    uint32_t slots;        /* calls of this tool at once, on workers                             */
    uint32_t queue;        /* calls that may wait for a slot                                     */
    uint32_t plugin_slots; /* calls of the whole plugin at once; 1 if it is not concurrent       */
    enum tool_level level;
    enum task_support task_support;
};

enum call_end {
    CALL_RESULT,         /* result: the checked result object                                     */
    CALL_TOOL_ERROR,     /* result: it tells the model what went wrong                           */
    CALL_FAILED,         /* error: the call broke, not the tool's doing                          */
    CALL_CANCELLED,      /* by cancel()                                                          */
    CALL_INPUT_REQUIRED, /* result: {"requests":{...},"state":...}                               */
};

struct call_outcome {
    enum call_end end;
    /* {"content":[...], "structuredContent"?, "_meta"?}, checked; borrowed until return. A
     * structuredContent is there only if it fits the tool's output schema. `content` is missing if
     * the plugin gave structuredContent alone. */
    struct json result;
    /* For CALL_FAILED, and for a CALL_TOOL_ERROR that is not of the tool's making. Else NULL. */
    const struct error *error;
};

/* Reports on a call, [loop]. done comes exactly once and is the last; it may come before
 * call() returns. */
struct call_observer {
    void (*progress)(void *user, double progress, double total, struct str message);
    void (*log)(void *user, enum log_level level, struct str logger, struct str text);
    void (*done)(void *user, const struct call_outcome *outcome);
};

struct tool_call {
    struct str tool; /* the public name */
    /* An object; nothing means {}. The plugin gets its very bytes. The document is borrowed until
     * `release` is called. */
    struct json arguments;
    bool resume;      /* go on after CALL_INPUT_REQUIRED, with the two JSON texts below, which are
                         borrowed like `arguments` */
    struct str state;
    struct str answers;
    struct call_context context;
    const struct call_observer *observer;
    void *user; /* given to the observer                                                         */
    /* Called once when nothing uses the borrowed text any more: after done, or later if the tool
     * still hangs. May be NULL. `hold` is given to it. */
    void (*release)(void *hold);
    void *hold;
};

struct tool_service {
    void *ctx;

    /* Rises whenever the list changes. */
    uint64_t (*generation)(void *ctx);

    /* The tool at `index` of the stable order, as far as `context` may see it; NULL at the end. */
    const struct tool_definition *(*at)(void *ctx, const struct call_context *context,
                                        size_t index);

    const struct tool_definition *(*find)(void *ctx, const struct call_context *context,
                                          struct str name);

    /* Starts a call. On ST_OK done() will come or has come, and *id names the call if it is still
     * running (0 if it has ended). ST_NOT_FOUND: no such tool; then nothing is called, `release`
     * included. Everything else that can go wrong is reported through done(). */
    int (*call)(void *ctx, const struct tool_call *call, uint64_t *id, struct error *err);

    /* Ends the call with CALL_CANCELLED at once and asks the tool to stop. Unknown ids are
     * ignored. */
    void (*cancel)(void *ctx, uint64_t id);
};
