/* Loads the configuration as the command line asks for it. */
#pragma once

#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/command.h"

/* All layers, with --config, --set and --plugin applied. */
int settings_load(const struct invocation *inv, struct config **out, struct error *err);
