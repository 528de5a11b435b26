#include "core/call/call.h"

static int check_blocks(const struct call *call, struct json content, struct error *err)
{
    if (json_type(content) != JSON_ARRAY)
        return result_broken(call, err, "has a \"content\" that is not an array");
    struct json_iter it = json_iter(content);
    while (json_next(&it)) {
        int rc = result_check_block(call, it.value, err);
        if (rc)
            return rc;
    }
    return ST_OK;
}

static int check_structured(const struct call *call, struct json value, struct error *err)
{
    if (!call->item->output || !json_exists(value))
        return ST_OK;
    int rc = schema_check(call->item->output, value, err);
    if (rc)
        error_prefix(err, "the result of tool \"%.*s\" does not fit its output schema: ",
                     STR_ARG(call->item->definition->name));
    return rc;
}

int result_check_tool(const struct call *call, struct json result, bool success, struct error *err)
{
    if (json_type(result) != JSON_OBJECT)
        return result_broken(call, err, "is not a JSON object");
    struct json content = json_get(result, STR("content"));
    struct json structured = json_get(result, STR("structuredContent"));
    if (!json_exists(content) && !json_exists(structured))
        return result_broken(call, err, "has neither \"content\" nor \"structuredContent\"");
    int rc = json_exists(content) ? check_blocks(call, content, err) : ST_OK;
    if (rc || !success)
        return rc;
    if (call->item->output && !json_exists(structured))
        return result_broken(call, err, "lacks the \"structuredContent\" that its output schema asks for");
    return check_structured(call, structured, err);
}
