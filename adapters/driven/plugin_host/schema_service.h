/* "hexmcp.schema/1": the core's check of values, as the composition root hands it over. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

/* The plugin's table; NULL if the host was made without such a check. */
const hexmcp_schema_1 *schema_service_of(const struct plugin *p);

void schema_service_init(struct plugin *p);
