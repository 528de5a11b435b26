/*
 * mustache_tree.h - a template of Mustache as a tree.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "value.h"

/* A thing that has a value: a path, a literal, or a helper with its arguments. */
struct term {
    bool is_literal;
    struct value literal;
    hexmcp_str name; /* path or helper, as it was written */
    struct term *arguments;
    size_t count;
};

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

struct node {
    enum node_kind kind;
    unsigned line;
    struct node *next;
    hexmcp_str text; /* text; a partial's indentation */
    bool escaped;
    bool is_computed; /* a partial whose name is what the term is worth */
    struct term term;
    hexmcp_str as[2];         /* names of an item and its key, by "as |item key|" */
    struct node *body, *other; /* of a section; what stands behind {{else}} */
};

/* The tree; an error of the rendering if the template is broken. `name` is that of a partial, or empty. */
struct node *mustache_parse(struct render *render, hexmcp_str text, hexmcp_str name);

/* One term of `text`, from *at on, in mustache_term.c. */
bool term_parse(struct render *render, hexmcp_str text, unsigned line, struct term *term, hexmcp_str as[2]);
