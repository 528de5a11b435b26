/*
 * rules.h - the rules of a call, read and checked.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "pattern.h"
#include "texts.h"

#include "hexmcp/json.h"

#define RULES_BYTES_MAX ((size_t)1024 * 1024)
#define RULES_MAX 10000
#define RULES_DEPTH_MAX 32

enum rule_kind {
    RULE_REQUIRED,
    RULE_TYPE,
    RULE_LENGTH,
    RULE_RANGE,
    RULE_PATTERN,
    RULE_ENUM,
    RULE_EMAIL,
    RULE_URL,
    RULE_DATE,
    RULE_CUSTOM,
    RULE_ARRAY,
    RULE_OBJECT,
};

struct rule;

/* The rules of one member of an object. */
struct property {
    struct property *next;
    hexmcp_str key; /* raw, a JSON string */
    struct rule *rules;
};

/* Slices are of the arguments; an empty one stands for a key that is not there. */
struct rule {
    struct rule *next;
    enum rule_kind kind;
    hexmcp_str min, max;   /* range, length; array: of items */
    char expected[16];     /* type */
    struct pattern *pattern;
    hexmcp_str values;     /* enum */
    char *format;          /* date */
    text_check *custom;
    hexmcp_str required;   /* object: names */
    struct property *properties;
    int additional;        /* object: others may be there */
    int unique;            /* array */
    struct rule *item_rules;
};

/* The name of a kind as it stands in the arguments. */
const char *rule_name(enum rule_kind kind);

/* Reads `json`, an array of rules, which must outlive them. What is wrong is told with its place in the
 * rules. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t rules_read(hexmcp_str json, struct rule **rules, hexmcp_error *err);
void rules_free(struct rule *rules);
