/*
 * What the core offers to those who call: to call a tool, read a resource, render a prompt, complete
 * an argument, and to cancel what runs. All [loop].
 */
#pragma once

#include "ports/context.h"
#include "ports/item.h"

enum call_end {
    CALL_RESULT,         /* result: the checked result object                                    */
    CALL_TOOL_ERROR,     /* result: it tells the model what went wrong; ACTION_CALL alone        */
    CALL_FAILED,         /* error: the call broke, or for other actions could not be done        */
    CALL_CANCELLED,      /* by cancel()                                                          */
    CALL_INPUT_REQUIRED, /* result: {"requests":{...},"state":...}; not of ACTION_COMPLETE       */
};

struct call_outcome {
    enum call_end end;
    /* Checked; borrowed until return.
     *   ACTION_CALL      {"content":[...], "structuredContent"?, "_meta"?}: a structuredContent is
     *                    there only if it fits the tool's output schema; `content` is missing if
     *                    the plugin gave structuredContent alone
     *   ACTION_READ      {"contents":[...], "_meta"?}
     *   ACTION_RENDER    {"messages":[...], "description"?, "_meta"?}
     *   ACTION_COMPLETE  {"values":[...], "total"?, "hasMore"?} */
    struct json result;
    /* For CALL_FAILED, and for a CALL_TOOL_ERROR that is not of the tool's making. Else NULL. */
    const struct error *error;
};

/* Reports on a call. done comes exactly once and is the last; it may come before call()
 * returns. */
struct call_observer {
    void (*progress)(void *user, double progress, double total, struct str message);
    void (*log)(void *user, enum log_level level, struct str logger, struct str text);
    void (*done)(void *user, const struct call_outcome *outcome);
};

struct call_request {
    enum action action;
    enum item_kind of; /* ACTION_COMPLETE: ITEM_PROMPT or ITEM_TEMPLATE */
    struct str target; /* the public name; for ACTION_READ the URI; copied */
    /* An object; nothing means {}. The plugin gets its very bytes. Arguments of a tool or prompt;
     * for ACTION_COMPLETE the arguments that are known already. The document is borrowed until
     * `release` is called. */
    struct json arguments;
    struct str argument; /* ACTION_COMPLETE: which one, and how it begins; copied */
    struct str value;
    bool resume;       /* go on after CALL_INPUT_REQUIRED, with the two JSON texts below, which are
                          copied */
    struct str state;  /* empty: the plugin gave none, and gets null */
    struct str answers;
    struct call_context context;
    const struct call_observer *observer;
    void *user; /* given to the observer                                                         */
    /* Called once when nothing uses the borrowed text any more: after done, or later if the plugin
     * still hangs. May be NULL. `hold` is given to it. */
    void (*release)(void *hold);
    void *hold;
};

struct call_service {
    void *ctx;

    /* Starts a call. On ST_OK done() will come or has come, and *id names the call if it is still
     * running (0 if it has ended). ST_NOT_FOUND: there is nothing of that name; ST_UNAVAILABLE: the
     * tool is known and not there, and the text says why. Then nothing is called, `release` included. Everything else that can go wrong is reported through done(). */
    int (*call)(void *ctx, const struct call_request *request, uint64_t *id, struct error *err);

    /* Ends the call with CALL_CANCELLED at once and asks the plugin to stop. Unknown ids are
     * ignored. */
    void (*cancel)(void *ctx, uint64_t id);
};
