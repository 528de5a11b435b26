/*
 * hexmcp/json/read.h - reads the JSON that the host passes, without a library.
 *
 * SPDX-License-Identifier: MIT
 *
 * A value is a slice of the text that the host passed: nothing is parsed ahead, nothing is
 * allocated, and the slice lives as long as the text. The host passes strict JSON only. Of other
 * text the reader may find any value or none, but it never reads outside the slice.
 *
 *     hexmcp_str value;
 *     int64_t limit = 10;
 *     if (hexmcp_json_get(args, "limit", &value) == HEXMCP_OK)
 *         hexmcp_json_int64(value, &limit);
 *
 * All functions are static inline, keep no state and are [any]. Names that end with an underscore
 * are private. Since: 1.0, unless a function says otherwise.
 */
#ifndef HEXMCP_JSON_READ_H
#define HEXMCP_JSON_READ_H

#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The bytes of a NUL-terminated text; borrows `text`. NULL gives the empty slice. */
static inline hexmcp_str hexmcp_str_from(const char *text)
{
    hexmcp_str s;
    s.ptr = text;
    s.len = text ? strlen(text) : 0;
    return s;
}

/* 1 if the bytes of `s` are those of the NUL-terminated `text`, else 0. For names; for a JSON string
 * there is hexmcp_json_equals. */
static inline int hexmcp_str_equals(hexmcp_str s, const char *text)
{
    size_t len = strlen(text);
    return s.len == len && (len == 0 || memcmp(s.ptr, text, len) == 0);
}

/* 1 if `s` begins with the bytes of the NUL-terminated `text`, else 0. */
static inline int hexmcp_str_begins(hexmcp_str s, const char *text)
{
    size_t len = strlen(text);
    return s.len >= len && (len == 0 || memcmp(s.ptr, text, len) == 0);
}

static inline hexmcp_str hexmcp_str_between_(const char *begin, const char *end)
{
    hexmcp_str s;
    s.ptr = begin;
    s.len = (size_t)(end - begin);
    return s;
}

/* What hexmcp_json_type answers. */
#define HEXMCP_JSON_INVALID 0 /* empty, or begins like no JSON value */
#define HEXMCP_JSON_NULL 1
#define HEXMCP_JSON_BOOL 2
#define HEXMCP_JSON_NUMBER 3
#define HEXMCP_JSON_STRING 4
#define HEXMCP_JSON_ARRAY 5
#define HEXMCP_JSON_OBJECT 6

