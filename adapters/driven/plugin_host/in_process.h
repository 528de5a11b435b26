/* Inside of the backend that runs plugins in this process. */
#pragma once

#include "adapters/driven/plugin_host/backend.h"

/* From the file to an instance that takes calls; see plugin_backend.load. */
int in_process_load(struct plugin *p, struct error *err);

/* Waits until no worker is in the plugin. False: it did not come to that in time. */
bool in_process_outside(struct plugin *p, const struct timespec *until);

/* See plugin_backend.stop. */
bool in_process_stop(struct plugin *p, const struct timespec *until);
