/*
 * values.h - what one step takes out of its answer for those after it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/bytes.h"

#define VALUES_MOST 50

struct values {
    struct value {
        char *name;
        struct bytes json; /* a string, a number, true, false */
        bool pretended;
    } list[VALUES_MOST];
    size_t count;
};

void values_free(struct values *values);

/* [A-Za-z_][A-Za-z0-9_]*, at most 64. */
bool value_name_valid(const char *name);

/* Sets it, over an older one. HEXMCP_E_INVALID for what is no text, number or truth value, or holds "{",
 * which could make up the handle of a secret; HEXMCP_E_TOO_LARGE; HEXMCP_E_NOMEM. */
int32_t values_set(struct values *values, const char *name, hexmcp_str json, hexmcp_error *err);

/* {{name}} stays what it is from now on: for a dry run, which gets no answers. */
int32_t values_pretend(struct values *values, const char *name, hexmcp_error *err);

/* Appends the JSON object `step` with values in the place of {{name}}: in "input" percent-encoded, unless
 * it begins with it; in "json" and "expect" a string that is nothing else becomes the value itself. HEXMCP_E_INVALID names one
 * that is not set. */
int32_t values_fill(const struct values *values, hexmcp_str step, struct bytes *out, hexmcp_error *err);