static inline int hexmcp_json_is_space_(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline hexmcp_str hexmcp_json_trim_(hexmcp_str s)
{
    while (s.len > 0 && hexmcp_json_is_space_(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && hexmcp_json_is_space_(s.ptr[s.len - 1]))
        s.len--;
    if (s.len == 0)
        s.ptr = ""; /* never NULL, which must not be added to */
    return s;
}

static inline const char *hexmcp_json_skip_space_(const char *p, const char *end)
{
    while (p < end && hexmcp_json_is_space_(*p))
        p++;
    return p;
}

/* `p` is after the opening quote. Returns the place after the closing one; NULL if there is none. */
static inline const char *hexmcp_json_skip_string_(const char *p, const char *end)
{
    while (p < end) {
        char c = *p++;
        if (c == '"')
            return p;
        if (c == '\\' && p < end)
            p++;
    }
    return NULL;
}

/* `p` is at a bracket. Returns the place after the one that closes it; NULL if there is none. */
static inline const char *hexmcp_json_skip_nested_(const char *p, const char *end)
{
    size_t depth = 0;
    while (p < end) {
        char c = *p++;
        if (c == '"') {
            p = hexmcp_json_skip_string_(p, end);
            if (!p)
                return NULL;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return p;
        }
    }
    return NULL;
}

/* Returns the place after the value at `p`; NULL if there is none. */
static inline const char *hexmcp_json_skip_value_(const char *p, const char *end)
{
    const char *begin = p;
    if (p == end)
        return NULL;
    if (*p == '"')
        return hexmcp_json_skip_string_(p + 1, end);
    if (*p == '{' || *p == '[')
        return hexmcp_json_skip_nested_(p, end);
    while (p < end && !hexmcp_json_is_space_(*p) && *p != ',' && *p != ']' && *p != '}')
        p++;
    return p > begin ? p : NULL;
}

/* The type of `value`, one of HEXMCP_JSON_*, told by its first character. */
static inline int hexmcp_json_type(hexmcp_str value)
{
    hexmcp_str v = hexmcp_json_trim_(value);
    char c = v.len > 0 ? v.ptr[0] : '\0';
    if (c == '"')
        return HEXMCP_JSON_STRING;
    if (c == '{')
        return HEXMCP_JSON_OBJECT;
    if (c == '[')
        return HEXMCP_JSON_ARRAY;
    if (c == '-' || (c >= '0' && c <= '9'))
        return HEXMCP_JSON_NUMBER;
    if (c == 't' || c == 'f')
        return HEXMCP_JSON_BOOL;
    return c == 'n' ? HEXMCP_JSON_NULL : HEXMCP_JSON_INVALID;
}

/* Where a walk over an object or array stands. Plain data; nothing to free. */
typedef struct hexmcp_json_iter {
    const char *at;
    const char *end;
    int32_t is_object; /* 1: members have keys; 0: an array                                      */
    int32_t status;    /* HEXMCP_OK; HEXMCP_E_INVALID if the text is no object, array or JSON    */
} hexmcp_json_iter;

/* Begins a walk over the members of `value`, an object or an array. Anything else has no members
 * and sets `status`. The walk borrows the text of `value`. */
static inline hexmcp_json_iter hexmcp_json_iter_begin(hexmcp_str value)
{
    hexmcp_json_iter it;
    hexmcp_str v = hexmcp_json_trim_(value);
    int type = hexmcp_json_type(v);
    it.at = v.ptr;
    it.end = v.ptr;
    it.is_object = type == HEXMCP_JSON_OBJECT;
    it.status = HEXMCP_E_INVALID;
    if (type == HEXMCP_JSON_OBJECT || type == HEXMCP_JSON_ARRAY) {
        it.end = v.ptr + v.len;
        it.at = hexmcp_json_skip_space_(v.ptr + 1, it.end);
        it.status = HEXMCP_OK;
    }
    return it;
}

static inline int hexmcp_json_iter_fail_(hexmcp_json_iter *it)
{
    it->at = it->end;
    it->status = HEXMCP_E_INVALID;
    return 0;
}

/* Moves `it->at` over `"key" :` and returns the raw key; an empty slice if there is none. */
static inline hexmcp_str hexmcp_json_iter_key_(hexmcp_json_iter *it)
{
    hexmcp_str key = hexmcp_str_between_(it->at, it->at);
    const char *p = NULL;
    if (it->at < it->end && *it->at == '"')
        p = hexmcp_json_skip_string_(it->at + 1, it->end);
    if (!p)
        return key;
    key = hexmcp_str_between_(key.ptr, p);
    p = hexmcp_json_skip_space_(p, it->end);
    if (p == it->end || *p != ':')
        key.len = 0;
    else
        it->at = hexmcp_json_skip_space_(p + 1, it->end);
    return key;
}

/* The next member. Returns 1 and writes *ret_value and *ret_key: the raw key with its quotes, itself
 * a JSON string, to be compared with hexmcp_json_equals; empty in an array. Either may be NULL.
 * Returns 0 at the end, and also where the text is broken: then `it->status` tells. */
static inline int hexmcp_json_next(hexmcp_json_iter *it, hexmcp_str *ret_key, hexmcp_str *ret_value)
{
    hexmcp_str key, value;
    const char *p;
    if (it->at == it->end)
        return it->status == HEXMCP_OK ? hexmcp_json_iter_fail_(it) : 0;
    if (*it->at == (it->is_object ? '}' : ']'))
        return 0;
    key = hexmcp_str_between_(it->at, it->at);
    if (it->is_object) {
        key = hexmcp_json_iter_key_(it);
        if (key.len == 0)
            return hexmcp_json_iter_fail_(it);
    }
    p = hexmcp_json_skip_value_(it->at, it->end);
    if (!p)
        return hexmcp_json_iter_fail_(it);
    value = hexmcp_str_between_(it->at, p);
    p = hexmcp_json_skip_space_(p, it->end);
    if (p < it->end && *p == ',')
        p = hexmcp_json_skip_space_(p + 1, it->end);
    else if (p == it->end || *p != (it->is_object ? '}' : ']'))
        return hexmcp_json_iter_fail_(it);
    it->at = p;
    if (ret_key)
        *ret_key = key;
    if (ret_value)
        *ret_value = value;
    return 1;
}

/* Four hexadecimal digits at *at; -1 if they are not there. */
static inline int32_t hexmcp_json_hex4_(const char **at, const char *end)
{
    int32_t code = 0;
    int i;
    if (end - *at < 4)
        return -1;
    for (i = 0; i < 4; i++) {
        char c = *(*at)++;
        if (c >= '0' && c <= '9')
            code = code * 16 + (c - '0');
        else if (c >= 'a' && c <= 'f')
            code = code * 16 + (c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            code = code * 16 + (c - 'A' + 10);
        else
            return -1;
    }
    return code;
}

static inline int hexmcp_json_encode_utf8_(int32_t code, char *out)
{
    int extra = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[4] = {0x00, 0xC0, 0xE0, 0xF0};
    int i;
    out[0] = (char)(unsigned char)(lead[extra] | (code >> (6 * extra)));
    for (i = 1; i <= extra; i++)
        out[i] = (char)(unsigned char)(0x80 | ((code >> (6 * (extra - i))) & 0x3F));
    return extra + 1;
}

/* After `\u`: one character, of one or two escapes. Half a surrogate pair becomes U+FFFD. */
static inline int hexmcp_json_decode_unicode_(const char **at, const char *end, char *out)
{
    int32_t code = hexmcp_json_hex4_(at, end);
    if (code < 0)
        return -1;
    if (code >= 0xD800 && code <= 0xDBFF && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        const char *next = *at + 2;
        int32_t low = hexmcp_json_hex4_(&next, end);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *at = next;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    if (code >= 0xD800 && code <= 0xDFFF)
        code = 0xFFFD;
    return hexmcp_json_encode_utf8_(code, out);
}

/* Decodes one byte or one escape at *at, after the opening quote. Returns the number of bytes put
 * to `out` (1 to 4), 0 at the closing quote, -1 if the text is broken. */
static inline int hexmcp_json_decode_(const char **at, const char *end, char *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    const char *found;
    char c;
    if (*at == end)
        return -1;
    c = *(*at)++;
    if (c == '"')
        return 0;
    if (c != '\\') {
        out[0] = c;
        return 1;
    }
    if (*at == end)
        return -1;
    c = *(*at)++;
    if (c == 'u')
        return hexmcp_json_decode_unicode_(at, end, out);
    found = (const char *)memchr(names, c, sizeof(names) - 1);
    if (!found)
        return -1;
    out[0] = meant[found - names];
    return 1;
}

/* 1 if `value` is a JSON string whose decoded text is `text`, else 0. For keys and enumerations. */
static inline int hexmcp_json_equals(hexmcp_str value, const char *text)
{
    hexmcp_str v = hexmcp_json_trim_(value);
    const char *at, *end;
    char part[4];
    int n, i;
    if (v.len == 0 || v.ptr[0] != '"')
        return 0;
    at = v.ptr + 1;
    end = v.ptr + v.len;
    while ((n = hexmcp_json_decode_(&at, end, part)) > 0)
        for (i = 0; i < n; i++, text++)
            if (*text == '\0' || *text != part[i])
                return 0;
    return n == 0 && *text == '\0';
}

/* Looks up the member `key` of `object`; keys are compared decoded. If a key stands there twice,
 * the first counts; the host refuses such text. *ret_value borrows from `object`.
 * Errors: HEXMCP_E_NOT_FOUND if there is no such member, HEXMCP_E_INVALID if `object` is none. */
static inline int32_t hexmcp_json_get(hexmcp_str object, const char *key, hexmcp_str *ret_value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str name, value;
    if (!it.is_object)
        return HEXMCP_E_INVALID;
    while (hexmcp_json_next(&it, &name, &value))
        if (hexmcp_json_equals(name, key)) {
            *ret_value = value;
            return HEXMCP_OK;
        }
    return it.status == HEXMCP_OK ? HEXMCP_E_NOT_FOUND : it.status;
}

/* Decodes the string `value` into `buf`, which has room for `cap` bytes, and puts a NUL after it.
 * *ret_len is the length in bytes without that NUL. A decoded text can hold NUL itself (\u0000):
 * with `ret_len` NULL, when nobody could tell, that is refused.
 * Errors: HEXMCP_E_INVALID if `value` is no string, or holds NUL and `ret_len` is NULL.
 * HEXMCP_E_TOO_LARGE if `cap` is not more than the length: then *ret_len is the length all the
 * same, and `buf` is the empty text if it has room for one byte; `cap` 0 with `buf` NULL asks for
 * the length alone. */
static inline int32_t hexmcp_json_string(hexmcp_str value, char *buf, size_t cap, size_t *ret_len)
{
    hexmcp_str v = hexmcp_json_trim_(value);
    const char *at, *end;
    char part[4];
    size_t len = 0;
    int n;
    if (v.len == 0 || v.ptr[0] != '"')
        return HEXMCP_E_INVALID;
    at = v.ptr + 1;
    end = v.ptr + v.len;
    while ((n = hexmcp_json_decode_(&at, end, part)) > 0) {
        if (!ret_len && part[0] == '\0')
            return HEXMCP_E_INVALID;
        if (len < cap && (size_t)n < cap - len)
            memcpy(buf + len, part, (size_t)n);
        len += (size_t)n;
    }
    if (n < 0)
        return HEXMCP_E_INVALID;
    if (cap > 0)
        buf[len < cap ? len : 0] = '\0';
    if (ret_len)
        *ret_len = len;
    return len < cap ? HEXMCP_OK : HEXMCP_E_TOO_LARGE;
}

/* As hexmcp_json_string, into fresh memory: *ret_text ends with NUL and is yours to free().
 * `ret_len` may be NULL; then text that holds NUL is refused.
 * Errors: HEXMCP_E_INVALID as above, HEXMCP_E_NOMEM. */
static inline int32_t hexmcp_json_string_dup(hexmcp_str value, char **ret_text, size_t *ret_len)
{
    /* Decoded text is never longer than the raw text with its quotes. */
    char *text = (char *)malloc(value.len + 1);
    int32_t status;
    if (!text)
        return HEXMCP_E_NOMEM;
    status = hexmcp_json_string(value, text, value.len + 1, ret_len);
    if (status != HEXMCP_OK) {
        free(text);
        return status;
    }
    *ret_text = text;
    return HEXMCP_OK;
}

/* Reads true or false into *ret_value as 1 or 0. Errors: HEXMCP_E_INVALID. */
static inline int32_t hexmcp_json_bool(hexmcp_str value, int *ret_value)
{
    hexmcp_str v = hexmcp_json_trim_(value);
    int yes = v.len == 4 && memcmp(v.ptr, "true", 4) == 0;
    if (!yes && !(v.len == 5 && memcmp(v.ptr, "false", 5) == 0))
        return HEXMCP_E_INVALID;
    *ret_value = yes;
    return HEXMCP_OK;
}

/* Enough decimal digits to tell every double and every point halfway between two. */
#define HEXMCP_JSON_DIGITS_ 800

/* A number as digits * 10^exponent, without leading and trailing zeros. Zero has no digits. */
typedef struct hexmcp_json_number_ {
    int negative;
    size_t count;
    int64_t exponent;
    char digits[HEXMCP_JSON_DIGITS_];
} hexmcp_json_number_;

static inline void hexmcp_json_digit_(hexmcp_json_number_ *n, char digit, int after_point)
{
    if (n->count == 0 && digit == '0') {
        n->exponent -= after_point;
    } else if (n->count < HEXMCP_JSON_DIGITS_) {
        n->digits[n->count++] = digit;
        n->exponent -= after_point;
    } else {
        /* What is cut off is kept as "a little more", so that rounding stays right. */
        if (digit != '0' && n->digits[HEXMCP_JSON_DIGITS_ - 1] == '0')
            n->digits[HEXMCP_JSON_DIGITS_ - 1] = '1';
        n->exponent += !after_point;
    }
}

/* Returns the place after the digits at `p`; `p` itself if there are none. */
static inline const char *hexmcp_json_digits_(hexmcp_json_number_ *n, const char *p,
                                              const char *end, int after_point)
{
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        hexmcp_json_digit_(n, *p, after_point);
    return p;
}

/* `p` is after the e. Returns the place after the exponent; NULL if there is none. */
static inline const char *hexmcp_json_exponent_(hexmcp_json_number_ *n, const char *p,
                                                const char *end)
{
    int minus = p < end && *p == '-';
    int64_t e = 0;
    const char *begin;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (begin = p; p < end && *p >= '0' && *p <= '9'; p++)
        if (e < 1000000000)
            e = e * 10 + (*p - '0');
    n->exponent += minus ? -e : e;
    return p > begin ? p : NULL;
}

static inline int32_t hexmcp_json_number_parse_(hexmcp_str value, hexmcp_json_number_ *n)
{
    hexmcp_str v = hexmcp_json_trim_(value);
    const char *p = v.ptr, *end = v.ptr + v.len, *begin;
    n->negative = p < end && *p == '-';
    n->count = 0;
    n->exponent = 0;
    begin = n->negative ? p + 1 : p;
    p = hexmcp_json_digits_(n, begin, end, 0);
    if (p == begin)
        return HEXMCP_E_INVALID;
    if (p < end && *p == '.') {
        begin = p + 1;
        p = hexmcp_json_digits_(n, begin, end, 1);
        if (p == begin)
            return HEXMCP_E_INVALID;
    }
    if (p < end && (*p == 'e' || *p == 'E'))
        p = hexmcp_json_exponent_(n, p + 1, end);
    if (p != end)
        return HEXMCP_E_INVALID;
    for (; n->count > 0 && n->digits[n->count - 1] == '0'; n->count--)
        n->exponent++;
    return HEXMCP_OK;
}

/* Reads a whole number, however it is written: 100, 100.0 and 1e2 are the same.
 * Errors: HEXMCP_E_INVALID if `value` is no number or not whole; HEXMCP_E_TOO_LARGE if it does not
 * fit. */
static inline int32_t hexmcp_json_int64(hexmcp_str value, int64_t *ret_value)
{
    hexmcp_json_number_ n;
    uint64_t magnitude = 0;
    size_t i, places;
    int32_t status = hexmcp_json_number_parse_(value, &n);
    if (status != HEXMCP_OK)
        return status;
    if (n.count > 0 && n.exponent < 0)
        return HEXMCP_E_INVALID;
    if (n.count > 0 && (n.count > 19 || n.exponent > 19 - (int64_t)n.count))
        return HEXMCP_E_TOO_LARGE;
    places = n.count > 0 ? n.count + (size_t)n.exponent : 0;
    for (i = 0; i < places; i++)
        magnitude = magnitude * 10 + (i < n.count ? (uint64_t)(n.digits[i] - '0') : 0);
    if (magnitude > (uint64_t)INT64_MAX + (n.negative ? 1u : 0u))
        return HEXMCP_E_TOO_LARGE;
    if (n.negative && magnitude > 0)
        *ret_value = -1 - (int64_t)(magnitude - 1);
    else
        *ret_value = (int64_t)magnitude;
    return HEXMCP_OK;
}

/* Reads a number as the nearest double, in every locale. Numbers too small become zero.
 * Errors: HEXMCP_E_INVALID if `value` is no number; HEXMCP_E_TOO_LARGE beyond the largest double. */
static inline int32_t hexmcp_json_double(hexmcp_str value, double *ret_value)
{
    hexmcp_json_number_ n;
    char text[HEXMCP_JSON_DIGITS_ + 16];
    double d;
    int exponent;
    int32_t status = hexmcp_json_number_parse_(value, &n);
    if (status != HEXMCP_OK)
        return status;
    /* Without a decimal point strtod does not depend on the locale. */
    exponent = n.count == 0          ? 0
               : n.exponent > 99999  ? 99999
               : n.exponent < -99999 ? -99999
                                     : (int)n.exponent;
    if (n.count == 0)
        n.digits[n.count++] = '0';
    memcpy(text, n.digits, n.count);
    snprintf(text + n.count, sizeof(text) - n.count, "e%d", exponent);
    d = strtod(text, NULL);
    if (d > DBL_MAX)
        return HEXMCP_E_TOO_LARGE;
    *ret_value = n.negative ? -d : d;
    return HEXMCP_OK;
}

#ifdef __cplusplus
}
#endif

#endif
