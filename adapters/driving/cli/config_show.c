#include <string.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/settings.h"
#include "core/json/writer.h"

static void show_json(const struct config *config)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    for (size_t i = 0; i < config_setting_count; i++) {
        json_key(&w, str_from(config_settings[i].key));
        json_begin_object(&w);
        json_put_raw(&w, STR("value"), config_json(config, i));
        json_put_string(&w, STR("layer"), str_from(config_layer_name(config_origin(config, i))));
        json_put_string(&w, STR("source"), config_origin_name(config, i));
        json_put_string(&w, STR("help"), str_from(config_settings[i].help));
        json_end_object(&w);
    }
    json_end_object(&w);
    buffer_add_char(&out, '\n');
    fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&out);
}

static void show_text(const struct config *config)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        struct str value = config_json(config, i), source = config_origin_name(config, i);
        printf("%-24s = %.*s\n", config_settings[i].key, STR_ARG(value));
        printf("    %s%s%.*s. %s\n", config_layer_name(config_origin(config, i)),
               source.len ? ": " : "", STR_ARG(source), config_settings[i].help);
    }
}

static int run(struct invocation *inv)
{
    struct config *config;
    struct error err;
    if (settings_load(inv, &config, &err))
        return report_error(&err);
    if (invocation_option(inv, "json"))
        show_json(config);
    else
        show_text(config);
    config_free(config);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_config_show = {
    .name = "config show",
    .operands = "",
    .summary = "Show every setting, its value and the layer that it came from.",
    .details = "Layers, later ones win: default, system file (/etc/hexmcp/config.json), user file\n"
               "($XDG_CONFIG_HOME/hexmcp/config.json), project file (./.hexmcp.json, which can only\n"
               "narrow), HEXMCP_* variables (HEXMCP_STDIO_DRAIN_MS=500), --set.",
    .options = options,
    .run = run,
};
