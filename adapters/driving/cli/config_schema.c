#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/commands.h"

static int run(struct invocation *inv)
{
    (void)inv;
    struct buffer out = BUFFER_INIT;
    struct error err;
    int rc = config_schema(&out, &err);
    if (!rc)
        fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&out);
    return rc ? report_error(&err) : EXIT_DONE;
}

const struct command command_config_schema = {
    .name = "config schema",
    .operands = "",
    .summary = "Print the JSON Schema of the configuration file, for editors.",
    .details = "An editor that knows the schema completes and checks the file. It finds it by the first\n"
               "key, { \"$schema\": \"./config.schema.json\" }, after\n\n"
               "  hexmcp config schema > config.schema.json",
    .run = run,
};
