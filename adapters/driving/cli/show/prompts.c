#include <stdio.h>

#include "adapters/driving/cli/call/arguments.h"
#include "adapters/driving/cli/call/run.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/show/items.h"

#define NAME_WIDTH 21

static int list(struct app *app, const struct invocation *inv)
{
    return items_print(app, inv, ITEM_PROMPT, NAME_WIDTH);
}

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

static void show_argument(const struct page *page, struct json argument)
{
    struct buffer line = BUFFER_INIT;
    bool required = false;
    json_bool(json_get(argument, STR("required")), &required);
    json_decode(json_get(argument, STR("name")), &line);
    buffer_add_str(&line, required ? STR("  required") : STR(""));
    page_text(page, 2, buffer_str(&line));
    page_string(page, 6, json_get(argument, STR("description")));
    buffer_clear(&line);
}

static void show_prompt(const struct page *page, const struct item *prompt, struct json definition)
{
    struct json_iter it = json_iter(json_get(definition, STR("arguments")));
    item_show_head(page, prompt, definition);
    puts(it.left ? "\narguments:" : "\nno arguments");
    while (json_next(&it))
        show_argument(page, it.value);
    item_show_limits(page, prompt);
}

static int show(struct app *app, const struct invocation *inv)
{
    const struct item *prompt;
    struct error err;
    int rc = item_find(app, ITEM_PROMPT, str_from(inv->operands[0]), "prompts", &prompt, &err);
    if (!rc)
        rc = item_print(prompt, invocation_option(inv, "json"), show_prompt, &err);
    return rc ? report_error(&err) : EXIT_DONE;
}

static int run_show(struct invocation *inv)
{
    return app_run(inv, show);
}

static int render(struct app *app, const struct invocation *inv)
{
    struct run_request call = {.action = ACTION_RENDER,
                               .target = str_from(inv->operands[0]),
                               .as_json = invocation_option(inv, "json") != NULL};
    const char *operand = inv->operand_count > 1 ? inv->operands[1] : NULL;
    const struct item *prompt;
    struct error err;
    app_warn_of_refused(app);
    if (item_find(app, ITEM_PROMPT, call.target, "prompts", &prompt, &err) ||
        arguments_read_texts(inv, operand, &call.arguments, &err))
        return report_error(&err);
    return run_call(app, &call);
}

static int run_render(struct invocation *inv)
{
    return app_run(inv, render);
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec render_options[] = {
    {"arg", "NAME=VALUE", "one argument, a text; may be repeated"},
    {"arg-file", "NAME=FILE", "one argument, the text of a file; may be repeated"},
    {"json", NULL, "print the whole result as JSON"},
    {NULL, NULL, NULL},
};

const struct command command_prompts = {
    .name = "prompts",
    .operands = "",
    .lists = true,
    .summary = "List the prompts.",
    .options = options,
    .run = run_list,
};

const struct command command_prompts_show = {
    .name = "prompts show",
    .operands = "PROMPT",
    .summary = "Show what a prompt is for and which arguments it takes.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

const struct command command_prompts_render = {
    .name = "prompts render",
    .operands = "PROMPT [JSON | -]",
    .summary = "Print the messages of a prompt.",
    .details = "The arguments are a JSON object of strings, \"-\" to read it from standard input, or\n"
               "--arg for each.\n\n"
               "  hexmcp prompts render arguments --arg country=France",
    .options = render_options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run_render,
};
