/*
 * SPDX-License-Identifier: MIT
 */
#include "report.h"
#include "format.h"

#include "hexmcp/json.h"

#include <stdarg.h>

static void put_parts(hexmcp_json_writer *writer, const struct civil *local)
{
    hexmcp_json_key(writer, "parts");
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_int64(writer, "year", local->year);
    hexmcp_json_put_int64(writer, "month", local->month);
    hexmcp_json_put_int64(writer, "day", local->day);
    hexmcp_json_put_int64(writer, "hour", local->hour);
    hexmcp_json_put_int64(writer, "minute", local->minute);
    hexmcp_json_put_int64(writer, "second", local->second);
    hexmcp_json_put_int64(writer, "microsecond", local->microsecond);
    hexmcp_json_end_object(writer);
}

static int64_t floor_to(int64_t us, int64_t unit)
{
    return us / unit - (us % unit < 0);
}

int32_t report_moment(hexmcp_json_writer *writer, const struct request *request,
                      const struct moment *moment, hexmcp_error *err)
{
    char utc[MOMENT_TEXT_ROOM], offset[16];
    char *text;
    int32_t status = format_write(moment, request_text(request, TEXT_FORMAT), &text, err);
    if (status != HEXMCP_OK)
        return status;
    moment_write_utc(moment->us, utc);
    zone_write_offset(moment->time.offset, offset);
    hexmcp_json_put_text(writer, "result", text);
    g_free(text);
    hexmcp_json_put_text(writer, "utc", utc);
    hexmcp_json_put_int64(writer, "timestamp", floor_to(moment->us, US_PER_SECOND));
    hexmcp_json_put_int64(writer, "timestamp_ms", floor_to(moment->us, 1000));
    hexmcp_json_put_text(writer, "weekday",
                         calendar_weekday_name(calendar_weekday(&moment->local)));
    hexmcp_json_put_text(writer, "timezone", moment->zone->name);
    hexmcp_json_put_text(writer, "offset", offset);
    hexmcp_json_put_text(writer, "abbreviation", moment->time.abbreviation);
    hexmcp_json_put_bool(writer, "is_dst", moment->time.is_dst);
    put_parts(writer, &moment->local);
    return HEXMCP_OK;
}

void report_iso(hexmcp_json_writer *writer, const char *key, const struct moment *moment)
{
    char text[MOMENT_TEXT_ROOM];
    moment_write(moment, text);
    hexmcp_json_put_text(writer, key, text);
}

void report_note(struct report_notes *notes, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!notes->begun) {
        hexmcp_json_key(notes->writer, "notes");
        hexmcp_json_begin_array(notes->writer);
        notes->begun = 1;
    }
    hexmcp_json_write_text(notes->writer, text);
}

void report_end(struct report_notes *notes)
{
    if (notes->begun)
        hexmcp_json_end_array(notes->writer);
}

/* The other moment of an overlap can be outside the calendar only where nobody moves clocks. */
void report_kind(hexmcp_json_writer *writer, const struct moment *moment)
{
    char other[MOMENT_TEXT_ROOM];
    if (moment->kind == MOMENT_UNIQUE)
        return;
    hexmcp_json_put_text(writer, "local_time", moment->kind == MOMENT_GAP ? "gap" : "overlap");
    if (moment->kind == MOMENT_OVERLAP) {
        moment_write_utc(moment->other, other);
        hexmcp_json_put_text(writer, "other_utc", other);
    }
}

void report_kind_note(struct report_notes *notes, const struct moment *moment, const char *what)
{
    char other[MOMENT_TEXT_ROOM];
    if (moment->kind == MOMENT_GAP)
        report_note(notes,
                    "%s was left out in %s, where clocks were moved on; it was moved on as much as "
                    "they were.",
                    what, moment->zone->name);
    if (moment->kind != MOMENT_OVERLAP)
        return;
    moment_write_utc(moment->other, other);
    report_note(notes,
                "%s was there twice in %s, where clocks were moved back; the %s one was taken, the "
                "other one is %s.",
                what, moment->zone->name, moment->us < moment->other ? "earlier" : "later", other);
}

void report_leap_note(struct report_notes *notes, const struct located *located)
{
    if (located->leap)
        report_note(notes, "Second 60, a leap second, is shown as the second after it.");
}
