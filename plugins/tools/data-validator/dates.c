/*
 * SPDX-License-Identifier: MIT
 */
#include "dates.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DATE_BYTES_MAX 200
#define FORMAT_BYTES_MAX 100

const char *dates_format_fault(const char *format)
{
    if (strcmp(format, "rfc3339") == 0)
        return NULL;
    if (format[0] == '\0' || strlen(format) > FORMAT_BYTES_MAX)
        return "must have 1 to 100 bytes";
    for (const char *at = format; *at; at++) {
        if (*at == '%' && (at[1] == '\0' || !strchr("YmdHMSyjbBaAepIFTDR%", *++at)))
            return "knows %Y %m %d %H %M %S %y %j %b %B %a %A %e %I %p %F %T %D %R and %%, or is "
                   "rfc3339";
    }
    return NULL;
}

/* The format for writing: glibc pads no year by itself. */
static void pad_years(const char *format, char *padded)
{
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && (at[1] == 'Y' || at[1] == 'F')) {
            padded = stpcpy(padded, *++at == 'Y' ? "%4Y" : "%4Y-%m-%d");
            continue;
        }
        if (at[0] == '%')
            *padded++ = *at++;
        *padded++ = *at;
    }
    *padded = '\0';
}

/* Reads `text` as a date and writes that date again: what differs was no date, or another form of it. */
static int comes_back(const char *format, const char *text, locale_t plain)
{
    struct tm date = {.tm_mday = 1, .tm_year = 70};
    char again[DATE_BYTES_MAX + 1];
    char padded[5 * FORMAT_BYTES_MAX + 1];
    const char *end = strptime_l(text, format, &date, plain);
    if (!end || *end != '\0')
        return 0;
    timegm(&date);
    pad_years(format, padded);
    size_t len = strftime_l(again, sizeof(again), padded, &date, plain);
    return len > 0 && strcmp(again, text) == 0;
}

static int match_format(const char *format, const char *text)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    int right = plain != (locale_t)0 && comes_back(format, text, plain);
    if (plain != (locale_t)0)
        freelocale(plain);
    return right;
}

static int all_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

/* Z, z, or +hh:mm. */
static int is_offset(const char *text)
{
    if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0')
        return 1;
    return (text[0] == '+' || text[0] == '-') && strlen(text) == 6 && all_digits(text + 1, 2) &&
           text[3] == ':' && all_digits(text + 4, 2) && atoi(text + 1) < 24 && atoi(text + 4) < 60;
}

/* Date and time are nineteen bytes, T may be t or a space; then a fraction and the offset. */
static int match_rfc3339(const char *text)
{
    char head[20];
    const char *rest = text + 19;
    if (strlen(text) < 20 || !strchr("Tt ", text[10]))
        return 0;
    memcpy(head, text, 19);
    head[10] = 'T';
    head[19] = '\0';
    if (!match_format("%Y-%m-%dT%H:%M:%S", head))
        return 0;
    if (rest[0] == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return 0;
        rest += 1 + digits;
    }
    return is_offset(rest);
}

int dates_match(const char *format, hexmcp_str text)
{
    if (text.len > DATE_BYTES_MAX || memchr(text.ptr, '\0', text.len))
        return 0;
    return strcmp(format, "rfc3339") == 0 ? match_rfc3339(text.ptr)
                                          : match_format(format, text.ptr);
}
