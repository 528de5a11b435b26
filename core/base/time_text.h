/* Points in time as text (ISO 8601, UTC). */
#pragma once

#include <stdint.h>

#define TIME_TEXT_SIZE 25

/* Writes e.g. "2026-11-21T10:00:00.000Z" for milliseconds since 1970. Times outside the years 0000
 * to 9999 become the first or last moment of these. */
void time_text(int64_t wall_ms, char out[TIME_TEXT_SIZE]);
