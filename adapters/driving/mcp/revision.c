#include "adapters/driving/mcp/revision.h"

static const struct str names[REV_COUNT] = {
    STR_INIT("2024-11-05"), STR_INIT("2025-03-26"), STR_INIT("2025-06-18"),
    STR_INIT("2025-11-25"), STR_INIT("2026-07-28"),
};

/* The first revision that knows the feature; none takes one away again. */
static const enum revision since[FEATURE_COUNT] = {
    [FEATURE_TOOL_ANNOTATIONS] = REV_2025_03_26, [FEATURE_AUDIO] = REV_2025_03_26,
    [FEATURE_PROGRESS_MESSAGE] = REV_2025_03_26, [FEATURE_TITLE] = REV_2025_06_18,
    [FEATURE_META] = REV_2025_06_18,             [FEATURE_RESOURCE_LINK] = REV_2025_06_18,
    [FEATURE_LAST_MODIFIED] = REV_2025_06_18,    [FEATURE_STRUCTURED] = REV_2025_06_18,
    [FEATURE_STRUCTURED_ANY] = REV_2026_07_28,   [FEATURE_ICONS] = REV_2025_11_25,
    [FEATURE_COMPLETIONS] = REV_2025_03_26,      [FEATURE_COMPLETION_CONTEXT] = REV_2025_06_18,
    [FEATURE_RESULT_TYPE] = REV_2026_07_28,      [FEATURE_ELICITATION] = REV_2025_06_18,
    [FEATURE_ELICITATION_MODE] = REV_2025_11_25, [FEATURE_FORM_CHOICES] = REV_2025_11_25,
    [FEATURE_SAMPLING_TOOLS] = REV_2025_11_25,   [FEATURE_SAMPLING_CONTEXT] = REV_2025_11_25,
    [FEATURE_SAMPLING_BLOCKS] = REV_2025_11_25,  [FEATURE_EXTENSIONS] = REV_2026_07_28,
};

bool revision_has(enum revision revision, enum feature feature)
{
    return revision >= since[feature];
}

bool revision_has_elicitation_id(enum revision revision)
{
    return revision == REV_2025_11_25;
}

bool revision_has_roots_changed(enum revision revision)
{
    return revision <= REV_2025_11_25;
}

bool revision_has_batches(enum revision revision)
{
    return revision <= REV_2025_03_26;
}

bool revision_has_core_tasks(enum revision revision)
{
    return revision == REV_2025_11_25;
}

struct str revision_name(enum revision revision)
{
    return names[revision];
}
