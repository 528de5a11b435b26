/*
 * The keys of sealed tokens, in the file `seal-keys` of the state folder, shared by all processes
 * of a user. Nothing is touched before the first key is asked for. The file is the truth: when it
 * is replaced or deleted, processes that run follow. Delete it to make every sealed token invalid.
 *
 * If the folder cannot be used, or another process holds its lock for a second, this process seals
 * with a key of its own until it ends, and says so once in the log (NOTICE).
 */
#pragma once

#include "ports/driven/clock.h"
#include "ports/driven/log.h"
#include "ports/driven/random.h"
#include "ports/driven/seal_keys.h"

/* A key that is older is followed by a new one at the next `current`. */
#define SEAL_KEY_DAYS 30

/* A key is kept until it is older than this: its last token lives SEAL_TTL_MAX_MS (a day) longer
 * than it is current, and two more days are for clocks that differ. */
#define SEAL_KEY_KEPT_DAYS 33

struct seal_keys_config {
    const char *folder; /* copied; made with its parents, 0700, when needed. NULL: there is none */
    const struct random_port *random;
    const struct clock_port *clock; /* wall time alone */
    const struct log_port *log;     /* NULL: nothing is said */
};

struct seal_keys;

int seal_keys_open(const struct seal_keys_config *config, struct seal_keys **out,
                   struct error *err);

/* NULL is allowed. Keys in memory are wiped. */
void seal_keys_free(struct seal_keys *keys);

/* [loop] `current` fails with ST_CONFIG if the file is not one that can be trusted; the text says
 * what to do. `find` then finds no key of the file. */
const struct seal_keys_port *seal_keys_port(struct seal_keys *keys);
