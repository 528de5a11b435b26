#include <stdlib.h>

#include "core/call/call.h"

int result_broken(const struct call *call, struct error *err, const char *what)
{
    char subject[CALL_SUBJECT_SIZE];
    if (call->hooks.by.len)
        return error_set(err, ST_PROTOCOL, "the hook \"%.*s\" gave a result of %s that %s",
                         STR_ARG(buffer_str(&call->hooks.by)), call_subject(call, subject), what);
    return error_set(err, ST_PROTOCOL, "plugin %.*s broke its contract: the result of %s %s",
                     STR_ARG(call->item->definition->plugin_id), call_subject(call, subject), what);
}

static int check_input_required(const struct call *call, struct json result, struct error *err)
{
    struct json requests = json_get(result, STR("requests"));
    if (json_exists(requests) && json_type(requests) != JSON_OBJECT)
        return result_broken(call, err, "asks for input with \"requests\" that is not an object");
    if (json_count(requests) == 0 && !json_exists(json_get(result, STR("state"))))
        return result_broken(call, err, "asks for input with neither \"requests\" nor \"state\"");
    return ST_OK;
}

/* {"code":-3,"message":"..."} of a plugin that failed. Always fills `err`. */
static void read_failure(const struct call *call, struct json result, struct error *err)
{
    char subject[CALL_SUBJECT_SIZE];
    int64_t code = ST_GENERIC;
    json_int64(json_get(result, STR("code")), &code);
    if (code >= 0 || code < ST_CONFIG)
        code = ST_GENERIC;
    struct buffer scratch = BUFFER_INIT;
    struct str message;
    if (json_string(json_get(result, STR("message")), &scratch, &message) && message.len > 0)
        error_set(err, (int)code, "%.*s", STR_ARG(message));
    else
        error_set(err, (int)code, "%s failed (%s) and gave no reason", call_subject(call, subject),
                  error_code_name((int)code));
    buffer_clear(&scratch);
}

static int check_result(const struct call *call, struct json result, struct error *err)
{
    switch (call->request.action) {
    case ACTION_CALL:
        return result_check_tool(call, result, call->result_outcome == RUN_RESULT, err);
    case ACTION_READ:
        return result_check_contents(call, result, err);
    case ACTION_RENDER:
        return result_check_messages(call, result, err);
    default:
        return result_check_values(call, result, err);
    }
}

static int check_outcome(const struct call *call, struct json result, struct error *err)
{
    switch (call->result_outcome) {
    case RUN_TOOL_ERROR:
        if (call->request.action != ACTION_CALL)
            return result_broken(call, err, "is a tool error; only tools have those");
        return check_result(call, result, err);
    case RUN_RESULT:
        return check_result(call, result, err);
    case RUN_INPUT_REQUIRED:
        if (call->request.action == ACTION_COMPLETE)
            return result_broken(call, err, "asks for input, which a completion cannot");
        return check_input_required(call, result, err);
    default:
        read_failure(call, result, err);
        return err->code;
    }
}

/* Pure: parses and checks `json`, which is taken if it is `own`. On success *doc is the document. */
static int parse_and_check(const struct call *call, struct str json, char *own,
                           struct json_doc **doc, struct error *err)
{
    struct json_doc *parsed;
    char subject[CALL_SUBJECT_SIZE];
    int rc = own ? json_parse_take(own, json.len, &parsed, err) : json_parse(json, &parsed, err);
    if (rc) {
        error_prefix(err, "plugin %.*s broke its contract: %s returned broken JSON: ",
                     STR_ARG(call->item->definition->plugin_id), call_subject(call, subject));
        return err->code = ST_PROTOCOL;
    }
    rc = check_outcome(call, json_root(parsed), err);
    if (rc)
        json_free(parsed);
    else
        *doc = parsed;
    return rc;
}

static enum call_end end_of(enum run_outcome outcome)
{
    return outcome == RUN_RESULT       ? CALL_RESULT
           : outcome == RUN_TOOL_ERROR ? CALL_TOOL_ERROR
                                       : CALL_INPUT_REQUIRED;
}

void call_deliver(struct call *call, struct json_doc *doc)
{
    struct error err;
    if (call->result_outcome == RUN_INPUT_REQUIRED && call_wrap_state(call, &doc, &err))
        call_end_error(call, &err);
    else
        call_end_with(call, end_of(call->result_outcome), json_root(doc));
    json_free(doc);
}

void call_finish(struct call *call, struct json_doc *doc)
{
    if (!call_ask_after(call, doc))
        call_deliver(call, doc);
}

static void check_on_worker(void *arg)
{
    struct call *call = arg;
    struct str json = {call->result_text, call->result_len};
    parse_and_check(call, json, call->result_text, &call->result, &call->check);
}

static void checked_on_worker(void *arg)
{
    struct call *call = arg;
    struct json_doc *doc = call->result;
    call->result = NULL;
    call->result_text = NULL;
    if (call->ended) {
        json_free(doc);
        call_forget(call);
    } else if (call->check.code) {
        call_fail(call, &call->check);
    } else {
        call_finish(call, doc);
    }
}

static char *copy(struct str text)
{
    char *own = malloc(text.len + 1);
    if (own && text.len)
        memcpy(own, text.ptr, text.len);
    return own;
}

/* Copies the result and has a worker check it. */
static int check_large(struct call *call, struct str json, struct error *err)
{
    const struct executor_port *executor = call->dispatcher->parts.executor;
    call->result_text = copy(json);
    if (!call->result_text)
        return error_set(err, ST_NOMEM, "out of memory for a result of %zu bytes", json.len);
    call->result_len = json.len;
    call->check.code = ST_OK;
    call->state = CALL_CHECKING_RESULT;
    int rc = executor->submit(executor->ctx, check_on_worker, checked_on_worker, call, err);
    if (rc) {
        free(call->result_text);
        call->result_text = NULL;
    }
    return rc;
}

int call_read_result(struct call *call, struct str json, struct json_doc **doc, struct error *err)
{
    char *own = copy(json);
    return own ? parse_and_check(call, json, own, doc, err)
               : error_set(err, ST_NOMEM, "out of memory for a result of %zu bytes", json.len);
}

static int check_small(struct call *call, struct str json, struct json_doc **doc, struct error *err)
{
    /* Hooks may look at it when the plugin's text has gone. */
    bool keeps = hooks_any(call->dispatcher->parts.hooks, HOOK_AFTER_TOOL_EXECUTION) ||
                 hooks_any(call->dispatcher->parts.hooks, HOOK_AFTER_RESOURCE_READ) ||
                 hooks_any(call->dispatcher->parts.hooks, HOOK_AFTER_PROMPT);
    return keeps ? call_read_result(call, json, doc, err)
                 : parse_and_check(call, json, NULL, doc, err);
}

void call_take_result(struct call *call, enum run_outcome outcome, struct str json)
{
    char subject[CALL_SUBJECT_SIZE];
    struct json_doc *doc;
    struct error err;
    call->result_outcome = outcome;
    if (outcome == RUN_CANCELLED) {
        error_set(&err, ST_TIMEOUT, "%s gave up before it was done", call_subject(call, subject));
        call_fail(call, &err);
    } else if (json.len > DISPATCHER_LARGE) {
        if (check_large(call, json, &err))
            call_fail(call, &err);
    } else if (check_small(call, json, &doc, &err)) {
        call_fail(call, &err);
    } else {
        call_finish(call, doc);
    }
}
