/*
 * pattern.h - the regular expressions of rules (PCRE2), within limits.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "budget.h"

#include "hexmcp/abi.h"

#define PATTERN_BYTES_MAX 10000
#define PATTERN_STEPS_MAX 200000

struct pattern;

/* Compiles `text`. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t pattern_new(hexmcp_str text, struct pattern **pattern, hexmcp_error *err);
void pattern_free(struct pattern *pattern);

/* 1 if there is a match anywhere in `subject`, 0 if not; else negative with *err: a limit was reached,
 * or the subject is no UTF-8. */
int pattern_search(struct pattern *pattern, hexmcp_str subject, struct budget *budget,
                   hexmcp_error *err);
