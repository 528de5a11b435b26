/* Which backup is made next, and which go. Pure. */
#pragma once

#include "core/backup/facts.h"

struct backup_rules {
    size_t most;           /* 10: more go, the least important first, of those the oldest          */
    int64_t age_ms;        /* 30 days: older ones go                                               */
    int64_t full_every_ms; /* 7 days: later the next one is a full one                             */
};

/* The one that the next backup adds to; NULL: it is a full one. The newest one is, unless its full one
 * is too old, a link of its chain is missing, or it was sealed with another key than `key`. */
const struct backup_facts *backup_parent(const struct backup_facts *all, size_t count,
                                         const struct backup_rules *rules, const char *key,
                                         int64_t now_ms);

/* Sets gone[i] for those that go. What a backup that stays adds to stays, a critical one stays, and so
 * does the newest. */
void backup_retention(const struct backup_facts *all, size_t count, const struct backup_rules *rules,
                      int64_t now_ms, bool *gone);

/* The index of a backup; `count` if there is none. */
size_t backup_find(const struct backup_facts *all, size_t count, const char *id);
