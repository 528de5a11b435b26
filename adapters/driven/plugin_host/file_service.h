/* "hexmcp.files/1": the files port, with what the call may touch. */
#pragma once

#include "adapters/driven/plugin_host/runs.h"

/* The plugin's table; NULL if its manifest does not ask for paths. */
const hexmcp_files_1 *file_service_of(const struct plugin *p);

void file_service_init(struct plugin *p);
