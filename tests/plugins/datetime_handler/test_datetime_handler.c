/* Whole results, edges and messages. test_oracle.py compares with Python at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "datetime-handler"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.datetime-handler", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

static void run(const char *args, const char *content)
{
    char expected[2000];
    snprintf(expected, sizeof(expected), "{\"structuredContent\":%s}", content);
    assert_result(&plugin, TOOL, args, expected);
}

static void test_parse(void **state)
{
    (void)state;
    run("{\"input\":\" 2024-03-15T12:30:00.25+01:00 \"}",
        "{\"operation\":\"parse\",\"result\":\"2024-03-15T12:30:00.250+01:00\","
        "\"utc\":\"2024-03-15T11:30:00.250Z\",\"timestamp\":1710502200,"
        "\"timestamp_ms\":1710502200250,\"weekday\":\"Friday\",\"timezone\":\"+01:00\","
        "\"offset\":\"+01:00\",\"abbreviation\":\"+01:00\",\"is_dst\":false,"
        "\"parts\":{\"year\":2024,\"month\":3,\"day\":15,\"hour\":12,\"minute\":30,\"second\":0,"
        "\"microsecond\":250000},\"parsed_as\":\"iso8601\"}");
}

static void test_gap(void **state)
{
    (void)state;
    run("{\"input\":\"2024-03-31 02:30\",\"timezone\":\"Europe/Berlin\"}",
        "{\"operation\":\"parse\",\"result\":\"2024-03-31T03:30:00+02:00\","
        "\"utc\":\"2024-03-31T01:30:00Z\",\"timestamp\":1711848600,"
        "\"timestamp_ms\":1711848600000,\"weekday\":\"Sunday\",\"timezone\":\"Europe/Berlin\","
        "\"offset\":\"+02:00\",\"abbreviation\":\"CEST\",\"is_dst\":true,"
        "\"parts\":{\"year\":2024,\"month\":3,\"day\":31,\"hour\":3,\"minute\":30,\"second\":0,"
        "\"microsecond\":0},\"parsed_as\":\"iso8601\",\"local_time\":\"gap\",\"notes\":[\"The time "
        "was left out in Europe/Berlin, where clocks were moved on; it was moved on as much as "
        "they "
        "were.\"]}");
}

static void test_overlap(void **state)
{
    (void)state;
    run("{\"operation\":\"convert_timezone\",\"input\":\"2024-10-27T02:30\",\"overlap\":\"later\","
        "\"timezone\":\"Europe/Berlin\",\"target_timezone\":\"UTC\",\"format\":\"%H:%M %Z\"}",
        "{\"operation\":\"convert_timezone\",\"result\":\"01:30 UTC\","
        "\"utc\":\"2024-10-27T01:30:00Z\",\"timestamp\":1729992600,"
        "\"timestamp_ms\":1729992600000,\"weekday\":\"Sunday\",\"timezone\":\"UTC\","
        "\"offset\":\"+00:00\",\"abbreviation\":\"UTC\",\"is_dst\":false,"
        "\"parts\":{\"year\":2024,\"month\":10,\"day\":27,\"hour\":1,\"minute\":30,\"second\":0,"
        "\"microsecond\":0},\"from\":\"2024-10-27T02:30:00+01:00\",\"local_time\":\"overlap\","
        "\"other_utc\":\"2024-10-27T00:30:00Z\",\"notes\":[\"The time was there twice in "
        "Europe/Berlin, where clocks were moved back; the later one was taken, the other one is "
        "2024-10-27T00:30:00Z.\"]}");
}

static void test_clamped(void **state)
{
    (void)state;
    run("{\"operation\":\"subtract\",\"input\":\"2023-03-31\",\"amount\":1,\"unit\":\"months\"}",
        "{\"operation\":\"subtract\",\"result\":\"2023-02-28T00:00:00Z\","
        "\"utc\":\"2023-02-28T00:00:00Z\",\"timestamp\":1677542400,"
        "\"timestamp_ms\":1677542400000,\"weekday\":\"Tuesday\",\"timezone\":\"UTC\","
        "\"offset\":\"+00:00\",\"abbreviation\":\"UTC\",\"is_dst\":false,"
        "\"parts\":{\"year\":2023,\"month\":2,\"day\":28,\"hour\":0,\"minute\":0,\"second\":0,"
        "\"microsecond\":0},\"from\":\"2023-03-31T00:00:00Z\","
        "\"clamped\":{\"wanted_day\":31,\"day\":28},\"notes\":[\"February 2023 has no day 31; its "
        "last day, 28, was taken.\"]}");
}

static void test_difference(void **state)
{
    (void)state;
    run("{\"operation\":\"difference\",\"start\":\"2024-02-28T12:00\",\"end\":\"2024-03-01T13:02:"
        "03.5\"}",
        "{\"operation\":\"difference\",\"start\":\"2024-02-28T12:00:00Z\","
        "\"end\":\"2024-03-01T13:02:03.500Z\",\"total_seconds\":176523.5,\"days\":2,\"hours\":1,"
        "\"minutes\":2,\"seconds\":3.5,\"calendar\":{\"years\":0,\"months\":0,\"days\":2},"
        "\"human_readable\":\"2 days, 1 hour, 2 minutes, 3.5 seconds\"}");
    run("{\"operation\":\"difference\",\"start\":1710502201,\"end\":\"1710502200\"}",
        "{\"operation\":\"difference\",\"start\":\"2024-03-15T11:30:01Z\","
        "\"end\":\"2024-03-15T11:30:00Z\",\"total_seconds\":-1,\"days\":0,\"hours\":0,\"minutes\":"
        "0,"
        "\"seconds\":-1,\"calendar\":{\"years\":0,\"months\":0,\"days\":0},"
        "\"human_readable\":\"1 second (end is before start)\"}");
    /* a day of 23 hours */
    run("{\"operation\":\"difference\",\"start\":\"2024-03-31\",\"end\":\"2024-04-01\","
        "\"timezone\":\"Europe/Berlin\"}",
        "{\"operation\":\"difference\",\"start\":\"2024-03-31T00:00:00+01:00\","
        "\"end\":\"2024-04-01T00:00:00+02:00\",\"total_seconds\":82800,\"days\":0,\"hours\":23,"
        "\"minutes\":0,\"seconds\":0,\"calendar\":{\"years\":0,\"months\":0,\"days\":1},"
        "\"human_readable\":\"23 hours\"}");
}

