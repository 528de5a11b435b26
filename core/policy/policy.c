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

/* What cannot be read is for nobody. */
bool policy_is_for(const struct call_context *context, const struct item *item)
{
    const struct caller *caller = context->caller;
    struct json_doc *doc;
    if (item->callers.len == 0)
        return true;
    if (!caller || json_parse(item->callers, &doc, NULL))
        return false;
    bool found = false;
    struct json list = json_type(json_root(doc)) == JSON_ARRAY ? json_root(doc) : json_none();
    struct json_iter it = json_iter(list);
    while (!found && json_next(&it))
        found = json_is(it.value, caller->id);
    json_free(doc);
    return found;
}

const struct path_grants *policy_paths(const struct policy *policy,
                                       const struct call_context *context)
{
    static const struct path_grants none;
    const struct path_grants *own = context->caller ? context->caller->paths : NULL;
    return own ? own : policy->paths ? policy->paths : &none;
}

bool policy_may_see(const struct policy *policy, const struct call_context *context,
                    const struct item *item)
{
    return item->level <= policy->highest_level && policy_is_for(context, item);
}

int policy_may_call(const struct policy *policy, const struct call_context *context,
                    const struct item *item, struct error *err)
{
    struct str who = context->caller ? context->caller->id : STR("nobody");
    if (!policy_is_for(context, item))
        return error_set(err, ST_DENIED, "tool \"%.*s\" is not for caller \"%.*s\"",
                         STR_ARG(item->name), STR_ARG(who));
    if (item->level <= policy->highest_level)
        return ST_OK;
    return error_set(err, ST_DENIED,
                     "tool \"%.*s\" is %s and caller \"%.*s\" may use tools up to level %s; the "
                     "operator can raise \"policy.level\" in the configuration",
                     STR_ARG(item->name), policy_level_name(item->level), STR_ARG(who),
                     policy_level_name(policy->highest_level));
}
