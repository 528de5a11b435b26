/*
 * calendar.h - the Gregorian calendar of the years 1 to 9999, before 1582 too, without time zones.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (86400 * US_PER_SECOND)

/* 0001-01-01 00:00:00 and 9999-12-31 23:59:59.999999 in microseconds from 1970-01-01. */
#define CALENDAR_MIN (INT64_C(-62135596800) * US_PER_SECOND)
#define CALENDAR_MAX (INT64_C(253402300800) * US_PER_SECOND - 1)

/* What stands on a calendar and a clock. month and day count from 1. */
struct civil {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int microsecond;
};

/* 28 to 31. `year` is 1 to 9999 and `month` 1 to 12. */
int calendar_days_in_month(int year, int month);

int calendar_is_leap_year(int year);

/* Microseconds from 1970-01-01, as if there were only one time zone. The date is there; hour may be
 * 24 and second 60. */
int64_t calendar_to_us(const struct civil *civil);

/* The reverse; `us` is CALENDAR_MIN to CALENDAR_MAX. */
struct civil calendar_from_us(int64_t us);

/* 1 Monday to 7 Sunday. */
int calendar_weekday(const struct civil *civil);

/* "Monday" to "Sunday", "January" to "December". */
const char *calendar_weekday_name(int weekday);
const char *calendar_month_name(int month);

/* 1 to 366. */
int calendar_day_of_year(const struct civil *civil);

/* The ISO 8601 week, 1 to 53, and the year that it belongs to. */
int calendar_week(const struct civil *civil, int *week_year);

/* The date of a day of an ISO 8601 week, or of a day of a year. 1 and year, month and day of
 * *civil; 0 if there is no such day, or not in the years 1 to 9999. */
int calendar_from_week(int week_year, int week, int weekday, struct civil *civil);
int calendar_from_day_of_year(int year, int day_of_year, struct civil *civil);

/* Moves the date by months. A day that the month does not have becomes its last one. Returns 1, or
 * 0 if that is not in the years 1 to 9999. */
int calendar_add_months(struct civil *civil, int64_t months);
