/*
 * zone.h - time zones: of the tz database, UTC, and fixed offsets.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

#include <glib.h>

#define ZONE_NAME_ROOM 64

/* Offsets are in seconds, east of Greenwich is positive. name is "UTC", "+01:00" or "Europe/Paris".
 *   rules    of the tz database; NULL for a fixed offset
 *   ireland  the rules after 2037 if this is the one zone that GLib gets wrong then */
struct zone {
    char name[ZONE_NAME_ROOM];
    int32_t offset; /* if rules is NULL */
    GTimeZone *rules;
    GTimeZone *ireland;
};

/* What clocks show at some moment.
 *   is_dst        daylight saving time, as the tz database says
 *   abbreviation  such as CET, or the offset */
struct zone_time {
    int32_t offset;
    int is_dst;
    char abbreviation[16];
};

/* UTC, or a fixed offset of less than a day; nothing to close. */
struct zone zone_fixed(int32_t offset);

/* Opens the zone `name`; `key` is the argument, for the message. Reads a file at the first use of a
 * zone. On success zone_close() is due. Errors: HEXMCP_E_INVALID, HEXMCP_E_UNAVAILABLE without tz
 * database. */
int32_t zone_open(struct zone *zone, const char *key, const char *name, hexmcp_error *err);

void zone_close(struct zone *zone);

/* What clocks show `unix_seconds` after 1970-01-01 UTC, in the years 0 to 10000. */
struct zone_time zone_at(const struct zone *zone, int64_t unix_seconds);

/* Reads +hh, +hhmm, +hh:mm or +hh:mm:ss at `text`, also with -. Returns how many bytes that took
 * and writes *offset; 0 if there is no such thing. */
size_t zone_read_offset(const char *text, int32_t *offset);

/* Writes +hh:mm, or +hh:mm:ss if there are seconds. */
void zone_write_offset(int32_t offset, char text[16]);
