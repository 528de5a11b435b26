/* What the hooks of a chain say together. */
#include "core/hook/hook.h"

static const struct {
    const char *name;
    uint32_t may; /* what the point must allow */
} results[HOOK_RESULTS] = {
    [HOOK_CONTINUE] = {"continue", 0},
    [HOOK_MODIFIED] = {"modified", HOOK_MAY_CHANGE},
    [HOOK_CANCEL] = {"cancel", HOOK_MAY_CANCEL},
    [HOOK_REDIRECT] = {"redirect", HOOK_MAY_REDIRECT},
    [HOOK_REPLACE] = {"replace", HOOK_MAY_REPLACE},
    [HOOK_RETRY] = {"retry", HOOK_MAY_RETRY},
    [HOOK_FORK] = {"fork", HOOK_MAY_FORK},
    [HOOK_CACHE] = {"cache", HOOK_MAY_CACHE},
    [HOOK_SKIPPED] = {"skipped", 0},
};

const char *hook_result_name(enum hook_result result)
{
    return results[result].name;
}

static int keep(struct buffer *where, struct str text, struct str *out, struct error *err)
{
    buffer_reset(where, SIZE_MAX);
    buffer_add_str(where, text);
    if (buffer_failed(where))
        return error_set(err, ST_NOMEM, "out of memory");
    *out = buffer_str(where);
    return ST_OK;
}

/* The chain ends here, by what lies in run->text. What was asked for earlier and has no meaning any
 * more is forgotten; forks are done all the same. */
static void end_chain(struct hook_run *run, const struct hook *hook, enum hook_result end)
{
    struct hook_outcome *o = &run->outcome;
    o->end = end;
    o->hook = hook->definition.name;
    if (end != HOOK_REDIRECT)
        o->attempts = 0;
    if (end == HOOK_CANCEL)
        o->cache_ttl_ms = 0;
}

static int add_forks(struct hook_run *run, struct str operations, struct error *err)
{
    struct str inner = {operations.ptr + 1, operations.len - 2};
    struct buffer *forks = &run->forks;
    if (forks->len)
        forks->data[forks->len - 1] = ','; /* over the ']' */
    else
        buffer_add_char(forks, '[');
    buffer_add_str(forks, inner);
    buffer_add_char(forks, ']');
    if (buffer_failed(forks))
        return error_set(err, ST_NOMEM, "out of memory");
    run->outcome.forks = buffer_str(forks);
    return ST_OK;
}

/* The first that asks wins: who comes first is more important. */
static void take_retry(struct hook_outcome *o, const struct hook_says *says)
{
    if (o->attempts)
        return;
    o->attempts = says->attempts;
    o->delay_ms = says->delay_ms;
}

static int take_cache(struct hook_run *run, const struct hook_says *says, struct error *err)
{
    struct hook_outcome *o = &run->outcome;
    if (o->cache_ttl_ms)
        return ST_OK;
    int rc = keep(&run->key, says->key, &o->cache_key, err);
    if (!rc)
        o->cache_ttl_ms = says->ttl_ms;
    return rc;
}

static int finish_with(struct hook_run *run, const struct hook *hook, enum hook_result end,
                       struct str text, struct str *out, struct error *err)
{
    int rc = keep(&run->text, text, out, err);
    if (!rc)
        end_chain(run, hook, end);
    return rc;
}

int hook_combine(struct hook_run *run, const struct hook *hook, const struct hook_says *says,
                 enum hook_result result, struct error *err)
{
    const struct hook_point_facts *point = hook_point_facts(run->event.point);
    struct hook_outcome *o = &run->outcome;
    if (results[result].may & ~point->may)
        return error_set(err, ST_PROTOCOL, "it answered \"%s\" at %s, where it cannot",
                         results[result].name, point->name);
    switch (result) {
    case HOOK_MODIFIED:
        return hook_data_change(run, hook, says->data, err);
    case HOOK_CANCEL:
        return finish_with(run, hook, result, says->reason, &o->reason, err);
    case HOOK_REDIRECT:
        return finish_with(run, hook, result, says->target, &o->target, err);
    case HOOK_REPLACE:
        return finish_with(run, hook, result, says->value, &o->value, err);
    case HOOK_RETRY:
        take_retry(o, says);
        return ST_OK;
    case HOOK_FORK:
        return add_forks(run, says->operations, err);
    case HOOK_CACHE:
        return take_cache(run, says, err);
    default:
        return ST_OK;
    }
}

void hook_refuse(struct hook_run *run, const struct hook *hook, const char *why)
{
    struct hook_outcome *o = &run->outcome;
    if (!(hook_point_facts(run->event.point)->may & HOOK_MAY_CANCEL))
        return;
    buffer_reset(&run->text, SIZE_MAX);
    buffer_add_str(&run->text, STR("the hook \""));
    buffer_add_str(&run->text, hook->definition.name);
    buffer_add_str(&run->text, STR("\" must agree and did not answer: "));
    buffer_add_str(&run->text, str_from(why));
    o->reason = buffer_failed(&run->text) ? STR("a hook must agree and did not answer")
                                          : buffer_str(&run->text);
    end_chain(run, hook, HOOK_CANCEL);
}
