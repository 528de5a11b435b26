#include "core/toolset/tool_set.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/toolset/cost.h"
#include "core/toolset/facade.h"
#include "core/toolset/profile.h"

struct tool_set {
    struct tool_set_parts parts;
    struct profile profile;
    struct json_doc *profiles;
    struct arena memory;
    uint64_t generation; /* of the list that the rest is about; 0: not worked out yet */
    uint64_t *cut;       /* places of the tools that the cap has cut, rising */
    size_t cut_count, cut_cap;
    bool left_out; /* some tool is not listed */
};

int tool_set_new(const struct tool_set_parts *parts, struct tool_set **out, struct error *err)
{
    struct tool_set *set = calloc(1, sizeof(*set));
    if (!set)
        return error_set(err, ST_NOMEM, "out of memory");
    set->parts = *parts;
    set->parts.profile = arena_copy(&set->memory, parts->profile);
    set->parts.profiles = arena_copy(&set->memory, parts->profiles);
    int rc = set->memory.failed ? error_set(err, ST_NOMEM, "out of memory")
                                : json_parse(set->parts.profiles, &set->profiles, err);
    if (!rc)
        rc = profile_find(set->parts.profile, json_root(set->profiles), &set->profile, err);
    if (rc) {
        tool_set_free(set);
        return rc;
    }
    *out = set;
    return ST_OK;
}

void tool_set_free(struct tool_set *set)
{
    if (!set)
        return;
    json_free(set->profiles);
    arena_clear(&set->memory);
    free(set->cut);
    free(set);
}

bool tool_set_wants_facade(const struct tool_set *set)
{
    return set->parts.facade == FACADE_ON ||
           (set->parts.facade == FACADE_AUTO &&
            (!set->profile.everything || set->parts.max_tokens));
}

/* The next tool that somebody may see, the facade aside. */
static const struct item *next(const struct tool_set *set, const struct item *after)
{
    const struct item *tool = after;
    do
        tool = registry_next(set->parts.registry, ITEM_TOOL, tool ? tool->order : 0);
    while (tool && (tool->level > set->parts.highest_level || item_is_facade(tool)));
    return tool;
}

static uint32_t facade_cost(const struct tool_set *set)
{
    uint32_t cost = 0;
    const struct item *item = NULL;
    while ((item = registry_next(set->parts.registry, ITEM_TOOL, item ? item->order : 0)))
        cost += item_is_facade(item) ? tool_cost(item) : 0;
    return cost;
}

/* Without memory the tool stays in the list. */
static void cut(struct tool_set *set, const struct item *tool)
{
    if (set->cut_count == set->cut_cap) {
        size_t cap = set->cut_cap ? set->cut_cap * 2 : 64;
        void *more = realloc(set->cut, cap * sizeof(*set->cut));
        if (!more)
            return;
        set->cut = more;
        set->cut_cap = cap;
    }
    set->cut[set->cut_count++] = tool->order;
}

static void cut_to(struct tool_set *set, uint64_t budget)
{
    const struct item *tool = NULL;
    uint64_t used = 0;
    while ((tool = next(set, tool))) {
        if (!profile_has(&set->profile, tool))
            continue;
        uint32_t cost = tool_cost(tool);
        if (used + cost > budget)
            cut(set, tool);
        else
            used += cost;
    }
}

static uint64_t cost_of_profile(const struct tool_set *set)
{
    const struct item *tool = NULL;
    uint64_t cost = 0;
    while ((tool = next(set, tool)))
        if (profile_has(&set->profile, tool))
            cost += tool_cost(tool);
    return cost;
}

static bool leaves_some_out(const struct tool_set *set)
{
    const struct item *tool = NULL;
    while (!set->profile.everything && (tool = next(set, tool)))
        if (!profile_has(&set->profile, tool))
            return true;
    return false;
}

static void tell_of_cut(const struct tool_set *set)
{
    const struct tool_set_parts *parts = &set->parts;
    struct error line;
    if (!set->cut_count || !parts->tell)
        return;
    error_set(&line, ST_TOO_LARGE,
              "tools.max_tokens is %u, which leaves %zu of the tools out of the list; %s",
              parts->max_tokens, set->cut_count,
              parts->facade == FACADE_OFF ? "they can be called by name alone, as tools.facade is off"
                                          : "tool_search finds them and tool_call calls them");
    parts->tell(parts->ctx, str_from(line.text));
}

static void work_out(struct tool_set *set)
{
    uint64_t now = registry_generation(set->parts.registry, ITEM_TOOL);
    uint64_t cap = set->parts.max_tokens;
    if (set->generation == now)
        return;
    set->generation = now;
    set->cut_count = 0;
    set->left_out = leaves_some_out(set);
    uint64_t facade = set->parts.facade == FACADE_OFF ? 0 : facade_cost(set);
    bool needed = set->left_out || set->parts.facade == FACADE_ON;
    if (cap && cost_of_profile(set) + (needed ? facade : 0) > cap) {
        cut_to(set, cap > facade ? cap - facade : 0);
        set->left_out = set->left_out || set->cut_count;
        tell_of_cut(set);
    }
}

static bool is_cut(const struct tool_set *set, const struct item *tool)
{
    size_t low = 0, high = set->cut_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->cut[middle] < tool->order)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->cut_count && set->cut[low] == tool->order;
}

static bool facade_is_there(struct tool_set *set)
{
    if (set->parts.facade == FACADE_AUTO)
        work_out(set);
    return set->parts.facade == FACADE_ON || (set->parts.facade == FACADE_AUTO && set->left_out);
}

bool tool_set_lists(struct tool_set *set, const struct item *tool)
{
    if (!set)
        return true;
    if (item_is_facade(tool))
        return facade_is_there(set);
    if (!profile_has(&set->profile, tool))
        return false;
    if (set->parts.max_tokens)
        work_out(set);
    return !is_cut(set, tool);
}

bool tool_set_has(struct tool_set *set, const struct item *tool)
{
    if (!set)
        return true;
    if (item_is_facade(tool))
        return facade_is_there(set);
    return set->parts.facade != FACADE_OFF || profile_has(&set->profile, tool);
}

int tool_set_refuse(const struct tool_set *set, const struct item *tool, struct error *err)
{
    if (item_is_facade(tool))
        return error_set(err, ST_NOT_FOUND, "there is no tool \"%.*s\"",
                         STR_ARG(tool->name));
    return error_set(err, ST_UNAVAILABLE,
                     "tool \"%.*s\" is not in the profile \"%.*s\" (setting tools.profile)",
                     STR_ARG(tool->name), STR_ARG(set->parts.profile));
}

struct tool_set_summary tool_set_summary(struct tool_set *set)
{
    struct tool_set_summary sum = {.facade = facade_is_there(set)};
    const struct item *tool = NULL;
    work_out(set);
    while ((tool = next(set, tool))) {
        uint32_t cost = tool_cost(tool);
        bool inside = profile_has(&set->profile, tool), fits = !is_cut(set, tool);
        sum.all++;
        sum.all_tokens += cost;
        sum.outside += !inside;
        sum.cut += inside && !fits;
        sum.listed += inside && fits;
        sum.tokens += inside && fits ? cost : 0;
    }
    sum.tokens += sum.facade ? facade_cost(set) : 0;
    return sum;
}

struct str tool_set_profile(const struct tool_set *set)
{
    return set->parts.profile;
}
