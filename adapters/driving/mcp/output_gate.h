/*
 * Output schemas whose root is not an object are for the modern era alone: older clients get
 * neither the schema nor the structured results of such a tool.
 */
#pragma once

#include "core/json/json.h"
#include "ports/item.h"

#define OUTPUT_GATE_SLOTS 64

/* What was found out about the tools that were called last. Zeroed to begin with. */
struct output_gate {
    uint64_t generation;
    struct {
        const struct item *tool;
        bool closed;
    } slots[OUTPUT_GATE_SLOTS];
};

/* True if older revisions know such an output schema. */
bool output_gate_passes(struct json schema);

/* True if the tool has an output schema, and one that older revisions do not know. */
bool output_gate_is_closed(struct output_gate *gate, const struct item *tool,
                           uint64_t generation);
