/*
 * UUIDs made from the time: v1 and v7 of RFC 9562.
 *
 * libuuid has no v7 before 2.41. Its v1 asks a daemon, takes a lock on a state file and puts the
 * machine's network address into the result; a tool without effects can do none of that, so v1 is
 * made here too, with a random node as RFC 9562 section 6.10 advises.
 */
#pragma once

#include <stdint.h>
#include <uuid/uuid.h>

/* `ticks`: 100 ns since 1582-10-15 UTC, 60 bits. `random`: 8 bytes for clock sequence and node. */
void uuid_v1_from(uint64_t ticks, const uint8_t random[8], uuid_t out);

/* `ticks`: milliseconds since 1970 in the upper 48 of 60 bits, parts of a millisecond in the lower
 * 12. `random`: 8 bytes. */
void uuid_v7_from(uint64_t ticks, const uint8_t random[8], uuid_t out);

/* A new one. Within this process each is greater than the one before of its kind, also between
 * threads and when the clock is set back. Returns 0; -1 if the system gives no random bytes. */
int uuid_v1_new(uuid_t out);
int uuid_v7_new(uuid_t out);

/* Milliseconds since 1970 that a v1 or v7 UUID carries; can be negative for v1. */
int64_t uuid_time_ms(const uuid_t uuid);
