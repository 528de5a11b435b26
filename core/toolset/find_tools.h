/* Inside of the facade: finds tools. What is searched is kept until the list of tools changes. */
#pragma once

#include "core/base/buffer.h"
#include "core/policy/policy.h"
#include "core/registry/registry.h"
#include "core/toolset/tool_set.h"

struct tool_finder;

/* All must outlive the finder. NULL without memory. */
struct tool_finder *tool_finder_new(struct registry *registry, struct tool_set *set,
                                    const struct policy *policy);
void tool_finder_free(struct tool_finder *finder);

/* Appends the result of a call of tool_search with these arguments, which fit its input schema.
 * ST_NOMEM. */
int find_tools(struct tool_finder *finder, const struct call_context *context, struct str arguments,
               struct buffer *out, struct error *err);
