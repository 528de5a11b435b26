#include <stdio.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/show/cost.h"
#include "adapters/driving/cli/show/items.h"
#include "adapters/driving/cli/show/schema.h"

#define NAME_WIDTH 21

static int list(struct app *app, const struct invocation *inv)
{
    if (!invocation_option(inv, "cost"))
        return items_print(app, inv, ITEM_TOOL, NAME_WIDTH);
    app_warn_of_refused(app);
    return tools_print_cost(app, invocation_option(inv, "json") != NULL);
}

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

static void show_schema(const struct page *page, const char *title, struct json schema)
{
    if (!json_exists(schema))
        return;
    printf("\n%s:\n", title);
    schema_show(page, schema);
}

static void show_tool(const struct page *page, const struct item *tool, struct json definition)
{
    struct json input = json_get(definition, STR("inputSchema"));
    item_show_head(page, tool, definition);
    if (json_count(json_get(input, STR("properties"))))
        show_schema(page, "parameters", input);
    else
        puts("\nno parameters");
    show_schema(page, "structured result", json_get(definition, STR("outputSchema")));
    item_show_annotations(page, json_get(definition, STR("annotations")));
    item_show_limits(page, tool);
}

static int show(struct app *app, const struct invocation *inv)
{
    const struct item *tool;
    struct error err;
    int rc = item_find(app, ITEM_TOOL, str_from(inv->operands[0]), "tools", &tool, &err);
    if (!rc)
        rc = item_print(tool, invocation_option(inv, "json"), show_tool, &err);
    return rc ? report_error(&err) : EXIT_DONE;
}

static int run_show(struct invocation *inv)
{
    return app_run(inv, show);
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec list_options[] = {
    {"json", NULL, "print JSON"},
    {"cost", NULL, "show category, level and tokens of all tools, listed or not, and the sum"},
    {NULL, NULL, NULL},
};

const struct command command_tools = {
    .name = "tools",
    .operands = "",
    .lists = true,
    .summary = "List the tools.",
    .options = list_options,
    .run = run_list,
};

const struct command command_tools_show = {
    .name = "tools show",
    .operands = "TOOL",
    .summary = "Show what a tool does, what it takes and what it gives.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};
