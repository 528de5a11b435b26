#include "core/schema/evaluate.h"

static bool keep_fault(struct schema_result *result, const struct schema_fault *fault)
{
    struct arena *memory = &result->memory;
    struct schema_fault kept = {arena_copy(memory, fault->instance),
                                arena_copy(memory, fault->keyword),
                                arena_copy(memory, fault->schema),
                                arena_copy(memory, fault->message)};
    if (!result->faults)
        result->faults = arena_alloc(memory, SCHEMA_MAX_FAULTS * sizeof(kept));
    if (!result->faults || memory->failed)
        return false;
    result->faults[result->count++] = kept;
    return true;
}

void result_add(struct schema_result *result, struct schema_fault fault)
{
    if (result->count == SCHEMA_MAX_FAULTS || !keep_fault(result, &fault))
        result->more = true;
}

void schema_result_text(const struct schema_result *result, struct buffer *out)
{
    for (uint32_t i = 0; i < result->count; i++) {
        const struct schema_fault *fault = &result->faults[i];
        if (i)
            buffer_add_str(out, STR("; "));
        if (fault->instance.len) {
            buffer_add_str(out, fault->instance);
            buffer_add_str(out, STR(": "));
        }
        buffer_add_str(out, fault->message);
    }
    if (result->more)
        buffer_add_str(out, STR("; and more"));
}

void schema_result_clear(struct schema_result *result)
{
    arena_clear(&result->memory);
    *result = (struct schema_result)SCHEMA_RESULT_INIT;
}
