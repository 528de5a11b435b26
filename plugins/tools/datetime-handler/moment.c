/*
 * SPDX-License-Identifier: MIT
 */
#include "moment.h"

#include "hexmcp/json.h"

/* No offset is as much as a day. */
#define WIDE INT64_C(86400)

static int64_t floor_seconds(int64_t us)
{
    return us / US_PER_SECOND - (us % US_PER_SECOND < 0);
}

static int in_calendar(int64_t us)
{
    return us >= CALENDAR_MIN && us <= CALENDAR_MAX;
}

static int32_t fail_range(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the time is outside the years 1 to 9999, here or in UTC; stay between "
                       "them");
}

int32_t moment_at(const struct zone *zone, int64_t us, struct moment *moment, hexmcp_error *err)
{
    if (!in_calendar(us))
        return fail_range(err);
    struct moment found = {.us = us, .zone = zone, .time = zone_at(zone, floor_seconds(us))};
    int64_t local = us + found.time.offset * US_PER_SECOND;
    if (!in_calendar(local))
        return fail_range(err);
    found.local = calendar_from_us(local);
    *moment = found;
    return HEXMCP_OK;
}

/* 1 if clocks `offset` east of UTC that show `local` are right. */
static int holds(const struct zone *zone, int64_t local, int32_t offset)
{
    return zone_at(zone, floor_seconds(local) - offset).offset == offset;
}

static int take_other(struct moment_choice choice, int32_t before, int32_t after)
{
    if (choice.has_offset && choice.offset == after)
        return 1;
    if (choice.has_offset && choice.offset == before)
        return 0;
    return choice.later;
}

int32_t moment_of(const struct zone *zone, int64_t local, struct moment_choice choice,
                  struct moment *moment, hexmcp_error *err)
{
    int32_t before = zone_at(zone, floor_seconds(local) - WIDE).offset;
    int32_t after = zone_at(zone, floor_seconds(local) + WIDE).offset;
    int first = holds(zone, local, before);
    int second = before != after && holds(zone, local, after);
    int take_second = first && second ? take_other(choice, before, after) : second;
    int32_t taken = take_second ? after : before;
    int32_t status = moment_at(zone, local - taken * US_PER_SECOND, moment, err);
    if (status != HEXMCP_OK)
        return status;
    if (!first && !second)
        moment->kind = MOMENT_GAP;
    if (first && second)
        moment->kind = MOMENT_OVERLAP;
    moment->other = local - (take_second ? before : after) * US_PER_SECOND;
    return HEXMCP_OK;
}

static int write_civil(const struct civil *civil, char text[MOMENT_TEXT_ROOM])
{
    int len = snprintf(text, MOMENT_TEXT_ROOM, "%04u-%02u-%02uT%02u:%02u:%02u",
                       (unsigned)civil->year % 10000u, (unsigned)civil->month % 100u,
                       (unsigned)civil->day % 100u, (unsigned)civil->hour % 100u,
                       (unsigned)civil->minute % 100u, (unsigned)civil->second % 100u);
    if (civil->microsecond % 1000 != 0)
        len += snprintf(text + len, 8, ".%06u", (unsigned)civil->microsecond % 1000000u);
    else if (civil->microsecond != 0)
        len += snprintf(text + len, 8, ".%03u", (unsigned)civil->microsecond / 1000u % 1000u);
    return len;
}

void moment_write(const struct moment *moment, char text[MOMENT_TEXT_ROOM])
{
    int len = write_civil(&moment->local, text);
    if (strcmp(moment->zone->name, "UTC") == 0)
        snprintf(text + len, 2, "Z");
    else
        zone_write_offset(moment->time.offset, text + len);
}

void moment_write_utc(int64_t us, char text[MOMENT_TEXT_ROOM])
{
    struct civil civil = calendar_from_us(us);
    int len = write_civil(&civil, text);
    snprintf(text + len, 2, "Z");
}
