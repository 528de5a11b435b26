/*
 * hexmcp/json/write.h - writes JSON for the host, without a library.
 *
 * SPDX-License-Identifier: MIT
 *
 * Commas and escapes are put where they belong. The first error sticks: later calls do nothing, and
 * the end tells.
 *
 *     hexmcp_json_writer w;
 *     hexmcp_json_writer_init(&w);
 *     hexmcp_json_begin_object(&w);
 *     hexmcp_json_put_int64(&w, "found", 3);
 *     hexmcp_json_end_object(&w);
 *     status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&w));
 *     hexmcp_json_writer_free(&w);
 *
 * All functions are static inline and [any]; one writer belongs to one thread at a time. Names that
 * end with an underscore are private. Since: 1.0, unless a function says otherwise.
 */
#ifndef HEXMCP_JSON_WRITE_H
#define HEXMCP_JSON_WRITE_H

#include <float.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/abi.h"
#include "hexmcp/json/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How deep objects and arrays can be nested by a writer. */
#define HEXMCP_JSON_WRITER_DEPTH 64

/* One JSON value in the making. Made by one of the two init functions; one thread at a time.
 * The members are private. */
typedef struct hexmcp_json_writer {
    char *buf;
    size_t len;
    size_t cap;
    uint64_t objects;   /* bit i: level i is an object                                           */
    uint32_t depth;
    uint32_t comma;     /* a value stands before the next one on this level                      */
    uint32_t after_key;
    uint32_t borrowed;  /* the buffer is the caller's                                            */
    int32_t status;
    int32_t reserved;
} hexmcp_json_writer;

/* Begins with no memory; the buffer grows by malloc. Call hexmcp_json_writer_free at the end. */
static inline void hexmcp_json_writer_init(hexmcp_json_writer *w)
{
    memset(w, 0, sizeof(*w));
}

/* Begins in the caller's `buf` of `cap` bytes, which must outlive the writer. One byte is kept for
 * a closing NUL. Text that does not fit fails with HEXMCP_E_TOO_LARGE. */
static inline void hexmcp_json_writer_init_fixed(hexmcp_json_writer *w, char *buf, size_t cap)
{
    memset(w, 0, sizeof(*w));
    w->buf = buf;
    w->cap = cap;
    w->borrowed = 1;
    if (cap > 0)
        buf[0] = '\0';
}

/* Frees the memory and begins anew. NULL and a second call are fine. */
static inline void hexmcp_json_writer_free(hexmcp_json_writer *w)
{
    if (!w)
        return;
    if (!w->borrowed)
        free(w->buf);
    hexmcp_json_writer_init(w);
}

static inline void hexmcp_json_writer_fail_(hexmcp_json_writer *w, int32_t status)
{
    if (w->status == HEXMCP_OK)
        w->status = status;
}

/* Makes room for `more` bytes and a NUL. */
static inline int hexmcp_json_reserve_(hexmcp_json_writer *w, size_t more)
{
    size_t need, cap;
    char *buf;
    if (w->status != HEXMCP_OK)
        return 0;
    if (w->len < w->cap && more < w->cap - w->len)
        return 1;
    if (w->borrowed || more > SIZE_MAX / 4 - w->len) {
        hexmcp_json_writer_fail_(w, HEXMCP_E_TOO_LARGE);
        return 0;
    }
    need = w->len + more + 1;
    for (cap = w->cap ? w->cap : 256; cap < need; cap *= 2)
        ;
    buf = (char *)realloc(w->buf, cap);
    if (!buf) {
        hexmcp_json_writer_fail_(w, HEXMCP_E_NOMEM);
        return 0;
    }
    w->buf = buf;
    w->cap = cap;
    return 1;
}

static inline void hexmcp_json_append_(hexmcp_json_writer *w, const char *bytes, size_t len)
{
    if (!hexmcp_json_reserve_(w, len))
        return;
    if (len > 0)
        memcpy(w->buf + w->len, bytes, len);
    w->len += len;
    w->buf[w->len] = '\0';
}

static inline int hexmcp_json_in_object_(const hexmcp_json_writer *w)
{
    return w->depth > 0 && ((w->objects >> (w->depth - 1)) & 1u);
}

/* Before every value: a comma where one is due, and an error where no value may stand. */
static inline void hexmcp_json_value_(hexmcp_json_writer *w)
{
    if (hexmcp_json_in_object_(w) ? !w->after_key : (w->depth == 0 && w->comma))
        hexmcp_json_writer_fail_(w, HEXMCP_E_INVALID);
    if (w->comma && !w->after_key)
        hexmcp_json_append_(w, ",", 1);
    w->comma = 1;
    w->after_key = 0;
}

