#include "adapters/driving/cli/commands.h"
#include "include/hexmcp/abi.h"

static int run(struct invocation *inv)
{
    if (invocation_option(inv, "json"))
        printf("{\"version\":\"" HEXMCP_VERSION "\",\"abi\":{\"major\":%u,\"minor\":%u},"
               "\"protocols\":[\"2024-11-05\",\"2025-03-26\",\"2025-06-18\",\"2025-11-25\","
               "\"2026-07-28\"]}\n",
               HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR);
    else
        printf("hexmcp " HEXMCP_VERSION "\nplugin ABI %u.%u (draft)\n"
               "MCP 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28\n",
               HEXMCP_ABI_MAJOR, HEXMCP_ABI_MINOR);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_version = {
    .name = "version",
    .operands = "",
    .summary = "Show the version, the plugin ABI and the protocol revisions.",
    .options = options,
    .run = run,
};
