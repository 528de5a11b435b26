/* Keeps what went well: the dispatcher does it, this says what and for how long. */
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"

struct caching {
    uint32_t ttl_ms;
    bool all; /* also tools that are not read-only */
};

bool caching_key(struct hook_turn *turn, struct buffer *out)
{
    buffer_add_str(out, STR("arguments:"));
    return hook_turn_read(turn, STR("/arguments"), out) && !buffer_failed(out) &&
           out->len <= CACHING_KEY_MAX;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    const struct caching *c = self;
    if (!(hook_point_facts(turn->event->point)->may & HOOK_MAY_CACHE))
        return HOOK_SKIPPED;
    if (!c->all && !builtin_flag(turn, STR("/readOnly")))
        return HOOK_SKIPPED;
    if (!caching_key(turn, &turn->says.own))
        return HOOK_SKIPPED;
    turn->says.key = buffer_str(&turn->says.own);
    turn->says.ttl_ms = c->ttl_ms;
    return HOOK_CACHE;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    struct caching c = {300000, false};
    (void)parts;
    parameter_u32(p, "ttlMs", 1, 86400000, &c.ttl_ms);
    parameter_bool(p, "all", &c.all);
    struct caching *self = p->rc ? NULL : malloc(sizeof(*self));
    if (!self)
        return p->rc ? p->rc : error_set(p->err, ST_NOMEM, "out of memory");
    *self = c;
    d->self = self;
    d->run = run;
    d->free = free;
    d->gates = true;
    d->trusted = true;
    return ST_OK;
}

const struct builtin builtin_caching = {
    .name = "caching",
    .keys = (const char *const[]){"ttlMs", "all", NULL},
    .points = (const char *const[]){"BeforeToolExecution", NULL},
    .make = make,
};
