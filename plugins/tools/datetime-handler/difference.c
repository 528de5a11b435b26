/*
 * The time between two moments.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "report.h"

#include "hexmcp/json.h"

#include <inttypes.h>
#include <stdlib.h>

/* Years, months and days on the calendar. */
struct span {
    int64_t years;
    int64_t months;
    int64_t days;
};

/* `months` after `from`, in microseconds. */
static int64_t after_months(const struct civil *from, int64_t months)
{
    struct civil local = *from;
    calendar_add_months(&local, months);
    return calendar_to_us(&local);
}

/* As many whole months as fit, then as many whole days. `to` is not before `from`. */
static struct span span_between(const struct civil *from, const struct civil *to)
{
    int64_t end = calendar_to_us(to);
    int64_t months = (to->year - from->year) * 12 + to->month - from->month;
    if (after_months(from, months) > end)
        months--;
    int64_t days = (end - after_months(from, months)) / US_PER_DAY;
    return (struct span){.years = months / 12, .months = months % 12, .days = days};
}

static void append(char *text, size_t room, int64_t count, const char *unit)
{
    size_t len = strlen(text);
    if (count != 0)
        snprintf(text + len, room - len, "%s%" PRId64 " %s%s", len > 0 ? ", " : "", count, unit,
                 count == 1 ? "" : "s");
}

/* "1 day, 2 hours, 4.25 seconds" */
static void put_words(hexmcp_json_writer *writer, int64_t us)
{
    char text[160] = "", number[32];
    uint64_t whole = us < 0 ? (uint64_t)-us : (uint64_t)us;
    int64_t seconds = (int64_t)(whole / US_PER_SECOND);
    unsigned fraction = (unsigned)(whole % US_PER_SECOND);
    append(text, sizeof(text), seconds / 86400, "day");
    append(text, sizeof(text), seconds / 3600 % 24, "hour");
    append(text, sizeof(text), seconds / 60 % 60, "minute");
    size_t len = strlen(text);
    if (fraction != 0) {
        snprintf(number, sizeof(number), "%u.%06u", (unsigned)(seconds % 60), fraction);
        number[strspn(number, "0123456789") + 1 + 6] = '\0';
        for (size_t end = strlen(number); number[end - 1] == '0'; end--)
            number[end - 1] = '\0';
        snprintf(text + len, sizeof(text) - len, "%s%s seconds", len > 0 ? ", " : "", number);
    } else if (seconds % 60 != 0 || len == 0) {
        snprintf(text + len, sizeof(text) - len, "%s%d second%s", len > 0 ? ", " : "",
                 (int)(seconds % 60), seconds % 60 == 1 ? "" : "s");
    }
    if (us < 0)
        strncat(text, " (end is before start)", sizeof(text) - strlen(text) - 1);
    hexmcp_json_put_text(writer, "human_readable", text);
}

static void put_seconds(hexmcp_json_writer *writer, const char *key, int64_t us)
{
    hexmcp_json_key(writer, key);
    if (us % US_PER_SECOND == 0)
        hexmcp_json_write_int64(writer, us / US_PER_SECOND);
    else
        hexmcp_json_write_double(writer, (double)us / (double)US_PER_SECOND);
}

static void put_span(hexmcp_json_writer *writer, struct span span, int sign)
{
    hexmcp_json_key(writer, "calendar");
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_int64(writer, "years", sign * span.years);
    hexmcp_json_put_int64(writer, "months", sign * span.months);
    hexmcp_json_put_int64(writer, "days", sign * span.days);
    hexmcp_json_end_object(writer);
}

static void put_difference(hexmcp_json_writer *writer, const struct moment *start,
                           const struct moment *end)
{
    int64_t us = end->us - start->us;
    int64_t minutes = us / US_PER_SECOND / 60;
    /* Clocks that were moved back can show an earlier time at the later moment. */
    int backwards = calendar_to_us(&end->local) < calendar_to_us(&start->local);
    struct span span = backwards ? span_between(&end->local, &start->local)
                                 : span_between(&start->local, &end->local);
    report_iso(writer, "start", start);
    report_iso(writer, "end", end);
    put_seconds(writer, "total_seconds", us);
    hexmcp_json_put_int64(writer, "days", minutes / 1440);
    hexmcp_json_put_int64(writer, "hours", minutes / 60 % 24);
    hexmcp_json_put_int64(writer, "minutes", minutes % 60);
    put_seconds(writer, "seconds", us % (60 * US_PER_SECOND));
    put_span(writer, span, backwards ? -1 : 1);
    put_words(writer, us);
}

static void put_notes(hexmcp_json_writer *writer, const struct located *start,
                      const struct located *end)
{
    struct report_notes notes = {.writer = writer};
    report_kind_note(&notes, &start->moment, "The start");
    report_leap_note(&notes, start);
    report_kind_note(&notes, &end->moment, "The end");
    report_leap_note(&notes, end);
    report_end(&notes);
}

/* The end is looked at from the zone of the start, so that the days of both are comparable. */
static int32_t differ(const struct located *start, const struct located *end,
                      hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct moment seen;
    int32_t status = moment_at(&start->zone, end->moment.us, &seen, err);
    if (status != HEXMCP_OK)
        return status;
    put_difference(writer, &start->moment, &seen);
    put_notes(writer, start, end);
    return HEXMCP_OK;
}

int32_t operation_difference(const struct request *request, hexmcp_json_writer *writer,
                             hexmcp_error *err)
{
    struct located start, end;
    int32_t status = request_need(request, TEXT_START, "the first moment", err);
    if (status == HEXMCP_OK)
        status = request_need(request, TEXT_END, "the second moment", err);
    if (status == HEXMCP_OK)
        status = located_read(request, TEXT_START, &start, err);
    if (status != HEXMCP_OK)
        return status;
    status = located_read(request, TEXT_END, &end, err);
    if (status == HEXMCP_OK) {
        status = differ(&start, &end, writer, err);
        located_close(&end);
    }
    located_close(&start);
    return status;
}
