#include "core/policy/policy.h"

#include "core/base/str.h"
#include "core/json/json.h"

const char *policy_level_name(enum tool_level level)
{
    switch (level) {
    case TOOL_SAFE:
        return "safe";
    case TOOL_RESTRICTED:
        return "restricted";
    default:
        return "privileged";
    }
}

/* True if the plugin published it for this caller. What cannot be read is for nobody. */
static bool is_meant_for(struct str callers, const struct caller *caller)
{
    struct json_doc *doc;
    if (callers.len == 0)
        return true;
    if (!caller || json_parse(callers, &doc, NULL))
        return false;
    bool found = false;
    struct json list = json_type(json_root(doc)) == JSON_ARRAY ? json_root(doc) : json_none();
    struct json_iter it = json_iter(list);
    while (!found && json_next(&it))
        found = json_is(it.value, caller->id);
    json_free(doc);
    return found;
}

bool policy_may_see(const struct policy *policy, const struct call_context *context,
                    const struct item *item)
{
    return item->level <= policy->highest_level && is_meant_for(item->callers, context->caller);
}

int policy_may_call(const struct policy *policy, const struct call_context *context,
                    const struct item *item, struct error *err)
{
    if (item->level <= policy->highest_level)
        return ST_OK;
    struct str who = context->caller ? context->caller->id : STR("nobody");
    return error_set(err, ST_DENIED,
                     "tool \"%.*s\" is %s and caller \"%.*s\" may use tools up to level %s; the "
                     "operator can raise \"policy.level\" in the configuration",
                     STR_ARG(item->name), policy_level_name(item->level), STR_ARG(who),
                     policy_level_name(policy->highest_level));
}
