/* Inside of the plugin: calls become operations of the platform. */
#pragma once

#include "hexmcp/all.h"
#include "hexmcp/simple.h"

struct sessions {
    const hexmcp_operations_1 *operations;
};

/* Executes the operation for the call and answers with what it says; `uri` is the resource that is
 * read, empty for a tool. */
int32_t execute(const hexmcp_round *r, const char *operation, hexmcp_str arguments, hexmcp_str uri);

/* The ids that begin with what was typed. */
int32_t suggest(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);

extern const hexmcp_simple_item tools[];
extern const hexmcp_simple_item resources[];
