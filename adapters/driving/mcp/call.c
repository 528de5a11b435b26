#include "adapters/driving/mcp/call.h"

#include <stdlib.h>

#include "adapters/driving/mcp/ask.h"
#include "adapters/driving/mcp/roots.h"
#include "adapters/driving/mcp/tasks.h"
#include "adapters/driving/mcp/trace.h"
#include "core/base/nearest.h"

static void release_message(void *hold)
{
    message_unuse(hold);
}

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct request *r = user;
    struct connection *c = r->connection;
    if (r->answered || !json_exists(r->progress_token) ||
        !progress_is_due(&r->progress, c->mcp->options.clock, progress, total))
        return;
    struct json_writer w = notification_begin(c, STR("notifications/progress"));
    json_begin_object(&w);
    json_put_raw(&w, STR("progressToken"), json_text(r->progress_token));
    json_key(&w, STR("progress"));
    json_write_double(&w, progress);
    if (total > 0) {
        json_key(&w, STR("total"));
        json_write_double(&w, total);
    }
    if (message.len && revision_has(r->revision, FEATURE_PROGRESS_MESSAGE))
        json_put_string(&w, STR("message"), message);
    json_end_object(&w);
    notification_send(c, request_origin(r));
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    log_to_client(user, level, logger, text);
}

bool call_is_invalid(int code)
{
    return code == ST_INVALID || code == ST_NOT_FOUND || code == ST_UNSUPPORTED ||
           code == ST_DENIED;
}

static void answer_failure(struct request *r, const struct error *why)
{
    if (r->method->failed)
        r->method->failed(r, why);
    else
        answer_error(r, call_is_invalid(why->code) ? RPC_INVALID_PARAMS : RPC_INTERNAL_ERROR, "%s",
                     why->text);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct request *r = user;
    if (r->answered) {
        r->call = 0;
        request_free(r);
        return;
    }
    r->call = 0; /* from here on answering frees the request */
    switch (outcome->end) {
    case CALL_RESULT:
    case CALL_TOOL_ERROR:
        r->method->result(r, outcome->result, outcome->end == CALL_TOOL_ERROR);
        break;
    case CALL_INPUT_REQUIRED:
        ask_client(r, outcome->result);
        break;
    case CALL_CANCELLED:
        answer_error(r, RPC_INTERNAL_ERROR, "the call was cancelled by the server");
        break;
    default:
        answer_failure(r, outcome->error);
    }
}

static void run(struct request *r, struct call_request *call)
{
    static const struct call_observer observer = {on_progress, on_log, on_done};
    const struct mcp_options *options = &r->connection->mcp->options;
    const struct call_method *method = r->method;
    struct message *message = r->message;
    struct error err;
    uint64_t id;
    call->action = method->action;
    call->arguments = r->arguments;
    call->context.caller = &r->connection->client->caller;
    call->context.wall_ms = options->clock->wall_ms(options->clock->ctx);
    call->context.roots = roots_of(r);
    call->observer = &observer;
    call->user = r;
    call->release = release_message;
    call->hold = message;
    trace_read(r->meta, &call->context);
    message->users++;
    int rc = options->calls->call(options->calls->ctx, call, &id, &err);
    if (rc) {
        message_unuse(message);
        if (rc == ST_NOT_FOUND || rc == ST_INVALID || rc == ST_UNAVAILABLE)
            method->unknown(r, call->target, &err);
        else
            answer_error(r, RPC_INTERNAL_ERROR, "%s", err.text);
    } else if (id) {
        r->call = id;
    }
}

/* The target is a string, as every handler has checked: only memory can fail. */
static void run_target(struct request *r, struct call_request *call)
{
    struct buffer scratch = BUFFER_INIT;
    if (json_string(r->target, &scratch, &call->target))
        run(r, call);
    else
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
    buffer_clear(&scratch);
}

void call_start(struct request *r, const struct call_method *method,
                const struct call_request *what)
{
    struct call_request call = *what;
    r->method = method;
    call.context.monotonic_ns = r->started_ns;
    if (!ask_take_answers(r))
        run_target(r, &call);
}

void call_go_on(struct request *r, struct str state, struct str answers)
{
    if (r->task_next) {
        task_go_on(r, state, answers);
        return;
    }
    const struct clock_port *clock = r->connection->mcp->options.clock;
    struct call_request call = {
        .resume = true,
        .state = state,
        .answers = answers,
        /* The time that the person took is not the plugin's. */
        .context = {.monotonic_ns = clock->monotonic_ns(clock->ctx)},
    };
    run_target(r, &call);
}

void call_explain_unknown(const struct request *r, enum item_kind kind, struct str name,
                          struct error *why)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    const struct catalog_service *catalog = options->catalog;
    struct call_context context = {.caller = &r->connection->client->caller};
    const char *what = kind == ITEM_TOOL ? "tool" : "prompt";
    struct nearest near = {.word = name};
    const struct item *item = NULL;
    while ((item = catalog->reach(catalog->ctx, &context, kind, item ? item->order : 0)))
        nearest_offer(&near, item->name);
    if (near.best.len)
        error_set(why, ST_NOT_FOUND, "unknown %s \"%.*s\"; did you mean \"%.*s\"?", what,
                  STR_ARG(name), STR_ARG(near.best));
    else
        error_set(why, ST_NOT_FOUND, "unknown %s \"%.*s\"; %s", what, STR_ARG(name),
                  r->forwarded        ? "tool_search finds tools"
                  : kind == ITEM_TOOL ? "tools/list names all"
                                      : "prompts/list names all");
}

void call_answer_unknown(struct request *r, enum item_kind kind, struct str name)
{
    struct error why;
    call_explain_unknown(r, kind, name, &why);
    answer_error(r, RPC_INVALID_PARAMS, "%s", why.text);
}

static bool is_token(struct json token)
{
    return json_type(token) == JSON_STRING || json_is_integer_text(token);
}

bool call_take_progress_token(struct request *r)
{
    struct json token = json_get(r->meta, STR("progressToken"));
    if (json_exists(token) && !is_token(token)) {
        answer_error(r, RPC_INVALID_PARAMS, "_meta.progressToken must be a string or an integer");
        return false;
    }
    r->progress_token = token;
    return true;
}

void result_begin(struct request *r, struct json_writer *w)
{
    *w = answer_begin(r);
    json_begin_object(w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE))
        json_put_string(w, STR("resultType"), STR("complete"));
}

void result_send(struct request *r, struct json_writer *w, struct json own_meta)
{
    answer_modern_meta(r, w, own_meta);
    json_end_object(w);
    answer_send(r);
}
