/*
 * SPDX-License-Identifier: MIT
 */
#include "format.h"

#include "hexmcp/json.h"

#include <inttypes.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct row {
    const char *name;
    const char *example;
    const char *meaning;
};

static const struct row inputs[] = {
    {"now", "now", "the present moment"},
    {"iso8601", "2024-03-15T12:30:00.250+01:00",
     "ISO 8601 and RFC 3339: a date, or a date and a time behind T or a blank; offset or Z may be "
     "missing; also 20240315T123000Z"},
    {"iso8601-week", "2024-W11-5", "year, week and day of the week, 1 is Monday; time as above"},
    {"iso8601-ordinal", "2024-075", "year and day of the year; time as above"},
    {"year/month/day", "2024/03/15 12:30", "the same with slashes"},
    {"rfc2822", "Fri, 15 Mar 2024 12:30:00 +0100",
     "mail and HTTP; the weekday, the seconds and the zone may be missing; also Friday, 15-Mar-24 "
     "12:30:00 GMT"},
    {"asctime", "Fri Mar 15 12:30:00 2024", "C and HTTP; also with UTC before the year"},
    {"unix", "1710502200",
     "seconds from 1970-01-01 UTC: 9 to 11 digits, or any number of digits behind @ or a minus"},
    {"unix_ms", "1710502200250", "milliseconds from 1970-01-01 UTC: 12 digits or more"},
    {"input_format", "15.03.2024",
     "any other, by input_format: unix, unix_ms, or a pattern such as %d.%m.%Y of %Y %y %m %d %e "
     "%j "
     "%H %I %p %M %S %b %B %a %A %z %F %T %R %D"},
};

static const struct row names[] = {
    {"iso8601", "2024-03-15T12:30:00+01:00", "the default"},
    {"date", "2024-03-15", "the date alone"},
    {"rfc2822", "Fri, 15 Mar 2024 12:30:00 +0100", "mail"},
    {"http", "Fri, 15 Mar 2024 11:30:00 GMT", "HTTP headers, always GMT"},
    {"unix", "1710502200", "whole seconds from 1970"},
    {"unix_ms", "1710502200000", "whole milliseconds from 1970"},
};

static const struct row conversions[] = {
    {"%Y", "2024", "year"},
    {"%C", "20", "century"},
    {"%y", "24", "year without century"},
    {"%m", "03", "month"},
    {"%B", "March", "name of the month"},
    {"%b", "Mar", "the same, short"},
    {"%d", "15", "day of the month, 01 to 31"},
    {"%e", "15", "the same with a blank for the zero"},
    {"%j", "075", "day of the year"},
    {"%A", "Friday", "weekday"},
    {"%a", "Fri", "the same, short"},
    {"%u", "5", "weekday as a number, Monday is 1"},
    {"%w", "5", "the same, Sunday is 0"},
    {"%V", "11", "ISO 8601 week"},
    {"%G", "2024", "the year of that week"},
    {"%F", "2024-03-15", "%Y-%m-%d"},
    {"%D", "03/15/24", "%m/%d/%y"},
    {"%H", "12", "hour, 00 to 23"},
    {"%I", "12", "hour, 01 to 12"},
    {"%p", "PM", "AM or PM"},
    {"%M", "30", "minute"},
    {"%S", "00", "second"},
    {"%f", "000000", "microsecond"},
    {"%T", "12:30:00", "%H:%M:%S"},
    {"%R", "12:30", "%H:%M"},
    {"%s", "1710502200", "seconds from 1970"},
    {"%z", "+0100", "offset"},
    {"%:z", "+01:00", "offset with a colon"},
    {"%Z", "CET", "abbreviation of the time zone"},
    {"%%", "%", "a per cent sign"},
};

static GDateTime *date_time(const struct moment *moment, int32_t offset)
{
    int64_t us = moment->us - CALENDAR_MIN;
    GTimeZone *zone = g_time_zone_new_offset(offset);
    GDateTime *second =
        g_date_time_new_from_unix_utc(us / US_PER_SECOND + CALENDAR_MIN / US_PER_SECOND);
    GDateTime *utc = g_date_time_add(second, us % US_PER_SECOND);
    GDateTime *local = g_date_time_to_timezone(utc, zone);
    g_date_time_unref(utc);
    g_date_time_unref(second);
    g_time_zone_unref(zone);
    return local;
}

