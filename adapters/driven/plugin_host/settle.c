/*
 * Bundled plugins are taken from their index at the start as they stand there: two stat calls for each
 * of many plugins are a good part of a start. Whether their files are still those of the index is looked
 * at when somebody asks for items or facts, or loads one. What changed is verified then, and what each gets
 * is read.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/isolated/isolated.h"

/* As if it had just been found. */
static void begin_again(struct plugin *p, struct record *fresh)
{
    isolated_free(p);
    kept_grants_clear(&p->kept);
    free(p->granted);
    free(p->reason);
    plugin_init(p, p->host, p->number, p->place, fresh, fresh);
    p->lent = true;
}

/* Without memory it stays as it was. */
static void verify_anew(struct plugin *p)
{
    struct plugin_host *host = p->host;
    struct record *fresh;
    struct error err;
    if (host_verify_again(host, p->place, record_text(p->record, TEXT_FOLDER), &fresh, &err))
        return;
    begin_again(p, fresh);
    host_judge(host, p);
    if (p->refusal)
        plugin_log(p, LOG_LEVEL_WARNING, "refused: %.*s",
                   STR_ARG(p->reason ? str_from(p->reason) : record_text(p->record, TEXT_REASON)));
    else if (p->enabled && host_admit(p, &err))
        plugin_fail(p, &err);
}

static void settle(struct plugin *p, int at)
{
    char name[NAME_MAX + 1];
    snprintf(name, sizeof(name), "%.*s", STR_ARG(record_text(p->record, TEXT_FOLDER)));
    bool fresh = p->refusal || bundle_is_fresh(at, name, &p->place->index, p->record);
    if (fresh)
        host_grant(p);
    p->unchecked = false;
    if (!fresh)
        verify_anew(p);
}

bool plugin_settle(struct plugin *p)
{
    if (!p->unchecked)
        return true;
    int at = open(p->place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    settle(p, at);
    if (at >= 0)
        close(at);
    return p->state == PLUGIN_VERIFIED;
}

void host_settle(const struct plugin_host *asked)
{
    /* Who looks cannot tell when it was looked at. */
    struct plugin_host *host = (struct plugin_host *)(uintptr_t)asked;
    const struct place *place = NULL;
    int at = -1;
    if (!host->unsettled)
        return;
    host->unsettled = false;
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = host->plugins[i];
        if (p->unchecked && p->place != place) {
            if (at >= 0)
                close(at);
            place = p->place;
            at = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (p->unchecked)
            settle(p, at);
    }
    if (at >= 0)
        close(at);
}
