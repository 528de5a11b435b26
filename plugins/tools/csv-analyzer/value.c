/*
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_MOST 60

const char *const value_names[] = {"empty", "boolean", "integer", "number",
                                   "date",  "datetime", "string", NULL};

static bool digit(hexmcp_str t, size_t at)
{
    return at < t.len && t.ptr[at] >= '0' && t.ptr[at] <= '9';
}

static size_t digits(hexmcp_str t, size_t at)
{
    while (digit(t, at))
        at++;
    return at;
}

/* VALUE_INTEGER, VALUE_NUMBER or VALUE_TEXT. */
static enum value_type numeric(hexmcp_str t)
{
    size_t at = t.len > 0 && (t.ptr[0] == '-' || t.ptr[0] == '+'), begin = at;
    if (t.len > NUMBER_MOST)
        return VALUE_TEXT;
    at = digits(t, at);
    if (at == begin || (t.ptr[begin] == '0' && at > begin + 1))
        return VALUE_TEXT;
    if (at == t.len)
        return VALUE_INTEGER;
    if (t.ptr[at] == '.') {
        size_t fraction = at + 1;
        at = digits(t, fraction);
        if (at == fraction)
            return VALUE_TEXT;
    }
    if (at < t.len && (t.ptr[at] == 'e' || t.ptr[at] == 'E')) {
        size_t exponent = at + 1 + (at + 1 < t.len && strchr("+-", t.ptr[at + 1]));
        at = digits(t, exponent);
        if (at == exponent)
            return VALUE_TEXT;
    }
    return at == t.len ? VALUE_NUMBER : VALUE_TEXT;
}

static int two(hexmcp_str t, size_t at)
{
    return (t.ptr[at] - '0') * 10 + t.ptr[at + 1] - '0';
}

/* `shape` has 0 for a digit. */
static bool has_shape(hexmcp_str t, size_t at, const char *shape)
{
    for (; *shape; shape++, at++)
        if (*shape == '0' ? !digit(t, at) : at >= t.len || t.ptr[at] != *shape)
            return false;
    return true;
}

static bool is_day(hexmcp_str t)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!has_shape(t, 0, "0000-00-00"))
        return false;
    int year = two(t, 0) * 100 + two(t, 2), month = two(t, 5), day = two(t, 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* Behind the day: T10:20, then seconds, a fraction, Z or +01:00. */
static bool is_time(hexmcp_str t)
{
    size_t at = 16;
    if ((t.ptr[10] != 'T' && t.ptr[10] != ' ') || !has_shape(t, 11, "00:00") || two(t, 11) > 23 ||
        two(t, 14) > 59)
        return false;
    if (has_shape(t, at, ":00")) {
        if (two(t, at + 1) > 60)
            return false;
        at += 3;
        if (at < t.len && t.ptr[at] == '.')
            at = digits(t, at + 1);
    }
    if (at < t.len && t.ptr[at] == 'Z')
        at++;
    else if (has_shape(t, at, "+00:00") || has_shape(t, at, "-00:00"))
        at += 6;
    return at == t.len;
}

enum value_type value_type_of(hexmcp_str t)
{
    if (t.len == 0)
        return VALUE_EMPTY;
    if ((t.len == 4 && strncasecmp(t.ptr, "true", 4) == 0) ||
        (t.len == 5 && strncasecmp(t.ptr, "false", 5) == 0))
        return VALUE_BOOLEAN;
    if (t.len >= 10 && is_day(t))
        return t.len == 10 ? VALUE_DATE : is_time(t) ? VALUE_DATETIME : VALUE_TEXT;
    return numeric(t);
}

enum value_type value_join(enum value_type a, enum value_type b)
{
    enum value_type low = a < b ? a : b, high = a < b ? b : a;
    if (low == high || low == VALUE_EMPTY)
        return high;
    if ((low == VALUE_INTEGER && high == VALUE_NUMBER) || (low == VALUE_DATE && high == VALUE_DATETIME))
        return high;
    return VALUE_TEXT;
}

bool value_number(hexmcp_str t, double *number)
{
    char text[NUMBER_MOST + 1];
    enum value_type type = t.len > 0 ? numeric(t) : VALUE_TEXT;
    if (type == VALUE_TEXT)
        return false;
    memcpy(text, t.ptr, t.len);
    text[t.len] = '\0';
    *number = strtod(text, NULL);
    return isfinite(*number);
}
