/*
 * SPDX-License-Identifier: MIT
 */
#include "parse.h"
#include "scan.h"

#include "hexmcp/json.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

enum parse parse_check(struct parsed *parsed, hexmcp_error *err)
{
    struct civil *local = &parsed->local;
    const char *wrong = NULL;
    if (local->year < 1)
        wrong = "the year 0 is not known here; years go from 1 to 9999";
    else if (local->month < 1 || local->month > 12)
        wrong = "months go from 1 to 12";
    else if (local->hour > 24 || local->minute > 59 || local->second > 60)
        wrong = "hours go from 0 to 23, minutes and seconds to 59";
    else if (local->hour == 24 && (local->minute || local->second || local->microsecond))
        wrong = "the hour 24 is only for 24:00, the end of a day";
    if (wrong) {
        hexmcp_fail(err, HEXMCP_E_INVALID, "%s", wrong);
        return PARSE_WRONG;
    }
    int days = calendar_days_in_month(local->year, local->month);
    if (local->day < 1 || local->day > days) {
        hexmcp_fail(err, HEXMCP_E_INVALID, "there is no day %d: %s %d has %d days", local->day,
                    calendar_month_name(local->month), local->year, days);
        return PARSE_WRONG;
    }
    parsed->leap = local->second == 60;
    parsed->extra = local->hour == 24 ? US_PER_DAY : 0;
    local->hour %= 24;
    if (parsed->leap)
        local->second = 59;
    return PARSE_DONE;
}

enum parse parse_check_weekday(const struct parsed *parsed, int weekday, hexmcp_error *err)
{
    const struct civil *local = &parsed->local;
    int real = calendar_weekday(local);
    if (weekday == 0 || weekday == real)
        return PARSE_DONE;
    hexmcp_fail(err, HEXMCP_E_INVALID,
                "it says %s, but %04d-%02d-%02d is a %s; correct the date or leave the weekday out",
                calendar_weekday_name(weekday), local->year, local->month, local->day,
                calendar_weekday_name(real));
    return PARSE_WRONG;
}

/* [-]digits[.digits] up to the end; `scale` is microseconds in a unit. */
static int decimal(const char *text, int64_t scale, int64_t *us)
{
    int negative = scan_byte(&text, '-');
    size_t digits = scan_digits(text);
    int64_t whole = 0;
    int fraction = 0;
    if (digits < 1 || digits > 15)
        return 0;
    for (size_t i = 0; i < digits; i++)
        whole = whole * 10 + text[i] - '0';
    text += digits;
    if (scan_byte(&text, '.') && !scan_fraction(&text, &fraction))
        return 0;
    if (*text != '\0' || whole > INT64_MAX / scale - 1)
        return 0;
    whole = whole * scale + fraction * scale / US_PER_SECOND;
    *us = negative ? -whole : whole;
    return 1;
}

enum parse parse_unix_unit(const char *text, int in_second, struct parsed *parsed,
                           hexmcp_error *err)
{
    *parsed = (struct parsed){.form = in_second == 1 ? "unix" : "unix_ms", .instant = 1};
    if (decimal(text, US_PER_SECOND / in_second, &parsed->us))
        return PARSE_DONE;
    hexmcp_fail(err, HEXMCP_E_INVALID,
                "it is no Unix time; give %s from 1970 as a decimal number, such as %s",
                in_second == 1 ? "seconds" : "milliseconds",
                in_second == 1 ? "1710502200" : "1710502200000");
    return PARSE_WRONG;
}

enum parse parse_unix(const char *text, struct parsed *parsed, hexmcp_error *err)
{
    const char *number = text + (*text == '@');
    const char *digits = number + (*number == '-');
    size_t count = scan_digits(digits);
    if (count == 0 || digits[count + strspn(digits + count, ".0123456789")] != '\0')
        return PARSE_OTHER;
    if (number > text)
        return parse_unix_unit(number, 1, parsed, err);
    if (count < 9 && *number != '-')
        return PARSE_OTHER;
    /* as seconds, 12 digits would be a year after 5138; as milliseconds, 11 a day before 1973 */
    return parse_unix_unit(number, count < 12 ? 1 : 1000, parsed, err);
}

/* The longest part of the text that may stand in a message: it is data, and may be long. */
static void quote(const char *text, char quoted[60])
{
    size_t len = strlen(text);
    size_t most = 40;
    if (len <= most)
        most = len;
    while (most < len && most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    snprintf(quoted, 60, "\"%.*s%s\"", (int)most, text, most < len ? "..." : "");
}

/* 3/4/2024, 03.04.2024 or 3-4-24 */
static int is_ambiguous(const char *text)
{
    size_t first = scan_digits(text);
    if (first < 1 || first > 2 || !strchr("/.-", text[first]) || text[first] == '\0')
        return 0;
    const char *behind = text + first + 1;
    size_t second = scan_digits(behind);
    if (second < 1 || second > 2 || behind[second] != text[first])
        return 0;
    size_t third = scan_digits(behind + second + 1);
    return third == 2 || third == 4;
}

static int32_t fail_form(const char *key, const char *text, hexmcp_error *err)
{
    char quoted[60];
    quote(text, quoted);
    if (is_ambiguous(text))
        return hexmcp_fail(
            err, HEXMCP_E_INVALID,
            "%s %s does not say which number is the day and which the month; give "
            "input_format, for example %%d/%%m/%%Y or %%m/%%d/%%Y, or write the date "
            "as 2024-03-15",
            key, quoted);
    return hexmcp_fail(
        err, HEXMCP_E_INVALID,
        "%s %s is no date that is read here. Give one like 2024-03-15, "
        "2024-03-15T12:30:00+01:00, 2024-W11-5, 2024-075, Fri, 15 Mar 2024 12:30:00 "
        "+0100, 1710502200, @86400 or now. Relative words are not read: take now and "
        "operation add. For another form give input_format, such as %%d.%%m.%%Y; "
        "operation formats lists all",
        key, quoted);
}

static enum parse try_all(const char *text, struct parsed *parsed, hexmcp_error *err)
{
    static enum parse (*const forms[])(const char *, struct parsed *,
                                       hexmcp_error *) = {parse_unix, parse_iso, parse_mail};
    enum parse done = PARSE_OTHER;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && done == PARSE_OTHER; i++)
        done = forms[i](text, parsed, err);
    return done;
}

static enum parse try_pattern(const char *text, const char *pattern, struct parsed *parsed,
                              hexmcp_error *err)
{
    if (strcmp(pattern, "unix") == 0)
        return parse_unix_unit(text, 1, parsed, err);
    if (strcmp(pattern, "unix_ms") == 0)
        return parse_unix_unit(text, 1000, parsed, err);
    return parse_pattern(text, pattern, parsed, err);
}

int32_t parse_text(const char *key, const char *text, const char *pattern, struct parsed *parsed,
                   hexmcp_error *err)
{
    char quoted[60];
    hexmcp_error inner = {.size = sizeof(inner)};
    struct parsed found;
    enum parse done =
        pattern ? try_pattern(text, pattern, &found, &inner) : try_all(text, &found, &inner);
    if (done == PARSE_OTHER)
        return fail_form(key, text, err);
    if (done == PARSE_DONE) {
        *parsed = found;
        return HEXMCP_OK;
    }
    quote(text, quoted);
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s %s is wrong: %s", key, quoted, inner.text);
}
