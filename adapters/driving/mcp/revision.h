/* The revisions of the protocol, and what each of them knows. */
#pragma once

#include "core/base/str.h"

enum revision {
    REV_2024_11_05,
    REV_2025_03_26,
    REV_2025_06_18,
    REV_2025_11_25,
    REV_2026_07_28,
    REV_COUNT,
};

#define REV_LATEST_LEGACY REV_2025_11_25

/* Something that came with a revision. One row each in revision.c. */
enum feature {
    FEATURE_TOOL_ANNOTATIONS,
    FEATURE_AUDIO,
    FEATURE_PROGRESS_MESSAGE,
    FEATURE_TITLE,
    FEATURE_META, /* on definitions and content blocks */
    FEATURE_RESOURCE_LINK,
    FEATURE_LAST_MODIFIED,
    FEATURE_STRUCTURED,     /* outputSchema, structuredContent: objects only ... */
    FEATURE_STRUCTURED_ANY, /* ... or any JSON value */
    FEATURE_ICONS,
    FEATURE_COMPLETIONS,        /* the capability; the method is older */
    FEATURE_COMPLETION_CONTEXT, /* context.arguments */
    FEATURE_RESULT_TYPE, /* resultType, ttlMs, cacheScope, serverInfo in _meta */
    FEATURE_ELICITATION,      /* a flat form ... */
    FEATURE_ELICITATION_MODE, /* ... or a URL, told apart by `mode` */
    FEATURE_FORM_CHOICES,     /* oneOf, anyOf, arrays, and a default for every kind of field */
    FEATURE_SAMPLING_TOOLS,   /* tools, toolChoice, tool_use, tool_result */
    FEATURE_SAMPLING_CONTEXT, /* includeContext hangs from a capability */
    FEATURE_SAMPLING_BLOCKS,  /* several content blocks in a message; _meta on messages */
    FEATURE_EXTENSIONS,
    FEATURE_COUNT,
};

/* True if messages of the revision may carry the feature. */
bool revision_has(enum revision revision, enum feature feature);

/* `elicitationId` of URL elicitation, and with it notifications/elicitation/complete: 2025-11-25
 * alone. */
bool revision_has_elicitation_id(enum revision revision);

/* `roots.listChanged`: gone in 2026-07-28. */
bool revision_has_roots_changed(enum revision revision);

/* JSON-RPC batches: accepted up to 2025-03-26. */
bool revision_has_batches(enum revision revision);

/* Tasks as part of the core protocol: 2025-11-25 alone. */
bool revision_has_core_tasks(enum revision revision);

struct str revision_name(enum revision revision);
