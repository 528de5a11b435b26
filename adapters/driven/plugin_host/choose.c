/* Which of the found plugins are used: refusals, duplicates, what the user named. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/isolated.h"

static bool listed(const char *const *ids, size_t count, struct str id)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(id, str_from(ids[i])))
            return true;
    return false;
}

static void reject(struct plugin *p, enum refusal why, const char *reason)
{
    p->enabled = false;
    p->refusal = why;
    plugin_move(p, PLUGIN_REJECTED);
    if (reason)
        plugin_reason(p, reason);
}

bool plugin_is_named(const struct plugin *p)
{
    const struct plugin_host_config *c = &p->host->config;
    return p->place->given.enable_all || listed(c->enable, c->enable_count, plugin_id(p));
}

/* ---- what a person decided ---- */

/* Files as the manifest asks for them. */
static void grant_files_alone(struct plugin *p)
{
    static const struct plugin_grants reads = {.reads_paths = true};
    static const struct plugin_grants writes = {.reads_paths = true, .writes_paths = true};
    if (p->record->flags & RECORD_WRITES_PATHS)
        p->grants = &writes;
    else if (p->record->flags & RECORD_READS_PATHS)
        p->grants = &reads;
}

/* Without memory it gets nothing. */
static void grant(struct plugin *p, const struct buffer *grants)
{
    struct json_doc *doc;
    struct error err;
    if (buffer_failed(grants) || grants->len == 0 || json_parse(buffer_str(grants), &doc, &err))
        return;
    if (plugin_grants_read(json_root(doc), &p->kept, &err) == ST_OK) {
        p->grants = &p->kept.grants;
        p->granted = strndup(grants->data, grants->len);
    }
    json_free(doc);
}

static enum plugin_decision decide(struct plugin *p)
{
    const struct plugin_host_config *c = &p->host->config;
    struct plugin_verdict verdict = {.grants = BUFFER_INIT, .reason = BUFFER_INIT};
    struct plugin_facts facts;
    if (!c->judge) {
        grant_files_alone(p);
        return PLUGIN_UNDECIDED;
    }
    plugin_facts_of(p, &facts);
    c->judge(c->judge_ctx, &facts, &verdict);
    grant(p, &verdict.grants);
    memcpy(p->digest, verdict.digest, sizeof(p->digest));
    if (verdict.reason.len) {
        buffer_add_char(&verdict.reason, 0);
        if (!buffer_failed(&verdict.reason))
            plugin_reason(p, verdict.reason.data);
    }
    buffer_clear(&verdict.grants);
    buffer_clear(&verdict.reason);
    return verdict.decision;
}

/* Sets `enabled` by what the user said, without regard to duplicates. */
void host_judge(struct plugin_host *host, struct plugin *p)
{
    const struct plugin_host_config *c = &host->config;
    struct str id = plugin_id(p);
    char text[ERROR_TEXT_SIZE];
    if (p->record->refusal) {
        reject(p, (enum refusal)p->record->refusal, NULL);
        return;
    }
    enum plugin_decision decision = decide(p);
    if (listed(c->disable, c->disable_count, id)) {
        plugin_reason(p, "not enabled: \"plugins.disable\" of the configuration names it");
    } else if (decision == PLUGIN_HELD) {
        reject(p, REFUSED_HELD, NULL);
    } else if (!c->isolation && p->record->flags & RECORD_ISOLATED) {
        reject(p, REFUSED_ISOLATION,
               "its manifest demands isolation, which this hexmcp does not have");
    } else if (decision == PLUGIN_TRUSTED || plugin_is_named(p)) {
        p->enabled = true;
    } else {
        snprintf(text, sizeof(text),
                 "not enabled; look at it and enable it with \"hexmcp plugin trust %.*s\", or for one "
                 "run with --plugin %.*s",
                 STR_ARG(id), STR_ARG(id));
        plugin_reason(p, text);
    }
}

static bool runs_in_helper(const struct plugin *p)
{
    const struct plugin_host_config *c = &p->host->config;
    enum isolation said = c->isolate ? c->isolate(c->isolate_ctx, plugin_id(p)) : ISOLATION_AUTO;
    bool ours = p->place->given.origin == PLUGIN_BUNDLED && !(p->record->flags & RECORD_ISOLATED);
    return c->isolation && (said == ISOLATION_ALWAYS || (said == ISOLATION_AUTO && !ours));
}

int host_admit(struct plugin *p, struct error *err)
{
    int rc = runs_in_helper(p) ? isolated_begin(p, err) : ST_OK;
    if (!rc)
        plugin_move(p, PLUGIN_VERIFIED);
    return rc;
}

/* Of two plugins with one id the one with the lower rank is used, of the same rank the earlier. */
static unsigned rank(const struct plugin *p)
{
    bool bundled = p->place->given.origin == PLUGIN_BUNDLED;
    bool by_folder = p->place->single && p->place->given.enable_all;
    return (p->enabled ? 0u : 4u) + (bundled ? 0u : by_folder ? 1u : 2u);
}

static const struct plugin *rival(const struct plugin_host *host, const struct plugin *p)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        const struct plugin *other = host->plugins[i];
        if (other == p || other->state == PLUGIN_REJECTED ||
            !str_eq(plugin_id(other), plugin_id(p)))
            continue;
        if (rank(other) != rank(p) ? rank(other) < rank(p) : other->number < p->number)
            return other;
    }
    return NULL;
}

static void reject_duplicates(struct plugin_host *host)
{
    char text[ERROR_TEXT_SIZE];
    for (size_t i = host->plugin_count; i-- > 0;) {
        struct plugin *p = host->plugins[i];
        const struct plugin *other = p->state == PLUGIN_REJECTED ? NULL : rival(host, p);
        if (!other)
            continue;
        snprintf(text, sizeof(text), "another plugin has this id: %.200s/%.*s (%s)",
                 other->place->path, STR_ARG(record_text(other->record, TEXT_FOLDER)),
                 plugin_origin_name(other->place->given.origin));
        reject(p, REFUSED_DUPLICATE, text);
    }
}

static bool found(const struct plugin_host *host, struct str id)
{
    for (size_t i = 0; i < host->plugin_count; i++)
        if (str_eq(plugin_id(host->plugins[i]), id))
            return true;
    return false;
}

/* What was named and is nowhere is listed too, so that a mistyped id does not go unnoticed. */
static int add_absent(struct plugin_host *host, struct error *err)
{
    static const struct place nowhere = {.path = "", .given = {"", PLUGIN_CONFIG, false, false},
                                         .index = INDEX_EMPTY};
    for (size_t i = 0; i < host->config.enable_count; i++) {
        struct record *r;
        const char *id = host->config.enable[i];
        if (found(host, str_from(id)))
            continue;
        int rc = bundle_refused("", id, REFUSED_ABSENT, "no plugin of this id was found", &r, err);
        if (!rc)
            rc = host_add(host, &nowhere, r, r, err);
        if (rc)
            return rc;
        reject(host->plugins[host->plugin_count - 1], REFUSED_ABSENT, NULL);
    }
    return ST_OK;
}

int host_choose(struct plugin_host *host, struct error *err)
{
    for (size_t i = 0; i < host->plugin_count; i++)
        host_judge(host, host->plugins[i]);
    reject_duplicates(host);
    for (size_t i = 0; i < host->plugin_count; i++)
        if (host->plugins[i]->enabled && host_admit(host->plugins[i], err))
            return ST_NOMEM;
    return add_absent(host, err);
}
