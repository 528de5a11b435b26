/*
 * check.h - applies rules to a value.
 *
 * SPDX-License-Identifier: MIT
 *
 * null counts as absent: it fits every rule but required, type and enum. A member that is missing fits
 * every rule but required. Every other rule also wants a type: length a string, array or object; range
 * a number; pattern, email, url, date and custom a string.
 */
#pragma once

#include "report.h"
#include "rules.h"

/* Puts what does not fit into `report`, all of it or with `fail_fast` the first.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE (nobody knows), HEXMCP_E_NOMEM. */
int32_t check_value(const struct rule *rules, hexmcp_str value, int fail_fast,
                    struct report *report, hexmcp_error *err);
