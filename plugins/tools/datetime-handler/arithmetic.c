/*
 * Adding and subtracting.
 *
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "report.h"

#include "hexmcp/json.h"

/* Hours and less are time that passes. Days and more are steps on the calendar, which keep the time
 * that clocks show.
 *   us      microseconds of one; 0 for months
 *   months  of one; 0 for the others */
struct unit {
    const char *name;
    int on_calendar;
    int64_t us;
    int64_t months;
};

static const struct unit units[] = {
    {"seconds", 0, US_PER_SECOND, 0},
    {"minutes", 0, 60 * US_PER_SECOND, 0},
    {"hours", 0, 3600 * US_PER_SECOND, 0},
    {"days", 1, US_PER_DAY, 0},
    {"weeks", 1, 7 * US_PER_DAY, 0},
    {"months", 1, 0, 1},
    {"years", 1, 0, 12},
};

static int32_t find_unit(const struct request *request, const struct unit **unit, hexmcp_error *err)
{
    const char *name = request_text(request, TEXT_UNIT);
    for (size_t i = 0; name && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(name, units[i].name) == 0) {
            *unit = &units[i];
            return HEXMCP_OK;
        }
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "unit is %s; give seconds, minutes, hours, days, weeks, months or years",
                       name ? "unknown" : "missing");
}

static int32_t fail_range(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the result is outside the years 1 to 9999; take a smaller amount");
}

/* `from` and `amount` units, in microseconds. */
static int step(int64_t from, int64_t amount, int64_t us, int64_t *to)
{
    int64_t by;
    return !__builtin_mul_overflow(amount, us, &by) && !__builtin_add_overflow(from, by, to) &&
           *to >= CALENDAR_MIN && *to <= CALENDAR_MAX;
}

static int32_t move(const struct moment *from, const struct unit *unit, int64_t amount, int later,
                    struct moment *to, hexmcp_error *err)
{
    struct moment_choice choice = {.later = later, .has_offset = 1, .offset = from->time.offset};
    struct civil local = from->local;
    int64_t moved;
    if (!unit->on_calendar)
        return step(from->us, amount, unit->us, &moved) ? moment_at(from->zone, moved, to, err)
                                                        : fail_range(err);
    if (unit->months > 0) {
        /* an amount is at most 10^12, so this cannot overflow */
        if (!calendar_add_months(&local, amount * unit->months))
            return fail_range(err);
        moved = calendar_to_us(&local);
    } else if (!step(calendar_to_us(&local), amount, unit->us, &moved)) {
        return fail_range(err);
    }
    return moment_of(from->zone, moved, choice, to, err);
}

/* 1 if the month that is reached does not have the day, which became its last one, *reached. */
static int is_clamped(const struct moment *from, const struct unit *unit, int64_t amount,
                      struct civil *reached)
{
    *reached = from->local;
    return unit->months > 0 && calendar_add_months(reached, amount * unit->months) &&
           reached->day != from->local.day;
}

static void put_clamped(hexmcp_json_writer *writer, int wanted, int day)
{
    hexmcp_json_key(writer, "clamped");
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_int64(writer, "wanted_day", wanted);
    hexmcp_json_put_int64(writer, "day", day);
    hexmcp_json_end_object(writer);
}

static int32_t put_moved(const struct request *request, const struct located *located,
                         const struct unit *unit, int64_t amount, hexmcp_json_writer *writer,
                         hexmcp_error *err)
{
    struct report_notes notes = {.writer = writer};
    const struct moment *from = &located->moment;
    struct moment to;
    struct civil reached;
    int clamped = is_clamped(from, unit, amount, &reached);
    int32_t status = move(from, unit, amount, request->later, &to, err);
    if (status == HEXMCP_OK)
        status = report_moment(writer, request, &to, err);
    if (status != HEXMCP_OK)
        return status;
    report_iso(writer, "from", from);
    report_kind(writer, &to);
    if (clamped)
        put_clamped(writer, from->local.day, reached.day);
    report_kind_note(&notes, from, "The time given");
    report_kind_note(&notes, &to, "The resulting time");
    report_leap_note(&notes, located);
    if (clamped)
        report_note(&notes, "%s %d has no day %d; its last day, %d, was taken.",
                    calendar_month_name(reached.month), reached.year, from->local.day, reached.day);
    report_end(&notes);
    return HEXMCP_OK;
}

int32_t operation_add(const struct request *request, int sign, hexmcp_json_writer *writer,
                      hexmcp_error *err)
{
    const struct unit *unit = NULL;
    struct located located;
    int32_t status = request_need(request, TEXT_INPUT, "the date or time to start from", err);
    if (status == HEXMCP_OK && !request->has_amount)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "amount is missing; give how many units");
    if (status == HEXMCP_OK)
        status = find_unit(request, &unit, err);
    if (status == HEXMCP_OK)
        status = located_read(request, TEXT_INPUT, &located, err);
    if (status != HEXMCP_OK)
        return status;
    status = put_moved(request, &located, unit, sign * request->amount, writer, err);
    located_close(&located);
    return status;
}
