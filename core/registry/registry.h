/*
 * The registry: which tools there are, in the order in which they were registered.
 *
 * Names are unique. A tool whose name is taken is published as "<plugin id>.<name>", so that a
 * later plugin can neither replace nor shadow an earlier one.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driving/tool_service.h"

/* Longest public name of a tool, in bytes. */
#define TOOL_NAME_MAX 64

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *r);

/* Registers a tool. `name` is derived from `local_name` and need not be set. The definition is
 * copied, its text borrowed: it must outlive the registry. ST_INVALID: no valid name; the plugin
 * registers it twice; or the name is taken and the long one is longer than TOOL_NAME_MAX. */
int registry_add(struct registry *r, const struct tool_definition *tool, struct error *err);

size_t registry_count(const struct registry *r);

/* NULL past the end. Valid until the registry is freed or changed. */
const struct tool_definition *registry_at(const struct registry *r, size_t index);

/* The index of the tool with the public name `name`, or -1. */
ptrdiff_t registry_index(const struct registry *r, struct str name);

/* Rises with each change, starts at 1. */
uint64_t registry_generation(const struct registry *r);
