/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

#include <stdio.h>

#define PIECE ((size_t)1 << 20)
#define DIGITS_MOST 400

/* ---- parsing -------------------------------------------------------------------------------- */

static int32_t fail_parse(jv why, hexmcp_error *err)
{
    int32_t status = hexmcp_fail(err, HEXMCP_E_INVALID,
                                 "the input is no JSON: %.200s; correct it", jv_string_value(why));
    jv_free(why);
    return status;
}

static int32_t fail_many(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the input is more than one JSON value; give one, or for one value per line "
                       "operation stream");
}

/* All values that the parser has; *value stays invalid until there is one. */
static int32_t take_values(jv_parser *parser, jv *value, hexmcp_error *err)
{
    for (;;) {
        jv next = jv_parser_next(parser);
        if (jv_is_valid(next) && jv_is_valid(*value)) {
            jv_free(next);
            return fail_many(err);
        }
        if (jv_is_valid(next)) {
            *value = next;
            continue;
        }
        if (jv_invalid_has_msg(jv_copy(next)))
            return fail_parse(jv_invalid_get_msg(next), err);
        jv_free(next);
        return HEXMCP_OK;
    }
}

int32_t text_parse(struct guard *guard, hexmcp_str text, jv *value, hexmcp_error *err)
{
    jv_parser *parser = jv_parser_new(0);
    int32_t status = HEXMCP_OK;
    jv found = jv_invalid();
    for (size_t at = 0; status == HEXMCP_OK && !guard_stops(guard);) {
        size_t len = text.len - at < PIECE ? text.len - at : PIECE;
        jv_parser_set_buf(parser, text.ptr + at, (int)len, at + len < text.len);
        status = take_values(parser, &found, err);
        at += len;
        if (at == text.len)
            break;
    }
    jv_parser_free(parser);
    if (status == HEXMCP_OK && !jv_is_valid(found))
        status = hexmcp_fail(err, HEXMCP_E_INVALID, "the input is empty; give a JSON value");
    if (status == HEXMCP_OK)
        *value = found;
    else
        jv_free(found);
    return status;
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* Whether the whole number of these digits comes out of a double as it went in. */
static bool survives(const char *digits, size_t len)
{
    char in[DIGITS_MOST + 1], out[DIGITS_MOST + 1];
    if (len > DIGITS_MOST)
        return false;
    memcpy(in, digits, len);
    in[len] = '\0';
    int put = snprintf(out, sizeof(out), "%.0f", strtod(in, NULL));
    return put == (int)len && memcmp(in, out, len) == 0;
}

static size_t skip_string(hexmcp_str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        at += text.ptr[at] == '\\';
    return at + 1;
}

static bool is_digit(hexmcp_str text, size_t at)
{
    return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

/* *at is at a digit and goes behind the number. */
static bool number_is_inexact(hexmcp_str text, size_t *at)
{
    size_t begin = *at, end = begin;
    while (is_digit(text, end))
        end++;
    *at = end;
    bool whole = end == text.len || !strchr(".eE", text.ptr[end]);
    while (*at < text.len && strchr("0123456789.eE+-", text.ptr[*at]))
        ++*at;
    return whole && end - begin > 15 && !survives(text.ptr + begin, end - begin);
}

bool text_is_inexact(hexmcp_str text)
{
    for (size_t at = 0; at < text.len;) {
        if (text.ptr[at] == '"')
            at = skip_string(text, at);
        else if (!is_digit(text, at))
            at++;
        else if (number_is_inexact(text, &at))
            return true;
    }
    return false;
}
