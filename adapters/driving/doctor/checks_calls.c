/* Calls of tools: those that say they only read, and need no arguments; all with call_tools. */
#include <stdio.h>

#include "adapters/driving/doctor/checks.h"
#include "adapters/driving/doctor/lists.h"
#include "core/schema/schema.h"

#define MAX_CALLS 25

struct callable {
    struct json tools[MAX_CALLS];
    size_t count;
};

static void collect(struct examination *x, const struct walk *walk, struct json tool)
{
    struct callable *callable = walk->ctx;
    struct json schema = json_get(tool, STR("inputSchema"));
    struct json task = json_get(json_get(tool, STR("execution")), STR("taskSupport"));
    bool reads = false;
    json_bool(json_get(json_get(tool, STR("annotations")), STR("readOnlyHint")), &reads);
    if ((reads || x->what->call_tools) && json_count(json_get(schema, STR("required"))) == 0 &&
        !json_is(task, STR("required")) && callable->count < MAX_CALLS &&
        json_type(json_get(tool, STR("name"))) == JSON_STRING)
        callable->tools[callable->count++] = tool;
}

static bool known_block(struct json block)
{
    static const char *const types[] = {"text", "image", "audio", "resource", "resource_link"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (json_is(json_get(block, STR("type")), str_from(types[i])))
            return true;
    return false;
}

static void check_content(struct examination *x, const char *name, struct json result)
{
    char text[120];
    struct json content = json_get(result, STR("content"));
    struct json_iter it = json_iter(content);
    if (json_type(content) != JSON_ARRAY) {
        find(x, DOCTOR_ERROR, "the result of the tool %s has no array content", name);
        return;
    }
    while (json_next(&it))
        if (!known_block(it.value))
            find(x, DOCTOR_ERROR, "the result of the tool %s holds content of no known type: %s",
                 name, excerpt(it.value, text, sizeof(text)));
}

static void check_structured(struct examination *x, const char *name, struct json output,
                             struct json result)
{
    struct json value = json_get(result, STR("structuredContent"));
    struct schema *schema;
    struct error err;
    bool failed = false;
    json_bool(json_get(result, STR("isError")), &failed);
    if (failed || !json_exists(output))
        return;
    if (!json_exists(value)) {
        find(x, DOCTOR_ERROR, "the tool %s has an outputSchema, its result no structuredContent",
             name);
        return;
    }
    if (schema_compile_text(json_text(output), x->what->regex, &schema, &err))
        return;
    if (schema_check(schema, value, &err) == ST_INVALID)
        find(x, DOCTOR_ERROR, "the structuredContent of the tool %s does not fit its outputSchema: %s",
             name, err.text);
    schema_free(schema);
}

static void call_tool(struct examination *x, struct peer *peer, struct json tool)
{
    char name[160], params[400];
    struct json raw = json_get(tool, STR("name")), answer;
    if (json_text(raw).len > 300)
        return;
    excerpt(raw, name, sizeof(name));
    snprintf(params, sizeof(params), "{\"name\":%.*s,\"arguments\":{}}", STR_ARG(json_text(raw)));
    size_t request = peer_request(peer, "tools/call", str_from(params));
    enum waited waited = peer_wait(peer, request, x->what->timeout_ms);
    answer = peer_answer(peer, request);
    if (waited == WAIT_GONE) {
        snprintf(params, sizeof(params), "a call of the tool %s", name);
        find_silence(x, peer, waited, params);
    } else if (waited == WAIT_TIMEOUT) {
        /* Tools may take their time. */
        snprintf(params, sizeof(params), "{\"requestId\":%s}", peer_id(peer, request));
        peer_notify(peer, "notifications/cancelled", str_from(params));
    } else if (json_exists(result_of(answer))) {
        schemas_look(x, "tools/call", answer, false);
        check_content(x, name, result_of(answer));
        check_structured(x, name, json_get(tool, STR("outputSchema")), result_of(answer));
    }
}

static bool refuses_unknown(struct examination *x, struct peer *peer)
{
    struct json answer;
    bool failed = false;
    if (!ask(x, peer, "tools/call", "{\"name\":\"hexmcp-doctor-no-such-tool\",\"arguments\":{}}",
             "a call of an unknown tool", &answer))
        return false;
    json_bool(json_get(result_of(answer), STR("isError")), &failed);
    if (json_exists(result_of(answer)) && !failed)
        find(x, DOCTOR_ERROR, "a call of an unknown tool is answered as if it had gone well");
    return true;
}

void check_tool_calls(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct callable callable = {.count = 0};
    struct walk walk = {.method = "tools/list", .member = "tools", .entry = collect,
                        .ctx = &callable};
    if (!peer)
        return;
    if (!json_exists(capability(&x->legacy, "tools"))) {
        skip(x, "the server declares no tools");
        return;
    }
    if (!refuses_unknown(x, peer))
        return;
    /* The check of the list tells its faults. */
    struct outcome *now = x->now, unheard = {.check = now->check};
    unheard.last = &unheard.first;
    x->now = &unheard;
    walk_list(x, peer, &walk);
    x->now = now;
    for (size_t i = 0; i < callable.count && x->peer == peer && !peer_gone(peer); i++)
        call_tool(x, peer, callable.tools[i]);
}
