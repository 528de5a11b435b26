/*
 * What a calendar says about a day.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "report.h"

#include "hexmcp/json.h"

static struct civil midnight(const struct civil *local)
{
    return (struct civil){.year = local->year, .month = local->month, .day = local->day};
}

/* The first second of the local day `day`, which begins at or before `found`: clocks were moved on
 * over midnight, so that the day begins later. */
static int64_t first_second(const struct zone *zone, int64_t day, int64_t found)
{
    int64_t low = found / US_PER_SECOND - 86400;
    int64_t high = found / US_PER_SECOND;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (middle + zone_at(zone, middle).offset >= day / US_PER_SECOND)
            high = middle;
        else
            low = middle;
    }
    return high * US_PER_SECOND;
}

static int32_t start_of(const struct zone *zone, int64_t day, struct moment *start,
                        hexmcp_error *err)
{
    struct moment_choice earlier = {0};
    int32_t status = moment_of(zone, day, earlier, start, err);
    if (status == HEXMCP_OK && start->kind == MOMENT_GAP)
        status = moment_at(zone, first_second(zone, day, start->us), start, err);
    return status;
}

/* The last second before the next day begins; 9999-12-31 has no next day. */
static int32_t end_of(const struct zone *zone, int64_t day, struct moment *end, hexmcp_error *err)
{
    struct moment_choice later = {.later = 1};
    struct moment next;
    if (day + US_PER_DAY > CALENDAR_MAX)
        return moment_of(zone, day + US_PER_DAY - US_PER_SECOND, later, end, err);
    int32_t status = start_of(zone, day + US_PER_DAY, &next, err);
    if (status != HEXMCP_OK)
        return status;
    return moment_at(zone, next.us - US_PER_SECOND, end, err);
}

static void put_calendar(hexmcp_json_writer *writer, const struct civil *local)
{
    char text[24];
    int week_year;
    int weekday = calendar_weekday(local);
    int week = calendar_week(local, &week_year);
    int leap = calendar_is_leap_year(local->year);
    snprintf(text, sizeof(text), "%04d-W%02d-%d", week_year, week, weekday);
    hexmcp_json_put_int64(writer, "weekday_number", weekday);
    hexmcp_json_put_int64(writer, "day_of_year", calendar_day_of_year(local));
    hexmcp_json_put_int64(writer, "week_of_year", week);
    hexmcp_json_put_int64(writer, "week_year", week_year);
    hexmcp_json_put_text(writer, "iso_week_date", text);
    hexmcp_json_put_int64(writer, "quarter", (local->month + 2) / 3);
    hexmcp_json_put_bool(writer, "is_leap_year", leap);
    hexmcp_json_put_int64(writer, "days_in_month",
                          calendar_days_in_month(local->year, local->month));
    hexmcp_json_put_int64(writer, "days_in_year", 365 + leap);
}

static int32_t put_day(hexmcp_json_writer *writer, const struct moment *moment, hexmcp_error *err)
{
    struct civil zero = midnight(&moment->local);
    int64_t day = calendar_to_us(&zero);
    struct moment start, end;
    int32_t status = start_of(moment->zone, day, &start, err);
    if (status == HEXMCP_OK)
        status = end_of(moment->zone, day, &end, err);
    if (status != HEXMCP_OK)
        return status;
    report_iso(writer, "start_of_day", &start);
    report_iso(writer, "end_of_day", &end);
    hexmcp_json_put_int64(writer, "seconds_in_day", (end.us - start.us) / US_PER_SECOND + 1);
    return HEXMCP_OK;
}

int32_t operation_info(const struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct report_notes notes = {.writer = writer};
    struct located located;
    int32_t status = request_need(request, TEXT_INPUT, "a date, or now", err);
    if (status == HEXMCP_OK)
        status = located_read(request, TEXT_INPUT, &located, err);
    if (status != HEXMCP_OK)
        return status;
    status = report_moment(writer, request, &located.moment, err);
    put_calendar(writer, &located.moment.local);
    if (status == HEXMCP_OK)
        status = put_day(writer, &located.moment, err);
    report_kind(writer, &located.moment);
    report_kind_note(&notes, &located.moment, "The time");
    report_leap_note(&notes, &located);
    report_end(&notes);
    located_close(&located);
    return status;
}
