/*
 * classes.h - which values of a tree are equal.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "tree.h"

/* Writes `class` of each node: the same number, below node_count, for equal values and for no
 * others. Objects are equal whatever the order of their members, strings however they are escaped.
 * Numbers are equal by value; with `exact` only if they are written alike.
 * Errors: HEXMCP_E_NOMEM, HEXMCP_E_CANCELLED. */
int32_t classes_find(struct tree *tree, const struct work *work, int exact, hexmcp_error *err);
