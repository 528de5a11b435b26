#include "adapters/driving/cli/show/items.h"

#include <stdio.h>

#include "adapters/driving/cli/about.h"
#include "adapters/driving/cli/left_out.h"
#include "core/base/nearest.h"

static const char *const kind_names[ITEM_KINDS] = {"tool", "resource", "resource template",
                                                   "prompt"};

typedef void visit_fn(void *arg, const struct item *item, struct json definition);

static void for_each(struct app *app, enum item_kind kind, visit_fn *visit, void *arg)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    const struct item *item = NULL;
    while ((item = catalog->next(catalog->ctx, &context, kind, item ? item->order : 0))) {
        struct json_doc *doc;
        if (json_parse(item->json, &doc, NULL) == ST_OK) {
            visit(arg, item, json_root(doc));
            json_free(doc);
        }
    }
}

/* ---- lists ---- */

struct list {
    struct page page;
    unsigned width;
};

static void list_item(void *arg, const struct item *item, struct json definition)
{
    const struct list *list = arg;
    struct buffer scratch = BUFFER_INIT;
    page_row(&list->page, item->name, list->width, about(definition, &scratch));
    buffer_clear(&scratch);
}

void items_list(struct app *app, enum item_kind kind, unsigned width)
{
    struct list list = {.page = page_open(), .width = width};
    for_each(app, kind, list_item, &list);
}

/* ---- JSON ---- */

void item_write(struct json_writer *w, const struct item *item, struct json definition)
{
    static const char *const name_keys[ITEM_KINDS] = {"name", "uri", "uriTemplate", "name"};
    struct str name_key = str_from(name_keys[item->kind]);
    json_begin_object(w);
    json_put_string(w, name_key, item->name);
    json_put_string(w, STR("plugin"), item->plugin_id);
    struct json_iter it = json_iter(definition);
    while (json_next(&it))
        if (!json_is(it.key, name_key) && !json_is(it.key, STR("run")))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static void write_item(void *arg, const struct item *item, struct json definition)
{
    item_write(arg, item, definition);
}

void items_write(struct app *app, enum item_kind kind, struct json_writer *w)
{
    for_each(app, kind, write_item, w);
}

void print_buffer(struct buffer *text)
{
    buffer_add_char(text, '\n');
    fwrite(text->data, 1, text->len, stdout);
    buffer_clear(text);
}

/* ---- one item ---- */

int item_find(struct app *app, enum item_kind kind, struct str name, const char *list,
              const struct item **out, struct error *err)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    const struct missing_tools *missing = left_out_port(app_left_out(app));
    struct nearest near = {.word = name};
    *out = catalog->find(catalog->ctx, &context, kind, name);
    if (*out)
        return ST_OK;
    const struct item *item = NULL;
    while ((item = catalog->reach(catalog->ctx, &context, kind, item ? item->order : 0)))
        nearest_offer(&near, item->name);
    if (kind == ITEM_TOOL && missing->explain(missing->ctx, name, err) == ST_UNAVAILABLE)
        return err->code = ST_NOT_FOUND;
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND, "there is no %s \"%.*s\"; did you mean \"%.*s\"?",
                         kind_names[kind], STR_ARG(name), STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND, "there is no %s \"%.*s\"; \"hexmcp %s\" lists them",
                     kind_names[kind], STR_ARG(name), list);
}

int item_print(const struct item *item, bool as_json, item_show_fn *show, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(item->json, &doc, err);
    if (rc)
        return rc;
    if (as_json) {
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        item_write(&w, item, json_root(doc));
        print_buffer(&out);
    } else {
        struct page page = page_open();
        show(&page, item, json_root(doc));
    }
    json_free(doc);
    return ST_OK;
}

void item_show_head(const struct page *page, const struct item *item, struct json definition)
{
    struct json title = json_get(definition, STR("title"));
    struct json description = json_get(definition, STR("description"));
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, item->name);
    buffer_add_str(&line, json_exists(title) ? STR(" - ") : STR(""));
    json_decode(title, &line);
    page_text(page, 0, buffer_str(&line));
    buffer_clear(&line);
    if (!json_exists(description))
        return;
    putchar('\n');
    page_string(page, 0, description);
}

static void add_count(struct buffer *line, const char *before, uint32_t count, const char *after)
{
    buffer_add_str(line, str_from(before));
    buffer_add_u64(line, count);
    buffer_add_str(line, str_from(after));
}

void item_show_limits(const struct page *page, const struct item *item)
{
    static const char *const levels[] = {"safe", "restricted", "privileged"};
    static const char *const tasks[] = {"never", "if asked", "always"};
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, STR("\nplugin: "));
    buffer_add_str(&line, item->plugin_id);
    add_count(&line, "\nlimits: ", item->timeout_ms, " ms a call");
    if (!item->run_inline)
        add_count(&line, ", ", item->slots, " at once");
    if (item->kind == ITEM_TOOL) {
        buffer_add_str(&line, STR("\nlevel: "));
        buffer_add_str(&line, str_from(levels[item->level]));
        buffer_add_str(&line, STR("; as a task: "));
        buffer_add_str(&line, str_from(tasks[item->task_support]));
    }
    page_text(page, 0, buffer_str(&line));
    buffer_clear(&line);
}

/* ---- annotations ---- */

static const struct {
    const char *key, *if_true, *if_false;
} hints[] = {
    {"readOnlyHint", "changes nothing", "changes things"},
    {"destructiveHint", "may destroy", "destroys nothing"},
    {"idempotentHint", "a repeated call changes nothing more", "each call counts"},
    {"openWorldHint", "reaches beyond this server", "stays on this server"},
};

static void add_hints(struct buffer *line, struct json annotations)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        bool value;
        if (!json_bool(json_get(annotations, str_from(hints[i].key)), &value))
            continue;
        buffer_add_str(line, line->len ? STR("; ") : STR(""));
        buffer_add_str(line, str_from(value ? hints[i].if_true : hints[i].if_false));
    }
}

static void add_members(struct buffer *line, struct json annotations)
{
    struct json_iter it = json_iter(annotations);
    while (json_next(&it)) {
        if (json_type(it.value) == JSON_BOOL)
            continue;
        buffer_add_str(line, line->len ? STR("; ") : STR(""));
        json_decode(it.key, line);
        buffer_add_char(line, ' ');
        json_copy_line(line, json_text(it.value));
    }
}

void item_show_annotations(const struct page *page, struct json annotations)
{
    struct buffer line = BUFFER_INIT;
    add_hints(&line, annotations);
    add_members(&line, annotations);
    if (line.len) {
        puts("\nannotations:");
        page_text(page, 2, buffer_str(&line));
    }
    buffer_clear(&line);
}

int items_print(struct app *app, const struct invocation *inv, enum item_kind kind, unsigned width)
{
    app_warn_of_refused(app);
    if (!invocation_option(inv, "json")) {
        items_list(app, kind, width);
        return EXIT_DONE;
    }
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_array(&w);
    items_write(app, kind, &w);
    json_end_array(&w);
    print_buffer(&out);
    return EXIT_DONE;
}
