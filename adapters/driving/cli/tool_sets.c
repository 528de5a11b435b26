#include "adapters/driving/cli/tool_sets.h"

#include "core/base/str.h"

static void tell(void *ctx, struct str text)
{
    const struct log_port *log = ctx;
    log->write(log->ctx, LOG_LEVEL_NOTICE, STR("tools"), text);
}

int tool_sets_open(const struct config *config, struct registry *registry, enum tool_level highest,
                   const struct log_port *log, struct tool_set **out, struct error *err)
{
    struct str facade = config_string(config, "tools.facade");
    struct tool_set_parts parts = {
        .registry = registry,
        .highest_level = highest,
        .profile = config_string(config, "tools.profile"),
        .profiles = config_text(config, "tools.profiles"),
        .facade = str_eq(facade, STR("on"))    ? FACADE_ON
                  : str_eq(facade, STR("off")) ? FACADE_OFF
                                               : FACADE_AUTO,
        .max_tokens = (uint32_t)config_integer(config, "tools.max_tokens"),
        .tell = tell,
        .ctx = (void *)(uintptr_t)log,
    };
    return tool_set_new(&parts, out, err);
}
