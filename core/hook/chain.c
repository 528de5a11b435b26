/* The hooks of each point, in order, made anew when the hooks change. */
#include <stdlib.h>

#include "core/hook/hook.h"

void hook_unref(struct hook *hook)
{
    if (--hook->refs)
        return;
    if (hook->definition.free)
        hook->definition.free(hook->definition.self);
    hook_samples_clear(&hook->samples);
    buffer_clear(&hook->bytes);
    free(hook->texts);
    free(hook);
}

void hook_chain_unref(struct hook_chain *chain)
{
    if (!chain || --chain->refs)
        return;
    for (uint32_t i = 0; i < chain->count; i++)
        hook_unref(chain->hooks[i]);
    free(chain);
}

/* For HOOK_CUSTOM: may be for some of them. */
static bool has_point(const struct hook *hook, enum hook_point point)
{
    const struct hook_definition *d = &hook->definition;
    for (size_t i = 0; i < d->point_count; i++)
        if (point == HOOK_CUSTOM ? d->points[i].ptr[0] == '*' || str_starts(d->points[i], STR("c"))
                                 : hook_pattern_takes(d->points[i], point, STR("")))
            return true;
    return false;
}

static bool takes(const struct hook *hook, enum hook_point point)
{
    return hook->enabled && !hook->removed && has_point(hook, point);
}

/* *out is NULL if no hook is for the point. */
static bool compile(const struct hooks *hooks, enum hook_point point, struct hook_chain **out)
{
    uint32_t count = 0;
    *out = NULL;
    for (const struct hook *hook = hooks->list; hook; hook = hook->next)
        count += takes(hook, point);
    if (!count)
        return true;
    struct hook_chain *chain = malloc(sizeof(*chain) + count * sizeof(chain->hooks[0]));
    if (!chain)
        return false;
    chain->refs = 1;
    chain->count = 0;
    for (struct hook *hook = hooks->list; hook; hook = hook->next)
        if (takes(hook, point)) {
            hook->refs++;
            chain->hooks[chain->count++] = hook;
        }
    *out = chain;
    return true;
}

int hook_chains_compile(struct hooks *hooks, struct error *err)
{
    struct hook_chain *fresh[HOOK_POINTS] = {NULL};
    bool good = true;
    for (enum hook_point p = 0; good && p < HOOK_POINTS; p++)
        good = compile(hooks, p, &fresh[p]);
    for (enum hook_point p = 0; p < HOOK_POINTS; p++) {
        struct hook_chain *old = good ? hooks->chains[p] : fresh[p];
        if (good) {
            hooks->chains[p] = fresh[p];
            hooks->gate.any[p] = fresh[p] != NULL;
        }
        hook_chain_unref(old);
    }
    return good ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}
