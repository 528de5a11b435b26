#include "core/hook/point.h"

#include "core/base/nearest.h"

#define CUSTOM "custom:"
#define CUSTOM_MAX 128u

#define WATCH HOOK_MAY_WATCH
/* Something is about to happen: its input can be changed, or it does not happen at all. */
#define BEFORE (HOOK_MAY_CHANGE | HOOK_MAY_CANCEL | HOOK_MAY_REPLACE | HOOK_MAY_FORK | HOOK_MAY_CACHE)
/* It has happened: its result can be changed or kept back. */
#define AFTER (HOOK_MAY_CHANGE | HOOK_MAY_CANCEL | HOOK_MAY_REPLACE | HOOK_MAY_FORK | HOOK_MAY_CACHE | \
               HOOK_MAY_RETRY)
/* It has failed. */
#define FAILED (HOOK_MAY_RETRY | HOOK_MAY_REPLACE | HOOK_MAY_FORK)
/* It can be kept from happening, and no more. */
#define VETO HOOK_MAY_CANCEL

static const struct hook_point_facts points[HOOK_POINTS] = {
    [HOOK_BEFORE_AGENT_INIT] = {"BeforeAgentInit", "agent", HOOK_MAY_CHANGE | VETO},
    [HOOK_AFTER_AGENT_INIT] = {"AfterAgentInit", "agent", WATCH},
    [HOOK_BEFORE_AGENT_EXECUTION] = {"BeforeAgentExecution", "agent", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_AFTER_AGENT_EXECUTION] = {"AfterAgentExecution", "agent", AFTER},
    [HOOK_AGENT_ERROR] = {"AgentError", "agent", FAILED},
    [HOOK_BEFORE_AGENT_SHUTDOWN] = {"BeforeAgentShutdown", "agent", WATCH},
    [HOOK_AFTER_AGENT_SHUTDOWN] = {"AfterAgentShutdown", "agent", WATCH},
    [HOOK_BEFORE_TOOL_DISCOVERY] = {"BeforeToolDiscovery", "tool", WATCH},
    [HOOK_AFTER_TOOL_DISCOVERY] = {"AfterToolDiscovery", "tool", HOOK_MAY_CHANGE},
    [HOOK_BEFORE_TOOL_EXECUTION] = {"BeforeToolExecution", "tool", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_AFTER_TOOL_EXECUTION] = {"AfterToolExecution", "tool", AFTER},
    [HOOK_TOOL_VALIDATION] = {"ToolValidation", "tool", VETO},
    [HOOK_TOOL_ERROR] = {"ToolError", "tool", FAILED},
    [HOOK_BEFORE_WORKFLOW_START] = {"BeforeWorkflowStart", "workflow", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_WORKFLOW_STAGE_TRANSITION] = {"WorkflowStageTransition", "workflow", VETO},
    [HOOK_BEFORE_WORKFLOW_STAGE] = {"BeforeWorkflowStage", "workflow", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_AFTER_WORKFLOW_STAGE] = {"AfterWorkflowStage", "workflow", AFTER},
    [HOOK_WORKFLOW_CHECKPOINT] = {"WorkflowCheckpoint", "workflow", WATCH},
    [HOOK_WORKFLOW_ROLLBACK] = {"WorkflowRollback", "workflow", WATCH},
    [HOOK_AFTER_WORKFLOW_COMPLETE] = {"AfterWorkflowComplete", "workflow", AFTER},
    [HOOK_WORKFLOW_ERROR] = {"WorkflowError", "workflow", FAILED},
    [HOOK_BEFORE_STATE_READ] = {"BeforeStateRead", "state", VETO | HOOK_MAY_REPLACE},
    [HOOK_AFTER_STATE_READ] = {"AfterStateRead", "state", HOOK_MAY_CHANGE | VETO},
    [HOOK_BEFORE_STATE_WRITE] = {"BeforeStateWrite", "state", HOOK_MAY_CHANGE | VETO},
    [HOOK_AFTER_STATE_WRITE] = {"AfterStateWrite", "state", WATCH},
    [HOOK_STATE_CONFLICT] = {"StateConflict", "state", HOOK_MAY_RETRY},
    [HOOK_STATE_MIGRATION] = {"StateMigration", "state", VETO},
    [HOOK_SYSTEM_STARTUP] = {"SystemStartup", "system", WATCH},
    [HOOK_SYSTEM_SHUTDOWN] = {"SystemShutdown", "system", WATCH},
    [HOOK_CONFIGURATION_CHANGE] = {"ConfigurationChange", "system", WATCH},
    [HOOK_RESOURCE_LIMIT_EXCEEDED] = {"ResourceLimitExceeded", "system", WATCH},
    [HOOK_SECURITY_VIOLATION] = {"SecurityViolation", "system", WATCH},
    [HOOK_SESSION_START] = {"SessionStart", "session", HOOK_MAY_CHANGE | VETO},
    [HOOK_SESSION_END] = {"SessionEnd", "session", WATCH},
    [HOOK_SESSION_CHECKPOINT] = {"SessionCheckpoint", "session", WATCH},
    [HOOK_SESSION_RESTORE] = {"SessionRestore", "session", VETO},
    [HOOK_SESSION_SAVE] = {"SessionSave", "session", VETO},
    [HOOK_BEFORE_EVENT_EMIT] = {"BeforeEventEmit", "event", HOOK_MAY_CHANGE | VETO},
    [HOOK_AFTER_EVENT_EMIT] = {"AfterEventEmit", "event", WATCH},
    [HOOK_EVENT_HANDLER_ERROR] = {"EventHandlerError", "event", HOOK_MAY_RETRY},
    [HOOK_PERFORMANCE_THRESHOLD_EXCEEDED] = {"PerformanceThresholdExceeded", "performance", WATCH},
    [HOOK_MEMORY_USAGE_HIGH] = {"MemoryUsageHigh", "performance", WATCH},
    [HOOK_CPU_USAGE_HIGH] = {"CpuUsageHigh", "performance", WATCH},
    [HOOK_BEFORE_PROMPT] = {"BeforePrompt", "prompt", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_AFTER_PROMPT] = {"AfterPrompt", "prompt", AFTER},
    [HOOK_BEFORE_PROVIDER_CALL] = {"BeforeProviderCall", "provider", BEFORE | HOOK_MAY_REDIRECT},
    [HOOK_AFTER_PROVIDER_CALL] = {"AfterProviderCall", "provider", AFTER},
    [HOOK_PROVIDER_ERROR] = {"ProviderError", "provider", FAILED | HOOK_MAY_REDIRECT},
    [HOOK_CONTEXT_SELECTED] = {"ContextSelected", "provider", HOOK_MAY_CHANGE | VETO},
    [HOOK_BEFORE_RESOURCE_READ] = {"BeforeResourceRead", "resource", BEFORE},
    [HOOK_AFTER_RESOURCE_READ] = {"AfterResourceRead", "resource", AFTER},
    [HOOK_PLUGIN_LOADED] = {"PluginLoaded", "system", WATCH},
    [HOOK_PLUGIN_FAILED] = {"PluginFailed", "system", WATCH},
    [HOOK_REQUEST_RECEIVED] = {"RequestReceived", "system", WATCH},
    [HOOK_RESPONSE_SENT] = {"ResponseSent", "system", WATCH},
    [HOOK_CUSTOM] = {"custom", "custom", BEFORE | HOOK_MAY_RETRY | HOOK_MAY_REDIRECT},
};

