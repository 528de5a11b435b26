/* Inside of reload: how a plugin takes another one's slot, and how the other one goes. All [loop]. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

/* It has an instance, or is about to. */
bool plugin_is_up(const struct plugin *p);

/* Gives the slot of `old` to `fresh`: items that differ are withdrawn and published, new calls go to
 * `fresh`, `old` drains. */
void plugin_swap(struct plugin *old, struct plugin *fresh);

/* Ends a plugin that has no slot (any more) as soon as its calls are over, and frees it. */
void plugin_dispose(struct plugin *p);

/* Ends it now, calls or not. False if it was left as it is. */
bool plugin_stop_draining(struct plugin *p, const struct timespec *until);
