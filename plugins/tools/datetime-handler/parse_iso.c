/*
 * SPDX-License-Identifier: MIT
 */
#include "parse.h"
#include "scan.h"
#include "zone.h"

#include "hexmcp/json.h"

/* Behind the year: -W11-5 or W115. */
static enum parse week(const char **at, int year, int extended, struct parsed *parsed,
                       hexmcp_error *err)
{
    int number, day;
    if (!scan_number(at, 2, &number) || (extended && !scan_byte(at, '-')) ||
        !scan_number(at, 1, &day))
        return PARSE_OTHER;
    parsed->form = "iso8601-week";
    if (calendar_from_week(year, number, day, &parsed->local))
        return PARSE_DONE;
    hexmcp_fail(err, HEXMCP_E_INVALID,
                "the year %d has no day %d of week %d; weeks go from 1 to 52 or 53, days from 1 "
                "(Monday) to 7",
                year, day, number);
    return PARSE_WRONG;
}

static enum parse ordinal(const char **at, int year, struct parsed *parsed, hexmcp_error *err)
{
    int day;
    if (!scan_number(at, 3, &day))
        return PARSE_OTHER;
    parsed->form = "iso8601-ordinal";
    if (calendar_from_day_of_year(year, day, &parsed->local))
        return PARSE_DONE;
    hexmcp_fail(err, HEXMCP_E_INVALID,
                "the year %d has no day %d; give a day that it has, from 1 to %d", year, day,
                365 + (year > 0 && calendar_is_leap_year(year)));
    return PARSE_WRONG;
}

static enum parse month_and_day(const char **at, char between, int year, struct parsed *parsed)
{
    struct civil *local = &parsed->local;
    local->year = year;
    if (!scan_number(at, 2, &local->month) || (between && !scan_byte(at, between)) ||
        !scan_number(at, 2, &local->day))
        return PARSE_OTHER;
    return PARSE_DONE;
}

static enum parse extended_date(const char **at, int year, struct parsed *parsed, hexmcp_error *err)
{
    if (scan_byte(at, 'W'))
        return week(at, year, 1, parsed, err);
    if (scan_digits(*at) == 3)
        return ordinal(at, year, parsed, err);
    return month_and_day(at, '-', year, parsed);
}

static enum parse date(const char **at, struct parsed *parsed, hexmcp_error *err)
{
    size_t digits = scan_digits(*at);
    int year;
    if (!scan_number(at, 4, &year))
        return PARSE_OTHER;
    if (digits == 8)
        return month_and_day(at, '\0', year, parsed);
    if (digits == 7)
        return ordinal(at, year, parsed, err);
    if (digits != 4)
        return PARSE_OTHER;
    if (scan_byte(at, '-'))
        return extended_date(at, year, parsed, err);
    if (scan_byte(at, 'W'))
        return week(at, year, 0, parsed, err);
    if (!scan_byte(at, '/'))
        return PARSE_OTHER;
    parsed->form = "year/month/day";
    return month_and_day(at, '/', year, parsed);
}

static int seconds(const char **at, struct parsed *parsed)
{
    if (!scan_number(at, 2, &parsed->local.second))
        return 0;
    if (scan_byte(at, '.') || scan_byte(at, ','))
        return scan_fraction(at, &parsed->local.microsecond);
    return 1;
}

/* 12, 12:30, 12:30:15.25 or 1230, 123015.25 */
static int time_of_day(const char **at, struct parsed *parsed)
{
    if (!scan_number(at, 2, &parsed->local.hour))
        return 0;
    if (scan_digits(*at) > 0)
        return scan_number(at, 2, &parsed->local.minute) &&
               (scan_digits(*at) == 0 || seconds(at, parsed));
    if (!scan_byte(at, ':'))
        return 1;
    return scan_number(at, 2, &parsed->local.minute) &&
           (!scan_byte(at, ':') || seconds(at, parsed));
}

static void offset(const char **at, struct parsed *parsed)
{
    static const char *const words[] = {"Z", "UTC", "GMT"};
    const char *behind = *at;
    scan_blanks(&behind);
    size_t len = zone_read_offset(behind, &parsed->offset);
    behind += len;
    if (len == 0 && scan_word(&behind, words, 3, 0) < 0)
        return;
    parsed->has_offset = 1;
    *at = behind;
}

enum parse parse_iso(const char *text, struct parsed *parsed, hexmcp_error *err)
{
    const char *at = text;
    *parsed = (struct parsed){.form = "iso8601"};
    enum parse done = date(&at, parsed, err);
    if (done != PARSE_DONE)
        return done;
    if (*at != '\0') {
        if (!scan_byte(&at, 'T') && !scan_byte(&at, 't') && scan_blanks(&at) == 0)
            return PARSE_OTHER;
        if (!time_of_day(&at, parsed))
            return PARSE_OTHER;
        offset(&at, parsed);
    }
    return *at == '\0' ? parse_check(parsed, err) : PARSE_OTHER;
}
