#include "adapters/driving/cli/plugin/judge.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/writer.h"
#include "core/policy/grants_text.h"
#include "core/policy/plugin_grants.h"

struct plugin_judge {
    const struct invocation *inv;
    struct plugin_lock *lock;
    bool started;
    struct json_doc *operator[GRANT_LISTS]; /* "grants.hosts" and so on */
    struct json_doc *this_run[GRANT_LISTS]; /* those of the command line alone */
    struct json_doc *by_name;               /* "*" */
};

struct plugin_lock *plugin_judge_lock(struct plugin_judge *judge)
{
    return judge->lock;
}

/* ---- making ---- */

static int read_operator(struct plugin_judge *judge, const struct config *config,
                         struct error *err)
{
    int rc = ST_OK;
    for (int i = 0; !rc && i < GRANT_LISTS; i++) {
        char key[32];
        snprintf(key, sizeof(key), "grants.%s", grant_list_name((enum grant_list)i));
        rc = json_parse(config_text(config, key), &judge->operator[i], err);
    }
    return rc;
}

/* The values of an option of the command line as a JSON array. */
static int read_option(const struct invocation *inv, const char *option, struct json_doc **out,
                       struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    size_t len;
    json_begin_array(&w);
    for (int i = 0; i < inv->given_count; i++)
        if (strcmp(inv->given[i].name, option) == 0)
            json_write_string(&w, str_from(inv->given[i].value));
    json_end_array(&w);
    char *data = buffer_take(&text, &len);
    return data ? json_parse_take(data, len, out, err) : error_set(err, ST_NOMEM, "out of memory");
}

static int read_this_run(struct plugin_judge *judge, struct error *err)
{
    static const char *const options[GRANT_LISTS] = {"allow-host", "allow-env", "allow-program", "", ""};
    int rc = ST_OK;
    for (int i = 0; !rc && i < GRANT_LISTS; i++)
        rc = read_option(judge->inv, options[i], &judge->this_run[i], err);
    return rc;
}

static void add_places(const struct plugin_judge *judge, struct places *places)
{
    struct lock_entry entry;
    for (uint32_t i = 0; plugin_lock_at(judge->lock, i, &entry); i++) {
        struct json_doc *doc;
        struct buffer path = BUFFER_INIT;
        if (json_parse(entry.place, &doc, NULL))
            continue;
        json_decode(json_root(doc), &path);
        places_add_trusted(places, buffer_str(&path));
        buffer_clear(&path);
        json_free(doc);
    }
}

int plugin_judge_new(const struct config *config, const struct invocation *inv,
                     struct places *places, const struct crypto_port *crypto,
                     struct plugin_judge **out, struct error *err)
{
    struct plugin_judge *judge = calloc(1, sizeof(*judge));
    if (!judge)
        return error_set(err, ST_NOMEM, "out of memory");
    judge->inv = inv;
    int rc = plugin_lock_open(places_lock(places), crypto, &judge->lock, err);
    if (!rc)
        rc = json_parse(STR("[\"*\"]"), &judge->by_name, err);
    if (!rc)
        rc = read_operator(judge, config, err);
    if (!rc)
        rc = read_this_run(judge, err);
    if (rc) {
        plugin_judge_free(judge);
        return rc;
    }
    add_places(judge, places);
    *out = judge;
    return ST_OK;
}

void plugin_judge_free(struct plugin_judge *judge)
{
    if (!judge)
        return;
    plugin_lock_free(judge->lock);
    for (int i = 0; i < GRANT_LISTS; i++) {
        json_free(judge->operator[i]);
        json_free(judge->this_run[i]);
    }
    json_free(judge->by_name);
    free(judge);
}

void plugin_judge_started(struct plugin_judge *judge)
{
    judge->started = true;
}

/* ---- a plugin ---- */

static struct lock_file lock_file_of(const struct file_key *key)
{
    return (struct lock_file){.dev = key->dev,
                              .ino = key->ino,
                              .size = key->size,
                              .mtime_s = key->mtime_s,
                              .ctime_s = key->ctime_s,
                              .mtime_ns = key->mtime_ns,
                              .ctime_ns = key->ctime_ns};
}

