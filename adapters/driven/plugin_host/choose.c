/* Which of the found plugins are used: refusals, duplicates, what the user named. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/isolated.h"

static bool keep_ids(struct arena *arena, const char *const *ids, size_t count,
                     struct str_index *out)
{
    for (size_t i = 0; i < count; i++) {
        struct str id = arena_copy(arena, str_from(ids[i]));
        if (arena->failed || !str_index_put(out, id, arena))
            return false;
    }
    return true;
}

int host_keep_ids(struct plugin_host *host, struct error *err)
{
    const struct plugin_host_config *c = &host->config;
    if (keep_ids(&host->ids, c->enable, c->enable_count, &host->named) &&
        keep_ids(&host->ids, c->disable, c->disable_count, &host->disabled))
        return ST_OK;
    return error_set(err, ST_NOMEM, "out of memory");
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
    return p->place->given.enable_all || str_index_get(&p->host->named, plugin_id(p));
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
    if (buffer_failed(grants) || grants->len == 0)
        return;
    if (str_eq(buffer_str(grants), STR("{}"))) {
        p->granted = strdup("{}");
        return;
    }
    if (json_parse(buffer_str(grants), &doc, &err))
        return;
    if (plugin_grants_read(json_root(doc), &p->kept, &err) == ST_OK) {
        p->grants = &p->kept.grants;
        p->granted = strndup(grants->data, grants->len);
    }
    json_free(doc);
}

static enum plugin_decision ask_judge(struct plugin *p)
{
    const struct plugin_host_config *c = &p->host->config;
    struct plugin_verdict verdict = {.grants = BUFFER_INIT, .reason = BUFFER_INIT};
    struct plugin_facts facts;
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

/* What a bundled plugin gets does not decide whether it is on, and reading it for many is a good part of
 * a start: that waits until its files are looked at. */
static bool is_granted_later(const struct plugin *p)
{
    return p->host->config.judge && p->unchecked && p->place->given.origin == PLUGIN_BUNDLED;
}

static enum plugin_decision decide(struct plugin *p)
{
    if (is_granted_later(p))
        return PLUGIN_UNDECIDED;
    if (p->host->config.judge)
        return ask_judge(p);
    grant_files_alone(p);
    return PLUGIN_UNDECIDED;
}

void host_grant(struct plugin *p)
{
    if (is_granted_later(p))
        ask_judge(p);
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
    if (str_index_get(&host->disabled, id)) {
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

/* ---- duplicates ---- */

struct candidate {
    struct str id;
    struct plugin *plugin;
};

/* The plugins sorted by id, those of one id by number. */
struct sorted {
    struct candidate *list;
    size_t count;
};

static int by_id(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int order = str_cmp(x->id, y->id);
    return order ? order : x->plugin->number < y->plugin->number ? -1 : 1;
}

static int sort(const struct plugin_host *host, struct sorted *out, struct error *err)
{
    struct candidate *list = calloc(host->plugin_count + 1, sizeof(*list));
    if (!list)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; i < host->plugin_count; i++)
        list[i] = (struct candidate){plugin_id(host->plugins[i]), host->plugins[i]};
    qsort(list, host->plugin_count, sizeof(*list), by_id);
    *out = (struct sorted){list, host->plugin_count};
    return ST_OK;
}

static const struct plugin *rival(const struct sorted *same, const struct plugin *p)
{
    for (size_t i = 0; i < same->count; i++) {
        const struct plugin *other = same->list[i].plugin;
        if (other == p || other->state == PLUGIN_REJECTED)
            continue;
        if (rank(other) != rank(p) ? rank(other) < rank(p) : other->number < p->number)
            return other;
    }
    return NULL;
}

static void reject_of_one_id(const struct sorted *same)
{
    char text[ERROR_TEXT_SIZE];
    for (size_t i = same->count; i-- > 0;) {
        struct plugin *p = same->list[i].plugin;
        const struct plugin *other = p->state == PLUGIN_REJECTED ? NULL : rival(same, p);
        if (!other)
            continue;
        snprintf(text, sizeof(text), "another plugin has this id: %.200s/%.*s (%s)",
                 other->place->path, STR_ARG(record_text(other->record, TEXT_FOLDER)),
                 plugin_origin_name(other->place->given.origin));
        reject(p, REFUSED_DUPLICATE, text);
    }
}

static void reject_duplicates(const struct sorted *all)
{
    for (size_t i = 0, end; i < all->count; i = end) {
        for (end = i + 1; end < all->count; end++)
            if (!str_eq(all->list[end].id, all->list[i].id))
                break;
        reject_of_one_id(&(struct sorted){all->list + i, end - i});
    }
}

static int id_of(const void *id, const void *candidate)
{
    return str_cmp(*(const struct str *)id, ((const struct candidate *)candidate)->id);
}

static bool found(const struct sorted *all, struct str id)
{
    return bsearch(&id, all->list, all->count, sizeof(*all->list), id_of) != NULL;
}

/* What was named and is nowhere is listed too, so that a mistyped id does not go unnoticed. */
static int add_absent(struct plugin_host *host, const struct sorted *all, struct error *err)
{
    static const struct place nowhere = {.path = "", .given = {"", PLUGIN_CONFIG, false, false},
                                         .index = INDEX_EMPTY};
    for (size_t i = 0; i < host->named.count; i++) {
        struct record *r;
        const char *id = host->named.entries[i].key.ptr;
        if (found(all, host->named.entries[i].key))
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
    struct sorted all = {NULL, 0};
    for (size_t i = 0; i < host->plugin_count; i++)
        host_judge(host, host->plugins[i]);
    int rc = sort(host, &all, err);
    if (rc)
        return rc;
    reject_duplicates(&all);
    for (size_t i = 0; !rc && i < all.count; i++)
        if (host->plugins[i]->enabled)
            rc = host_admit(host->plugins[i], err);
    if (!rc)
        rc = add_absent(host, &all, err);
    free(all.list);
    return rc;
}
