/* What the settings auth.* say, for the commands that need it. */
#pragma once

#include <limits.h>

#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/places.h"

/* Where API keys are kept; `*place` is `path`, or NULL if there is no place. ST_CONFIG. */
int auth_keys_place(const struct config *config, const struct places *places, char path[PATH_MAX],
                    const char **place, struct error *err);
