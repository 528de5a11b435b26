/*
 * SPDX-License-Identifier: MIT
 */
#include "token.h"

#include <ctype.h>
#include <string.h>

static const char *bad_at(const char *at, const char **ret_bad)
{
    *ret_bad = at;
    return NULL;
}

/* The four digits of \u; -1 if they are not there. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t code = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)at[i];
        if (!isxdigit(c))
            return -1;
        code = code * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return code;
}

/* `at` is after the backslash. Half a pair of surrogates is no character. */
static const char *escape(const char *at, const char *end)
{
    if (at == end || !memchr("\"\\/bfnrtu", *at, 9))
        return NULL;
    if (*at != 'u')
        return at + 1;
    int32_t code = hex4(at + 1, end);
    at += 5;
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return NULL;
    if (code < 0xD800 || code > 0xDBFF)
        return at;
    int32_t low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, end) : -1;
    return low >= 0xDC00 && low <= 0xDFFF ? at + 6 : NULL;
}

const char *token_string(const char *at, const char *end, const char **ret_bad)
{
    for (at++; at < end && *at != '"';) {
        if ((unsigned char)*at < ' ')
            return bad_at(at, ret_bad);
        const char *next = *at == '\\' ? escape(at + 1, end) : at + 1;
        if (!next)
            return bad_at(at, ret_bad);
        at = next;
    }
    return at < end ? at + 1 : bad_at(end, ret_bad);
}

/* NULL if there is no digit. */
static const char *digits(const char *at, const char *end, const char **ret_bad)
{
    const char *begin = at;
    while (at < end && isdigit((unsigned char)*at))
        at++;
    return at > begin ? at : bad_at(at, ret_bad);
}

const char *token_number(const char *at, const char *end, const char **ret_bad)
{
    if (*at == '-')
        at++;
    if (at < end && *at == '0')
        at++;
    else
        at = digits(at, end, ret_bad);
    if (at && at < end && *at == '.')
        at = digits(at + 1, end, ret_bad);
    if (at && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        at = digits(at, end, ret_bad);
    }
    return at;
}

const char *token_word(const char *at, const char *end, const char *word, const char **ret_bad)
{
    size_t len = strlen(word);
    if ((size_t)(end - at) < len || memcmp(at, word, len) != 0)
        return bad_at(at, ret_bad);
    return at + len;
}

const char *token_skip(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}
