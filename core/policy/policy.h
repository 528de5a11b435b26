/*
 * Policy: who may see and call what. It alone decides; adapters enforce what it returns.
 *
 * Deny by default: a safe item has no effects and is open to every caller, everything else needs a
 * permission that the operator's configuration gave. A plugin can narrow who sees what it publishes
 * and never widen it.
 */
#pragma once

#include "core/base/error.h"
#include "ports/context.h"
#include "ports/item.h"
#include "ports/path_grants.h"

/* What the configuration permits beyond safe items. */
struct policy {
    /* Items up to this level may be called. */
    enum tool_level highest_level;
    /* Folders that calls may open; NULL: none. Outlives the policy. */
    const struct path_grants *paths;
};

/* Whether the item exists for the caller: what nobody may call is not shown. */
bool policy_may_see(const struct policy *policy, const struct call_context *context,
                    const struct item *item);

/* Whether its plugin published it for the caller, whatever its level. To others it does not exist. */
bool policy_is_for(const struct call_context *context, const struct item *item);

/* ST_OK, or ST_DENIED with the reason and how to permit it. */
int policy_may_call(const struct policy *policy, const struct call_context *context,
                    const struct item *item, struct error *err);

/* The folders that calls of the caller may open, before its roots narrow them. Never NULL. */
const struct path_grants *policy_paths(const struct policy *policy,
                                       const struct call_context *context);

/* The name of a level as it stands in manifests and in the configuration. */
const char *policy_level_name(enum tool_level level);
