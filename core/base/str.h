/* What can be done with struct str (ports/types.h): borrowed bytes with a length. */
#pragma once

#include <string.h>

#include "ports/types.h"

/* A string literal as a str, without a call. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* The same in a static initialiser. */
#define STR_INIT(literal) {(literal), sizeof(literal) - 1}

/* For "%.*s": the precision and the pointer. */
#define STR_ARG(s) (int)((s).len > 4096 ? 4096 : (s).len), ((s).ptr ? (s).ptr : "")

/* The bytes of a NUL-terminated string; NULL gives an empty str. */
static inline struct str str_from(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* Byte order, shorter first among equals: -1, 0 or 1. */
static inline int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}
