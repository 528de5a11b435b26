/*
 * value.h - what templates work on: JSON as a tree.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "render.h"

enum value_type {
    VALUE_NONE, /* there is no such thing */
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_OBJECT
};

/* Small, and copied. Texts and items belong to the rendering. */
struct value {
    enum value_type type;
    bool safe;       /* text that is not escaped any more */
    bool yes;        /* bool */
    double number;   /* number */
    hexmcp_str text; /* string; of a number what it looks like, if that is known */
    const struct value *items;
    const hexmcp_str *keys; /* of an object, as many as items */
    size_t count;
};

/* The tree of a JSON text; an error of the rendering if it is too large. */
struct value value_parse(struct render *render, hexmcp_str json);

struct value value_of_bool(bool yes);
struct value value_of_number(double number);
struct value value_of_text(hexmcp_str text);
struct value value_of_array(const struct value *items, size_t count);

/* The member; VALUE_NONE if there is none, or it is no object. */
struct value value_member(struct render *render, const struct value *value, hexmcp_str key);

/* The same for a name or a number: of an object the member, of an array the element. */
struct value value_part(struct render *render, const struct value *value, hexmcp_str key);

/* As templates print it: nothing for null, JSON for arrays and objects. */
hexmcp_str value_text(struct render *render, const struct value *value);
void value_write_json(hexmcp_json_writer *w, const struct value *value);

/* Neither nothing, null, false, 0, "" nor an empty array or object. */
bool value_is_true(const struct value *value);

/* -1, 0, 1 for two numbers or two texts; 2 if they cannot be compared. */
int value_compare(const struct value *a, const struct value *b);
bool value_equals(struct render *render, const struct value *a, const struct value *b);

/* "a text", "a number", ... */
const char *value_type_name(const struct value *value);

static inline bool text_is(hexmcp_str text, const char *word)
{
    return hexmcp_str_equals(text, word) != 0;
}
