/* The table of methods, and who may call which when. */
#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/http/ladder.h"
#include "adapters/driving/mcp/roots.h"
#include "adapters/driving/mcp/traffic.h"
#include "core/base/nearest.h"

#define LEGACY 1u
#define MODERN 2u

struct method {
    struct str name;
    unsigned eras;
    bool before_initialize; /* a legacy client may send it before the handshake */
    void (*handle)(struct request *r);
};

static const struct method methods[] = {
    {STR_INIT("initialize"), LEGACY, true, initialize_handle},
    {STR_INIT("ping"), LEGACY, true, ping_handle},
    {STR_INIT("server/discover"), MODERN, false, discover_handle},
    {STR_INIT("logging/setLevel"), LEGACY, false, set_level_handle},
    {STR_INIT("tools/list"), LEGACY | MODERN, false, tools_list_handle},
    {STR_INIT("tools/call"), LEGACY | MODERN, false, tools_call_handle},
    {STR_INIT("resources/list"), LEGACY | MODERN, false, resources_list_handle},
    {STR_INIT("resources/templates/list"), LEGACY | MODERN, false, templates_list_handle},
    {STR_INIT("resources/read"), LEGACY | MODERN, false, resources_read_handle},
    {STR_INIT("prompts/list"), LEGACY | MODERN, false, prompts_list_handle},
    {STR_INIT("prompts/get"), LEGACY | MODERN, false, prompts_get_handle},
    {STR_INIT("completion/complete"), LEGACY | MODERN, false, complete_handle},
    {STR_INIT("resources/subscribe"), LEGACY, false, subscribe_handle},
    {STR_INIT("resources/unsubscribe"), LEGACY, false, unsubscribe_handle},
    {STR_INIT("subscriptions/listen"), MODERN, false, listen_handle},
    {STR_INIT("tasks/get"), LEGACY | MODERN, false, tasks_get_handle},
    {STR_INIT("tasks/cancel"), LEGACY | MODERN, false, tasks_cancel_handle},
    {STR_INIT("tasks/list"), LEGACY, false, tasks_list_handle},
    {STR_INIT("tasks/result"), LEGACY, false, tasks_result_handle},
    {STR_INIT("tasks/update"), MODERN, false, tasks_update_handle},
};

#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

/* Methods that only exist in the modern era, served or not: a client that sends one without _meta
 * has forgotten it. */
static const struct str modern_only[] = {
    STR_INIT("server/discover"),
    STR_INIT("subscriptions/listen"),
    STR_INIT("tasks/update"),
};

static const struct method *find(struct json name)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (json_is(name, methods[i].name))
            return &methods[i];
    return NULL;
}

static void unknown(struct request *r, struct json name, unsigned era)
{
    struct buffer scratch = BUFFER_INIT;
    struct nearest near = {0};
    json_string(name, &scratch, &near.word);
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (methods[i].eras & era)
            nearest_offer(&near, methods[i].name);
    if (near.best.len)
        answer_error(r, RPC_METHOD_NOT_FOUND, "unknown method \"%.*s\"; did you mean \"%.*s\"?",
                     STR_ARG(near.word), STR_ARG(near.best));
    else
        answer_error(r, RPC_METHOD_NOT_FOUND, "unknown method \"%.*s\"", STR_ARG(near.word));
    buffer_clear(&scratch);
}

static void call(struct request *r, struct json name, unsigned era)
{
    const struct method *method = find(name);
    if (!http_method_agrees(r, name))
        return;
    if (!method)
        unknown(r, name, era);
    else if (!(method->eras & era))
        answer_error(r, RPC_METHOD_NOT_FOUND, "protocol %.*s has no method \"%.*s\"",
                     STR_ARG(revision_name(r->revision)), STR_ARG(method->name));
    else if (json_exists(r->meta) && json_type(r->meta) != JSON_OBJECT)
        answer_error(r, RPC_INVALID_PARAMS, "params._meta must be an object");
    else if (era == LEGACY || (http_name_agrees(r, method->name) && era_take_log_level(r))) {
        r->method_name = method->name;
        r->handled = true;
        traffic_tell_begin(r);
        method->handle(r);
    }
}

static void refuse_uninitialized(struct request *r, struct json name)
{
    for (size_t i = 0; i < sizeof(modern_only) / sizeof(modern_only[0]); i++)
        if (json_is(name, modern_only[i])) {
            answer_error(r, RPC_INVALID_PARAMS,
                         "params._meta needs \"io.modelcontextprotocol/protocolVersion\" and "
                         "\"io.modelcontextprotocol/clientCapabilities\"");
            return;
        }
    answer_error(r, RPC_INVALID_REQUEST,
                 "not initialized: send initialize first, or a request of protocol 2026-07-28 with "
                 "its _meta");
}

void method_call(struct request *r, struct json name)
{
    struct connection *c = r->connection;
    bool claimed = era_has_claim(c->initialized, r->params) && !era_is_handshake(name, r->meta);
    if (claimed || r->message->head) {
        if (era_check_modern(r))
            call(r, name, MODERN);
        return;
    }
    const struct method *method = find(name);
    r->log_level = c->log_level;
    if (c->initialized || (method && method->before_initialize))
        call(r, name, LEGACY);
    else
        refuse_uninitialized(r, name);
}

/* Nothing is sent for it any more; what it asked for is stopped. */
static void cancel(struct connection *c, struct json params)
{
    struct json id = json_get(params, STR("requestId"));
    struct request *r = json_exists(id) ? request_find(c, id) : NULL;
    if (!r)
        return;
    const struct call_service *calls = c->mcp->options.calls;
    uint64_t running = r->call;
    traffic_tell(r, TRAFFIC_CANCELLED, 0, 0);
    request_done(r);
    if (running)
        calls->cancel(calls->ctx, running);
}

void notification_handle(struct connection *c, struct json method, struct json params)
{
    /* notifications/initialized asks for nothing, and unknown ones are ignored by the rules. */
    if (json_is(method, STR("notifications/cancelled")))
        cancel(c, params);
    else if (json_is(method, STR("notifications/roots/list_changed")))
        roots_forget(c);
}
