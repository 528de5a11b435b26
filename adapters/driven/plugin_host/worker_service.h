/* "hexmcp.worker/1": work of plugins on the pool. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

struct work;

void worker_service_init(struct plugin *p);

/* [loop] Hands work to the pool. */
void work_start(struct work *work);

/* [loop] Answers work that has not begun with HEXMCP_E_CANCELLED; it will not run. The plugin takes no
 * more. */
void works_close(struct plugin *p);

/* [loop] Answers work that has returned, when nothing of the plugin runs any more. */
void works_end(struct plugin *p);
