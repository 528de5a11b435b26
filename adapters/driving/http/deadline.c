#include "adapters/driving/http/deadline.h"

void deadline_clear(struct deadlines *all, struct deadline *d)
{
    if (d->kind == DEADLINE_NONE)
        return;
    if (d->next)
        d->next->before = d->before;
    else
        all->last[d->kind] = d->before;
    if (d->before)
        d->before->next = d->next;
    else
        all->first[d->kind] = d->next;
    d->next = d->before = NULL;
    d->kind = DEADLINE_NONE;
}

uint64_t deadline_set(struct deadlines *all, struct deadline *d, enum deadline_kind kind,
                      uint64_t now_ms)
{
    deadline_clear(all, d);
    d->kind = kind;
    d->at_ms = now_ms + all->length_ms[kind];
    d->before = all->last[kind];
    if (d->before)
        d->before->next = d;
    else
        all->first[kind] = d;
    all->last[kind] = d;
    return d->at_ms;
}

struct deadline *deadline_over(const struct deadlines *all, uint64_t now_ms)
{
    for (int kind = 0; kind < DEADLINE_KINDS; kind++)
        if (all->first[kind] && all->first[kind]->at_ms <= now_ms)
            return all->first[kind];
    return NULL;
}

uint64_t deadline_next(const struct deadlines *all)
{
    uint64_t next = UINT64_MAX;
    for (int kind = 0; kind < DEADLINE_KINDS; kind++)
        if (all->first[kind] && all->first[kind]->at_ms < next)
            next = all->first[kind]->at_ms;
    return next;
}
