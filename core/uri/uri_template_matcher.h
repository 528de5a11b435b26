/* Inside of core/uri: a template that is matched against a URI. */
#pragma once

#include "core/uri/uri_template_parts.h"

enum item_kind {
    ITEM_LITERAL,
    ITEM_VALUE,
    ITEM_QUERY, /* '?' and a pair; an ITEM_PAIRS with the rest follows */
    ITEM_PAIRS, /* pairs, each behind its separator */
};

struct item {
    enum item_kind kind;
    const struct template_part *part;
    const struct template_variable *variable; /* of ITEM_VALUE */
    char lead; /* stands before the value or pair; '\0' for none */
    bool optional;
    size_t skip; /* the item to go on with if this one is left out */
    struct str found; /* the value without its lead; the pairs with theirs */
};

/* Each variable is an item at most, each '?' one more, and so is each literal. */
#define MAX_ITEMS (3 * URI_TEMPLATE_MAX_VARIABLES + 1)

#define NEVER UINT16_MAX

struct matcher {
    struct template_parts parts;
    struct item items[MAX_ITEMS];
    size_t count;
    struct str uri;
    size_t query; /* of the first '?'; uri.len without */
    uint8_t *bits; /* count + 1 rows of uri.len + 1 bits */
    size_t stride; /* bytes of a row */
    uint16_t *left; /* characters from a byte in a value to where it may end, or NEVER */
};

/* Writes what the items found. ST_NOT_FOUND if a value is no UTF-8, holds U+0000, or is given twice
 * without a list. `variables` is written to only with ST_OK. */
int template_write_values(const struct matcher *m, struct json_writer *variables);
