/*
 * The facade: two tools that stand for all tools, for lists that are too long to be listed.
 *
 * tool_search finds tools by a text and by filters, and gives their definitions. tool_call calls one:
 * who takes the request puts the tool that is meant in its place (facade_unwrap), so that checks,
 * hooks, limits and everything else are those of a direct call. The rest runs here, in place of a
 * plugin: facade_runtime stands before the runtime of plugins.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/policy/policy.h"
#include "core/registry/registry.h"
#include "core/toolset/tool_set.h"
#include "ports/driven/plugin_runtime.h"

#define FACADE_TOOLS 2

/* The number of the plugin that there is not. */
#define FACADE_PLUGIN UINT32_MAX

static inline bool item_is_facade(const struct item *item)
{
    return item->plugin == FACADE_PLUGIN;
}

/* Puts the two tools into the registry, before all others. */
int facade_register(struct registry *registry, struct error *err);

/* What a call of tool_call means. */
struct facade_call {
    struct json name; /* a string */
    struct json arguments; /* an object, or nothing */
};

/* True if `tool` is tool_call and its arguments name another tool. All else goes on as a call of
 * tool_call, which ends with an error that says what is wrong. */
bool facade_unwrap(const struct item *tool, struct json arguments, struct facade_call *out);

struct facade;

/* All must outlive the facade. NULL without memory. */
struct facade *facade_new(struct registry *registry, struct tool_set *set,
                          const struct policy *policy, const struct plugin_runtime *plugins);
void facade_free(struct facade *facade);

/* The runtime of plugins with the facade before it. */
const struct plugin_runtime *facade_runtime(struct facade *facade);
