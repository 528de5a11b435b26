#include "adapters/driven/task_store_memory/kept.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS 11

static char *move_text(struct str *text, char *to)
{
    if (text->len)
        memcpy(to, text->ptr, text->len);
    text->ptr = to;
    return to + text->len;
}

struct kept_owner *kept_owner_new(const struct task_owner *owner)
{
    struct kept_owner *kept = malloc(sizeof(*kept) + owner->caller.len + owner->tenant.len);
    if (!kept)
        return NULL;
    *kept = (struct kept_owner){.owner = *owner};
    char *at = move_text(&kept->owner.caller, (char *)(kept + 1));
    move_text(&kept->owner.tenant, at);
    return kept;
}

static void texts_of(struct task_record *record, struct str *texts[TEXTS])
{
    struct str *const all[TEXTS] = {
        &record->id,      &record->owner.caller, &record->owner.tenant, &record->tool,
        &record->message, &record->result,       &record->error,        &record->requests,
        &record->answers, &record->state,        &record->client,
    };
    memcpy(texts, all, sizeof(all));
}

struct kept *kept_new(const struct task_record *record)
{
    struct task_record copy = *record;
    struct str *texts[TEXTS];
    size_t size = sizeof(struct kept);
    texts_of(&copy, texts);
    for (int i = 0; i < TEXTS; i++)
        size += texts[i]->len;
    struct kept *kept = malloc(size);
    if (!kept)
        return NULL;
    char *at = (char *)(kept + 1);
    for (int i = 0; i < TEXTS; i++)
        at = move_text(texts[i], at);
    *kept = (struct kept){.record = copy};
    return kept;
}
