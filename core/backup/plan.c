#include "core/backup/plan.h"

#include <string.h>

size_t backup_find(const struct backup_facts *all, size_t count, const char *id)
{
    size_t i = 0;
    while (i < count && strcmp(all[i].id, id) != 0)
        i++;
    return i;
}

static size_t newest(const struct backup_facts *all, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (all[i].created_ms >= all[best].created_ms)
            best = i;
    return best;
}

/* The full one at the end of the chain; `count` if a link is missing or the chain is a ring. */
static size_t full_of(const struct backup_facts *all, size_t count, size_t i)
{
    for (size_t links = 0; i < count && links < count; links++) {
        if (!all[i].parent[0])
            return i;
        i = backup_find(all, count, all[i].parent);
    }
    return count;
}

const struct backup_facts *backup_parent(const struct backup_facts *all, size_t count,
                                         const struct backup_rules *rules, const char *key,
                                         int64_t now_ms)
{
    if (count == 0)
        return NULL;
    size_t last = newest(all, count), full = full_of(all, count, last);
    if (full == count || now_ms - all[full].created_ms >= rules->full_every_ms ||
        now_ms < all[full].created_ms || strcmp(all[last].key, key) != 0)
        return NULL;
    return &all[last];
}

/* Another one that stays adds to it. */
static bool is_needed(const struct backup_facts *all, size_t count, const bool *gone, size_t i)
{
    for (size_t j = 0; j < count; j++)
        if (j != i && !gone[j] && strcmp(all[j].parent, all[i].id) == 0)
            return true;
    return false;
}

static bool may_go(const struct backup_facts *all, size_t count, const bool *gone, size_t i)
{
    return !gone[i] && all[i].importance != BACKUP_CRITICAL && i != newest(all, count) &&
           !is_needed(all, count, gone, i);
}

/* Less important, or as important and older. */
static bool before(const struct backup_facts *a, const struct backup_facts *b)
{
    if (a->importance != b->importance)
        return a->importance < b->importance;
    return a->created_ms < b->created_ms;
}

/* One that has become too old; `count` if there is none. */
static size_t too_old(const struct backup_facts *all, size_t count, const struct backup_rules *rules,
                      int64_t now_ms, const bool *gone)
{
    for (size_t i = 0; i < count; i++)
        if (now_ms - all[i].created_ms > rules->age_ms && may_go(all, count, gone, i))
            return i;
    return count;
}

static size_t least(const struct backup_facts *all, size_t count, const bool *gone)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (may_go(all, count, gone, i) && (best == count || before(&all[i], &all[best])))
            best = i;
    return best;
}

void backup_retention(const struct backup_facts *all, size_t count, const struct backup_rules *rules,
                      int64_t now_ms, bool *gone)
{
    size_t left = count, i;
    memset(gone, 0, count * sizeof(*gone));
    while ((i = too_old(all, count, rules, now_ms, gone)) < count) {
        gone[i] = true;
        left--;
    }
    while (left > rules->most && (i = least(all, count, gone)) < count) {
        gone[i] = true;
        left--;
    }
}
