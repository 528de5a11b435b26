#include <stdio.h>

#include "adapters/driving/cli/call/arguments.h"
#include "adapters/driving/cli/call/run.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/show/items.h"
#include "core/uri/uri_template.h"

#define NAME_WIDTH 40

static void list_json(struct app *app)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_key(&w, STR("resources"));
    json_begin_array(&w);
    items_write(app, ITEM_RESOURCE, &w);
    json_end_array(&w);
    json_key(&w, STR("resourceTemplates"));
    json_begin_array(&w);
    items_write(app, ITEM_TEMPLATE, &w);
    json_end_array(&w);
    json_end_object(&w);
    print_buffer(&out);
}

static int list(struct app *app, const struct invocation *inv)
{
    app_warn_of_refused(app);
    if (invocation_option(inv, "json")) {
        list_json(app);
    } else {
        items_list(app, ITEM_RESOURCE, NAME_WIDTH);
        items_list(app, ITEM_TEMPLATE, NAME_WIDTH);
    }
    return EXIT_DONE;
}

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

/* ---- show ---- */

static void show_member(const struct page *page, const char *label, struct json value)
{
    struct buffer line = BUFFER_INIT;
    if (!json_exists(value))
        return;
    buffer_add_str(&line, str_from(label));
    if (json_type(value) == JSON_STRING)
        json_decode(value, &line);
    else
        json_copy_line(&line, json_text(value));
    page_text(page, 0, buffer_str(&line));
    buffer_clear(&line);
}

static void show_variables(const struct page *page, struct str template)
{
    struct str name;
    if (uri_template_variable(template, 0, &name))
        puts("\nvariables:");
    for (size_t i = 0; uri_template_variable(template, i, &name); i++)
        page_text(page, 2, name);
}

static void show_resource(const struct page *page, const struct item *item, struct json definition)
{
    item_show_head(page, item, definition);
    if (item->kind == ITEM_TEMPLATE)
        show_variables(page, item->name);
    putchar('\n');
    show_member(page, "name: ", json_get(definition, STR("name")));
    show_member(page, "MIME type: ", json_get(definition, STR("mimeType")));
    show_member(page, "bytes: ", json_get(definition, STR("size")));
    item_show_annotations(page, json_get(definition, STR("annotations")));
    item_show_limits(page, item);
}

/* A resource by its URI, or a template as it is written. */
static int find(struct app *app, struct str name, const struct item **out, struct error *err)
{
    bool template = memchr(name.ptr, '{', name.len) != NULL;
    return item_find(app, template ? ITEM_TEMPLATE : ITEM_RESOURCE, name, "resources", out, err);
}

static int show(struct app *app, const struct invocation *inv)
{
    const struct item *item;
    struct error err;
    int rc = find(app, str_from(inv->operands[0]), &item, &err);
    if (!rc)
        rc = item_print(item, invocation_option(inv, "json"), show_resource, &err);
    return rc ? report_error(&err) : EXIT_DONE;
}

static int run_show(struct invocation *inv)
{
    return app_run(inv, show);
}

/* ---- read ---- */

/* A template and the values of its variables make a URI. */
static int expand(struct app *app, const struct invocation *inv, struct buffer *uri,
                  struct error *err)
{
    const struct item *template;
    struct json_doc *values;
    struct str text = str_from(inv->operands[0]);
    int rc = item_find(app, ITEM_TEMPLATE, text, "resources", &template, err);
    if (!rc)
        rc = arguments_read_texts(inv, NULL, &values, err);
    if (rc)
        return rc;
    rc = uri_template_expand(text, json_root(values), uri, err);
    json_free(values);
    return rc;
}

static int read_resource(struct app *app, const struct invocation *inv)
{
    struct run_request call = {.action = ACTION_READ,
                               .target = str_from(inv->operands[0]),
                               .as_json = invocation_option(inv, "json") != NULL};
    struct buffer uri = BUFFER_INIT;
    struct error err;
    app_warn_of_refused(app);
    if (memchr(call.target.ptr, '{', call.target.len)) {
        if (expand(app, inv, &uri, &err))
            return report_error(&err);
        call.target = buffer_str(&uri);
    }
    int code = run_call(app, &call);
    buffer_clear(&uri);
    return code;
}

static int run_read(struct invocation *inv)
{
    return app_run(inv, read_resource);
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec read_options[] = {
    {"arg", "NAME=VALUE", "one variable of a template; may be repeated"},
    {"json", NULL, "print the whole result as JSON"},
    {NULL, NULL, NULL},
};

const struct command command_resources = {
    .name = "resources",
    .operands = "",
    .lists = true,
    .summary = "List the resources and the templates of resources.",
    .options = options,
    .run = run_list,
};

const struct command command_resources_show = {
    .name = "resources show",
    .operands = "RESOURCE",
    .summary = "Show what a resource or a template is.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

const struct command command_resources_read = {
    .name = "resources read",
    .operands = "RESOURCE",
    .summary = "Print the content of a resource.",
    .details = "RESOURCE is a URI, or a template with --arg for each of its variables. The bytes of a\n"
               "single content are written as they are, so they can be sent to a file.\n\n"
               "  hexmcp resources read everything://greeting/Ann\n"
               "  hexmcp resources read 'everything://greeting/{name}' --arg name=Ann",
    .options = read_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_read,
};
