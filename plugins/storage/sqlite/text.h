/*
 * Reading members of JSON objects fast, and writing answers.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"

#include <stdbool.h>

#define LIT(literal) {literal, sizeof(literal) - 1} /* where a constant must stand */
#define STR(literal) ((hexmcp_str)LIT(literal))

/* For "%.*s" in a message. */
#define SHORT(s) (int)((s).len < 200 ? (s).len : 200), (s).ptr

bool text_same(hexmcp_str a, hexmcp_str b);

/* Which of `names` the raw key is; `count` if it is none of them. */
size_t text_member(hexmcp_str key, const hexmcp_str *names, size_t count);

/* Reads the members of `object` whose names are given to values[] of the same place; what is not there
 * stays {NULL, 0}, and so does what is null. Others are left alone. */
int32_t text_members(hexmcp_str object, const hexmcp_str *names, hexmcp_str *values, size_t count,
                     const char *what, hexmcp_error *err);

/* The text of a JSON string: the slice itself, or decoded in its place, so that `json` must be memory of
 * the store's own and is not read twice. HEXMCP_E_INVALID if it is no string or not `min` to `max` bytes
 * without NUL. */
int32_t text_take(hexmcp_str json, size_t min, size_t max, const char *what, hexmcp_str *ret,
                  hexmcp_error *err);

/* A whole number from `min` to `max`; `*ret` stays as it is if `json` is empty. */
int32_t text_number(hexmcp_str json, int64_t min, int64_t max, const char *what, int64_t *ret,
                    hexmcp_error *err);

int32_t text_bool(hexmcp_str json, const char *what, bool *ret, hexmcp_error *err);

/* Text that grows. When memory is short `failed` is set, and all later calls do nothing. */
struct out {
    char *text;
    size_t len;
    size_t room;
    bool failed;
};

void out_raw(struct out *o, hexmcp_str bytes);
void out_number(struct out *o, int64_t number);
void out_string(struct out *o, hexmcp_str text); /* with its quotes */
void out_free(struct out *o);

#define OUT(o, literal) out_raw((o), STR(literal))

static inline hexmcp_str out_text(const struct out *o)
{
    return (hexmcp_str){o->text, o->len};
}
