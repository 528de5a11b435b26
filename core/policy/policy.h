/*
 * Policy: who may see and call which tool. It alone decides; adapters enforce what it returns.
 *
 * Deny by default: a safe tool has no effects and is open to every caller, everything else needs a
 * permission that the operator's configuration gave.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driving/tool_service.h"

/* What the configuration permits beyond safe tools. */
struct policy {
    /* Tools up to this level may be called. */
    enum tool_level highest_level;
};

/* Whether the tool is listed at all: what nobody may call is not shown. */
bool policy_may_see(const struct policy *policy, const struct tool_definition *tool);

/* ST_OK, or ST_DENIED with the reason and how to permit it. */
int policy_may_call(const struct policy *policy, const struct call_context *context,
                    const struct tool_definition *tool, struct error *err);

/* The name of a level as it stands in manifests and in the configuration. */
const char *policy_level_name(enum tool_level level);
