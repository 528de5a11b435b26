#include "core/policy/policy.h"

#include "core/base/str.h"

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

bool policy_may_see(const struct policy *policy, const struct tool_definition *tool)
{
    return tool->level <= policy->highest_level;
}

int policy_may_call(const struct policy *policy, const struct call_context *context,
                    const struct tool_definition *tool, struct error *err)
{
    if (policy_may_see(policy, tool))
        return ST_OK;
    struct str who = context->caller ? context->caller->id : STR("nobody");
    return error_set(err, ST_DENIED,
                     "tool \"%.*s\" is %s and caller \"%.*s\" may use tools up to level %s; the "
                     "operator can raise \"policy.level\" in the configuration",
                     STR_ARG(tool->name), policy_level_name(tool->level), STR_ARG(who),
                     policy_level_name(policy->highest_level));
}
