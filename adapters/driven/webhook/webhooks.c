#include <stdlib.h>

#include "adapters/driven/webhook/inside.h"

static int add(struct webhooks *all, struct json name, struct json value, struct error *err)
{
    struct webhook *w = calloc(1, sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    w->parts = all->parts;
    int rc = webhook_settings_read(name, value, &w->arena, &w->settings, err);
    if (rc) {
        arena_clear(&w->arena);
        free(w);
        return rc;
    }
    all->list[all->count++] = w;
    return ST_OK;
}

int webhooks_new(const struct webhooks_parts *parts, struct str settings, struct webhooks **out,
                 struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(settings, &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    struct webhooks *all = calloc(1, sizeof(*all));
    if (all)
        all->list = calloc(json_count(json_root(doc)) + 1, sizeof(struct webhook *));
    if (!all || !all->list)
        rc = error_set(err, ST_NOMEM, "out of memory");
    else
        all->parts = *parts;
    while (!rc && json_next(&it))
        rc = add(all, it.key, it.value, err);
    json_free(doc);
    if (rc)
        webhooks_free(all);
    else
        *out = all;
    return rc;
}

int webhooks_start(struct webhooks *webhooks, struct error *err)
{
    int rc = ST_OK;
    bool first = !webhooks->started;
    webhooks->started = true;
    for (size_t i = 0; first && !rc && i < webhooks->count; i++)
        rc = webhook_begin(webhooks->list[i], err);
    return rc;
}

void webhooks_release(struct webhooks *webhooks)
{
    if (!webhooks->gone || webhooks->waits)
        return;
    free(webhooks->list);
    free(webhooks);
}

void webhooks_free(struct webhooks *webhooks)
{
    if (!webhooks)
        return;
    for (size_t i = 0; i < webhooks->count; i++)
        webhook_close(webhooks->list[i]);
    webhooks->gone = true;
    webhooks_release(webhooks);
}
