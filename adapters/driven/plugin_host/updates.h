/* Changes of resources that plugins tell of: those of one URI that come in a burst are told once,
 * when the burst is over at the latest. All [loop]. */
#pragma once

#include "adapters/driven/plugin_host/offer.h"

/* How long the changes of a URI are gathered, from the first on. */
#define UPDATE_GATHER_MS 50u

/* Takes the offer over. */
void update_gather(struct offer *offer);

/* Drops what was not told yet. */
void updates_clear(struct plugin *p);
