/*
 * SPDX-License-Identifier: MIT
 */
#include "parse.h"

#include "hexmcp/json.h"

#include <limits.h>
#include <string.h>
#include <time.h>

/* What of strptime() is taken. Others depend on the machine (%s, %Z) or are read and then ignored
 * by libc (%V and its like). */
#define CONVERSIONS "YymdeHIMSpbBhaAjzTRFDnt%"

/* 1 if `pattern` has a conversion of `letters`; then *found is the first one. */
static int has(const char *pattern, const char *letters, char *found)
{
    for (const char *at = pattern; (at = strchr(at, '%')) && at[1] != '\0'; at += 2) {
        if (strchr(letters, at[1])) {
            *found = at[1];
            return 1;
        }
    }
    return 0;
}

static enum parse fail(hexmcp_error *err, const char *text)
{
    hexmcp_fail(err, HEXMCP_E_INVALID, "%s", text);
    return PARSE_WRONG;
}

/* The first conversion that is not taken, or 0. A lone % at the end is one. */
static char strange(const char *pattern)
{
    for (const char *at = pattern; (at = strchr(at, '%')); at += 2)
        if (at[1] == '\0' || !strchr(CONVERSIONS, at[1]))
            return at[1] ? at[1] : '%';
    return '\0';
}

static enum parse check_pattern(const char *pattern, hexmcp_error *err)
{
    char letter;
    char wrong = strange(pattern);
    if (wrong) {
        hexmcp_fail(err, HEXMCP_E_INVALID,
                    "input_format has %%%c, which is not taken for input; use "
                    "%%Y %%m %%d %%H %%M %%S and their like: operation formats lists them",
                    wrong > ' ' && wrong < 0x7f ? wrong : '?');
        return PARSE_WRONG;
    }
    int whole = has(pattern, "FD", &letter);
    int year = whole || has(pattern, "Yy", &letter);
    int day = whole || has(pattern, "j", &letter) ||
              (has(pattern, "mbBh", &letter) && has(pattern, "de", &letter));
    if (!year || !day)
        return fail(err, "input_format must give a whole date: year, month and day");
    if (has(pattern, "I", &letter) != has(pattern, "p", &letter))
        return fail(err, "input_format needs %I and %p together; use %H for hours up to 23");
    return PARSE_DONE;
}

enum parse parse_pattern(const char *text, const char *pattern, struct parsed *parsed,
                         hexmcp_error *err)
{
    struct tm tm = {.tm_mday = 1, .tm_wday = -1, .tm_year = 100};
    char letter;
    enum parse done = check_pattern(pattern, err);
    if (done != PARSE_DONE)
        return done;
    const char *end = strptime(text, pattern, &tm);
    if (!end || *end != '\0')
        return fail(err, "it does not have the form of input_format; correct one of them");
    *parsed = (struct parsed){.form = "input_format",
                              .has_offset = has(pattern, "z", &letter),
                              .offset = (int32_t)tm.tm_gmtoff,
                              .local = {.year = tm.tm_year + 1900,
                                        .month = tm.tm_mon + 1,
                                        .day = tm.tm_mday,
                                        .hour = tm.tm_hour,
                                        .minute = tm.tm_min,
                                        .second = tm.tm_sec}};
    if (has(pattern, "j", &letter) && !has(pattern, "mbBhF", &letter) &&
        !calendar_from_day_of_year(parsed->local.year, tm.tm_yday + 1, &parsed->local))
        return fail(err, "the year has no such day");
    done = parse_check(parsed, err);
    if (done == PARSE_DONE && has(pattern, "aA", &letter))
        done = parse_check_weekday(parsed, tm.tm_wday == 0 ? 7 : tm.tm_wday, err);
    return done;
}