const struct hook_point_facts *hook_point_facts(enum hook_point point)
{
    return &points[point];
}

bool hook_point_find(struct str name, enum hook_point *out, struct str *custom)
{
    *custom = (struct str){NULL, 0};
    if (str_starts(name, STR(CUSTOM))) {
        *custom = (struct str){name.ptr + sizeof(CUSTOM) - 1, name.len - (sizeof(CUSTOM) - 1)};
        *out = HOOK_CUSTOM;
        return custom->len > 0 && custom->len <= CUSTOM_MAX;
    }
    for (enum hook_point p = 0; p < HOOK_CUSTOM; p++)
        if (str_eq(name, str_from(points[p].name))) {
            *out = p;
            return true;
        }
    return false;
}

const char *hook_point_nearest(struct str name)
{
    struct nearest near = {.word = name};
    for (enum hook_point p = 0; p < HOOK_CUSTOM; p++)
        nearest_offer(&near, str_from(points[p].name));
    return near.best.ptr;
}

/* The text may be in two parts, so that nobody has to join "custom:" and a name. */
static char char_at(struct str a, struct str b, size_t i)
{
    return i < a.len ? a.ptr[i] : b.ptr[i - a.len];
}

/* Goes back to the last star only: linear in most cases, never worse than the product. */
static bool matches(struct str pattern, struct str a, struct str b)
{
    size_t len = a.len + b.len, p = 0, t = 0, star = SIZE_MAX, from = 0;
    while (t < len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.len && pattern.ptr[p] == char_at(a, b, t)) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

bool hook_pattern_matches(struct str pattern, struct str text)
{
    return matches(pattern, text, STR(""));
}

bool hook_pattern_takes(struct str pattern, enum hook_point point, struct str custom)
{
    return point == HOOK_CUSTOM ? matches(pattern, STR(CUSTOM), custom)
                                : matches(pattern, str_from(points[point].name), STR(""));
}

bool hook_pattern_valid(struct str pattern)
{
    if (str_starts(pattern, STR(CUSTOM)))
        return pattern.len > sizeof(CUSTOM) - 1;
    for (enum hook_point p = 0; p < HOOK_CUSTOM; p++)
        if (matches(pattern, str_from(points[p].name), STR("")))
            return true;
    return false;
}