int judged_bundle_make(const struct plugin_facts *facts, struct judged_bundle *out,
                       struct error *err)
{
    out->asked = out->definitions = NULL;
    int rc = json_parse(facts->grants.len ? facts->grants : STR("{}"), &out->asked, err);
    if (rc)
        return rc;
    snprintf(out->path, sizeof(out->path), "%.*s/%.*s", STR_ARG(facts->place),
             STR_ARG(facts->folder));
    out->bundle = (struct lock_bundle){.path = out->path,
                                       .id = facts->id,
                                       .version = facts->version,
                                       .asked = json_root(out->asked),
                                       .binary = lock_file_of(&facts->record->binary),
                                       .manifest = lock_file_of(&facts->record->manifest)};
    return ST_OK;
}

int judged_bundle_define(const struct plugin_facts *facts, struct judged_bundle *judged,
                         struct error *err)
{
    struct buffer text = BUFFER_INIT;
    size_t len;
    plugin_facts_definitions(facts, &text);
    char *data = buffer_take(&text, &len);
    int rc = data ? json_parse_take(data, len, &judged->definitions, err)
                  : error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        judged->bundle.definitions = json_root(judged->definitions);
    return rc;
}

void judged_bundle_clear(struct judged_bundle *judged)
{
    json_free(judged->asked);
    json_free(judged->definitions);
}

/* True if --plugin of this command line names it, by its id or its folder; *by_folder says which. */
static bool named_now(const struct plugin_judge *judge, const struct judged_bundle *judged,
                      bool *by_folder)
{
    bool named = false;
    *by_folder = false;
    for (int i = 0; i < judge->inv->given_count; i++) {
        const struct given *given = &judge->inv->given[i];
        char real[PATH_MAX];
        if (strcmp(given->name, "plugin") != 0)
            continue;
        bool folder = strchr(given->value, '/') && realpath(given->value, real) &&
                      strcmp(real, judged->path) == 0;
        *by_folder = *by_folder || folder;
        named = named || folder || str_eq(judged->bundle.id, str_from(given->value));
    }
    return named;
}

static struct allowed_grants allowed_by(struct json_doc *const lists[GRANT_LISTS])
{
    struct allowed_grants allowed = {.paths = true};
    for (int i = 0; i < GRANT_LISTS; i++)
        allowed.lists[i] = json_root(lists[i]);
    return allowed;
}

static void hold(struct str id, struct str what, struct plugin_verdict *verdict)
{
    struct buffer *out = &verdict->reason;
    verdict->decision = PLUGIN_HELD;
    buffer_add_str(out, STR("held: "));
    buffer_add_str(out, what);
    buffer_add_str(out, STR("; see what with \"hexmcp plugin trust "));
    buffer_add_str(out, id);
    buffer_add_str(out, STR(" --show\", and take it with \"hexmcp plugin trust "));
    buffer_add_str(out, id);
    buffer_add_char(out, '"');
}

/* There are many of them, and most ask for nothing, so this does the least. */
static void decide_bundled(const struct plugin_judge *judge, const struct plugin_facts *facts,
                           struct plugin_verdict *verdict)
{
    struct allowed_grants allowed = allowed_by(judge->operator);
    struct json_doc *asked;
    struct error err;
    if (facts->grants.len == 0 || str_eq(facts->grants, STR("{}"))) {
        buffer_add_str(&verdict->grants, STR("{}"));
        return;
    }
    if (json_parse(facts->grants, &asked, &err)) {
        hold(facts->id, str_from(err.text), verdict);
        return;
    }
    allowed.direct = allowed.limits = true;
    plugin_grants_cut(json_root(asked), &allowed, &verdict->grants);
    json_free(asked);
}

/* What was confirmed, with the operator's names in the place of "*". */
static void grant_confirmed(const struct plugin_judge *judge, struct json granted,
                            struct plugin_verdict *verdict)
{
    struct allowed_grants allowed = allowed_by(judge->operator);
    allowed.direct = allowed.limits = allowed.confirmed = true;
    plugin_grants_cut(granted, &allowed, &verdict->grants);
}

