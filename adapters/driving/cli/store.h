/* The store that the settings storage.url and storage.plugin name. */
#pragma once

#include "adapters/driven/config/config.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/storage/storage.h"
#include "adapters/driving/cli/places.h"

struct loop;
struct store;

/* All that is given outlives it. Loads, opens and reads nothing yet. ST_CONFIG. */
int store_new(const struct config *config, struct loop *loop, const struct places *places,
              const struct secret_store_port *secrets, struct plugin_host *plugins,
              struct store **out, struct error *err);

/* Turns the loop until all that was begun has ended, at most 3 seconds. NULL is allowed. */
void store_finish(struct store *store);

/* After plugin_host_stop. NULL is allowed. */
void store_free(struct store *store);

struct storage *store_ports(struct store *store);
