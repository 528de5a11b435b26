#include "adapters/driving/cli/show/cost.h"

#include <stdio.h>

#include "adapters/driving/cli/show/items.h"
#include "core/policy/policy.h"
#include "core/toolset/cost.h"
#include "core/toolset/tool_set.h"

#define ROW "%-*.*s  %-13.*s  %-10s  %6s  %s\n"

static const struct item *next(struct app *app, const struct item *after)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    return catalog->reach(catalog->ctx, &context, ITEM_TOOL, after ? after->order : 0);
}

static int name_width(struct app *app)
{
    const struct item *tool = NULL;
    size_t width = sizeof("TOOL") - 1;
    while ((tool = next(app, tool)))
        width = tool->name.len > width ? tool->name.len : width;
    return (int)width;
}

static void print_row(struct app *app, const struct item *tool, int width)
{
    char tokens[16];
    snprintf(tokens, sizeof(tokens), "%u", tool_cost(tool));
    printf(ROW, width, STR_ARG(tool->name),
           STR_ARG(tool->category.len ? tool->category : STR("-")), policy_level_name(tool->level),
           tokens, tool_set_lists(app_tools(app), tool) ? "yes" : "no");
}

static void print_sum(struct app *app)
{
    struct tool_set_summary sum = tool_set_summary(app_tools(app));
    printf("\nprofile %.*s: %u of %u tools are listed%s, about %u tokens; all would be %u\n",
           STR_ARG(tool_set_profile(app_tools(app))), sum.listed, sum.all,
           sum.facade ? " and the facade" : "", sum.tokens, sum.all_tokens);
}

static void print_table(struct app *app)
{
    int width = name_width(app);
    const struct item *tool = NULL;
    printf(ROW, width, 4, "TOOL", 8, "CATEGORY", "LEVEL", "TOKENS", "LISTED");
    while ((tool = next(app, tool)))
        print_row(app, tool, width);
    print_sum(app);
}

static void write_tool(struct app *app, struct json_writer *w, const struct item *tool)
{
    json_begin_object(w);
    json_put_string(w, STR("name"), tool->name);
    json_put_string(w, STR("plugin"), tool->plugin_id);
    if (tool->category.len)
        json_put_string(w, STR("category"), tool->category);
    json_put_string(w, STR("level"), str_from(policy_level_name(tool->level)));
    json_put_i64(w, STR("tokens"), tool_cost(tool));
    json_put_bool(w, STR("listed"), tool_set_lists(app_tools(app), tool));
    json_end_object(w);
}

static void print_json(struct app *app)
{
    struct tool_set_summary sum = tool_set_summary(app_tools(app));
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    const struct item *tool = NULL;
    json_begin_object(&w);
    json_put_string(&w, STR("profile"), tool_set_profile(app_tools(app)));
    json_put_bool(&w, STR("facade"), sum.facade);
    json_put_i64(&w, STR("tokens"), sum.tokens);
    json_put_i64(&w, STR("allTokens"), sum.all_tokens);
    json_key(&w, STR("tools"));
    json_begin_array(&w);
    while ((tool = next(app, tool)))
        write_tool(app, &w, tool);
    json_end_array(&w);
    json_end_object(&w);
    print_buffer(&out);
}

int tools_print_cost(struct app *app, bool as_json)
{
    if (as_json)
        print_json(app);
    else
        print_table(app);
    return EXIT_DONE;
}