/* One member of a result: raw JSON. */
static void assert_member(const char *args, const char *key, const char *raw)
{
    hexmcp_fake_answer answer;
    hexmcp_str content, value = {"nothing", 7};
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s: %s", args, answer.error.text);
    assert_int_equal(hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content),
                     0);
    (void)hexmcp_json_get(content, key, &value);
    if (value.len != strlen(raw) || memcmp(value.ptr, raw, value.len) != 0)
        fail_msg("%s: %s is %.*s, not %s", args, key, (int)value.len, value.ptr, raw);
    hexmcp_fake_answer_free(&answer);
}

#define ADD(input, amount, unit)                                                                   \
    "{\"operation\":\"add\",\"input\":\"" input "\",\"amount\":" amount ",\"unit\":\"" unit "\"}"
#define IN(zone, input) "{\"timezone\":\"" zone "\",\"input\":\"" input "\"}"
#define INFO(zone, input)                                                                          \
    "{\"operation\":\"info\",\"timezone\":\"" zone "\",\"input\":\"" input "\"}"
#define SHOW(format, input) "{\"format\":\"" format "\",\"input\":\"" input "\"}"
#define READ(pattern, input) "{\"input_format\":\"" pattern "\",\"input\":\"" input "\"}"

static const struct {
    const char *args;
    const char *key;
    const char *raw;
} members[] = {
    /* ends of the calendar, and of what GLib knows of zones */
    {IN("UTC", "0001-01-01"), "timestamp", "-62135596800"},
    {IN("UTC", "9999-12-31T23:59:59.999999"), "timestamp_ms", "253402300799999"},
    {IN("Europe/Berlin", "9000-07-01"), "offset", "\"+02:00\""},
    {IN("Europe/Dublin", "2040-01-01"), "offset", "\"+00:00\""},
    {IN("Europe/Dublin", "2040-01-01"), "is_dst", "true"},
    {IN("Europe/Dublin", "2040-07-01"), "abbreviation", "\"IST\""},
    {IN("Europe/Berlin", "1800-01-01"), "result", "\"1800-01-01T00:00:00+00:53:28\""},
    {INFO("UTC", "9999-12-31"), "end_of_day", "\"9999-12-31T23:59:59Z\""},
    {INFO("UTC", "0001-01-01"), "start_of_day", "\"0001-01-01T00:00:00Z\""},
    /* before 1970 a fraction goes down */
    {IN("UTC", "1969-12-31T23:59:59.75"), "timestamp", "-1"},
    {IN("UTC", "1969-12-31T23:59:59.75"), "timestamp_ms", "-250"},
    {IN("UTC", "@-0.25"), "utc", "\"1969-12-31T23:59:59.750Z\""},
    /* forms */
    {IN("UTC", "2024-02-29T24:00"), "utc", "\"2024-03-01T00:00:00Z\""},
    {IN("UTC", "2016-12-31T23:59:60Z"), "utc", "\"2017-01-01T00:00:00Z\""},
    {IN("UTC", "2016-12-31T23:59:60Z"), "notes",
     "[\"Second 60, a leap second, is shown as the second after it.\"]"},
    {IN("Asia/Tokyo", "2017-01-01T08:59:60"), "utc", "\"2017-01-01T00:00:00Z\""},
    {IN("UTC", "2024-03-15T12"), "utc", "\"2024-03-15T12:00:00Z\""},
    {IN("UTC", "2024-03-15t12:30z"), "utc", "\"2024-03-15T12:30:00Z\""},
    {IN("UTC", "20240315T123000,1234567-0130"), "utc", "\"2024-03-15T14:00:00.123456Z\""},
    {IN("UTC", "2024-03-15 12:30:00 UTC"), "utc", "\"2024-03-15T12:30:00Z\""},
    {IN("UTC", "2024-03-15 12:30:00 +0545"), "utc", "\"2024-03-15T06:45:00Z\""},
    {IN("UTC", "2020-W53-7"), "utc", "\"2021-01-03T00:00:00Z\""},
    {IN("UTC", "2024-366"), "utc", "\"2024-12-31T00:00:00Z\""},
    {IN("UTC", "Fri, 15 Mar 2024 12:30 EDT (summer time)"), "utc", "\"2024-03-15T16:30:00Z\""},
    {IN("UTC", "15 mar 2024"), "utc", "\"2024-03-15T00:00:00Z\""},
    {IN("UTC", "15 March 49 12:30 GMT"), "utc", "\"2049-03-15T12:30:00Z\""},
    {IN("UTC", "Sunday, 06-Nov-94 08:49:37 GMT"), "utc", "\"1994-11-06T08:49:37Z\""},
    {IN("UTC", "Sun Nov  6 08:49:37 1994"), "utc", "\"1994-11-06T08:49:37Z\""},
    {"{\"input\":1710502200}", "parsed_as", "\"unix\""},
    {"{\"input\":1710502200000}", "parsed_as", "\"unix_ms\""},
    {"{\"input\":1710502200.5}", "utc", "\"2024-03-15T11:30:00.500Z\""},
    {"{\"input\":-86400}", "utc", "\"1969-12-31T00:00:00Z\""},
    {"{\"input\":\"@0\"}", "utc", "\"1970-01-01T00:00:00Z\""},
    {"{\"input\":\"20240315\"}", "parsed_as", "\"iso8601\""},
    {"{\"input\":\"2024075\"}", "parsed_as", "\"iso8601-ordinal\""},
    {READ("unix_ms", "1500"), "utc", "\"1970-01-01T00:00:01.500Z\""},
    {READ("unix", "-1"), "utc", "\"1969-12-31T23:59:59Z\""},
    {READ("%d/%m/%Y", "03/04/2024"), "utc", "\"2024-04-03T00:00:00Z\""},
    {READ("%m/%d/%Y", "03/04/2024"), "utc", "\"2024-03-04T00:00:00Z\""},
    {READ("%Y %j", "2024 060"), "utc", "\"2024-02-29T00:00:00Z\""},
    {READ("%F %T %z", "2024-03-15 12:00:00 -0800"), "result", "\"2024-03-15T12:00:00-08:00\""},
    {READ("100%% %d.%m.%y", "100% 01.02.03"), "utc", "\"2003-02-01T00:00:00Z\""},
    /* formats */
    {SHOW("rfc2822", "2024-03-15T12:30:00+01:00"), "result", "\"Fri, 15 Mar 2024 12:30:00 +0100\""},
    {SHOW("http", "2024-03-15T12:30:00+01:00"), "result", "\"Fri, 15 Mar 2024 11:30:00 GMT\""},
    {SHOW("unix", "1969-12-31T23:59:59.75Z"), "result", "\"-1\""},
    {SHOW("unix_ms", "1969-12-31T23:59:59.75Z"), "result", "\"-250\""},
    {SHOW("%f", "2024-03-15T12:30:00.000001"), "result", "\"000001\""},
    {SHOW("100%% of %Y", "2024-03-15"), "result", "\"100% of 2024\""},
    /* hours pass, days are steps */
    {"{\"operation\":\"add\",\"input\":\"2024-03-30T12:00\",\"timezone\":\"Europe/Berlin\","
     "\"amount\":24,\"unit\":\"hours\"}",
     "result", "\"2024-03-31T13:00:00+02:00\""},
    {"{\"operation\":\"add\",\"input\":\"2024-03-30T12:00\",\"timezone\":\"Europe/Berlin\","
     "\"amount\":1,\"unit\":\"days\"}",
     "result", "\"2024-03-31T12:00:00+02:00\""},
    /* a step that stays in an overlap keeps its side of it */
    {"{\"operation\":\"add\",\"input\":\"2024-10-27T02:30+01:00\",\"timezone\":\"Europe/Berlin\","
     "\"amount\":0,\"unit\":\"days\"}",
     "result", "\"2024-10-27T02:30:00+01:00\""},
    {ADD("2024-02-29", "1", "years"), "clamped", "{\"wanted_day\":29,\"day\":28}"},
    {ADD("2024-02-29", "4", "years"), "clamped", "nothing"},
    {ADD("2024-02-29", "-1000", "weeks"), "result", "\"2004-12-30T00:00:00Z\""},
    /* days that are not 24 hours long, or not there at all */
    {INFO("Europe/Berlin", "2024-10-27"), "seconds_in_day", "90000"},
    {INFO("America/Sao_Paulo", "2018-11-04T12:00"), "start_of_day",
     "\"2018-11-04T01:00:00-02:00\""},
    {INFO("America/Toronto", "1919-03-31T12:00"), "start_of_day", "\"1919-03-31T00:30:00-04:00\""},
    {INFO("Pacific/Apia", "2011-12-29T12:00"), "end_of_day", "\"2011-12-29T23:59:59-10:00\""},
    {IN("Pacific/Apia", "2011-12-30T12:00"), "result", "\"2011-12-31T12:00:00+14:00\""},
    {INFO("UTC", "2021-01-03"), "iso_week_date", "\"2020-W53-7\""},
    {INFO("UTC", "2024-12-30"), "week_year", "2025"},
    {INFO("UTC", "1900-02-01"), "is_leap_year", "false"},
    {INFO("UTC", "2000-02-01"), "days_in_month", "29"},
    /* zones */
    {IN("+05:45", "2024-03-15"), "timezone", "\"+05:45\""},
    {IN("-0330", "2024-03-15"), "timezone", "\"-03:30\""},
    {IN("+00:00", "2024-03-15"), "timezone", "\"UTC\""},
    {IN("utc", "2024-03-15"), "timezone", "\"UTC\""},
    {IN("Etc/GMT+5", "2024-03-15"), "offset", "\"-05:00\""},
    {IN("America/Argentina/Buenos_Aires", "2024-03-15"), "offset", "\"-03:00\""},
};

