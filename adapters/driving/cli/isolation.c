#include "adapters/driving/cli/isolation.h"

#include "core/base/str.h"
#include "core/json/json.h"

static uint32_t number(const struct config *config, const char *key)
{
    return (uint32_t)config_integer(config, key);
}

int isolation_choice_read(const struct config *config, const struct places *places,
                          struct uv_loop_s *loop, struct isolation_choice *out, struct error *err)
{
    out->settings = (struct plugin_isolation){
        .loop = loop,
        .helper = places_plugin_host(places),
        .modules = places_modules(places),
        .strict = config_bool(config, "isolation.strict"),
        .workers = number(config, "workers.max"),
        .start_ms = number(config, "isolation.start_ms"),
        .idle_ms = number(config, "isolation.idle_ms"),
        .ping_ms = number(config, "isolation.ping_ms"),
        .pong_ms = number(config, "isolation.pong_ms"),
        .term_ms = number(config, "isolation.term_ms"),
        .crash_limit = number(config, "isolation.crash_limit"),
        .crash_window_ms = number(config, "isolation.crash_window_ms"),
        .backoff_ms = number(config, "isolation.backoff_ms"),
    };
    out->all = str_eq(config_string(config, "isolation.mode"), STR("always"));
    return json_parse(config_text(config, "plugins.isolation"), &out->own, err);
}

void isolation_choice_clear(struct isolation_choice *choice)
{
    json_free(choice->own);
    choice->own = NULL;
}

enum isolation isolation_chosen(void *ctx, struct str plugin)
{
    const struct isolation_choice *choice = ctx;
    struct json own = json_get(json_root(choice->own), plugin);
    if (json_is(own, STR("always")))
        return ISOLATION_ALWAYS;
    if (json_is(own, STR("never")))
        return ISOLATION_NEVER;
    /* A store opens files and connections of its own: it cannot be in a helper. */
    bool store = str_starts(plugin, STR("hexmcp.storage-"));
    return choice->all && !store ? ISOLATION_ALWAYS : ISOLATION_AUTO;
}
