/* Events that are posted to URLs: the setting events.webhooks. */
#pragma once

#include "adapters/driving/cli/platform/platform.h"

extern const struct platform_part platform_webhooks;

/* This process serves: it may deliver. */
void platform_webhooks_serve(const struct platform *platform);
