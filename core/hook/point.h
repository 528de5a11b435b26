/*
 * The points at which hooks run: their names, what kind of thing they are about, and what a hook may
 * do there.
 */
#pragma once

#include "ports/types.h"

enum hook_point {
    HOOK_BEFORE_AGENT_INIT,
    HOOK_AFTER_AGENT_INIT,
    HOOK_BEFORE_AGENT_EXECUTION,
    HOOK_AFTER_AGENT_EXECUTION,
    HOOK_AGENT_ERROR,
    HOOK_BEFORE_AGENT_SHUTDOWN,
    HOOK_AFTER_AGENT_SHUTDOWN,
    HOOK_BEFORE_TOOL_DISCOVERY,
    HOOK_AFTER_TOOL_DISCOVERY,
    HOOK_BEFORE_TOOL_EXECUTION,
    HOOK_AFTER_TOOL_EXECUTION,
    HOOK_TOOL_VALIDATION,
    HOOK_TOOL_ERROR,
    HOOK_BEFORE_WORKFLOW_START,
    HOOK_WORKFLOW_STAGE_TRANSITION,
    HOOK_BEFORE_WORKFLOW_STAGE,
    HOOK_AFTER_WORKFLOW_STAGE,
    HOOK_WORKFLOW_CHECKPOINT,
    HOOK_WORKFLOW_ROLLBACK,
    HOOK_AFTER_WORKFLOW_COMPLETE,
    HOOK_WORKFLOW_ERROR,
    HOOK_BEFORE_STATE_READ,
    HOOK_AFTER_STATE_READ,
    HOOK_BEFORE_STATE_WRITE,
    HOOK_AFTER_STATE_WRITE,
    HOOK_STATE_CONFLICT,
    HOOK_STATE_MIGRATION,
    HOOK_SYSTEM_STARTUP,
    HOOK_SYSTEM_SHUTDOWN,
    HOOK_CONFIGURATION_CHANGE,
    HOOK_RESOURCE_LIMIT_EXCEEDED,
    HOOK_SECURITY_VIOLATION,
    HOOK_SESSION_START,
    HOOK_SESSION_END,
    HOOK_SESSION_CHECKPOINT,
    HOOK_SESSION_RESTORE,
    HOOK_SESSION_SAVE,
    HOOK_BEFORE_EVENT_EMIT,
    HOOK_AFTER_EVENT_EMIT,
    HOOK_EVENT_HANDLER_ERROR,
    HOOK_PERFORMANCE_THRESHOLD_EXCEEDED,
    HOOK_MEMORY_USAGE_HIGH,
    HOOK_CPU_USAGE_HIGH,
    HOOK_BEFORE_PROMPT,
    HOOK_AFTER_PROMPT,
    HOOK_BEFORE_PROVIDER_CALL,
    HOOK_AFTER_PROVIDER_CALL,
    HOOK_PROVIDER_ERROR,
    HOOK_CONTEXT_SELECTED,
    HOOK_BEFORE_RESOURCE_READ,
    HOOK_AFTER_RESOURCE_READ,
    HOOK_PLUGIN_LOADED,
    HOOK_PLUGIN_FAILED,
    HOOK_REQUEST_RECEIVED,
    HOOK_RESPONSE_SENT,
    HOOK_CUSTOM, /* custom:NAME */
    HOOK_POINTS,
};

/* What a hook may do at a point, beside letting it go on. */
enum {
    HOOK_MAY_CHANGE = 1u,
    HOOK_MAY_CANCEL = 2u,
    HOOK_MAY_REDIRECT = 4u,
    HOOK_MAY_REPLACE = 8u,
    HOOK_MAY_RETRY = 16u,
    HOOK_MAY_FORK = 32u,
    HOOK_MAY_CACHE = 64u,
    HOOK_MAY_WATCH = 0u, /* nothing */
};

struct hook_point_facts {
    const char *name;  /* "BeforeToolExecution"; "custom" for HOOK_CUSTOM */
    const char *group; /* "tool"                                          */
    uint32_t may;
};

const struct hook_point_facts *hook_point_facts(enum hook_point point);

/* The point of this name; for "custom:NAME" HOOK_CUSTOM and *custom is NAME, else *custom is empty.
 * False: there is none, or NAME is empty or longer than 128 bytes. */
bool hook_point_find(struct str name, enum hook_point *out, struct str *custom);

/* True if `pattern`, in which '*' stands for any run of characters, matches all of `text`. */
bool hook_pattern_matches(struct str pattern, struct str text);

/* True if the pattern can match a point: a named one, or something that begins with "custom:". */
bool hook_pattern_valid(struct str pattern);

/* True if the pattern matches the point; for HOOK_CUSTOM, `custom` is its NAME. */
bool hook_pattern_takes(struct str pattern, enum hook_point point, struct str custom);

/* The nearest name to one that is none; NULL if no name is near. */
const char *hook_point_nearest(struct str name);
