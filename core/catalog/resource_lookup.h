/* Which item a URI belongs to. */
#pragma once

#include "core/base/buffer.h"
#include "core/policy/policy.h"
#include "core/registry/registry.h"

/* The resource with this URI, else the first template that it fits, as far as the caller may see
 * them. For a template its variables are appended to `variables` as a JSON object.
 * ST_INVALID: no URI; ST_NOT_FOUND; ST_NOMEM. */
int resource_lookup(const struct registry *registry, const struct policy *policy,
                    const struct call_context *context, struct str uri, const struct item **out,
                    struct buffer *variables, struct error *err);
