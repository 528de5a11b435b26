/*
 * answers.h - variables in results.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "table.h"

struct page {
    const char *pattern; /* a glob, NULL: all */
    size_t offset, limit;
};

/* Answers with one variable; `table` may be NULL. */
int32_t answer_one(const hexmcp_round *r, const struct table *table, const char *name);

/* Answers with those that match, in the order of their names. */
int32_t answer_many(const hexmcp_round *r, const struct table *table, const char *operation,
                    const struct page *page);
