#include "ask.h"

int32_t ask(const struct round *r, const char *json)
{
    return answer_json(r, HEXMCP_INPUT_REQUIRED, hexmcp_str_from(json));
}

enum answer answer_to(const struct round *r, const char *key, hexmcp_str *ret_content)
{
    hexmcp_str result, action = {"", 0};
    if (hexmcp_json_get(r->answers, key, &result) != HEXMCP_OK)
        return ANSWER_MISSING;
    hexmcp_json_get(result, "action", &action);
    if (hexmcp_json_equals(action, "decline"))
        return ANSWER_DECLINED;
    if (hexmcp_json_equals(action, "cancel"))
        return ANSWER_CANCELLED;
    if (!hexmcp_json_equals(action, "accept"))
        return ANSWER_MISSING;
    if (hexmcp_json_get(result, "content", ret_content) != HEXMCP_OK)
        *ret_content = hexmcp_str_from("");
    return ANSWER_ACCEPTED;
}

int32_t answer_refused(const struct round *r, enum answer answer)
{
    return answer_text(r, answer == ANSWER_DECLINED ? "declined" : "cancelled");
}
