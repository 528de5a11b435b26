/* tools/call. */
#include <stdlib.h>

#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/content.h"
#include "adapters/driving/mcp/trace.h"
#include "core/base/nearest.h"

/* Progress comes at most this often; the step that reaches the total comes always, once. */
#define PROGRESS_GAP_NS 10000000u

static void release_message(void *hold)
{
    message_unuse(hold);
}

static void free_request(struct request *r)
{
    message_unuse(r->message);
    free(r);
}

static bool progress_is_due(struct request *r, bool complete)
{
    const struct clock_port *clock = r->connection->mcp->options.clock;
    uint64_t now = clock->monotonic_ns(clock->ctx);
    bool last = complete && !r->progress_complete;
    if (r->progress_ns && now - r->progress_ns < PROGRESS_GAP_NS && !last)
        return false;
    r->progress_ns = now;
    r->progress_complete = complete;
    return true;
}

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct request *r = user;
    struct connection *c = r->connection;
    if (r->answered || !json_exists(r->progress_token) ||
        !progress_is_due(r, total > 0 && progress >= total))
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
    notification_send(c);
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    log_to_client(user, level, logger, text);
}

static bool may_be_structured(const struct request *r, struct json value)
{
    if (!json_exists(value) || r->content_alone)
        return false;
    return json_type(value) == JSON_OBJECT || revision_has(r->revision, FEATURE_STRUCTURED_ANY);
}

static void answer_result(struct request *r, struct json result, bool is_error)
{
    struct json structured = json_get(result, STR("structuredContent"));
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE))
        json_put_string(&w, STR("resultType"), STR("complete"));
    json_key(&w, STR("content"));
    content_write(&w, r->revision, json_get(result, STR("content")), structured);
    if (may_be_structured(r, structured))
        json_put_raw(&w, STR("structuredContent"), json_text(structured));
    if (is_error)
        json_put_bool(&w, STR("isError"), true);
    answer_modern_meta(r, &w, json_get(result, STR("_meta")));
    json_end_object(&w);
    answer_send(r);
}

static void answer_text_error(struct request *r, struct str text)
{
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE))
        json_put_string(&w, STR("resultType"), STR("complete"));
    json_key(&w, STR("content"));
    content_write_text(&w, text);
    json_put_bool(&w, STR("isError"), true);
    answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    answer_send(r);
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct request *r = user;
    if (r->answered) {
        free_request(r);
        return;
    }
    r->call = 0; /* from here on answering frees the request */
    switch (outcome->end) {
    case CALL_RESULT:
    case CALL_TOOL_ERROR:
        answer_result(r, outcome->result, outcome->end == CALL_TOOL_ERROR);
        break;
    case CALL_INPUT_REQUIRED:
        answer_text_error(r, STR("This tool asks for input from the user, which this server "
                                 "cannot pass on. Call it with all the information it needs."));
        break;
    case CALL_CANCELLED:
        answer_error(r, RPC_INTERNAL_ERROR, "the call was cancelled by the server");
        break;
    default:
        answer_error(r, RPC_INTERNAL_ERROR, "%s", outcome->error->text);
    }
}

static void unknown_tool(struct request *r, struct str name)
{
    const struct tool_service *tools = r->connection->mcp->options.tools;
    struct call_context context = {.caller = r->connection->mcp->options.caller};
    struct nearest near = {.word = name};
    const struct tool_definition *tool;
    for (size_t i = 0; (tool = tools->at(tools->ctx, &context, i)); i++)
        nearest_offer(&near, tool->name);
    if (near.best.len)
        answer_error(r, RPC_INVALID_PARAMS, "unknown tool \"%.*s\"; did you mean \"%.*s\"?",
                     STR_ARG(name), STR_ARG(near.best));
    else
        answer_error(r, RPC_INVALID_PARAMS, "unknown tool \"%.*s\"; tools/list names all",
                     STR_ARG(name));
}

/* Asked when the call begins: the tool may be gone when it ends. */
static bool is_content_alone(const struct request *r, const struct call_context *context,
                             struct str name)
{
    struct mcp *mcp = r->connection->mcp;
    const struct tool_service *tools = mcp->options.tools;
    if (revision_has(r->revision, FEATURE_STRUCTURED_ANY))
        return false;
    if (!revision_has(r->revision, FEATURE_STRUCTURED))
        return true;
    const struct tool_definition *tool = tools->find(tools->ctx, context, name);
    return tool && output_gate_is_closed(&mcp->output_gate, tool, tools->generation(tools->ctx));
}

static void start(struct request *r, struct str name, struct json arguments)
{
    static const struct call_observer observer = {on_progress, on_log, on_done};
    const struct mcp_options *options = &r->connection->mcp->options;
    struct tool_call call = {
        .tool = name,
        .arguments = arguments,
        .context = {.caller = options->caller,
                    .wall_ms = options->clock->wall_ms(options->clock->ctx),
                    .monotonic_ns = r->started_ns},
        .observer = &observer,
        .user = r,
        .release = release_message,
        .hold = r->message,
    };
    trace_read(r->meta, &call.context);
    r->content_alone = is_content_alone(r, &call.context, name);
    struct message *message = r->message;
    struct error err;
    uint64_t id;
    message->users++;
    int rc = options->tools->call(options->tools->ctx, &call, &id, &err);
    if (rc) {
        message_unuse(message);
        if (rc == ST_NOT_FOUND)
            unknown_tool(r, name);
        else
            answer_error(r, RPC_INTERNAL_ERROR, "%s", err.text);
    } else if (id) {
        r->call = id;
    }
}

static bool is_token(struct json token)
{
    return json_type(token) == JSON_STRING || json_is_integer_text(token);
}

void tools_call_handle(struct request *r)
{
    struct json name = json_get(r->params, STR("name"));
    struct json arguments = json_get(r->params, STR("arguments"));
    struct json token = json_get(r->meta, STR("progressToken"));
    struct buffer scratch = BUFFER_INIT;
    struct str tool;
    if (!json_string(name, &scratch, &tool)) {
        answer_error(r, RPC_INVALID_PARAMS, "tools/call needs \"name\", a string");
    } else if (json_exists(arguments) && json_type(arguments) != JSON_OBJECT) {
        answer_error(r, RPC_INVALID_PARAMS, "\"arguments\" must be an object");
    } else if (json_exists(token) && !is_token(token)) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "_meta.progressToken must be a string or an integer");
    } else {
        r->progress_token = token;
        start(r, tool, arguments);
    }
    buffer_clear(&scratch);
}
