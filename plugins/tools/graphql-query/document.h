/*
 * document.h - what a GraphQL document asks for, and how deep.
 *
 * SPDX-License-Identifier: MIT
 *
 * Not a whole parser: it knows operations, fragments, selections and spreads, and leaves the rest to the
 * server.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"

#define DOCUMENT_MOST ((size_t)256 * 1024)
#define DEFINITIONS_MOST 200
#define SPREADS_MOST 1000

enum definition_kind { KIND_QUERY, KIND_MUTATION, KIND_SUBSCRIPTION, KIND_FRAGMENT };

struct definition {
    enum definition_kind kind;
    hexmcp_str name;    /* empty: none */
    unsigned depth;     /* of nested selections, without those of fragments that it spreads */
    size_t spread, spread_count; /* its part of document.spreads */
    int state;          /* while the depth is reckoned: 1 open, 2 known */
    unsigned whole;     /* then: with fragments */
};

struct document {
    struct definition definitions[DEFINITIONS_MOST];
    size_t count;
    struct spread {
        hexmcp_str name;
        unsigned depth; /* of the selection that it stands in */
    } spreads[SPREADS_MOST];
    size_t spread_count;
};

/* Reads it. HEXMCP_E_INVALID says what is wrong and in which line; HEXMCP_E_TOO_LARGE. The texts point
 * into `text`. */
int32_t document_read(hexmcp_str text, struct document *document, hexmcp_error *err);

/* The operation of that name, or the only one if the name is empty. */
int32_t document_find(const struct document *document, const char *name, struct definition **out,
                      hexmcp_error *err);

/* How deep it is with its fragments, which must not lead back to themselves. Unknown ones count nothing. */
int32_t document_depth(struct document *document, struct definition *operation, unsigned *depth,
                       hexmcp_error *err);

/* "query", "mutation", "subscription" */
const char *document_kind(enum definition_kind kind);