/* What GLib does not know, or does in its own way: its zone is one of a fixed offset, so that it
 * has no abbreviation, and it fills with U+2007. Returns 0 for all others. */
static int put_own(const struct moment *moment, char letter, GString *text)
{
    const struct civil *local = &moment->local;
    if (letter == 'Z')
        g_string_append(text, moment->time.abbreviation);
    else if (letter == 'D')
        g_string_append(text, "%m/%d/%y");
    else if (letter == 'e')
        g_string_append_printf(text, "%2d", local->day);
    else if (letter == 'k')
        g_string_append_printf(text, "%2d", local->hour);
    else if (letter == 'l')
        g_string_append_printf(text, "%2d", (local->hour + 11) % 12 + 1);
    return letter && strchr("ZDekl", letter);
}

static GString *for_glib(const struct moment *moment, const char *pattern)
{
    GString *text = g_string_new(NULL);
    for (const char *at = pattern; *at; at++) {
        if (*at == '%' && put_own(moment, at[1], text)) {
            at++;
        } else {
            g_string_append_c(text, *at);
            if (*at == '%' && at[1] != '\0')
                g_string_append_c(text, *++at);
        }
    }
    return text;
}

static char *by_pattern(const struct moment *moment, int32_t offset, const char *pattern)
{
    GString *translated = for_glib(moment, pattern);
    GDateTime *time = date_time(moment, offset);
    char *text = g_date_time_format(time, translated->str);
    g_date_time_unref(time);
    g_string_free(translated, TRUE);
    return text;
}

static int64_t floor_to(int64_t us, int64_t unit)
{
    return us / unit - (us % unit < 0);
}

/* NULL if there is no format of that name. */
static char *by_name(const struct moment *moment, const char *name)
{
    char iso[MOMENT_TEXT_ROOM];
    int32_t offset = moment->time.offset;
    if (strcmp(name, "iso8601") == 0) {
        moment_write(moment, iso);
        return g_strdup(iso);
    }
    if (strcmp(name, "date") == 0)
        return by_pattern(moment, offset, "%F");
    if (strcmp(name, "rfc2822") == 0)
        return by_pattern(moment, offset, "%a, %d %b %Y %H:%M:%S %z");
    if (strcmp(name, "http") == 0)
        return by_pattern(moment, 0, "%a, %d %b %Y %H:%M:%S GMT");
    if (strcmp(name, "unix") == 0)
        return g_strdup_printf("%" PRId64, floor_to(moment->us, US_PER_SECOND));
    if (strcmp(name, "unix_ms") == 0)
        return g_strdup_printf("%" PRId64, floor_to(moment->us, 1000));
    return NULL;
}

int32_t format_write(const struct moment *moment, const char *format, char **text,
                     hexmcp_error *err)
{
    char *written;
    if (!format || !strchr(format, '%')) {
        written = by_name(moment, format ? format : "iso8601");
        if (!written)
            return hexmcp_fail(
                err, HEXMCP_E_INVALID,
                "format is unknown; give iso8601, date, rfc2822, http, unix, unix_ms "
                "or a pattern such as %%d.%%m.%%Y %%H:%%M");
    } else {
        written = by_pattern(moment, moment->time.offset, format);
        if (!written)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "format has a conversion that is not known; operation formats lists "
                               "those that are, and %%%% stands for a per cent sign");
    }
    *text = written;
    return HEXMCP_OK;
}

static void list_rows(hexmcp_json_writer *writer, const char *key, const struct row *rows,
                      size_t count)
{
    hexmcp_json_key(writer, key);
    hexmcp_json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        hexmcp_json_begin_object(writer);
        hexmcp_json_put_text(writer, "name", rows[i].name);
        hexmcp_json_put_text(writer, "example", rows[i].example);
        hexmcp_json_put_text(writer, "meaning", rows[i].meaning);
        hexmcp_json_end_object(writer);
    }
    hexmcp_json_end_array(writer);
}

void format_list(hexmcp_json_writer *writer)
{
    list_rows(writer, "input_formats", inputs, COUNT(inputs));
    list_rows(writer, "formats", names, COUNT(names));
    list_rows(writer, "conversions", conversions, COUNT(conversions));
}
