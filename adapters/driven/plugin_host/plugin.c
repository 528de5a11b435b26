/* Small things about one plugin. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/isolated/isolated.h"
#include "adapters/driven/plugin_host/services/requests.h"

static const struct plugin_grants no_grants;

void plugin_init(struct plugin *p, struct plugin_host *host, uint32_t number,
                 const struct place *place, const struct record *record, struct record *owned)
{
    *p = (struct plugin){
        .host = host,
        .number = number,
        .place = place,
        .record = record,
        .owned = owned,
        .state = PLUGIN_DISCOVERED,
        .backend = &in_process_backend,
        .grants = &no_grants,
        .kept = {.arena = ARENA_INIT},
        .fd = -1,
    };
}

struct plugin *plugin_new(struct plugin_host *host, uint32_t number, const struct place *place,
                          const struct record *record, struct record *owned)
{
    struct plugin *p = malloc(sizeof(*p));
    if (p)
        plugin_init(p, host, number, place, record, owned);
    return p;
}

void plugin_free(struct plugin *p)
{
    if (!p)
        return;
    /* The library stays mapped, and its file open for a debugger, until the process ends. */
    requests_free(p);
    services_free(p);
    isolated_free(p);
    free(p->owned);
    kept_grants_clear(&p->kept);
    free(p->granted);
    free(p->reason);
    free(p->settings);
    free(p->carried);
    free(p->stores);
    free(p);
}

struct str plugin_id(const struct plugin *p)
{
    return record_text(p->record, TEXT_ID);
}

void plugin_move(struct plugin *p, enum plugin_state to)
{
    const struct plugin_host_config *c = &p->host->config;
    assert(lifecycle_may_move(p->state, to));
    p->state = to;
    if (!c->happened)
        return;
    if (to == PLUGIN_ACTIVE)
        c->happened(c->happened_ctx, plugin_id(p), PLUGIN_EVENT_LOADED);
    else if (to == PLUGIN_FAILED || to == PLUGIN_QUARANTINED)
        c->happened(c->happened_ctx, plugin_id(p), PLUGIN_EVENT_CRASHED);
    else if (to == PLUGIN_RETIRED)
        c->happened(c->happened_ctx, plugin_id(p), PLUGIN_EVENT_RETIRED);
}

void plugin_reason(struct plugin *p, const char *text)
{
    char *copy = strdup(text);
    free(p->reason);
    p->reason = copy;
}

void plugin_fail(struct plugin *p, const struct error *why)
{
    plugin_move(p, PLUGIN_FAILED);
    plugin_reason(p, why->text);
    if (!p->host->offer_exit) /* the program logs it for its helper */
        plugin_log(p, LOG_LEVEL_ERROR, "cannot be used: %s", why->text);
}

void plugin_write(const struct plugin *p, enum log_level level, struct str text)
{
    struct plugin_host *host = p->host;
    pthread_mutex_lock(&host->lock);
    bool open = !host->closed;
    pthread_mutex_unlock(&host->lock);
    if (open)
        host->config.log->write(host->config.log->ctx, level, plugin_id(p), text);
}

void plugin_log(const struct plugin *p, enum log_level level, const char *format, ...)
{
    char text[ERROR_TEXT_SIZE + 64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    plugin_write(p, level, str_from(text));
}

bool plugin_provides(const struct plugin *p, const char *id)
{
    struct json_doc *doc;
    bool found = false;
    if (json_parse(record_text(p->record, TEXT_PROVIDES), &doc, NULL))
        return false;
    struct json_iter it = json_iter(json_root(doc));
    while (!found && json_next(&it))
        found = json_is(it.value, str_from(id));
    json_free(doc);
    return found;
}

int plugin_load(struct plugin *p, struct error *err)
{
    if (!plugin_settle(p))
        return error_set(err, ST_UNAVAILABLE, "plugin %.*s is refused: %.*s", STR_ARG(plugin_id(p)),
                         STR_ARG(p->reason ? str_from(p->reason)
                                           : record_text(p->record, TEXT_REASON)));
    return p->backend->load(p, err);
}

bool plugin_serves(const struct plugin *p, enum item_kind kind)
{
    return kind == ITEM_TOOL     ? p->tools != NULL
           : kind == ITEM_PROMPT ? p->prompts != NULL
                                 : p->resources != NULL;
}

void plugin_forget_interfaces(struct plugin *p)
{
    p->tools = NULL;
    p->resources = NULL;
    p->prompts = NULL;
    p->self_test = NULL;
    p->hooks = NULL;
    p->state_keeper = NULL;
    free(p->stores);
    p->stores = NULL;
}
