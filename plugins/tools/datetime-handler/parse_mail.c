/*
 * SPDX-License-Identifier: MIT
 */
#include "parse.h"
#include "scan.h"
#include "zone.h"

#include "hexmcp/json.h"

#include <string.h>

/* RFC 5322, section 4.3; UTC and Z are common. */
static const char *const zone_words[] = {"GMT", "UT",  "UTC", "Z",   "EST", "EDT",
                                         "CST", "CDT", "MST", "MDT", "PST", "PDT"};
static const int zone_hours[] = {0, 0, 0, 0, -5, -4, -6, -5, -7, -6, -8, -7};

static int weekday(const char **at)
{
    const char *names[7];
    for (int i = 0; i < 7; i++)
        names[i] = calendar_weekday_name(i + 1);
    return scan_word(at, names, 7, 3) + 1;
}

static int month(const char **at, struct parsed *parsed)
{
    const char *names[12];
    for (int i = 0; i < 12; i++)
        names[i] = calendar_month_name(i + 1);
    parsed->local.month = scan_word(at, names, 12, 3) + 1;
    return parsed->local.month > 0;
}

/* RFC 5322 says how years of two and three digits are meant. */
static int year(const char **at, struct parsed *parsed)
{
    size_t digits = scan_digits(*at);
    int *value = &parsed->local.year;
    if (digits < 2 || digits > 4 || !scan_number(at, digits, value))
        return 0;
    if (digits == 2)
        *value += *value < 50 ? 2000 : 1900;
    if (digits == 3)
        *value += 1900;
    return 1;
}

static int day(const char **at, struct parsed *parsed)
{
    size_t digits = scan_digits(*at);
    return digits >= 1 && digits <= 2 && scan_number(at, digits, &parsed->local.day);
}

static int time_of_day(const char **at, struct parsed *parsed)
{
    struct civil *local = &parsed->local;
    if (scan_blanks(at) == 0 || !scan_number(at, 2, &local->hour) || !scan_byte(at, ':') ||
        !scan_number(at, 2, &local->minute))
        return 0;
    return !scan_byte(at, ':') || scan_number(at, 2, &local->second);
}

static int zone(const char **at, struct parsed *parsed)
{
    size_t len = zone_read_offset(*at, &parsed->offset);
    *at += len;
    if (len == 0) {
        int word = scan_word(at, zone_words, sizeof(zone_words) / sizeof(zone_words[0]), 0);
        if (word < 0)
            return 0;
        parsed->offset = zone_hours[word] * 3600;
    }
    parsed->has_offset = 1;
    return 1;
}

/* "(CET)" at the end, which says nothing that counts. */
static void comment(const char **at)
{
    scan_blanks(at);
    size_t len = strlen(*at);
    if (len >= 2 && **at == '(' && (*at)[len - 1] == ')' && strcspn(*at, ")") == len - 1)
        *at += len;
}

/* 15 Mar 2024 12:30:00 +0100, also 15-Mar-24; the zone may be missing. */
static int mail(const char **at, struct parsed *parsed)
{
    if (!day(at, parsed) || (!scan_byte(at, '-') && scan_blanks(at) == 0) || !month(at, parsed) ||
        (!scan_byte(at, '-') && scan_blanks(at) == 0) || !year(at, parsed))
        return 0;
    if (**at == '\0')
        return 1;
    if (!time_of_day(at, parsed))
        return 0;
    if (scan_blanks(at) > 0 && **at != '(' && !zone(at, parsed))
        return 0;
    comment(at);
    return 1;
}

/* Mar 15 12:30:00 2024, as asctime() writes it; Mar 15 12:30:00 UTC 2024, as date does. */
static int asctime_like(const char **at, struct parsed *parsed)
{
    if (!month(at, parsed) || scan_blanks(at) == 0 || !day(at, parsed) ||
        !time_of_day(at, parsed) || scan_blanks(at) == 0)
        return 0;
    if (scan_digits(*at) == 0 && (!zone(at, parsed) || scan_blanks(at) == 0))
        return 0;
    return scan_digits(*at) == 4 && year(at, parsed);
}

enum parse parse_mail(const char *text, struct parsed *parsed, hexmcp_error *err)
{
    const char *at = text;
    *parsed = (struct parsed){.form = "rfc2822"};
    int named = weekday(&at);
    if (named > 0 && scan_byte(&at, ',')) {
        scan_blanks(&at);
    } else if (named > 0 && scan_blanks(&at) == 0) {
        return PARSE_OTHER;
    }
    if (scan_digits(at) == 0) {
        parsed->form = "asctime";
        if (!asctime_like(&at, parsed))
            return PARSE_OTHER;
    } else if (!mail(&at, parsed)) {
        return PARSE_OTHER;
    }
    if (*at != '\0')
        return PARSE_OTHER;
    enum parse done = parse_check(parsed, err);
    return done == PARSE_DONE ? parse_check_weekday(parsed, named, err) : done;
}
