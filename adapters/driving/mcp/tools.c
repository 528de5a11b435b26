/* tools/call. */
#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/content.h"
#include "adapters/driving/mcp/http/ladder.h"
#include "core/toolset/facade.h"

static bool may_be_structured(const struct request *r, struct json value)
{
    if (!json_exists(value) || r->content_alone)
        return false;
    return json_type(value) == JSON_OBJECT || revision_has(r->revision, FEATURE_STRUCTURED_ANY);
}

void tool_result_write(const struct request *r, struct json_writer *w, struct json result,
                       bool is_error)
{
    struct json structured = json_get(result, STR("structuredContent"));
    json_key(w, STR("content"));
    content_write(w, r->revision, json_get(result, STR("content")), structured);
    if (may_be_structured(r, structured))
        json_put_raw(w, STR("structuredContent"), json_text(structured));
    if (is_error)
        json_put_bool(w, STR("isError"), true);
}

static void answer_result(struct request *r, struct json result, bool is_error)
{
    struct json_writer w;
    result_begin(r, &w);
    tool_result_write(r, &w, result, is_error);
    result_send(r, &w, json_get(result, STR("_meta")));
}

void tool_answer_text_error(struct request *r, struct str text)
{
    struct json_writer w;
    result_begin(r, &w);
    json_key(&w, STR("content"));
    content_write_text(&w, text);
    json_put_bool(&w, STR("isError"), true);
    result_send(r, &w, json_none());
}

/* A tool that was named to tool_call was named by the model, which can choose another one. */
static void unknown_tool(struct request *r, struct str name, const struct error *why)
{
    struct error unknown;
    if (why->code != ST_UNAVAILABLE) {
        call_explain_unknown(r, ITEM_TOOL, name, &unknown);
        why = &unknown;
    }
    if (r->forwarded)
        tool_answer_text_error(r, str_from(why->text));
    else
        answer_error(r, RPC_INVALID_PARAMS, "%s", why->text);
}

/* Asked when the call begins: the tool may be gone when it ends. */
static bool is_content_alone(const struct request *r, const struct item *tool)
{
    struct mcp *mcp = r->connection->mcp;
    const struct catalog_service *catalog = mcp->options.catalog;
    if (revision_has(r->revision, FEATURE_STRUCTURED_ANY))
        return false;
    if (!revision_has(r->revision, FEATURE_STRUCTURED))
        return true;
    return tool && output_gate_is_closed(&mcp->output_gate, tool,
                                         catalog->generation(catalog->ctx, ITEM_TOOL));
}

static const struct item *find(const struct request *r, struct str name)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    struct call_context context = {.caller = &r->connection->client->caller};
    return options->catalog->find(options->catalog->ctx, &context, ITEM_TOOL, name);
}

bool tool_is_content_alone(const struct request *r, struct str name)
{
    return is_content_alone(r, find(r, name));
}

static void failed(struct request *r, const struct error *why)
{
    answer_error(r, RPC_INTERNAL_ERROR, "%s", why->text);
}

static const struct call_method calling = {ACTION_CALL, answer_result, unknown_tool, failed};

static void begin(struct request *r, const struct item *tool)
{
    if (task_take_call(r, tool))
        return;
    r->content_alone = is_content_alone(r, tool);
    call_start(r, &calling, &(struct call_request){0});
}

/* From here on it is as if the tool had been called by its name. */
static void forward(struct request *r, const struct facade_call *meant)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    r->target = meant->name;
    r->arguments = meant->arguments;
    r->forwarded = true;
    if (json_string(meant->name, &scratch, &name))
        begin(r, find(r, name));
    else
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
    buffer_clear(&scratch);
}

static void start(struct request *r, struct str name)
{
    const struct item *tool = find(r, name);
    struct facade_call meant;
    if (!http_params_agree(r, tool))
        return;
    if (tool && facade_unwrap(tool, r->arguments, &meant))
        forward(r, &meant);
    else
        begin(r, tool);
}

void tools_call_handle(struct request *r)
{
    struct buffer scratch = BUFFER_INIT;
    struct str tool;
    r->target = json_get(r->params, STR("name"));
    r->arguments = json_get(r->params, STR("arguments"));
    if (!json_string(r->target, &scratch, &tool))
        answer_error(r, RPC_INVALID_PARAMS, "tools/call needs \"name\", a string");
    else if (json_exists(r->arguments) && json_type(r->arguments) != JSON_OBJECT)
        answer_error(r, RPC_INVALID_PARAMS, "\"arguments\" must be an object");
    else if (call_take_progress_token(r))
        start(r, tool);
    buffer_clear(&scratch);
}
