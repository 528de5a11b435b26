/* completion/complete. */
#include "adapters/driving/mcp/call.h"

static void answer_values(struct request *r, struct json result, bool is_error)
{
    struct json_writer w;
    (void)is_error;
    result_begin(r, &w);
    json_key(&w, STR("completion"));
    json_begin_object(&w);
    json_put_raw(&w, STR("values"), json_text(json_get(result, STR("values"))));
    struct json_iter it = json_iter(result);
    while (json_next(&it))
        if (json_is(it.key, STR("total")) || json_is(it.key, STR("hasMore")))
            json_put_member(&w, it.key, it.value);
    json_end_object(&w);
    result_send(r, &w, json_none());
}

static void answer_none(struct request *r)
{
    struct json_writer w;
    result_begin(r, &w);
    json_put_raw(&w, STR("completion"), STR("{\"values\":[],\"total\":0,\"hasMore\":false}"));
    result_send(r, &w, json_none());
}

static void unknown(struct request *r, struct str target, const struct error *why)
{
    (void)target;
    answer_error(r, RPC_INVALID_PARAMS, "%s", why->text);
}

/* A plugin that completes nothing says so; to the client that is no fault. */
static void failed(struct request *r, const struct error *why)
{
    if (why->code == ST_UNSUPPORTED)
        answer_none(r);
    else
        answer_error(r, why->code == ST_INVALID ? RPC_INVALID_PARAMS : RPC_INTERNAL_ERROR, "%s",
                     why->text);
}

static const struct call_method completing = {ACTION_COMPLETE, answer_values, unknown, failed};

/* What is completed: `ref` names a prompt or a template. */
static bool read_ref(struct request *r, struct json ref, struct call_request *call)
{
    if (json_is(json_get(ref, STR("type")), STR("ref/prompt"))) {
        call->of = ITEM_PROMPT;
        r->target = json_get(ref, STR("name"));
        return json_type(r->target) == JSON_STRING;
    }
    call->of = ITEM_TEMPLATE;
    r->target = json_get(ref, STR("uri"));
    return json_is(json_get(ref, STR("type")), STR("ref/resource")) &&
           json_type(r->target) == JSON_STRING;
}

static bool all_strings(struct json object)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        if (json_type(it.value) != JSON_STRING)
            return false;
    return true;
}

/* The arguments that are known already; older clients have no way to tell. */
static bool read_context(struct request *r)
{
    struct json context = json_get(r->params, STR("context"));
    struct json known = json_get(context, STR("arguments"));
    if (!json_exists(context) || !revision_has(r->revision, FEATURE_COMPLETION_CONTEXT))
        return true;
    if (json_type(context) != JSON_OBJECT ||
        (json_exists(known) && (json_type(known) != JSON_OBJECT || !all_strings(known))))
        return false;
    r->arguments = known;
    return true;
}

void complete_handle(struct request *r)
{
    struct json argument = json_get(r->params, STR("argument"));
    struct buffer name = BUFFER_INIT, value = BUFFER_INIT;
    struct call_request call = {0};
    if (!read_ref(r, json_get(r->params, STR("ref")), &call))
        answer_error(r, RPC_INVALID_PARAMS,
                     "completion/complete needs \"ref\": {\"type\":\"ref/prompt\",\"name\"} or "
                     "{\"type\":\"ref/resource\",\"uri\"}");
    else if (!json_string(json_get(argument, STR("name")), &name, &call.argument) ||
             !json_string(json_get(argument, STR("value")), &value, &call.value))
        answer_error(r, RPC_INVALID_PARAMS,
                     "completion/complete needs \"argument\": {\"name\",\"value\"}, strings");
    else if (!read_context(r))
        answer_error(r, RPC_INVALID_PARAMS,
                     "\"context\" must be {\"arguments\": an object of strings}");
    else
        call_start(r, &completing, &call);
    buffer_clear(&name);
    buffer_clear(&value);
}
