#include <string.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plain.h"
#include "core/base/nearest.h"
#include "core/json/writer.h"

static void print_member(struct json object, struct str key, const char *before, const char *after)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (json_string(json_get(object, key), &scratch, &text)) {
        fputs(before, stdout);
        plain_print(text);
        fputs(after, stdout);
    }
    buffer_clear(&scratch);
}

/* The first sentence of the description. */
static void print_summary(struct json tool)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {"", 0};
    json_string(json_get(tool, STR("description")), &scratch, &text);
    const char *end = text.len ? memmem(text.ptr, text.len, ". ", 2) : NULL;
    if (end)
        text.len = (size_t)(end - text.ptr) + 1;
    plain_print(text);
    putchar('\n');
    buffer_clear(&scratch);
}

static void list_text(const struct item *tool, struct json definition)
{
    printf("%-20.*s ", STR_ARG(tool->name));
    print_summary(definition);
}

/* The definition as clients get it: without `run`. */
static void write_definition(struct json_writer *w, const struct item *tool,
                             struct json definition)
{
    json_begin_object(w);
    json_put_string(w, STR("name"), tool->name);
    json_put_string(w, STR("plugin"), tool->plugin_id);
    struct json_iter it = json_iter(definition);
    while (json_next(&it)) {
        if (json_is(it.key, STR("name")) || json_is(it.key, STR("run")))
            continue;
        struct str key;
        if (json_plain(it.key, &key))
            json_put_raw(w, key, json_text(it.value));
    }
    json_end_object(w);
}

typedef void visit_fn(void *arg, const struct item *tool, struct json definition);

static void for_each_tool(struct app *app, visit_fn *visit, void *arg)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    const struct item *tool = NULL;
    while ((tool = catalog->next(catalog->ctx, &context, ITEM_TOOL, tool ? tool->order : 0))) {
        struct json_doc *doc;
        if (json_parse(tool->json, &doc, NULL) == ST_OK) {
            visit(arg, tool, json_root(doc));
            json_free(doc);
        }
    }
}

static void visit_text(void *arg, const struct item *tool, struct json definition)
{
    (void)arg;
    list_text(tool, definition);
}

static void visit_json(void *arg, const struct item *tool, struct json definition)
{
    write_definition(arg, tool, definition);
}

static void print_buffer(struct buffer *out)
{
    buffer_add_char(out, '\n');
    fwrite(out->data, 1, out->len, stdout);
    buffer_clear(out);
}

static int run_list(struct invocation *inv)
{
    struct app *app;
    struct error err;
    if (app_open(inv, &app, &err))
        return report_error(&err);
    app_warn_of_refused(app);
    if (invocation_option(inv, "json")) {
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        json_begin_array(&w);
        for_each_tool(app, visit_json, &w);
        json_end_array(&w);
        print_buffer(&out);
    } else {
        for_each_tool(app, visit_text, NULL);
    }
    app_close(app);
    return EXIT_DONE;
}

static bool is_required(struct json schema, struct json name)
{
    struct json_iter it = json_iter(json_get(schema, STR("required")));
    while (json_next(&it))
        if (json_same_string(it.value, name))
            return true;
    return false;
}

static void show_parameters(struct json schema)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    if (it.left)
        puts("\nparameters:");
    while (json_next(&it)) {
        struct str name = json_text(it.key), type = json_text(json_get(it.value, STR("type")));
        struct str choices = json_text(json_get(it.value, STR("enum")));
        struct str initial = json_text(json_get(it.value, STR("default")));
        printf("  %.*s", (int)name.len - 2, name.ptr + 1);
        if (type.len)
            printf(" (%.*s%s)", STR_ARG(type), is_required(schema, it.key) ? ", required" : "");
        if (initial.len)
            printf(" = %.*s", STR_ARG(initial));
        putchar('\n');
        print_member(it.value, STR("description"), "      ", "\n");
        if (choices.len)
            printf("      one of %.*s\n", STR_ARG(choices));
    }
}

static void show_text(const struct item *tool, struct json definition)
{
    printf("%.*s", STR_ARG(tool->name));
    print_member(definition, STR("title"), " - ", "");
    printf("\n\n");
    print_member(definition, STR("description"), "", "\n");
    show_parameters(json_get(definition, STR("inputSchema")));
    printf("\nplugin %.*s, time limit %u ms\n", STR_ARG(tool->plugin_id), tool->timeout_ms);
}

static int show(struct app *app, const struct invocation *inv, struct error *err)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    struct str name = str_from(inv->operands[0]);
    const struct item *tool = catalog->find(catalog->ctx, &context, ITEM_TOOL, name);
    struct json_doc *doc;
    if (!tool)
        return unknown_tool(catalog, &context, name, err);
    int rc = json_parse(tool->json, &doc, err);
    if (rc)
        return rc;
    if (invocation_option(inv, "json")) {
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        write_definition(&w, tool, json_root(doc));
        print_buffer(&out);
    } else {
        show_text(tool, json_root(doc));
    }
    json_free(doc);
    return ST_OK;
}

static int run_show(struct invocation *inv)
{
    struct app *app;
    struct error err;
    if (app_open(inv, &app, &err))
        return report_error(&err);
    int rc = show(app, inv, &err);
    int code = rc ? report_error(&err) : EXIT_DONE;
    app_close(app);
    return code;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_tools = {
    .name = "tools",
    .operands = "",
    .summary = "List the tools.",
    .options = options,
    .run = run_list,
};

const struct command command_tools_show = {
    .name = "tools show",
    .operands = "TOOL",
    .summary = "Show what a tool does and which parameters it takes.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};
