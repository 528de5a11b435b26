/*
 * text.h - JSON texts as values of jq.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "guard.h"

/* The one JSON value of the text, on the thread of a guard. */
int32_t text_parse(struct guard *guard, hexmcp_str text, jv *value, hexmcp_error *err);

/* True if the text has whole numbers that a double, which jq computes with, does not hold. */
bool text_is_inexact(hexmcp_str text);
