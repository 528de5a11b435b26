/*
 * SPDX-License-Identifier: MIT
 */
#include "calendar.h"

#include <glib.h>

/* GDate counts from 0001-01-01, which is day 1. */
#define JULIAN_OF_1970 719163

static GDate date_of(int year, int month, int day)
{
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return date;
}

static GDate date_of_civil(const struct civil *civil)
{
    return date_of(civil->year, civil->month, civil->day);
}

static GDate date_of_julian(int64_t julian)
{
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_julian(&date, (guint32)julian);
    return date;
}

static void put_date(const GDate *date, struct civil *civil)
{
    civil->year = g_date_get_year(date);
    civil->month = (int)g_date_get_month(date);
    civil->day = g_date_get_day(date);
}

int calendar_days_in_month(int year, int month)
{
    return g_date_get_days_in_month((GDateMonth)month, (GDateYear)year);
}

int calendar_is_leap_year(int year)
{
    return g_date_is_leap_year((GDateYear)year) != 0;
}

int64_t calendar_to_us(const struct civil *civil)
{
    GDate date = date_of_civil(civil);
    int64_t days = (int64_t)g_date_get_julian(&date) - JULIAN_OF_1970;
    int64_t seconds = days * 86400 + civil->hour * 3600 + civil->minute * 60 + civil->second;
    return seconds * US_PER_SECOND + civil->microsecond;
}

struct civil calendar_from_us(int64_t us)
{
    struct civil civil = {0};
    int64_t from_start = us - CALENDAR_MIN;
    int64_t in_day = from_start % US_PER_DAY;
    int seconds = (int)(in_day / US_PER_SECOND);
    GDate date = date_of_julian(from_start / US_PER_DAY + 1);
    put_date(&date, &civil);
    civil.hour = seconds / 3600;
    civil.minute = seconds / 60 % 60;
    civil.second = seconds % 60;
    civil.microsecond = (int)(in_day % US_PER_SECOND);
    return civil;
}

int calendar_weekday(const struct civil *civil)
{
    GDate date = date_of_civil(civil);
    return (int)g_date_get_weekday(&date);
}

const char *calendar_weekday_name(int weekday)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    return names[weekday - 1];
}

const char *calendar_month_name(int month)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    return names[month - 1];
}

int calendar_day_of_year(const struct civil *civil)
{
    GDate date = date_of_civil(civil);
    return (int)g_date_get_day_of_year(&date);
}

/* The week belongs to the year that its Thursday is in. */
int calendar_week(const struct civil *civil, int *week_year)
{
    GDate date = date_of_civil(civil);
    int week = (int)g_date_get_iso8601_week_of_year(&date);
    *week_year = civil->year;
    if (civil->month == 1 && week > 50)
        (*week_year)--;
    if (civil->month == 12 && week == 1)
        (*week_year)++;
    return week;
}

static int from_julian(int64_t julian, struct civil *civil)
{
    struct civil last = {.year = 9999, .month = 12, .day = 31};
    GDate last_date = date_of_civil(&last);
    if (julian < 1 || julian > (int64_t)g_date_get_julian(&last_date))
        return 0;
    GDate date = date_of_julian(julian);
    put_date(&date, civil);
    return 1;
}

int calendar_from_week(int week_year, int week, int weekday, struct civil *civil)
{
    struct civil found = *civil;
    int year;
    if (week_year < 1 || week < 1 || week > 53 || weekday < 1 || weekday > 7)
        return 0;
    /* 4 January is always in week 1 */
    GDate january = date_of(week_year, 1, 4);
    int64_t monday = (int64_t)g_date_get_julian(&january) - (int)g_date_get_weekday(&january) + 1;
    if (!from_julian(monday + (week - 1) * 7 + weekday - 1, &found))
        return 0;
    if (calendar_week(&found, &year) != week || year != week_year)
        return 0;
    *civil = found;
    return 1;
}

int calendar_from_day_of_year(int year, int day_of_year, struct civil *civil)
{
    if (year < 1 || day_of_year < 1 || day_of_year > 365 + calendar_is_leap_year(year))
        return 0;
    GDate first = date_of(year, 1, 1);
    return from_julian((int64_t)g_date_get_julian(&first) + day_of_year - 1, civil);
}

int calendar_add_months(struct civil *civil, int64_t months)
{
    const int64_t most = 12 * 9999;
    if (months < -most || months > most)
        return 0;
    int64_t month = (int64_t)civil->year * 12 + civil->month - 1 + months;
    if (month < 12 || month >= 12 * 10000)
        return 0;
    civil->year = (int)(month / 12);
    civil->month = (int)(month % 12) + 1;
    int last = calendar_days_in_month(civil->year, civil->month);
    if (civil->day > last)
        civil->day = last;
    return 1;
}
