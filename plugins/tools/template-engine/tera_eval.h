/*
 * tera_eval.h - what expressions of Tera are worth.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "tera_tree.h"

/* A name that set or for gave a value. */
struct binding {
    struct binding *before;
    hexmcp_str name;
    struct value value;
};

struct names_known {
    struct render *render;
    const struct value *context;
    struct binding *local, *global;
    const struct value *filtered; /* the body of a filter block */
};

struct value expr_value(struct names_known *names, const struct expr *expr);

/* A filter or test as it is called: the arguments have values. */
struct called {
    struct render *render;
    const struct expr *expr;
    hexmcp_str name;
    const struct value *arguments; /* expr->count of them */
};

/* The argument of that name or, if it has none, at that place; VALUE_NONE if it is not there. */
struct value called_argument(const struct called *c, const char *name, size_t place);
double called_number(const struct called *c, const char *name, size_t place, double fallback);
hexmcp_str called_text(const struct called *c, const char *name, size_t place, const char *fallback);

__attribute__((format(printf, 2, 3))) struct value called_fail(const struct called *c,
                                                               const char *format, ...);

/* Whether there is such a filter; then *value becomes its result. */
bool filter_text(const struct called *c, struct value *value);   /* of texts */
bool filter_list(const struct called *c, struct value *value);   /* of arrays and objects */
bool filter_number(const struct called *c, struct value *value); /* of numbers, and of any value */
