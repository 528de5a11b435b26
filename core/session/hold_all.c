#include "core/session/hold_all.h"

#include "core/base/str.h"

void hold_all_add(struct hold_all *all, struct str id)
{
    for (size_t i = 0; i + ARTIFACT_ID_LENGTH <= all->ids.len; i += ARTIFACT_ID_LENGTH)
        if (str_eq(buffer_part(&all->ids, i, ARTIFACT_ID_LENGTH), id))
            return;
    buffer_add_str(&all->ids, id);
}

static void next(struct hold_all *all);

static void held(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct hold_all *all = (struct hold_all *)((char *)call - offsetof(struct hold_all, call));
    (void)answer;
    if (err && !(all->forgiving && err->code == ST_NOT_FOUND))
        all->done(all, err);
    else
        next(all);
}

static void next(struct hold_all *all)
{
    struct error err;
    if (buffer_failed(&all->ids)) {
        no_memory(&err);
        all->done(all, &err);
        return;
    }
    if (all->at == all->ids.len) {
        all->done(all, NULL);
        return;
    }
    const struct str id = {all->ids.data + all->at, ARTIFACT_ID_LENGTH};
    all->at += ARTIFACT_ID_LENGTH;
    all->call.done = held;
    artifact_hold_begin(&all->call, all->context, all->stream, id);
}

void hold_all_begin(struct hold_all *all, const struct call_context *context,
                    void (*done)(struct hold_all *all, const struct error *err))
{
    all->context = context;
    all->done = done;
    next(all);
}

void hold_all_clear(struct hold_all *all)
{
    artifact_call_drop(&all->call);
    buffer_clear(&all->ids);
}
