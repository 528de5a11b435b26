/*
 * mustache.h - Mustache, with the helpers of Handlebars that need no code.
 *
 * SPDX-License-Identifier: MIT
 *
 * By the specification of Mustache 1.3: interpolation, sections, inverted sections, comments, partials,
 * delimiters. Of Handlebars: if, unless, each, with, lookup, eq, ne, lt, gt, le, ge, and, or, not; else and
 * else if; this, ../, @index, @key, @first, @last, @root; {{~ and ~}}; {{!-- --}}.
 */
#pragma once

#include "value.h"

/* Renders into the output. `partials` is an object of texts, or VALUE_NONE. */
void mustache_render(struct render *render, hexmcp_str text, const struct value *context,
                     const struct value *partials);
