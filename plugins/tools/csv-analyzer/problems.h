/*
 * problems.h - what is wrong with rows: the first ones in words, the others counted.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"

#define PROBLEMS_MOST 100
#define PROBLEM_TEXT 200

struct problem {
    uint64_t line;
    const char *rule;  /* NULL if there is none; never freed */
    hexmcp_str column; /* empty if it is none; borrowed */
    char text[PROBLEM_TEXT];
};

struct problems {
    struct problem list[PROBLEMS_MOST];
    size_t count;
    uint64_t total;
};

__attribute__((format(printf, 5, 6))) void problems_add(struct problems *problems, uint64_t line,
                                                        hexmcp_str column, const char *rule,
                                                        const char *format, ...);

/* The list as an array. */
void problems_put(const struct problems *problems, hexmcp_json_writer *w, const char *key);
