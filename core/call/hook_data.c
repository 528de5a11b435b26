/* What hooks can read of a call. */
#include "core/call/call.h"
#include "core/json/writer.h"

enum {
    KIND,
    NAME,
    PLUGIN,
    CALLER,
    TENANT,
    READ_ONLY,
    IDEMPOTENT,
    ARGUMENTS,
    RESULT,
    IS_ERROR,
    ERROR,
    ATTEMPT,
    DURATION,
    MEMBERS,
};

_Static_assert((int)ARGUMENTS == CALL_ARGUMENTS && (int)RESULT == CALL_THE_RESULT, "as in call.h");
_Static_assert(MEMBERS <= HOOK_MEMBERS_MAX, "room for the members");

#define ABOUT \
    {"kind", false}, {"name", false}, {"plugin", false}, {"caller", false}, {"tenant", false}, \
        {"readOnly", false}, {"idempotent", false}
#define AT_END {"isError", false}, {"error", false}, {"attempt", false}, {"durationMs", false}

static const struct hook_member members[3][MEMBERS] = {
    [STAGE_BEFORE] = {ABOUT, {"arguments", true}, {"result", false}, AT_END},
    [STAGE_AFTER] = {ABOUT, {"arguments", false}, {"result", true}, AT_END},
    [STAGE_FAILED] = {ABOUT, {"arguments", false}, {"result", false}, AT_END},
};
/* The URI and its variables are what was found by them. */
static const struct hook_member of_resource[MEMBERS] = {
    ABOUT, {"arguments", false}, {"result", false}, AT_END};

static bool add_text(struct buffer *out, struct str text)
{
    json_quote(out, text);
    return true;
}

static bool add_bool(struct buffer *out, bool value)
{
    buffer_add_str(out, value ? STR("true") : STR("false"));
    return true;
}

/* A hint of the tool's annotations. */
static bool add_hint(const struct call *call, struct str name, struct buffer *out)
{
    struct json_doc *doc;
    bool hint = false;
    if (call->item->definition->kind != ITEM_TOOL)
        return add_bool(out, call->request.action != ACTION_COMPLETE);
    if (json_parse(call->item->definition->json, &doc, NULL))
        return false;
    json_bool(json_get(json_get(json_root(doc), STR("annotations")), name), &hint);
    json_free(doc);
    return add_bool(out, hint);
}

static bool add_result(const struct call *call, struct buffer *out)
{
    if (!call->hooks.held)
        return false;
    buffer_add_str(out, json_text(json_root(call->hooks.held)));
    return true;
}

static bool add_error(const struct call *call, struct buffer *out)
{
    const struct error *failure = call->hooks.failure;
    if (!failure)
        return false;
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("code"), str_from(error_code_name(failure->code)));
    json_put_string(&w, STR("message"), str_from(failure->text));
    json_end_object(&w);
    return true;
}

static bool add_duration(const struct call *call, struct buffer *out)
{
    const struct clock_port *clock = call->dispatcher->parts.clock;
    uint64_t ns = clock->monotonic_ns(clock->ctx) - call->request.context.monotonic_ns;
    buffer_add_u64(out, ns / 1000000u);
    return true;
}

static bool read(void *arg, uint32_t member, struct buffer *out)
{
    static const char *const kinds[ITEM_KINDS] = {"tool", "resource", "resource", "prompt"};
    const struct call *call = arg;
    const struct item *item = call->item->definition;
    const struct caller *caller = call->request.context.caller;
    switch (member) {
    case KIND:
        return add_text(out, str_from(kinds[item->kind]));
    case NAME:
        return add_text(out, call->request.target);
    case PLUGIN:
        return add_text(out, item->plugin_id);
    case CALLER:
        return caller && add_text(out, caller->id);
    case TENANT:
        return caller && add_text(out, caller->tenant);
    case READ_ONLY:
        return add_hint(call, STR("readOnlyHint"), out);
    case IDEMPOTENT:
        return add_hint(call, STR("idempotentHint"), out);
    case ARGUMENTS:
        buffer_add_str(out, json_text(call->request.arguments));
        return true;
    case RESULT:
        return add_result(call, out);
    case IS_ERROR:
        return add_bool(out, call->hooks.failure || (call->hooks.held &&
                                                     call->result_outcome == RUN_TOOL_ERROR));
    case ERROR:
        return add_error(call, out);
    case ATTEMPT:
        buffer_add_u64(out, call->hooks.attempt + 1);
        return true;
    default:
        return add_duration(call, out);
    }
}

struct hook_event call_hook_event(struct call *call, enum hook_point point, enum call_stage stage)
{
    bool fixed = stage == STAGE_BEFORE && call->request.action == ACTION_READ;
    return (struct hook_event){
        .point = point,
        .target = call->request.target,
        .context = &call->request.context,
        .members = fixed ? of_resource : members[stage],
        .count = MEMBERS,
        .read = read,
        .arg = call,
    };
}

void call_tell(struct call *call, enum hook_point point, const struct error *err)
{
    struct hooks *hooks = call->dispatcher->parts.hooks;
    if (!hooks_any(hooks, point))
        return;
    const struct error *before = call->hooks.failure;
    call->hooks.failure = err;
    struct hook_event event = call_hook_event(call, point, STAGE_FAILED);
    hooks_tell(hooks, &event);
    call->hooks.failure = before;
}
