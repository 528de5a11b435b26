#include "adapters/driving/cli/call/arguments.h"
#include "adapters/driving/cli/call/run.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/show/items.h"

static int call_tool(struct app *app, const struct invocation *inv)
{
    struct run_request call = {.action = ACTION_CALL,
                               .target = str_from(inv->operands[0]),
                               .as_json = invocation_option(inv, "json") != NULL};
    const char *operand = inv->operand_count > 1 ? inv->operands[1] : NULL;
    const struct item *tool;
    struct error err;
    app_warn_of_refused(app);
    if (item_find(app, ITEM_TOOL, call.target, "tools", &tool, &err) ||
        arguments_read(inv, tool, operand, &call.arguments, &err))
        return report_error(&err);
    return run_call(app, &call);
}

static int run(struct invocation *inv)
{
    return app_run(inv, call_tool);
}

static const struct option_spec options[] = {
    {"arg", "NAME=VALUE", "one argument, typed by the tool's schema; may be repeated"},
    {"arg-file", "NAME=FILE", "one argument, the content of a file; may be repeated"},
    {"json", NULL, "print the whole result as JSON"},
    {NULL, NULL, NULL},
};

const struct command command_call = {
    .name = "call",
    .operands = "TOOL [JSON | -]",
    .summary = "Run one tool and print its result.",
    .details = "The arguments are a JSON object, \"-\" to read it from standard input, or --arg for\n"
               "each. What the tool asks for while it runs is asked on the terminal; without one the\n"
               "answer is no. Ctrl-C cancels the call.\n\n"
               "  hexmcp call calculator --arg input='2^10'\n"
               "  hexmcp call hash-calculator '{\"operation\":\"hash\",\"input\":\"hello\"}'",
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
