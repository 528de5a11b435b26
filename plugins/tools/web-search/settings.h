/*
 * settings.h - what the operator has set: back ends, their order, the limit.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "provider.h"

struct settings {
    struct setup setups[PROVIDERS_MOST]; /* as in providers[] */
    bool usable[PROVIDERS_MOST];
    int order[PROVIDERS_MOST + 1]; /* -1 ends it */
    unsigned per_minute;
};

/* Reads the settings of the plugin (the schema of the manifest has checked them). settings_free() is due,
 * also after an error. */
int32_t settings_read(hexmcp_str config, struct settings *settings, hexmcp_error *err);
void settings_free(struct settings *settings);
