#include "adapters/driving/mcp/http/ladder.h"

#include "adapters/driving/mcp/http/head.h"

/* Finds the header `name`; answers the request if there is not exactly one. `mirrors`: what in the
 * body it repeats. */
static bool find_one(struct request *r, struct str name, struct str mirrors, struct str *value)
{
    enum head_found found = head_find(r->message->head, name, value);
    if (found == HEAD_THERE)
        return true;
    if (found == HEAD_TWICE)
        answer_error(r, RPC_HEADER_MISMATCH, "the header %.*s came more than once; send it once",
                     STR_ARG(name));
    else
        answer_error(r, RPC_HEADER_MISMATCH, "the header %.*s is missing; it must repeat %.*s",
                     STR_ARG(name), STR_ARG(mirrors));
    return false;
}

static bool refuse_difference(struct request *r, struct str name, struct str value,
                              struct str mirrors, struct json body)
{
    answer_error(r, RPC_HEADER_MISMATCH,
                 "the header %.*s is \"%.*s\", but %.*s is %.*s; both must say the same",
                 STR_ARG(name), STR_ARG(value), STR_ARG(mirrors), STR_ARG(json_text(body)));
    return false;
}

static bool refuse_text(struct request *r, struct str name, const struct error *why)
{
    if (why->code == ST_NOMEM)
        answer_error(r, RPC_INTERNAL_ERROR, "the header %.*s %s", STR_ARG(name), why->text);
    else
        answer_error(r, RPC_HEADER_MISMATCH, "the header %.*s %s", STR_ARG(name), why->text);
    return false;
}

/* The header must be there and be the string `body`, letter by letter. */
static bool agrees(struct request *r, struct str name, struct str mirrors, struct json body)
{
    struct str value;
    if (!find_one(r, name, mirrors, &value))
        return false;
    return json_is(body, value) || refuse_difference(r, name, value, mirrors, body);
}

bool http_version_agrees(struct request *r, struct json version)
{
    return !r->message->head ||
           agrees(r, STR(HEADER_VERSION),
                  STR("params._meta[\"io.modelcontextprotocol/protocolVersion\"]"), version);
}

bool http_method_agrees(struct request *r, struct json method)
{
    return !r->message->head || agrees(r, STR(HEADER_METHOD), STR("\"method\""), method);
}

/* As agrees(), but the value may be encoded. */
static bool decoded_agrees(struct request *r, struct str name, struct str value,
                           struct str mirrors, struct json body)
{
    struct buffer scratch = BUFFER_INIT;
    struct str decoded;
    struct error err;
    bool good;
    if (head_decode(value, &scratch, &decoded, &err))
        good = refuse_text(r, name, &err);
    else
        good = json_is(body, decoded) || refuse_difference(r, name, value, mirrors, body);
    buffer_clear(&scratch);
    return good;
}

/* ---- Mcp-Name ----------------------------------------------------------------------------- */

static const struct {
    struct str method;
    struct str member; /* of params */
    struct str mirrors;
} names[] = {
    {STR_INIT("tools/call"), STR_INIT("name"), STR_INIT("params.name")},
    {STR_INIT("prompts/get"), STR_INIT("name"), STR_INIT("params.name")},
    {STR_INIT("resources/read"), STR_INIT("uri"), STR_INIT("params.uri")},
    {STR_INIT("tasks/get"), STR_INIT("taskId"), STR_INIT("params.taskId")},
    {STR_INIT("tasks/update"), STR_INIT("taskId"), STR_INIT("params.taskId")},
    {STR_INIT("tasks/cancel"), STR_INIT("taskId"), STR_INIT("params.taskId")},
};

bool http_name_agrees(struct request *r, struct str method)
{
    size_t i = 0, count = sizeof(names) / sizeof(names[0]);
    struct str value;
    if (!r->message->head)
        return true;
    while (i < count && !str_eq(names[i].method, method))
        i++;
    if (i == count)
        return true;
    if (!find_one(r, STR(HEADER_NAME), names[i].mirrors, &value))
        return false;
    struct json body = json_get(r->params, names[i].member);
    /* A body without it is refused by the method itself. */
    return json_type(body) != JSON_STRING ||
           decoded_agrees(r, STR(HEADER_NAME), value, names[i].mirrors, body);
}
