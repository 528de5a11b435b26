/*
 * Which of the tools are listed, and which can be called.
 *
 * A profile chooses tools; a cap on their tokens cuts the list, in its order, tool by tool. What is not
 * listed is left to the facade: the tools tool_search and tool_call, which find and call every tool
 * that policy lets the caller see. Without a facade a tool outside of the profile does not exist, and
 * one that was cut can be called by those who know its name.
 *
 * What follows from all this is worked out when it is first asked for, and anew when the list of tools
 * has changed.
 */
#pragma once

#include "core/registry/registry.h"

enum facade_mode {
    FACADE_OFF,
    FACADE_AUTO, /* there if some tool is not listed */
    FACADE_ON,
};

struct tool_set_parts {
    struct registry *registry;
    enum tool_level highest_level; /* tools above are nobody's, and left out of all counts */
    struct str profile;            /* its name, copied */
    struct str profiles;           /* JSON object of one's own, copied */
    enum facade_mode facade;
    uint32_t max_tokens; /* 0: no cap */
    /* Told in a sentence when the cap has cut the list; may be NULL. */
    void (*tell)(void *ctx, struct str text);
    void *ctx;
};

struct tool_set_summary {
    uint32_t all, all_tokens; /* tools that somebody may call, the facade aside */
    uint32_t listed;          /* of them */
    uint32_t outside, cut;    /* not listed: by the profile, by the cap */
    uint32_t tokens;          /* of the list, with the facade if it is there */
    bool facade;
};

struct tool_set;

/* ST_CONFIG: no such profile, or one of one's own is wrong. */
int tool_set_new(const struct tool_set_parts *parts, struct tool_set **out, struct error *err);
void tool_set_free(struct tool_set *set);

/* True if the facade may be needed, so that its tools must be in the registry. */
bool tool_set_wants_facade(const struct tool_set *set);

/* NULL stands for the set that lists all. */
bool tool_set_lists(struct tool_set *set, const struct item *tool);
bool tool_set_has(struct tool_set *set, const struct item *tool);

/* Why tool_set_has is false: ST_NOT_FOUND for the facade, else ST_UNAVAILABLE. */
int tool_set_refuse(const struct tool_set *set, const struct item *tool, struct error *err);

/* Costs the reading of all definitions. */
struct tool_set_summary tool_set_summary(struct tool_set *set);
struct str tool_set_profile(const struct tool_set *set);
