#include "adapters/driven/plugin_host/published.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/updates.h"
#include "core/uri/uri_template.h"

static int read_caller(struct reader *r, struct json v, void *out)
{
    (void)out;
    return reader_string(r, v);
}

static int read_callers(struct reader *r, struct json v, void *out)
{
    *(struct str *)out = json_text(v);
    return reader_array(r, v, read_caller, out);
}

/* *doc is written only on success. */
static int parse(struct str text, const char *what, struct json_doc **doc, struct error *err)
{
    int rc = json_parse(text, doc, err);
    if (rc)
        error_prefix(err, "%s: ", what);
    return rc;
}

/* {"callers":[...]} */
static int read_options(struct str text, struct json_doc **doc, struct str *callers,
                        struct error *err)
{
    static const struct field fields[] = {{"callers", false, read_callers}};
    struct reader r = {.file = "options", .err = err};
    if (text.len == 0)
        return ST_OK;
    int rc = parse(text, r.file, doc, err);
    return rc ? rc : reader_object(&r, json_root(*doc), fields, 1, false, callers);
}

static int read_definition(struct plugin *p, enum item_kind kind, struct str text,
                           struct manifest *m, struct error *err)
{
    static const field_read reads[ITEM_KINDS] = {manifest_read_tool, manifest_read_resource,
                                                 manifest_read_template, manifest_read_prompt};
    struct reader r = {.file = "definition", .err = err};
    *m = (struct manifest){.checks = &p->host->config.checks};
    int rc = parse(text, r.file, &m->doc, err);
    return rc ? rc : reads[kind](&r, json_root(m->doc), m);
}

static struct published *note_new(enum item_kind kind, struct str name)
{
    struct published *note = malloc(sizeof(*note) + name.len + 1);
    if (!note)
        return NULL;
    *note = (struct published){.kind = kind, .len = name.len};
    if (name.len)
        memcpy(note->name, name.ptr, name.len);
    return note;
}

static void note_add(struct plugin *p, struct published *note)
{
    pthread_mutex_lock(&p->host->published_lock);
    note->next = p->published;
    p->published = note;
    pthread_mutex_unlock(&p->host->published_lock);
}

static int give(struct plugin *p, const struct manifest *m, struct str callers, struct str *name,
                struct error *err)
{
    const struct publisher *publisher = p->host->publisher;
    const struct record_item_draft *draft = &m->items[0];
    struct item item = plugin_item(p, &draft->run, draft->name, draft->json);
    struct published *note = note_new(item.kind, draft->name);
    if (!note)
        return error_set(err, ST_NOMEM, "out of memory");
    item.callers = callers;
    item.aliases = draft->aliases;
    item.category = draft->category;
    int rc = publisher->publish(publisher->ctx, &item, name, err);
    if (rc) {
        free(note);
        return rc;
    }
    note_add(p, note);
    return ST_OK;
}

int published_add(struct plugin *p, enum item_kind kind, struct str definition, struct str options,
                  struct str *name, struct error *err)
{
    struct json_doc *doc = NULL;
    struct str callers = {NULL, 0};
    struct manifest m = {0};
    if (!p->backend->serves(p, kind))
        return error_set(err, ST_INVALID,
                         "plugin.json provides no interface that serves what is published");
    int rc = read_options(options, &doc, &callers, err);
    if (!rc)
        rc = read_definition(p, kind, definition, &m, err);
    if (!rc)
        rc = give(p, &m, callers, name, err);
    manifest_clear(&m);
    json_free(doc);
    return rc;
}

/* Takes the note at `at` out of its list and frees it. */
static void note_drop(struct plugin *p, struct published **at)
{
    struct published *note = *at;
    pthread_mutex_lock(&p->host->published_lock);
    *at = note->next;
    pthread_mutex_unlock(&p->host->published_lock);
    free(note);
}

static struct str note_name(const struct published *note)
{
    return (struct str){note->name, note->len};
}

static void forget(struct plugin *p, enum item_kind kind, struct str name)
{
    struct published **at = &p->published;
    while (*at && ((*at)->kind != kind || !str_eq(note_name(*at), name)))
        at = &(*at)->next;
    if (*at)
        note_drop(p, at);
}

void published_note(struct plugin *p, enum item_kind kind, struct str definition)
{
    struct manifest m = {0};
    if (read_definition(p, kind, definition, &m, NULL) == ST_OK) {
        struct published *note = note_new(m.items[0].run.kind, m.items[0].name);
        if (note)
            note_add(p, note);
    }
    manifest_clear(&m);
}

void published_forget(struct plugin *p, enum item_kind kind, struct str name)
{
    forget(p, kind, name);
}

int published_remove(struct plugin *p, enum item_kind kind, struct str name, struct error *err)
{
    const struct publisher *publisher = p->host->publisher;
    int rc = publisher->withdraw(publisher->ctx, p->number, kind, name, err);
    if (!rc)
        forget(p, kind, name);
    return rc;
}

void published_clear(struct plugin *p)
{
    const struct publisher *publisher = p->host->publisher;
    struct error ignored;
    updates_clear(p);
    while (p->published) {
        if (publisher)
            publisher->withdraw(publisher->ctx, p->number, p->published->kind,
                                note_name(p->published), &ignored);
        note_drop(p, &p->published);
    }
}

static bool covers(enum item_kind kind, struct str name, struct str uri)
{
    if (kind == ITEM_RESOURCE)
        return str_eq(name, uri);
    if (kind != ITEM_TEMPLATE)
        return false;
    struct buffer variables = BUFFER_INIT;
    struct json_writer w = json_writer(&variables);
    bool matches = uri_template_match(name, uri, &w) == ST_OK;
    buffer_clear(&variables);
    return matches;
}

bool published_provides(struct plugin *p, struct str uri)
{
    const struct record *r = p->record;
    bool found = false;
    for (uint32_t i = 0; !found && i < r->item_count; i++)
        found = covers((enum item_kind)record_item(r, i)->kind, record_item_name(r, i), uri);
    if (found)
        return true;
    /* Not the host's lock: matching many templates may take its time. */
    pthread_mutex_lock(&p->host->published_lock);
    for (const struct published *note = p->published; note && !found; note = note->next)
        found = covers(note->kind, note_name(note), uri);
    pthread_mutex_unlock(&p->host->published_lock);
    return found;
}
