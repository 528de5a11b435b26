/*
 * value.h - JSON values by what they mean: equality, order, counts.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "budget.h"

#include "hexmcp/json.h"

/* "a string", "a number", ... for messages. */
const char *value_article(hexmcp_str value);

/* 1 if `value` is of the type `name` of JSON Schema; integer includes 1.0. */
int value_is(hexmcp_str value, const char *name);

/* Negative, zero or positive for numbers a < b, a == b, a > b. */
int value_compare(hexmcp_str a, hexmcp_str b);

/* 1 if they mean the same: 1 and 1.0, "a" and "\u0061", objects in any order. 0 also when the budget is
 * spent; ask it. */
int value_equal(hexmcp_str a, hexmcp_str b, struct budget *budget);

/* Characters of a string (code points), elements of an array, members of an object. */
size_t value_length(hexmcp_str value);

/* Looks for two elements of the array that are equal.
 * 1: *first and *second are their indexes, first < second; 0: there are none, or the budget is spent;
 * negative: HEXMCP_E_NOMEM. */
int value_repeats(hexmcp_str array, struct budget *budget, size_t *first, size_t *second);
