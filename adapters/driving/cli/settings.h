/* Loads the configuration as the command line asks for it. */
#pragma once

#include <limits.h>

#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/command.h"

#define PROJECT_FILE ".hexmcp.json"

struct settings_paths {
    char user[PATH_MAX];
};

/* Where the layers come from; `paths` must outlive *out. */
void settings_sources(const struct invocation *inv, struct settings_paths *paths,
                      struct config_sources *out);

/* All layers, with --config, --set and --plugin applied. */
int settings_load(const struct invocation *inv, struct config **out, struct error *err);
