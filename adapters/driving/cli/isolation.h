/* What the configuration says of plugins in processes of their own. */
#pragma once

#include "adapters/driving/cli/places.h"

struct uv_loop_s;

struct isolation_choice {
    struct plugin_isolation settings;
    bool all;             /* isolation.mode is "always" */
    struct json_doc *own; /* plugins.isolation          */
};

/* Everything is borrowed as long as the choice is used. */
int isolation_choice_read(const struct config *config, const struct places *places,
                          struct uv_loop_s *loop, struct isolation_choice *out, struct error *err);
void isolation_choice_clear(struct isolation_choice *choice);

/* For plugin_host_config; `ctx` is the choice. */
enum isolation isolation_chosen(void *ctx, struct str plugin);
