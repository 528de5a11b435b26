/*
 * replace.h - matches exchanged for a replacement.
 *
 * SPDX-License-Identifier: MIT
 *
 * In the replacement $1 or ${1} is a group, $name or ${name} a named one, $0 the whole match and $$ a
 * dollar sign. A group without a match is empty. A backslash is nothing special.
 */
#pragma once

#include "regex.h"
#include "request.h"

struct replaced {
    char *text; /* yours to free() */
    size_t len;
    size_t count;
    int more; /* there were more than the limit; they stay as they were */
};

/* Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t replace_all(struct regex *regex, const struct request *request, struct replaced *replaced,
                    hexmcp_error *err);
