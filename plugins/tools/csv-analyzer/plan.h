/*
 * plan.h - the columns that come out: those of the table, chosen, renamed and made.
 *
 * SPDX-License-Identifier: MIT
 *
 * A made column is a text with the names of columns in braces: "{first} {last}"; {{ is a brace.
 */
#pragma once

#include "table.h"

#define PLAN_COLUMNS_MOST 11000
#define PLAN_TEMPLATE_MOST 4096

struct plan {
    hexmcp_str *names;
    enum value_type *types;
    size_t count;
    struct source_column {
        size_t column;  /* of the table */
        char *template; /* made from this instead; NULL */
    } *from;
    hexmcp_str *fields; /* of the row that is made */
    size_t *ends;       /* of the texts that are made */
    struct bytes made;
};

/* plan_free() is due in any case. */
int32_t plan_make(const struct table *table, const struct request *request, struct plan *plan,
                  hexmcp_error *err);
void plan_free(struct plan *plan);

/* Fills plan->fields from a row. */
int32_t plan_row(struct plan *plan, const struct table *table, const struct row *row, hexmcp_error *err);
