#include "adapters/driving/mcp/output_gate.h"

bool output_gate_passes(struct json schema)
{
    return json_is(json_get(schema, STR("type")), STR("object"));
}

static bool look(const struct item *tool, bool *closed)
{
    struct json_doc *doc;
    if (json_parse(tool->json, &doc, NULL))
        return false;
    struct json schema = json_get(json_root(doc), STR("outputSchema"));
    *closed = json_exists(schema) && !output_gate_passes(schema);
    json_free(doc);
    return true;
}

bool output_gate_is_closed(struct output_gate *gate, const struct item *tool,
                           uint64_t generation)
{
    /* Definitions stand side by side in the registry, so that their places spread well. */
    size_t slot = ((uintptr_t)tool / sizeof(*tool)) % OUTPUT_GATE_SLOTS;
    if (gate->generation != generation)
        *gate = (struct output_gate){.generation = generation};
    if (gate->slots[slot].tool != tool) {
        bool closed;
        /* Without memory: the safe side, and not remembered. */
        if (!look(tool, &closed))
            return true;
        gate->slots[slot].tool = tool;
        gate->slots[slot].closed = closed;
    }
    return gate->slots[slot].closed;
}
