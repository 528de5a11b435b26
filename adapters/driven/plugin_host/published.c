#include "adapters/driven/plugin_host/published.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/manifest_parts.h"

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

/* {"callers":[...]} */
static int read_options(struct str text, struct json_doc **doc, struct str *callers,
                        struct error *err)
{
    static const struct field fields[] = {{"callers", false, read_callers}};
    struct reader r = {.file = "options", .err = err};
    if (text.len == 0)
        return ST_OK;
    int rc = json_parse(text, doc, err);
    return rc ? rc : reader_object(&r, json_root(*doc), fields, 1, false, callers);
}

static int read_definition(struct plugin *p, enum item_kind kind, struct str text,
                           struct manifest *m, struct error *err)
{
    static const field_read reads[ITEM_KINDS] = {manifest_read_tool, manifest_read_resource,
                                                 manifest_read_template, manifest_read_prompt};
    struct reader r = {.file = "definition", .err = err};
    *m = (struct manifest){.checks = &p->host->config.checks};
    int rc = json_parse(text, &m->doc, err);
    if (rc) {
        m->doc = NULL;
        return rc;
    }
    if (json_type(json_root(m->doc)) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "definition: must be an object");
    return reads[kind](&r, json_root(m->doc), m);
}

static bool is_served(const struct plugin *p, enum item_kind kind)
{
    return kind == ITEM_TOOL     ? p->tools != NULL
           : kind == ITEM_PROMPT ? p->prompts != NULL
                                 : p->resources != NULL;
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
    int rc = publisher->publish(publisher->ctx, &item, name, err);
    if (rc) {
        free(note);
        return rc;
    }
    note->next = p->published;
    p->published = note;
    return ST_OK;
}

int published_add(struct plugin *p, enum item_kind kind, struct str definition, struct str options,
                  struct str *name, struct error *err)
{
    struct json_doc *doc = NULL;
    struct str callers = {NULL, 0};
    struct manifest m = {0};
    if (!is_served(p, kind))
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

static void forget(struct plugin *p, enum item_kind kind, struct str name)
{
    struct published **at = &p->published;
    while (*at && ((*at)->kind != kind || !str_eq((struct str){(*at)->name, (*at)->len}, name)))
        at = &(*at)->next;
    struct published *note = *at;
    if (!note)
        return;
    *at = note->next;
    free(note);
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
    while (p->published) {
        struct published *note = p->published;
        p->published = note->next;
        publisher->withdraw(publisher->ctx, p->number, note->kind,
                            (struct str){note->name, note->len}, &ignored);
        free(note);
    }
}
