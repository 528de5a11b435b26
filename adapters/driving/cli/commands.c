#include "adapters/driving/cli/commands.h"

const struct command *const commands[] = {
    &command_serve,
    &command_call,
    &command_tools,
    &command_tools_show,
    &command_resources,
    &command_resources_show,
    &command_resources_read,
    &command_prompts,
    &command_prompts_show,
    &command_prompts_render,
    &command_plugin_list,
    &command_plugin_inspect,
    &command_config_show,
    &command_config_check,
    &command_config_schema,
    &command_client_list,
    &command_client_add,
    &command_client_remove,
    &command_doctor,
    &command_doctor_stdio,
    &command_completion,
    &command_version,
    &command_help,
    &command_complete,
    NULL,
};

const struct option_spec common_options[] = {
    {"config", "FILE", "read FILE in place of the user's configuration file"},
    {"set", "KEY=VALUE", "one setting for this run; may be repeated"},
    {"plugin", "ID|FOLDER", "enable one more plugin for this run; may be repeated"},
    {"allow-read", "FOLDER", "let tools read what is in FOLDER; may be repeated"},
    {"allow-write", "FOLDER", "let tools read and change what is in FOLDER; may be repeated"},
    {"help", NULL, "show this help"},
    {NULL, NULL, NULL},
};
