/*
 * SPDX-License-Identifier: MIT
 */
#include "decimal.h"
#include "symbols.h"

#include <string.h>

/* Digits of an exponent that are taken for a number; with more of them texts are compared. */
#define EXPONENT_DIGITS 15

/* A number from its first digit that is not 0 to the last such; between them a point can stand. The
 * value is 0.DIGITS times ten to the power of `exponent`. Zero has no digits and no sign. */
struct decimal {
    int huge;
    int negative;
    int64_t exponent;
    const char *at;
    const char *end;
};

static const char *find(const char *at, const char *end, const char *any)
{
    while (at < end && !strchr(any, *at))
        at++;
    return at;
}

/* `at` is after the e. */
static void read_exponent(const char *at, const char *end, struct decimal *d)
{
    int minus = at < end && *at == '-';
    int64_t value = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    while (at < end && *at == '0')
        at++;
    d->huge = end - at > EXPONENT_DIGITS;
    for (; at < end && !d->huge; at++)
        value = value * 10 + (*at - '0');
    d->exponent += minus ? -value : value;
}

static struct decimal read_decimal(hexmcp_str text)
{
    const char *end = text.ptr + text.len;
    struct decimal d = {.negative = text.ptr[0] == '-', .at = text.ptr};
    const char *tail = find(text.ptr, end, "eE");
    const char *point = find(text.ptr, tail, ".");
    d.at += d.negative;
    while (d.at < tail && (*d.at == '0' || *d.at == '.'))
        d.at++;
    d.end = tail;
    while (d.end > d.at && (d.end[-1] == '0' || d.end[-1] == '.'))
        d.end--;
    if (d.at == d.end)
        return (struct decimal){.at = d.at, .end = d.at};
    d.exponent = point > d.at ? point - d.at : point - d.at + 1; /* the point has a place, too */
    if (tail < end)
        read_exponent(tail + 1, end, &d);
    return d;
}

static int compare_digits(const struct decimal *a, const struct decimal *b)
{
    const char *x = a->at;
    const char *y = b->at;
    while (x < a->end && y < b->end) {
        if (*x == '.') {
            x++;
        } else if (*y == '.') {
            y++;
        } else if (*x != *y) {
            return *x < *y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return (x < a->end) - (y < b->end);
}

int decimal_compare(hexmcp_str a, hexmcp_str b)
{
    struct decimal x = read_decimal(a);
    struct decimal y = read_decimal(b);
    if (x.huge && y.huge)
        return symbols_compare(a, b);
    if (x.huge != y.huge)
        return x.huge - y.huge;
    if (x.negative != y.negative)
        return x.negative - y.negative;
    if ((x.at == x.end) != (y.at == y.end))
        return x.at == x.end ? -1 : 1;
    if (x.exponent != y.exponent)
        return x.exponent < y.exponent ? -1 : 1;
    return compare_digits(&x, &y);
}
