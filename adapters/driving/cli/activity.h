/* What the console is told of the program itself. */
#pragma once

#include "adapters/driven/plugin_host/plugin_host.h"
#include "ports/driven/activity.h"

/* Each plugin that was found, enabled or not. */
struct activity_source plugins_activity(struct plugin_host *host);