/* Not trusted: what this very command line gives, or nothing of the world. */
static void decide_unknown(const struct plugin_judge *judge, const struct plugin_facts *facts,
                           const struct judged_bundle *judged, struct plugin_verdict *verdict)
{
    static struct json_doc *const nothing[GRANT_LISTS];
    bool by_folder, now = named_now(judge, judged, &by_folder);
    struct allowed_grants allowed = allowed_by(now ? judge->this_run : nothing);
    struct json_doc *granted;
    struct buffer withheld = BUFFER_INIT;
    allowed.paths = now;
    plugin_grants_cut(judged->bundle.asked, &allowed, &verdict->grants);
    if (facts->named && json_count(judged->bundle.asked) > 0 &&
        json_parse(buffer_str(&verdict->grants), &granted, NULL) == ST_OK) {
        grants_differ(json_root(granted), judged->bundle.asked, &withheld);
        json_free(granted);
    }
    if (withheld.len) {
        buffer_add_str(&verdict->reason,
                       STR("it is not trusted, so it does not get all that it asks for; look at it and "
                           "trust it with \"hexmcp plugin trust "));
        buffer_add_str(&verdict->reason, facts->id);
        buffer_add_char(&verdict->reason, '"');
    }
    buffer_clear(&withheld);
}

static void hold_changed(const struct plugin_facts *facts, const struct lock_changes *changes,
                         struct plugin_verdict *verdict)
{
    struct buffer what = BUFFER_INIT;
    lock_name_changes(changes, &what);
    buffer_add_str(&what, STR(" changed since it was trusted"));
    hold(facts->id, buffer_str(&what), verdict);
    buffer_clear(&what);
}

static void trust(const struct plugin_judge *judge, struct str id, struct plugin_verdict *verdict)
{
    struct lock_entry entry;
    if (!plugin_lock_find(judge->lock, id, &entry))
        return;
    verdict->decision = PLUGIN_TRUSTED;
    snprintf(verdict->digest, sizeof(verdict->digest), "%.*s", STR_ARG(entry.binary));
    grant_confirmed(judge, entry.granted, verdict);
}

/* True if somebody works at a copy of a plugin that is trusted elsewhere. */
static bool is_other_copy(const struct plugin_judge *judge, const struct judged_bundle *judged)
{
    struct lock_entry entry;
    struct buffer path = BUFFER_INIT;
    bool by_folder;
    named_now(judge, judged, &by_folder);
    json_quote(&path, str_from(judged->path));
    bool other = by_folder && plugin_lock_find(judge->lock, judged->bundle.id, &entry) &&
                 !str_eq(buffer_str(&path), entry.place);
    buffer_clear(&path);
    return other;
}

static void decide_changed(struct plugin_judge *judge, const struct plugin_facts *facts,
                           struct judged_bundle *judged, struct plugin_verdict *verdict)
{
    enum lock_state state;
    struct lock_changes changes;
    struct error err;
    if (judged_bundle_define(facts, judged, &err) ||
        plugin_lock_judge(judge->lock, &judged->bundle, &state, &changes, &err))
        hold(facts->id, str_from(err.text), verdict);
    else if (state == LOCK_SAME)
        trust(judge, facts->id, verdict);
    else if (is_other_copy(judge, judged))
        decide_unknown(judge, facts, judged, verdict);
    else
        hold_changed(facts, &changes, verdict);
}

static void decide_foreign(struct plugin_judge *judge, const struct plugin_facts *facts,
                           struct judged_bundle *judged, struct plugin_verdict *verdict)
{
    struct lock_entry entry;
    if (!plugin_lock_find(judge->lock, facts->id, &entry))
        decide_unknown(judge, facts, judged, verdict);
    else if (plugin_lock_seen(judge->lock, &judged->bundle))
        trust(judge, facts->id, verdict);
    else
        decide_changed(judge, facts, judged, verdict);
}

void plugin_judge_decide(void *ctx, const struct plugin_facts *facts,
                         struct plugin_verdict *verdict)
{
    struct plugin_judge *judge = ctx;
    struct judged_bundle judged;
    struct error err;
    if (judge->started)
        plugin_lock_refresh(judge->lock);
    if (facts->origin == PLUGIN_BUNDLED) {
        decide_bundled(judge, facts, verdict);
        return;
    }
    if (judged_bundle_make(facts, &judged, &err))
        hold(facts->id, str_from(err.text), verdict);
    else
        decide_foreign(judge, facts, &judged, verdict);
    judged_bundle_clear(&judged);
}
