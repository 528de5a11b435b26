/*
 * moment.h - a moment in time together with the zone that it is looked at from.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "calendar.h"
#include "zone.h"

/* Whether clocks showed the wall clock time that was asked for once, never, or twice. */
enum moment_kind { MOMENT_UNIQUE, MOMENT_GAP, MOMENT_OVERLAP };

/*
 *   us     microseconds from 1970-01-01 00:00 UTC
 *   zone   borrowed
 *   kind   how it was found from a wall clock time; MOMENT_UNIQUE if it was not
 *   other  for MOMENT_OVERLAP the other moment at which clocks showed the same
 */
struct moment {
    int64_t us;
    const struct zone *zone;
    struct zone_time time;
    struct civil local;
    enum moment_kind kind;
    int64_t other;
};

/* The moment `us` as seen in `zone`. Errors: HEXMCP_E_INVALID if it is not in the years 1 to 9999,
 * there or in UTC. */
int32_t moment_at(const struct zone *zone, int64_t us, struct moment *moment, hexmcp_error *err);

/* Which of two moments is meant when clocks showed a time twice. */
struct moment_choice {
    int later;      /* 1 for the later one */
    int has_offset; /* 1: the one with this offset, if there is one */
    int32_t offset;
};

/* The moment at which clocks in `zone` showed `local` (microseconds as of calendar_to_us()). A time
 * that was left out is moved on by as much as clocks were. Errors as above. */
int32_t moment_of(const struct zone *zone, int64_t local, struct moment_choice choice,
                  struct moment *moment, hexmcp_error *err);

/* Writes 2024-03-15T12:30:00+01:00, with a fraction if there is one, and Z for UTC. */
#define MOMENT_TEXT_ROOM 48
void moment_write(const struct moment *moment, char text[MOMENT_TEXT_ROOM]);

/* The same for `us`, which is in the years 1 to 9999, in UTC. */
void moment_write_utc(int64_t us, char text[MOMENT_TEXT_ROOM]);
