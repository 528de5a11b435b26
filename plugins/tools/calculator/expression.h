/*
 * Checks an expression before muParser sees it, and rewrites it into muParser's terms.
 *
 * muParser knows no limits, no `%`, no bound on exponents, and its messages go through one static
 * buffer that is not safe between threads. So grammar, names and limits are checked here, with
 * messages that name the place; muParser then only evaluates text that is known to be good.
 */
#pragma once

#include "functions.h"
#include "hexmcp/json.h"

struct variable {
    char name[MAX_NAME + 1];
    double value;
};

struct variables {
    size_t count;
    struct variable items[MAX_VARIABLES];
};

/* In the rewritten text a variable is v<index>, pi and e are k_pi and k_e, ^ is #, and a row of
 * signs is one of - ! ~ (minus not) $ (not not) & (minus not not). */
#define EXPRESSION_CAPACITY 8192

struct expression {
    size_t len;
    char text[EXPRESSION_CAPACITY];
};

/* Checks `source` (UTF-8) and writes the rewritten text to `out`.
 * Returns HEXMCP_OK; HEXMCP_E_INVALID for a mistake, HEXMCP_E_TOO_LARGE for a limit, with a text
 * that names the place (characters, from 1) and what to do. */
int32_t expression_check(hexmcp_str source, const struct variables *variables,
                         struct expression *out, hexmcp_error *err);
