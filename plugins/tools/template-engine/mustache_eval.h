/*
 * mustache_eval.h - what the terms of a template of Mustache are worth.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "mustache_tree.h"

/* What a section works on; those of the sections around it are above. */
struct scope {
    const struct scope *above;
    struct value value;
    hexmcp_str as[2]; /* names of the value and of its key */
    struct value key; /* index or key of an item; VALUE_NONE outside of lists */
    bool is_first, is_last;
};

struct value term_value(struct render *render, const struct scope *scope, const struct term *term);

/* Whether the term is a helper of that name, with arguments. */
static inline bool term_is(const struct term *term, const char *helper)
{
    return term->count > 0 && !term->is_literal && text_is(term->name, helper);
}
