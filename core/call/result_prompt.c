#include "core/call/call.h"

static int check_message(const struct call *call, struct json message, struct error *err)
{
    struct json role = json_get(message, STR("role"));
    if (!json_is(role, STR("user")) && !json_is(role, STR("assistant")))
        return result_broken(call, err,
                             "has a message whose \"role\" is neither \"user\" nor \"assistant\"");
    struct json content = json_get(message, STR("content"));
    if (json_type(content) != JSON_OBJECT)
        return result_broken(call, err, "has a message whose \"content\" is not one content block");
    return result_check_block(call, content, err);
}

int result_check_messages(const struct call *call, struct json result, struct error *err)
{
    struct json messages = json_get(result, STR("messages"));
    struct json description = json_get(result, STR("description"));
    if (json_type(messages) != JSON_ARRAY)
        return result_broken(call, err, "has no \"messages\"");
    if (json_exists(description) && json_type(description) != JSON_STRING)
        return result_broken(call, err, "has a \"description\" that is not a string");
    struct json_iter it = json_iter(messages);
    while (json_next(&it)) {
        int rc = check_message(call, it.value, err);
        if (rc)
            return rc;
    }
    return ST_OK;
}
