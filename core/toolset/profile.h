/*
 * Profiles: named sets of tools. minimal, developer, data, web and everything are built in; they choose
 * among the tools of bundled plugins and have all tools of others. One's own are
 * {"include": [patterns], "exclude": [patterns]}; a pattern is a name of a tool, "category:WORD" or
 * "plugin:ID", each with stars, and what is excluded is not included.
 */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/item.h"

struct profile {
    const char *const *words; /* built in: patterns, ended by NULL; NULL: one's own, or everything */
    struct json include, exclude;
    bool everything;
};

/* Finds the profile called `name`, built in or in `own`, an object of profiles, which must outlive it.
 * All of `own` is checked. ST_CONFIG. */
int profile_find(struct str name, struct json own, struct profile *out, struct error *err);

/* Whether the tool is in it. */
bool profile_has(const struct profile *profile, const struct item *tool);

/* The names of the built-in ones, ended by NULL. */
extern const char *const profile_names[];
