#include "core/input/input_request.h"

static const struct str methods[] = {
    [INPUT_FORM] = STR_INIT("elicitation/create"),
    [INPUT_URL] = STR_INIT("elicitation/create"),
    [INPUT_SAMPLING] = STR_INIT("sampling/createMessage"),
    [INPUT_ROOTS] = STR_INIT("roots/list"),
};

enum input_kind input_kind(struct json request)
{
    struct json method = json_get(request, STR("method"));
    if (json_is(method, methods[INPUT_SAMPLING]))
        return INPUT_SAMPLING;
    if (json_is(method, methods[INPUT_ROOTS]))
        return INPUT_ROOTS;
    if (!json_is(method, methods[INPUT_FORM]))
        return INPUT_UNKNOWN;
    struct json mode = json_get(json_get(request, STR("params")), STR("mode"));
    if (!json_exists(mode) || json_is(mode, STR("form")))
        return INPUT_FORM;
    return json_is(mode, STR("url")) ? INPUT_URL : INPUT_UNKNOWN;
}

struct str input_method(enum input_kind kind)
{
    return methods[kind];
}

bool input_is_optional(struct json request)
{
    bool optional = false;
    json_bool(json_get(request, STR("optional")), &optional);
    return optional;
}

static bool is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

struct str input_key(struct json key)
{
    const struct str bad = {NULL, 0};
    struct str text;
    if (!json_plain(key, &text) || text.len > INPUT_MAX_KEY)
        return bad;
    for (size_t i = 0; i < text.len; i++)
        if (!is_key_character(text.ptr[i]))
            return bad;
    return text;
}
