/*
 * What has expired is removed in passing, in small transactions, when nobody waits.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "db.h"

struct reaper {
    bool due;
    int64_t next_ms;
    int64_t late_ms;
};

/* To be called after a write. True if so much time has passed that it must not wait any longer. */
bool reap_due(struct reaper *reaper);

/* A small step, if one is due. True if there is more to do. */
bool reap_step(struct reaper *reaper, struct db *db);
