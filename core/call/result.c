#include <stdlib.h>

#include "core/call/call.h"

int result_broken(const struct call *call, struct error *err, const char *what)
{
    char subject[CALL_SUBJECT_SIZE];
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

/* Pure: parses and checks `json`. On success *doc is the document. */
static int parse_and_check(const struct call *call, struct str json, struct json_doc **doc,
                           struct error *err)
{
    struct json_doc *parsed;
    char subject[CALL_SUBJECT_SIZE];
    int rc = json_parse(json, &parsed, err);
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

static void finish(struct call *call, struct json_doc *doc)
{
    struct error err;
    if (call->result_outcome == RUN_INPUT_REQUIRED && call_wrap_state(call, &doc, &err)) {
        call_end_error(call, &err);
        json_free(doc);
        return;
    }
    call_end_with(call, end_of(call->result_outcome), json_root(doc));
    json_free(doc);
}

static void check_on_worker(void *arg)
{
    struct call *call = arg;
    struct str json = {call->result_text, call->result_len};
    parse_and_check(call, json, &call->result, &call->check);
}

static void checked_on_worker(void *arg)
{
    struct call *call = arg;
    struct json_doc *doc = call->result;
    char *text = call->result_text;
    call->result = NULL;
    call->result_text = NULL;
    if (call->ended) {
        json_free(doc);
        call_forget(call);
    } else if (call->check.code) {
        call_end_error(call, &call->check);
    } else {
        finish(call, doc);
    }
    free(text);
}

/* Copies the result and has a worker check it. */
static int check_large(struct call *call, struct str json, struct error *err)
{
    const struct executor_port *executor = call->dispatcher->parts.executor;
    call->result_text = malloc(json.len);
    if (!call->result_text)
        return error_set(err, ST_NOMEM, "out of memory for a result of %zu bytes", json.len);
    memcpy(call->result_text, json.ptr, json.len);
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

void call_take_result(struct call *call, enum run_outcome outcome, struct str json)
{
    char subject[CALL_SUBJECT_SIZE];
    struct error err;
    call->result_outcome = outcome;
    if (outcome == RUN_CANCELLED) {
        error_set(&err, ST_TIMEOUT, "%s gave up before it was done", call_subject(call, subject));
        call_end_error(call, &err);
    } else if (json.len > DISPATCHER_LARGE) {
        if (check_large(call, json, &err))
            call_end_error(call, &err);
    } else {
        struct json_doc *doc;
        if (parse_and_check(call, json, &doc, &err))
            call_end_error(call, &err);
        else
            finish(call, doc);
    }
}
