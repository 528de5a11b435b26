/* UUIDs of version 7 (RFC 9562): the time, then randomness, so that later ones sort behind earlier
 * ones. */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driven/clock.h"
#include "ports/driven/random.h"

/* Length of the text, and what holds it with a NUL. */
#define UUID_LENGTH 36
#define UUID_TEXT_SIZE 37

#define UUID_POOL 256

/* Makes UUIDs: each sorts behind the one before, also within a millisecond and if the clock goes
 * back. Begins with zeros. */
struct uuid_source {
    int64_t last_ms;
    uint32_t counter;    /* of those of last_ms, from a random beginning */
    uint32_t left;       /* unused bytes of the pool                     */
    uint8_t pool[UUID_POOL];
};

/* Fails only if there is no randomness. */
int uuid_next(struct uuid_source *source, const struct clock_port *clock,
              const struct random_port *random, char out[UUID_TEXT_SIZE], struct error *err);

/* True for 8-4-4-4-12 hexadecimal digits, of whatever version. */
bool uuid_valid(struct str text);
