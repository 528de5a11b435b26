/* The characters of RFC 3986. */
#pragma once

#include "core/base/hex.h"
#include "core/base/str.h"

static inline bool uri_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool uri_is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool uri_is_unreserved(char c)
{
    return uri_is_digit(c) || uri_is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* strchr without the NUL at the end of `set`. */
static inline bool uri_is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static inline bool uri_is_reserved(char c)
{
    return uri_is_one_of(c, ":/?#[]@!$&'()*+,;=");
}

/* The byte that the escape %XX at `at` stands for; -1 if there is no escape. */
static inline int uri_escape_at(struct str text, size_t at)
{
    if (text.len - at < 3 || text.ptr[at] != '%')
        return -1;
    int high = hex_digit(text.ptr[at + 1]), low = hex_digit(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* `text` without its first `len` bytes; it may be NULL if there are none. */
static inline struct str uri_behind(struct str text, size_t len)
{
    return len ? (struct str){text.ptr + len, text.len - len} : text;
}