static inline void hexmcp_json_begin_(hexmcp_json_writer *w, int object)
{
    hexmcp_json_value_(w);
    if (w->depth == HEXMCP_JSON_WRITER_DEPTH)
        hexmcp_json_writer_fail_(w, HEXMCP_E_TOO_LARGE);
    if (w->status != HEXMCP_OK)
        return;
    hexmcp_json_append_(w, object ? "{" : "[", 1);
    w->objects &= ~((uint64_t)1 << w->depth);
    w->objects |= (uint64_t)(object ? 1u : 0u) << w->depth;
    w->depth++;
    w->comma = 0;
}

static inline void hexmcp_json_end_(hexmcp_json_writer *w, int object)
{
    if (w->depth == 0 || hexmcp_json_in_object_(w) != object || w->after_key)
        hexmcp_json_writer_fail_(w, HEXMCP_E_INVALID);
    if (w->status != HEXMCP_OK)
        return;
    hexmcp_json_append_(w, object ? "}" : "]", 1);
    w->depth--;
    w->comma = 1;
}

/* Begin and end an object or an array. They must come in pairs, else HEXMCP_E_INVALID sticks;
 * deeper than HEXMCP_JSON_WRITER_DEPTH it is HEXMCP_E_TOO_LARGE. */
static inline void hexmcp_json_begin_object(hexmcp_json_writer *w)
{
    hexmcp_json_begin_(w, 1);
}
static inline void hexmcp_json_end_object(hexmcp_json_writer *w)
{
    hexmcp_json_end_(w, 1);
}
static inline void hexmcp_json_begin_array(hexmcp_json_writer *w)
{
    hexmcp_json_begin_(w, 0);
}
static inline void hexmcp_json_end_array(hexmcp_json_writer *w)
{
    hexmcp_json_end_(w, 0);
}

/* Length of the well-formed UTF-8 character at `s`, 0 if there is none. */
static inline size_t hexmcp_json_utf8_(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t n, i;
    if (s[0] < 0x80)
        return 1;
    n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || left < n)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    if (s[0] == 0xED)
        high = 0x9F;
    if (s[0] == 0xF0)
        low = 0x90;
    if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (i = 2; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

/* The escape for the byte `c` that cannot stand for itself. */
static inline void hexmcp_json_escape_(hexmcp_json_writer *w, unsigned char c)
{
    static const char meant[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', '0', '0'};
    const char *found = (const char *)memchr(meant, c, sizeof(meant) - 1);
    if (found) {
        text[1] = names[found - meant];
        hexmcp_json_append_(w, text, 2);
        return;
    }
    text[4] = hex[c >> 4];
    text[5] = hex[c & 15];
    hexmcp_json_append_(w, text, 6);
}

static inline void hexmcp_json_quote_(hexmcp_json_writer *w, hexmcp_str text)
{
    const unsigned char *s = (const unsigned char *)text.ptr;
    size_t i = 0, plain = 0;
    hexmcp_json_append_(w, "\"", 1);
    while (i < text.len) {
        size_t n = hexmcp_json_utf8_(s + i, text.len - i);
        if (n > 0 && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\') {
            i += n;
            continue;
        }
        hexmcp_json_append_(w, text.ptr + plain, i - plain);
        if (n == 0)
            hexmcp_json_append_(w, "\xEF\xBF\xBD", 3);
        else
            hexmcp_json_escape_(w, s[i]);
        plain = ++i;
    }
    if (i > plain)
        hexmcp_json_append_(w, text.ptr + plain, i - plain);
    hexmcp_json_append_(w, "\"", 1);
}

/* The key of the next value; legal in an object, once before each value. Does not look for
 * duplicates: the host refuses them. */
static inline void hexmcp_json_key(hexmcp_json_writer *w, const char *key)
{
    if (!hexmcp_json_in_object_(w) || w->after_key)
        hexmcp_json_writer_fail_(w, HEXMCP_E_INVALID);
    if (w->comma)
        hexmcp_json_append_(w, ",", 1);
    hexmcp_json_quote_(w, hexmcp_str_from(key));
    hexmcp_json_append_(w, ":", 1);
    w->after_key = 1;
}

/* A string. `text` should be UTF-8; each byte that is not becomes U+FFFD. */
static inline void hexmcp_json_write_string(hexmcp_json_writer *w, hexmcp_str text)
{
    hexmcp_json_value_(w);
    hexmcp_json_quote_(w, text);
}

/* A string from a NUL-terminated text. */
static inline void hexmcp_json_write_text(hexmcp_json_writer *w, const char *text)
{
    hexmcp_json_write_string(w, hexmcp_str_from(text));
}

/* One JSON value that is already text, put in as it is: the caller answers for its form. */
static inline void hexmcp_json_write_raw(hexmcp_json_writer *w, hexmcp_str json)
{
    hexmcp_json_value_(w);
    if (json.len == 0)
        hexmcp_json_writer_fail_(w, HEXMCP_E_INVALID);
    hexmcp_json_append_(w, json.ptr, json.len);
}

static inline void hexmcp_json_write_null(hexmcp_json_writer *w)
{
    hexmcp_json_write_raw(w, hexmcp_str_from("null"));
}

/* true if `value` is not 0. */
static inline void hexmcp_json_write_bool(hexmcp_json_writer *w, int value)
{
    hexmcp_json_write_raw(w, hexmcp_str_from(value ? "true" : "false"));
}

static inline void hexmcp_json_write_int64(hexmcp_json_writer *w, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    hexmcp_json_write_raw(w, hexmcp_str_from(text));
}

static inline void hexmcp_json_write_uint64(hexmcp_json_writer *w, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    hexmcp_json_write_raw(w, hexmcp_str_from(text));
}

/* Puts a point where the locale has written something else, which may be several bytes. */
static inline void hexmcp_json_point_(char *text)
{
    char *to = text;
    int point = 0;
    for (; *text; text++) {
        if ((*text >= '0' && *text <= '9') || strchr("+-e", *text))
            *to++ = *text;
        else if (!point++)
            *to++ = '.';
    }
    *to = '\0';
}

/* Fifteen digits, or as many more as it takes to read back as the same double, in every locale.
 * JSON has no infinity and no NaN: they become null. */
static inline void hexmcp_json_write_double(hexmcp_json_writer *w, double value)
{
    char text[40];
    int digits;
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        hexmcp_json_write_null(w);
        return;
    }
    for (digits = 15; digits <= 17; digits++) {
        double back;
        snprintf(text, sizeof(text), "%.*g", digits, value);
        back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof(back)) == 0)
            break;
    }
    hexmcp_json_point_(text);
    hexmcp_json_write_raw(w, hexmcp_str_from(text));
}

