/*
 * What a plugin is granted: made of what it asks for and of what is allowed.
 *
 * Grants are a JSON object as a manifest has it under "grants" (docs/plugins/grants.md), which was
 * checked when the manifest was read. All functions here but plugin_grants_check() rely on that.
 */
#pragma once

#include "core/base/arena.h"
#include "core/policy/grant_list.h"
#include "ports/plugin_grants.h"

/* Limits of the keys that are numbers. */
#define GRANT_MEMORY_LEAST 16u
#define GRANT_MEMORY_MOST 65536u
#define GRANT_CPU_MOST 86400u
#define GRANT_PROCESSES_MOST 64u

/* ST_INVALID if `grants`, which comes from elsewhere than a manifest that was read, is no such object;
 * the text names the key. */
int plugin_grants_check(struct json grants, struct error *err);

/* Grants with the memory that they lie in. */
struct kept_grants {
    struct plugin_grants grants;
    struct arena arena;
};

/* ST_NOMEM. Nothing is borrowed. */
int plugin_grants_read(struct json grants, struct kept_grants *out, struct error *err);
void kept_grants_clear(struct kept_grants *kept);

/* What may be granted to a plugin that asks for it. */
struct allowed_grants {
    struct json lists[GRANT_LISTS]; /* arrays of strings; none: nothing of it */
    bool paths;                     /* opening files through the host */
    bool direct;                    /* opening them itself */
    bool limits;                    /* as much memory, time and programs as it asks for */
    bool confirmed;                 /* a person said yes to each entry: only "*" of variables,
                                       programs and secrets stands for those in `lists` */
};

/* Writes the JSON object of what is asked for and allowed. */
void plugin_grants_cut(struct json asked, const struct allowed_grants *allowed,
                       struct buffer *out);

/* Writes `grants` without `entry` under `key`, without all of the key if `entry` is empty. Without
 * "read" there is no "write" either. ST_INVALID: it does not ask for that. */
int plugin_grants_deny(struct json grants, struct str key, struct str entry, struct buffer *out,
                       struct error *err);
