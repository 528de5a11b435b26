#include <stdlib.h>

#include "core/journal/inside.h"

struct aggregate *aggregate_new(const struct aggregate_kind *kind, struct str stream)
{
    struct aggregate *a = calloc(1, sizeof(*a) + stream.len + 1);
    if (!a)
        return NULL;
    char *name = (char *)(a + 1);
    memcpy(name, stream.ptr, stream.len);
    a->stream = (struct str){name, stream.len};
    a->kind = kind;
    a->users = 1;
    a->state = kind->create(kind->ctx, a->stream);
    if (!a->state) {
        free(a);
        return NULL;
    }
    return a;
}

struct aggregate *aggregate_use(struct aggregate *a)
{
    a->users++;
    return a;
}

void aggregate_unuse(struct aggregate *a)
{
    if (!a || --a->users > 0)
        return;
    a->kind->free(a->kind->ctx, a->state);
    free(a);
}

int aggregate_reset(struct aggregate *a, struct error *err)
{
    void *state = a->kind->create(a->kind->ctx, a->stream);
    if (!state)
        return error_set(err, ST_NOMEM, "out of memory");
    a->kind->free(a->kind->ctx, a->state);
    a->state = state;
    a->version = a->position = a->saved = 0;
    a->at_ms = a->latest_ms = 0;
    a->last_id[0] = '\0';
    a->known = false;
    return ST_OK;
}

int aggregate_apply(struct aggregate *a, const struct stored_event *event, struct json data,
                    struct error *err)
{
    int rc = a->kind->apply(a->kind->ctx, a->state, event, data, err);
    if (rc)
        return rc;
    size_t len = event->id.len < UUID_LENGTH ? event->id.len : UUID_LENGTH;
    if (len)
        memcpy(a->last_id, event->id.ptr, len);
    a->last_id[len] = '\0';
    a->version = event->version;
    a->position = event->position;
    a->at_ms = event->at_ms;
    if (event->at_ms > a->latest_ms)
        a->latest_ms = event->at_ms;
    return ST_OK;
}

/* ---- those that are kept -------------------------------------------------------------------- */

static void unlink_kept(struct journal *journal, struct aggregate *a)
{
    *(a->newer ? &a->newer->older : &journal->newest) = a->older;
    *(a->older ? &a->older->newer : &journal->oldest) = a->newer;
    a->newer = a->older = NULL;
}

static void link_newest(struct journal *journal, struct aggregate *a)
{
    a->older = journal->newest;
    *(a->older ? &a->older->newer : &journal->oldest) = a;
    journal->newest = a;
}

struct aggregate *kept_find(struct journal *journal, const struct aggregate_kind *kind,
                            struct str stream)
{
    struct aggregate *a = str_index_get(&journal->kept, stream);
    if (!a || a->kind != kind)
        return NULL;
    unlink_kept(journal, a);
    link_newest(journal, a);
    return a;
}

void kept_drop(struct journal *journal, struct aggregate *a)
{
    if (!a->kept)
        return;
    str_index_remove(&journal->kept, a->stream);
    unlink_kept(journal, a);
    a->kept = false;
    aggregate_unuse(a);
}

void kept_add(struct journal *journal, struct aggregate *a)
{
    if (str_index_get(&journal->kept, a->stream) ||
        !str_index_put(&journal->kept, a->stream, a))
        return;
    a->kept = true;
    link_newest(journal, aggregate_use(a));
    while (journal->kept.count > JOURNAL_KEPT_MAX)
        kept_drop(journal, journal->oldest);
}

void kept_follow(struct journal *journal, const struct stored_event *events,
                 struct json_doc *const *data, size_t count)
{
    struct aggregate *a = str_index_get(&journal->kept, events[0].stream);
    struct error err;
    if (!a || !a->known || a->version + 1 != events[0].version)
        return;
    for (size_t i = 0; i < count; i++)
        if (aggregate_apply(a, &events[i], json_root(data[i]), &err)) {
            /* Who loads it next is told why. */
            a->known = false;
            kept_drop(journal, a);
            return;
        }
    snapshot_offer(journal, a);
}