/* A key and its value, for the usual cases. */
static inline void hexmcp_json_put_string(hexmcp_json_writer *w, const char *key, hexmcp_str text)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_string(w, text);
}
static inline void hexmcp_json_put_text(hexmcp_json_writer *w, const char *key, const char *text)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_text(w, text);
}
static inline void hexmcp_json_put_int64(hexmcp_json_writer *w, const char *key, int64_t value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_int64(w, value);
}
static inline void hexmcp_json_put_bool(hexmcp_json_writer *w, const char *key, int value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_bool(w, value);
}
static inline void hexmcp_json_put_raw(hexmcp_json_writer *w, const char *key, hexmcp_str json)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_raw(w, json);
}

/* HEXMCP_OK if one whole value has been written. Else the first error: HEXMCP_E_NOMEM,
 * HEXMCP_E_TOO_LARGE (the caller's buffer is full, or nested too deep), HEXMCP_E_INVALID (a key or
 * value where none may stand, begin without end, nothing written). */
static inline int32_t hexmcp_json_writer_status(const hexmcp_json_writer *w)
{
    if (w->status != HEXMCP_OK)
        return w->status;
    return w->depth == 0 && w->comma ? HEXMCP_OK : HEXMCP_E_INVALID;
}

/* The text, borrowed from the writer until its next change; empty unless the status is HEXMCP_OK. */
static inline hexmcp_str hexmcp_json_writer_text(const hexmcp_json_writer *w)
{
    hexmcp_str text;
    int whole = hexmcp_json_writer_status(w) == HEXMCP_OK;
    text.ptr = whole ? w->buf : NULL;
    text.len = whole ? w->len : 0;
    return text;
}

/* Hands the text over: NUL-terminated, yours to free(); *ret_len (may be NULL) is its length. The
 * writer begins anew. NULL if the status is not HEXMCP_OK or the buffer is the caller's; the
 * writer is then unchanged. */
static inline char *hexmcp_json_writer_take(hexmcp_json_writer *w, size_t *ret_len)
{
    char *text = w->buf;
    if (w->borrowed || hexmcp_json_writer_status(w) != HEXMCP_OK)
        return NULL;
    if (ret_len)
        *ret_len = w->len;
    hexmcp_json_writer_init(w);
    return text;
}

#ifdef __cplusplus
}
#endif

#endif
