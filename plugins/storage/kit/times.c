/*
 * times.c - times of RFC 3339 with milliseconds, in UTC.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/record.h"

#include <stdio.h>

/* Days since 1970 of a day of the Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

void time_write(int64_t ms, char out[TIME_SIZE])
{
    int64_t days = ms / 86400000, rest = ms % 86400000;
    int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    char text[80];
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(year % 10000),
             (int)month, (int)day, (int)(rest / 3600000), (int)(rest / 60000 % 60),
             (int)(rest / 1000 % 60), (int)(rest % 1000));
    snprintf(out, TIME_SIZE, "%.24s", text);
}

static int64_t digits(hexmcp_str text, size_t at, size_t count)
{
    int64_t number = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1000000;
        number = number * 10 + (text.ptr[i] - '0');
    }
    return number;
}

int64_t time_read(hexmcp_str text)
{
    int64_t ms;
    if (text.len != 24 || text.ptr[10] != 'T' || text.ptr[23] != 'Z')
        return -1;
    ms = days_of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)) * 86400000 +
         digits(text, 11, 2) * 3600000 + digits(text, 14, 2) * 60000 + digits(text, 17, 2) * 1000 +
         digits(text, 20, 3);
    return ms < 0 ? -1 : ms;
}
