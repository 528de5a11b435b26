/*
 * rules.h - what the values of columns have to be.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "column.h"
#include "problems.h"
#include "table.h"

#define RULES_MOST 1000
#define RULES_UNIQUE_MOST 2000000

struct rule {
    size_t column;
    bool required;
    bool has_type;
    enum value_type type;
    bool has_min, has_max;
    double min, max;
    bool has_shortest, has_longest;
    uint64_t shortest, longest; /* characters */
    hexmcp_str values; /* JSON array, or empty */
    bool unique;
    struct column seen; /* of unique */
};

struct rules {
    struct rule *list;
    size_t count;
};

/* `json` is an object of columns and rules, borrowed. rules_free() is due in any case. */
int32_t rules_read(const struct table *table, hexmcp_str json, struct rules *rules, hexmcp_error *err);
void rules_free(struct rules *rules);

/* [worker] Adds what the row does wrong. */
int32_t rules_check(struct rules *rules, const struct table *table, const struct row *row,
                    struct problems *problems, hexmcp_error *err);
