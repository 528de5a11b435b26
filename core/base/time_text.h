/* Points in time as text (ISO 8601, UTC). */
#pragma once

#include "ports/types.h"

#define TIME_TEXT_SIZE 25

/* Writes e.g. "2026-11-21T10:00:00.000Z" for milliseconds since 1970. Times outside the years 0000
 * to 9999 become the first or last moment of these. */
void time_text(int64_t wall_ms, char out[TIME_TEXT_SIZE]);

/* Reads what time_text writes; the fraction may be left out or have 1 to 9 digits. False for all else. */
bool time_parse(struct str text, int64_t *wall_ms);
