/* Calls of the core on behalf of requests: tools, resources, prompts, completions. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* How the answers to one method look. */
struct call_method {
    enum action action;
    /* The core's result, checked; `is_error` for tools alone. Answers the request. */
    void (*result)(struct request *r, struct json result, bool is_error);
    /* There is nothing of the name that the call asked for, or no argument of it to complete. */
    void (*unknown)(struct request *r, struct str target, const struct error *why);
    /* The call could not be done. NULL: an internal error, or invalid params for what the caller
     * got wrong. */
    void (*failed)(struct request *r, const struct error *why);
};

/* Starts the call of what r->target names, with r->arguments; `what` may give more. A request that
 * brings the answers to a question of the plugin goes on where the call was left. */
void call_start(struct request *r, const struct call_method *method,
                const struct call_request *what);

/* Goes on with a call that asked for input: the plugin's own state and the answers, both JSON. */
void call_go_on(struct request *r, struct str state, struct str answers);

/* True if an error of a call says that the fault lies in what the client sent. */
bool call_is_invalid(int code);

/* There is no tool or prompt of that name; the nearest one is named. */
void call_explain_unknown(const struct request *r, enum item_kind kind, struct str name,
                          struct error *why);
void call_answer_unknown(struct request *r, enum item_kind kind, struct str name);

/* Takes _meta.progressToken over. False: the request has been answered. */
bool call_take_progress_token(struct request *r);

/* Adds the members that are the same in all results: resultType at the begin ... */
void result_begin(struct request *r, struct json_writer *w);
/* ... and _meta at the end, then sends the answer. `own_meta` may be nothing. */
void result_send(struct request *r, struct json_writer *w, struct json own_meta);
