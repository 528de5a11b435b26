/*
 * parse.h - the forms of a date and a time that are read.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "calendar.h"

#include "hexmcp/abi.h"

/*
 *   form        the name of the form, for the answer
 *   instant     1: `us` is the moment, and local does not count
 *   has_offset  1: local is a time of clocks `offset` east of UTC; else of a zone yet to be chosen
 *   extra       microseconds to add to local, for 24:00
 *   leap        1: the second was 60, and 59 stands in local
 */
struct parsed {
    const char *form;
    int instant;
    int64_t us;
    int has_offset;
    int32_t offset;
    struct civil local;
    int64_t extra;
    int leap;
};

/* What a parser of one form answers: not this form; done; this form, but something in it is wrong,
 * and *err says what. */
enum parse { PARSE_OTHER, PARSE_DONE, PARSE_WRONG };

/* ISO 8601 and RFC 3339: calendar, week and ordinal dates, basic and extended, with or without
 * time; also with a blank for the T, and year/month/day. */
enum parse parse_iso(const char *text, struct parsed *parsed, hexmcp_error *err);

/* RFC 5322 (mail), the three forms of HTTP, asctime() and what the program date prints. */
enum parse parse_mail(const char *text, struct parsed *parsed, hexmcp_error *err);

/* Seconds or milliseconds from 1970: nine digits or more, or any behind '@'. */
enum parse parse_unix(const char *text, struct parsed *parsed, hexmcp_error *err);

/* The same with the unit given, 1 or 1000 in a second, and any number of digits. */
enum parse parse_unix_unit(const char *text, int in_second, struct parsed *parsed,
                           hexmcp_error *err);

/* By a pattern of strptime(). */
enum parse parse_pattern(const char *text, const char *pattern, struct parsed *parsed,
                         hexmcp_error *err);

/* PARSE_DONE if the date and the time of *parsed are there; sets `extra` and `leap`. */
enum parse parse_check(struct parsed *parsed, hexmcp_error *err);

/* PARSE_WRONG if the weekday (1 to 7, 0 for none) is not that of the date. */
enum parse parse_check_weekday(const struct parsed *parsed, int weekday, hexmcp_error *err);

/* Tries all forms, or only `pattern` if it is not NULL: "unix", "unix_ms" or for strptime(). `key`
 * names the argument, for the message. Errors: HEXMCP_E_INVALID. */
int32_t parse_text(const char *key, const char *text, const char *pattern, struct parsed *parsed,
                   hexmcp_error *err);