static void test_members(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_member(members[i].args, members[i].key, members[i].raw);
}

static void test_now(void **state)
{
    static const char *const ways[] = {"{\"operation\":\"now\"}", "{\"input\":\"NOW\"}",
                                       "{\"operation\":\"now\",\"timezone\":\"Asia/Tokyo\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        hexmcp_fake_answer answer;
        hexmcp_str content, value;
        int64_t seconds;
        time_t before = time(NULL);
        plugin_run(&plugin, TOOL, ways[i], strlen(ways[i]), &answer);
        assert_int_equal(answer.status, HEXMCP_OK);
        assert_int_equal(
            hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content), 0);
        assert_int_equal(hexmcp_json_get(content, "timestamp", &value), 0);
        assert_int_equal(hexmcp_json_int64(value, &seconds), 0);
        assert_in_range(seconds, before - 1, time(NULL) + 1); /* time() may lag behind by a tick */
        hexmcp_fake_answer_free(&answer);
    }
}

#define FORMS                                                                                      \
    " is no date that is read here. Give one like 2024-03-15, 2024-03-15T12:30:00+01:00, "         \
    "2024-W11-5, 2024-075, Fri, 15 Mar 2024 12:30:00 +0100, 1710502200, @86400 or now. Relative "  \
    "words are not read: take now and operation add. For another form give input_format, such as " \
    "%d.%m.%Y; operation formats lists all"
