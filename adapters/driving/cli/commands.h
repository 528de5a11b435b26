/* The commands, each in the file of its name. */
#pragma once

#include "adapters/driving/cli/command.h"

extern const struct command command_serve;
extern const struct command command_connect;
extern const struct command command_call;
extern const struct command command_tools;
extern const struct command command_tools_show;
extern const struct command command_resources;
extern const struct command command_resources_show;
extern const struct command command_resources_read;
extern const struct command command_prompts;
extern const struct command command_prompts_show;
extern const struct command command_prompts_render;
extern const struct command command_plugin_list;
extern const struct command command_plugin_inspect;
extern const struct command command_plugin_new;
extern const struct command command_plugin_validate;
extern const struct command command_plugin_trust;
extern const struct command command_plugin_untrust;
extern const struct command command_plugin_dev;
extern const struct command command_plugin_pack;
extern const struct command command_plugin_install;
extern const struct command command_plugin_remove;
extern const struct command command_plugin_reload;
extern const struct command command_config_check;
extern const struct command command_config_schema;
extern const struct command command_config_show;
extern const struct command command_client_list;
extern const struct command command_client_add;
extern const struct command command_client_remove;
extern const struct command command_key_create;
extern const struct command command_key_list;
extern const struct command command_key_revoke;
extern const struct command command_completion;
extern const struct command command_complete;
extern const struct command command_version;
extern const struct command command_artifacts;
extern const struct command command_artifacts_show;
extern const struct command command_artifacts_get;
extern const struct command command_artifacts_put;
extern const struct command command_artifacts_tag;
extern const struct command command_artifacts_remove;
extern const struct command command_artifacts_gc;
extern const struct command command_artifacts_usage;
extern const struct command command_backup;
extern const struct command command_backup_create;
extern const struct command command_backup_verify;
extern const struct command command_backup_restore;
extern const struct command command_backup_prune;
extern const struct command command_doctor;
extern const struct command command_doctor_stdio;
extern const struct command command_help;
