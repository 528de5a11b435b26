/* Inside of the backend that runs plugins in this process. */
#pragma once

#include "adapters/driven/plugin_host/backend.h"

/* From the file to an instance that takes calls; see plugin_backend.load. */
int in_process_load(struct plugin *p, struct error *err);

/* See plugin_backend.stop. */
bool in_process_stop(struct plugin *p, const struct timespec *until);