#define ZONES                                                                                      \
    "give a name of the tz database such as Europe/Paris or America/New_York, UTC, or an "         \
    "offset such as +02:00"
#define AMBIGUOUS                                                                                  \
    " does not say which number is the day and which the month; give input_format, for example "   \
    "%d/%m/%Y or %m/%d/%Y, or write the date as 2024-03-15"
#define CONVERSION                                                                                 \
    ", which is not taken for input; use %Y %m %d %H %M %S and their like: operation formats "     \
    "lists them"

static const struct {
    const char *args;
    const char *text;
} wrong[] = {
    {"{\"input\":\"tomorrow\"}", "input \"tomorrow\"" FORMS},
    {"{\"input\":\"86400\"}", "input \"86400\"" FORMS},
    {"{\"input\":\"2024-03\"}", "input \"2024-03\"" FORMS},
    {"{\"input\":\"2024-03-15T12:30:00Z and more\"}",
     "input \"2024-03-15T12:30:00Z and more\"" FORMS},
    {"{\"input\":\"2024-03-15T\"}", "input \"2024-03-15T\"" FORMS},
    {"{\"input\":\"2024-3-15\"}", "input \"2024-3-15\"" FORMS},
    {"{\"operation\":\"difference\",\"start\":\"yesterday\",\"end\":\"now\"}",
     "start \"yesterday\"" FORMS},
    {"{\"input\":\"0123456789012345678901234567890123456789and more\"}",
     "input \"0123456789012345678901234567890123456789...\"" FORMS},
    {"{\"input\":\"03/04/2024\"}", "input \"03/04/2024\"" AMBIGUOUS},
    {"{\"input\":\"3.4.24\"}", "input \"3.4.24\"" AMBIGUOUS},
    {"{\"input\":\"2023-02-29\"}",
     "input \"2023-02-29\" is wrong: there is no day 29: February 2023 has 28 days"},
    {"{\"input\":\"2024-13-01\"}", "input \"2024-13-01\" is wrong: months go from 1 to 12"},
    {"{\"input\":\"0000-01-01\"}",
     "input \"0000-01-01\" is wrong: the year 0 is not known here; years go from 1 to 9999"},
    {"{\"input\":\"2024-03-15T25:00\"}", "input \"2024-03-15T25:00\" is wrong: hours go from 0 to "
                                         "23, minutes and seconds to 59"},
    {"{\"input\":\"2024-03-15T24:01\"}",
     "input \"2024-03-15T24:01\" is wrong: the hour 24 is only for 24:00, the end of a day"},
    {"{\"input\":\"2024-03-15T12:00:60Z\"}",
     "the second 60 is only there at 23:59:60 UTC; give a second up to 59"},
    {"{\"input\":\"2023-W53-1\"}",
     "input \"2023-W53-1\" is wrong: the year 2023 has no day 1 of week 53; weeks go from 1 to 52 "
     "or 53, days from 1 (Monday) to 7"},
    {"{\"input\":\"2023-366\"}",
     "input \"2023-366\" is wrong: the year 2023 has no day 366; give a "
     "day that it has, from 1 to 365"},
    {"{\"input\":\"Mon, 15 Mar 2024 12:30:00 GMT\"}",
     "input \"Mon, 15 Mar 2024 12:30:00 GMT\" is wrong: it says Monday, but 2024-03-15 is a "
     "Friday; "
     "correct the date or leave the weekday out"},
    {"{\"input\":\"0001-01-01T00:00+01:00\"}",
     "the time is outside the years 1 to 9999, here or in UTC; stay between them"},
    {"{\"input\":\"9999-12-31T23:00Z\",\"timezone\":\"Asia/Tokyo\"}",
     "the time is outside the years 1 to 9999, here or in UTC; stay between them"},
    {"{\"input\":\"9999-12-31T24:00\"}",
     "the time is outside the years 1 to 9999, here or in UTC; stay between them"},
    {"{\"input\":\"@1234567890123456\"}", "input \"@1234567890123456\" is wrong: it is no Unix "
                                          "time; give seconds from 1970 as a decimal "
                                          "number, such as 1710502200"},
    {READ("%d.%m.%Y", "2024-03-15"), "input \"2024-03-15\" is wrong: it does not have the form of "
                                     "input_format; correct one of them"},
    {READ("%d.%m", "15.03"),
     "input \"15.03\" is wrong: input_format must give a whole date: year, month and day"},
    {READ("%F %Z", "x"), "input \"x\" is wrong: input_format has %Z" CONVERSION},
    {READ("%s", "1"), "input \"1\" is wrong: input_format has %s" CONVERSION},
    {READ("%F %", "x"), "input \"x\" is wrong: input_format has %%" CONVERSION},
    {READ("%F %I:%M", "x"),
     "input \"x\" is wrong: input_format needs %I and %p together; use %H for "
     "hours up to 23"},
    {READ("%F %a", "2024-03-15 Mon"), "input \"2024-03-15 Mon\" is wrong: it says Monday, but "
                                      "2024-03-15 is a Friday; correct the date "
                                      "or leave the weekday out"},
    {READ("unix", "x"), "input \"x\" is wrong: it is no Unix time; give seconds from 1970 as a "
                        "decimal number, such as 1710502200"},
    {READ("unix_ms", "x"),
     "input \"x\" is wrong: it is no Unix time; give milliseconds from 1970 as "
     "a decimal number, such as 1710502200000"},
    {SHOW("YYYY-MM-DD", "2024-03-15"),
     "format is unknown; give iso8601, date, rfc2822, http, unix, "
     "unix_ms or a pattern such as %d.%m.%Y %H:%M"},
    {SHOW("%Q", "2024-03-15"), "format has a conversion that is not known; operation formats lists "
                               "those that are, and %% stands for a per cent sign"},
    {IN("Europe/Pariss", "now"), "timezone \"Europe/Pariss\" is unknown; " ZONES},
    {IN("europe/paris", "now"), "timezone \"europe/paris\" is unknown; did you mean Europe/Paris? Else " ZONES},
    {IN("America/New York", "now"), "timezone \"America/New York\" is unknown; did you mean America/New_York? Else " ZONES},
    /* what GLib would open or make up */
    {IN("/etc/localtime", "now"), "timezone \"/etc/localtime\" is unknown; " ZONES},
    {IN("../zoneinfo/UTC", "now"), "timezone \"../zoneinfo/UTC\" is unknown; " ZONES},
    {IN(":UTC", "now"), "timezone \":UTC\" is unknown; " ZONES},
    {IN("Europe", "now"), "timezone \"Europe\" is unknown; " ZONES},
    {IN("leapseconds", "now"), "timezone \"leapseconds\" is unknown; " ZONES},
    {IN("right/UTC", "now"), "timezone \"right/UTC\" is unknown; " ZONES},
    {IN("FOO5BAR", "now"), "timezone \"FOO5BAR\" is unknown; " ZONES},
    {IN("+25:00", "now"), "timezone \"+25:00\" is unknown; " ZONES},
    {IN("+1", "now"), "timezone \"+1\" is unknown; " ZONES},
    {ADD("9999-01-01", "1", "years"),
     "the result is outside the years 1 to 9999; take a smaller amount"},
    {ADD("2024-01-01", "1000000000000", "years"),
     "the result is outside the years 1 to 9999; take a smaller amount"},
    {ADD("2024-01-01", "-1000000000000", "weeks"),
     "the result is outside the years 1 to 9999; take a smaller amount"},
    {ADD("2024-01-01", "1000000000000", "seconds"),
     "the result is outside the years 1 to 9999; take a smaller amount"},
    {ADD("now", "1.5", "days"),
     "amount must be a whole number from -1000000000000 to 1000000000000; "
     "take a smaller unit for parts"},
    {ADD("now", "1000000000001", "days"), "amount must be a whole number from -1000000000000 to "
                                          "1000000000000; take a smaller unit for parts"},
    {ADD("now", "1", "fortnights"), "unit is unknown; give seconds, minutes, hours, days, weeks, "
                                    "months or years"},
    {"{\"operation\":\"add\",\"input\":\"now\",\"amount\":1}",
     "unit is missing; give seconds, minutes, hours, days, weeks, months or years"},
    {"{\"operation\":\"add\",\"input\":\"now\",\"unit\":\"days\"}",
     "amount is missing; give how many units"},
    {"{\"operation\":\"add\",\"amount\":1,\"unit\":\"days\"}",
     "input is missing; give the date or time to start from"},
    {"{}", "input is missing; give the date or time to read"},
    {"{\"operation\":\"info\"}", "input is missing; give a date, or now"},
    {"{\"operation\":\"now\",\"input\":\"2024-03-15\"}",
     "now takes no input; leave it out, or use operation parse"},
    {"{\"operation\":\"convert_timezone\",\"input\":\"now\"}",
     "target_timezone is missing; give the time zone to convert to, such as Europe/Paris"},
    {"{\"operation\":\"convert_timezone\",\"input\":\"now\",\"target_timezone\":\"Mars\"}",
     "target_timezone \"Mars\" is unknown; " ZONES},
    {"{\"operation\":\"difference\",\"end\":\"now\"}", "start is missing; give the first moment"},
    {"{\"operation\":\"difference\",\"start\":\"now\"}", "end is missing; give the second moment"},
    {"{\"operation\":\"sleep\"}", "operation is unknown; give parse, now, convert_timezone, add, "
                                  "subtract, difference, info or formats"},
    {"{\"operation\":1}", "operation is unknown; give parse, now, convert_timezone, add, subtract, "
                          "difference, info or formats"},
    {"{\"input\":\"now\",\"overlap\":\"both\"}", "overlap is unknown; give earlier or later"},
    {"{\"input\":\" \"}", "input is empty; give it or leave it out"},
    {"{\"input\":\"now\\u0000\"}", "input is not a text of at most 256 bytes; give one"},
    {"{\"input\":\"now\",\"format\":\"%Y\xff\"}", "format is not UTF-8; give text"},
    {"{\"input\":\"now\",\"timezone\":1}", "timezone is not a text of at most 256 bytes; give one"},
};

static void test_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_error(&plugin, TOOL, wrong[i].args, HEXMCP_E_INVALID, wrong[i].text);
}

/* Without a tz database, UTC and offsets work on. */
static void test_no_database(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZDIR", "/nowhere", 1), 0);
    assert_error(&plugin, TOOL, IN("Europe/Rome", "now"), HEXMCP_E_UNAVAILABLE,
                 "the tz database is missing, so only UTC and offsets such as +02:00 are known; "
                 "install the package tzdata");
    assert_member(IN("+02:00", "2024-03-15"), "utc", "\"2024-03-14T22:00:00Z\"");
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_member(IN("Europe/Rome", "2024-03-15"), "utc", "\"2024-03-14T23:00:00Z\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),       cmocka_unit_test(test_gap),
        cmocka_unit_test(test_overlap),     cmocka_unit_test(test_clamped),
        cmocka_unit_test(test_difference),  cmocka_unit_test(test_members),
        cmocka_unit_test(test_now),         cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_no_database),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
