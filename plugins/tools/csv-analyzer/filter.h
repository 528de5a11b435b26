/*
 * filter.h - which rows are wanted: "price > 10 and (name contains 'tea' or not sold == true)".
 *
 * SPDX-License-Identifier: MIT
 *
 * An expression is parsed into a tree and nothing else: no part of it is run as code. A condition is
 * COLUMN OPERATOR VALUE. A column is a name, or one in [brackets] if it holds spaces or signs. A value is
 * a number, a word, or a text in quotes of either kind. Two numbers are compared as numbers, anything
 * else as texts, byte by byte.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"

#define FILTER_TEXT_MOST 4096
#define FILTER_NODES_MOST 256

struct filter_node {
    enum { FILTER_TEST, FILTER_AND, FILTER_OR, FILTER_NOT } kind;
    size_t left; /* places of nodes */
    size_t right;
    size_t column;
    size_t operator;
    hexmcp_str value; /* into the text of the filter */
    bool is_number;
    double number;
};

struct filter {
    struct filter_node nodes[FILTER_NODES_MOST];
    size_t count;
    size_t root;
};

/* `text` must outlive the filter. `names` are those of the columns. */
int32_t filter_parse(const char *text, const hexmcp_str *names, size_t name_count, struct filter *filter,
                     hexmcp_error *err);

/* Fields that the row does not have are empty. */
bool filter_takes(const struct filter *filter, const hexmcp_str *fields, size_t count);
