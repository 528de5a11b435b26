/*
 * SPDX-License-Identifier: MIT
 */
#include "times.h"

#include <time.h>

int64_t time_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int digits(const char *at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (at[i] - '0');
    return value;
}

static bool in_form(hexmcp_str text)
{
    static const char form[TIME_BYTES + 1] = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.len != TIME_BYTES)
        return false;
    for (size_t i = 0; i < TIME_BYTES; i++) {
        char c = text.ptr[i];
        if (form[i] == 'd' ? c < '0' || c > '9' : c != form[i])
            return false;
    }
    return digits(text.ptr + 5, 2) >= 1 && digits(text.ptr + 5, 2) <= 12 &&
           digits(text.ptr + 8, 2) >= 1 && digits(text.ptr + 8, 2) <= 31 &&
           digits(text.ptr + 11, 2) <= 23 && digits(text.ptr + 14, 2) <= 59 &&
           digits(text.ptr + 17, 2) <= 60;
}

int32_t time_check(hexmcp_str text, const char *what, hexmcp_error *err)
{
    if (!in_form(text))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s must be a time as \"2026-01-31T12:00:00.000Z\"", what);
    return HEXMCP_OK;
}

int32_t time_read(hexmcp_str text, const char *what, int64_t *ret_ms, hexmcp_error *err)
{
    struct tm tm = {0};
    if (time_check(text, what, err) != HEXMCP_OK)
        return err->code;
    tm.tm_year = digits(text.ptr, 4) - 1900;
    tm.tm_mon = digits(text.ptr + 5, 2) - 1;
    tm.tm_mday = digits(text.ptr + 8, 2);
    tm.tm_hour = digits(text.ptr + 11, 2);
    tm.tm_min = digits(text.ptr + 14, 2);
    tm.tm_sec = digits(text.ptr + 17, 2);
    *ret_ms = (int64_t)timegm(&tm) * 1000 + digits(text.ptr + 20, 3);
    return HEXMCP_OK;
}

void time_write(struct out *o, int64_t ms)
{
    char text[64];
    struct tm tm;
    time_t seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &tm);
    int len = snprintf(text, sizeof(text), "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"",
                       tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                       (int)(ms % 1000));
    out_raw(o, (hexmcp_str){text, (size_t)len});
}
