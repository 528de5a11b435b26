/* "hexmcp.files/1": the files port, with what the call may touch. */
#pragma once

#include "adapters/driven/plugin_host/runs.h"

/* The plugin's table; NULL if its manifest does not ask for paths. */
const hexmcp_files_1 *file_service_of(const struct plugin *p);

void file_service_init(struct plugin *p);

/* A copy of what a call may touch: the call may end on another thread meanwhile. */
struct granted {
    struct path_grants grants;
    struct path_grant *entries;
    char *text;
};

/* Without writing if the plugin did not ask for that. HEXMCP_E_NOMEM. [any] */
int granted_copy(const struct path_grants *from, uint64_t call, bool writes, struct granted *out);
void granted_clear(struct granted *granted);
